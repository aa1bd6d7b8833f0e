#!/usr/bin/env python3
"""Writes the hand-made fact sets of fixtures/factsets/: for each criterion sets that pass, that breach and that lack.

A set is the smallest device that shows one side of a boundary. tests/contract/criteria_test.cpp judges
each, and from each passing one deletes every row and sets every word to 'unknown': that must not stay a
pass, unless the row or word is named in `irrelevant`. Run: python3 scripts/factsets.py
"""
import json
import pathlib
import re
import shutil
import sys
import xml.etree.ElementTree as ET

import factsets_authorisation
import factsets_binaries
import factsets_findings
import factsets_logins
import factsets_input
import factsets_leftovers
import factsets_sessions
import factsets_units
import factsets_records
import factsets_wipe
import factsets_restore

ROOT = pathlib.Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "testcases/catalogue"
OUT = ROOT / "fixtures/factsets"
WEB, CLEAR, SHELL, STREAM, BROKER, SNMP = ("lan:tcp/443", "lan:tcp/80", "lan:tcp/22", "lan:tcp/554",
                                           "lan:tcp/8883", "lan:udp/161")

DEFAULTS = {
    "port": dict(subject=WEB, transport="tcp", number=443, state="open", over_ipv4="open", over_ipv6="not-asked"),
    "service": dict(subject=WEB, protocol="http", tls="yes", starttls="no", product="", version="", banner=""),
    "declared_service": dict(subject=WEB, protocol="http", tls="yes", management="no", purpose="web"),
    "declared_part": dict(part="services", given="yes"),
    "declared_account": dict(account="admin", role="administrator", factory="yes", password_given="yes",
                             factory_password_given="yes", sacrificial="no"),
    "declared_identity": dict(field="model", text="SimCam 200"),
    "declared_lockout": dict(scope="device", failures=5, block_seconds=60, counts="account"),
    "declared_session": dict(scope="device", idle_seconds=600, simultaneous=2),
    "factory_state": dict(step="to-factory", done="yes"),
    "tls_version": dict(subject=WEB, version="tls1.2", offered="yes"),
    "tls_suite": dict(subject=WEB, version="tls1.2", suite="TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", code=0xC02F,
                      preference=1),
    "tls_group": dict(subject=WEB, version="tls1.2", name="secp256r1", bits=256),
    "tls_signature": dict(subject=WEB, version="tls1.2", scheme="rsa_pss_rsae_sha256"),
    "tls_property": dict(subject=WEB, property="compression", present="no"),
    "certificate": dict(subject=WEB, position=0, sha256="aa", subject_name="CN=camera", issuer_name="CN=maker",
                        key_algorithm="rsa", key_curve="", key_bits=2048, key_sha256="bb",
                        signature_algorithm="sha256WithRSAEncryption", not_before="2026-01-01T00:00:00Z",
                        not_after="2028-01-01T00:00:00Z", self_signed="no", ca="no", covers_host="yes", chain="last"),
    "ssh_server": dict(subject=SHELL, protocol="2.0", software="dropbear_2022.83"),
    "ssh_algorithm": dict(subject=SHELL, category="kex", direction="both", name="curve25519-sha256", preference=1),
    "ssh_host_key": dict(subject=SHELL, algorithm="ssh-rsa", bits=2048, fingerprint="SHA256:x"),
    "ssh_auth_method": dict(subject=SHELL, method="publickey"),
    "login_surface": dict(subject=WEB, method="http-json", path="/login", origin="declared", clear_text="no",
                          usable="yes"),
    "login_control": dict(subject=WEB, method="http-json", path="/login", control="negative", outcome="refused"),
    "login_trial": dict(subject=WEB, method="http-json", path="/login", account="admin", credential="entry",
                        origin="well-known", list="mirai-2016", secret=1, outcome="refused", right="no"),
    "password_trial": dict(subject=WEB, account="admin", sample="", property="boundary", length=0, classes=0, secret=1,
                           outcome="refused"),
    "lockout_trial": dict(subject=WEB, method="http-json", account="admin", attempts=5, blocked="yes", failures=5,
                          block_seconds=60, block_ended="yes", watched_seconds=70, right_refused="yes",
                          counts="account", delay_ms=5),
    "access_trial": dict(subject=WEB, state="normal", target="/api/status", kind="management", outcome="refused",
                         declared="yes"),
    "access_control": dict(subject=WEB, state="normal", control="negative", outcome="refused"),
    "update_file": dict(subject="update:current", role="current", file="camera.swu", sha256="aa", size=1000, format="swu",
                        declared_version="1.4.2", version="1.4.2", model="camera"),
    "update_signature": dict(subject="update:current", position=0, scheme="cms", digest="sha256", key_algorithm="rsa",
                             key_curve="", key_bits=2048, covers="manifest", verifies="yes", certificates=1, place=300,
                             length=900),
    "update_certificate": dict(subject="update:current", signature=0, position=0, sha256="aa", subject_name="CN=signer",
                               issuer_name="CN=maker", key_algorithm="rsa", key_curve="", key_bits=2048,
                               signature_algorithm="sha256WithRSAEncryption", not_before="2026-01-01T00:00:00Z",
                               not_after="2028-01-01T00:00:00Z", self_signed="no", ca="no", chain="last"),
    "http_answer": dict(subject=WEB, path="/", purpose="root", status=200, clear_text="no", redirect="none",
                        kind="login-page", asks="form", body_sha256="", length=10),
    "http_cookie": dict(subject=WEB, name="SESSION", session="yes", secure="yes", http_only="yes", same_site="lax",
                        clear_text="no"),
    "declared_console": dict(subject="console", kind="serial", baud=115200, power_cycle="yes"),
    "console_seen": dict(subject="console", moment="running", state="text", loader="none", kernel="no", bytes=40,
                         banner=""),
    "console_prompt": dict(subject="console", moment="running", prompt="login", shell="no", account=""),
    "console_boot": dict(subject="console", power="hook", loader="u-boot", interrupted="no", shell="none",
                         system="login", banner="U-Boot 2023.01", command=""),
    "console_login": dict(subject="console", account="root", credential="blank", origin="blank", list="", secret=1,
                          outcome="refused"),
    "declared_update": dict(subject=WEB, mechanism="http-upload", recovery="yes", version_shown="yes", pull="yes"),
    "declared_update_image": dict(image="newer", role="newer", version="1.5.0", sha256="aa"),
    "update_control": dict(subject=WEB, control="genuine", image="newer", outcome="installed", basis="version",
                           message="status 200", version_before="1.4.2", version_after="1.5.0", alive_after="yes",
                           took_ms=900),
    "update_trial": dict(subject=WEB, image="newer", mutation="flip-payload", covered="yes", what="bit 0 of byte 4711",
                         outcome="refused", basis="version", message="status 400", version_before="1.4.2",
                         version_after="1.4.2", alive_after="yes", restored="not-needed", sha256="bb", took_ms=900),
    "update_rights": dict(subject=WEB, actor="nobody", account="", outcome="refused", basis="version",
                          message="status 401", version_before="1.4.2", version_after="1.4.2", restored="not-needed"),
    "update_drop": dict(subject=WEB, point="tenth", sent=100, total=1000, alive_after="yes", runs="before",
                        version_before="1.4.2", version_after="1.4.2", restored="not-needed"),
    "update_server": dict(subject="lan", server="untrusted", connected="yes", asked="no", fetched="no",
                          message="TLS handshake"),
    "product_information": dict(field="model", subject=WEB, path="/api/status", shown="as-declared", text="SimCam 200"),
}

DEFAULTS.update(factsets_authorisation.DEFAULTS)
DEFAULTS.update(factsets_binaries.DEFAULTS)
DEFAULTS.update(factsets_logins.DEFAULTS)
DEFAULTS.update(factsets_input.DEFAULTS)
DEFAULTS.update(factsets_leftovers.DEFAULTS)
DEFAULTS.update(factsets_sessions.DEFAULTS)
DEFAULTS.update(factsets_units.DEFAULTS)
DEFAULTS.update(factsets_records.DEFAULTS)
DEFAULTS.update(factsets_wipe.DEFAULTS)
DEFAULTS.update(factsets_restore.DEFAULTS)
for _name, _values in factsets_findings.DEFAULTS.items():
    DEFAULTS.setdefault(_name, _values)


def row(table, /, **values):
    unknown = set(values) - set(DEFAULTS[table]) - {"evidence"}
    assert not unknown, (table, unknown)
    return table, {**DEFAULTS[table], **values}


def endpoint(subject=WEB, protocol="http", tls="yes", **service):
    """An open port and what speaks there; without the port it is still known by the service."""
    transport, number = subject.removeprefix("lan:").split("/")
    return [row("port", subject=subject, transport=transport, number=int(number)),
            row("service", subject=subject, protocol=protocol, tls=tls, **service)]


def facts(*rows):
    """Tables of rows, from rows and lists of rows in any depth."""
    out = {}
    for one in rows:
        if isinstance(one, tuple):
            out.setdefault(one[0], []).append(one[1])
            continue
        for table, values in facts(*one).items():
            out.setdefault(table, []).extend(values)
    return out


def criteria():
    found = {}
    for file in (CATALOGUE / "kisa-cic.xml", CATALOGUE / "profiles/ip-camera.xml"):
        for element in ET.parse(file).getroot().iter("criterion"):
            if element.find("breach") is not None:
                found[element.get("id")] = element
    return found


CRITERIA = criteria()
WRITTEN = {}


def write(criterion, name, expect, *rows, irrelevant=(), profile="", tested_at="2026-11-22T00:00:00Z"):
    """One set. Coverage is complete for every topic that the criterion names: for the device, and for each subject."""
    element = CRITERIA[criterion]
    held = facts(*rows)
    subjects = sorted({values["subject"] for group in held.values() for values in group if "subject" in values})
    if element.findtext("subjects").strip().startswith("SELECT :device_subject"):
        subjects = ["lan"]
    if (element.findtext("universe") or "").startswith("firmware"):
        subjects = [one for one in subjects if one.startswith("firmware:")]
    coverage = [(topic, "lan") for topic in (element.findtext("universe") or "").split()]
    coverage += [(topic, subject) for topic in (element.findtext("coverage") or "").split() for subject in subjects]
    document = {"facts": held,
                "coverage": [{"topic": t, "subject": s, "state": "complete"} for t, s in dict.fromkeys(coverage)],
                "tested_at": tested_at, "expect": expect, "irrelevant": list(irrelevant)}
    if profile:
        document["profile"] = profile
    kind = {"pass": "pass", "fail": "breach", "inconclusive": "lack"}[expect]
    folder = OUT / criterion
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=2, ensure_ascii=False)
    text = re.sub(r"\{\n\s+(\"(?:subject|transport|topic|part|field|scope|step|account)\"[^{}]*)\n\s+\}",
                  lambda m: "{" + re.sub(r"\n\s+", " ", m[1]) + "}", text)
    (folder / f"{kind}-{name}.json").write_text(text + "\n")
    WRITTEN.setdefault(criterion, set()).add(kind)


def passes(criterion, name, *rows, **rest):
    write(criterion, name, "pass", *rows, **rest)


def breaks(criterion, name, *rows, **rest):
    write(criterion, name, "fail", *rows, **rest)


def lacks(criterion, name, *rows, **rest):
    """Something needed is missing: neither a pass nor a breach, whatever else was cited."""
    write(criterion, name, "inconclusive", *rows, **rest)


def ports_and_services():
    http = row("port")
    given = row("declared_part")
    for transport, subject, number in (("tcp", "lan:tcp/23", 23), ("udp", "lan:udp/69", 69)):
        criterion = f"6.1-undeclared-{transport}"
        good = row("port", transport=transport, subject=f"lan:{transport}/443")
        declared = row("declared_service", subject=f"lan:{transport}/443")
        loose = [f"declared_service.0.{c}" for c in ("protocol", "tls", "management")]
        loose += ["port.0.over_ipv4", "port.0.over_ipv6"]
        passes(criterion, "declared", good, declared, given, irrelevant=loose)
        passes(criterion, "declared-closed",
               row("port", transport=transport, subject=f"lan:{transport}/443", state="closed", over_ipv4="closed"),
               declared, given, irrelevant=[*loose, "declared_service.0"])
        extra = row("port", transport=transport, subject=subject, number=number)
        breaks(criterion, "undeclared", good, extra, declared, given)
    service = row("service")
    # What is open and not declared is judged by 6.1-undeclared-tcp and -udp.
    loose = ["port.0.over_ipv4", "port.0.over_ipv6", "port.0.transport", "declared_service.0",
             "declared_service.0.management", "service.0.starttls"]
    passes("6.1-service-as-declared", "same", http, row("declared_service"), service, given, irrelevant=loose)
    passes("6.1-service-as-declared", "onvif-is-http", http, row("declared_service", protocol="onvif"), service, given,
           irrelevant=loose)
    breaks("6.1-service-as-declared", "other-protocol", http, row("declared_service"), row("service", protocol="ssh"),
           given)
    breaks("6.1-service-as-declared", "without-tls", http, row("declared_service"), row("service", tls="no"), given)

    management = row("declared_service", management="yes")
    # What is not declared as administration is judged by 6.1 and 6.4.
    loose = ["declared_service.0", "declared_service.0.protocol", "declared_service.0.tls", "service.0.starttls"]
    passes("2.1-clear-management", "tls", service, management, given, irrelevant=loose)
    passes("2.1-clear-management", "ssh", row("service", subject=SHELL, protocol="ssh", tls="no"),
           row("declared_service", subject=SHELL, protocol="ssh", tls="no", management="yes"), given,
           row("ssh_host_key", subject=SHELL), irrelevant=loose + ["service.0.tls"])
    breaks("2.1-clear-management", "clear", row("service", tls="no"), management, given)

    sound = endpoint(SHELL, "ssh", "no")
    for criterion, bad in (("2.1-clear-protocol", "telnet"), ("6.4-clear-administration", "telnet")):
        passes(criterion, "ssh", sound, irrelevant=["port.0", "service.0.tls", "service.0.starttls"])
        passes(criterion, "inside-tls", endpoint("lan:tcp/992", bad), irrelevant=["port.0", "service.0.starttls"])
        breaks(criterion, "telnet", sound, endpoint("lan:tcp/23", bad, "no"))
    passes("2.1-clear-protocol", "ftp-with-starttls",
           endpoint("lan:tcp/21", "ftp", "no", starttls="yes"), irrelevant=["port.0"])
    breaks("2.1-clear-protocol", "ftp", row("service", subject="lan:tcp/21", protocol="ftp", tls="no"))
    breaks("2.1-clear-protocol", "mqtt", row("service", subject="lan:tcp/1883", protocol="mqtt", tls="no"))

    declared = row("declared_service", subject=SHELL, protocol="ssh", tls="no", management="yes")
    loose = ["declared_service.0.protocol", "declared_service.0.tls", "port.0", "service.0.tls", "service.0.starttls"]
    passes("6.4-shell-declared", "declared", sound, declared, given, irrelevant=loose)
    breaks("6.4-shell-declared", "not-management", sound,
           row("declared_service", subject=SHELL, protocol="ssh", tls="no"), given)
    breaks("6.4-shell-declared", "undeclared", sound, given)


def transport():
    given = ["port.0", "service.0.protocol", "service.0.starttls"]
    service = endpoint()
    sides = {"ssl2": "no", "ssl3": "no", "tls1.0": "no", "tls1.1": "no", "tls1.2": "yes", "tls1.3": "yes"}

    def versions(**changed):
        known = {**sides, **{name.replace("_", "."): value for name, value in changed.items()}}
        return [row("tls_version", version=v, offered=o) for v, o in known.items()]
    passes("2.1-tls-version", "1.2-and-1.3", service, versions(), irrelevant=given)
    breaks("2.1-tls-version", "1.1", service, versions(tls1_1="yes"))
    breaks("2.1-tls-version", "ssl2", service, versions(ssl2="yes"))
    passes("2.1-tls-compression", "off", service, row("tls_property"), irrelevant=given)
    breaks("2.1-tls-compression", "on", service, row("tls_property", present="yes"))

    words = [f"certificate.0.{w}" for w in ("key_algorithm", "self_signed", "ca", "covers_host", "chain")]

    def but(*used):
        return given + [w for w in words if w.split(".")[2] not in used]
    for name, changed in {"now": {}, "first-second": dict(not_before="2026-11-22T00:00:00Z"),
                          "last-second": dict(not_after="2026-11-22T00:00:00Z")}.items():
        passes("2.1-certificate-dates", name, service, row("certificate", **changed), irrelevant=but())
    breaks("2.1-certificate-dates", "expired", service, row("certificate", not_after="2026-11-21T23:59:59Z"))
    breaks("2.1-certificate-dates", "not-yet", service, row("certificate", not_before="2026-11-22T00:00:01Z"))
    passes("2.1-certificate-name", "named", service, row("certificate"), irrelevant=but("covers_host"))
    breaks("2.1-certificate-name", "other-name", service, row("certificate", covers_host="no"))
    passes("2.1-certificate-issuer", "issued", service, row("certificate"), irrelevant=but("self_signed", "chain"))
    breaks("2.1-certificate-issuer", "self-signed", service, row("certificate", self_signed="yes"))
    breaks("2.1-certificate-issuer", "broken", service, row("certificate", chain="broken"))

    loose = [f"login_surface.0.{w}" for w in ("origin", "usable")]
    passes("2.1-clear-login", "tls", row("login_surface"), row("login_control"),
           irrelevant=[*loose, "login_control.0", "login_control.0.control", "login_control.0.outcome"])
    passes("2.1-clear-login", "ssh", row("login_surface", subject=SHELL, method="ssh", path=""),
           row("login_control", subject=SHELL, method="ssh", path=""), row("ssh_host_key", subject=SHELL),
           irrelevant=[*loose, "login_control.0", "login_control.0.control", "login_control.0.outcome"])
    breaks("2.1-clear-login", "basic", row("login_surface", subject=CLEAR, method="http-basic", clear_text="yes"))
    snmp = [row("service", subject=SNMP, protocol="snmp", tls="no"),
            row("login_surface", subject=SNMP, method="snmp", path="", clear_text="yes"),
            row("login_control", subject=SNMP, method="snmp", path="")]
    passes("2.1-clear-snmp", "no-community", snmp,
           row("login_trial", subject=SNMP, method="snmp", path="", account="", list="snmp-2026"),
           irrelevant=["service.0", "service.0.protocol", "service.0.tls", "service.0.starttls",
                       "login_surface.0.origin", "login_surface.0.clear_text", "login_trial.0.origin",
                       "login_trial.0.right"])
    breaks("2.1-clear-snmp", "public", snmp,
           row("login_trial", subject=SNMP, method="snmp", path="", account="", outcome="accepted"))

    clear = endpoint(CLEAR, tls="no")
    answer = dict(subject=CLEAR, clear_text="yes", asks="none")
    away = row("http_answer", **answer, status=301, redirect="https-same-host", kind="empty")
    loose = ["port.0", "service.0.starttls"]
    passes("2.1-clear-http", "redirect", clear, away, irrelevant=loose)
    passes("2.1-clear-http", "refused", clear, row("http_answer", **answer, status=403, kind="error"),
           irrelevant=loose)
    breaks("2.1-clear-http", "login-page", clear,
           row("http_answer", subject=CLEAR, clear_text="yes", kind="login-page", asks="form"))
    breaks("2.1-clear-http", "basic-on-a-page", clear, away,
           row("http_answer", subject=CLEAR, path="/x", purpose="well-known", clear_text="yes", status=401,
               kind="error", asks="basic"))
    breaks("2.1-clear-http", "managed", clear, row("http_answer", **answer, kind="page"),
           row("declared_service", subject=CLEAR, tls="no", management="yes"))

    shell = endpoint(SHELL, "ssh", "no")
    loose = ["port.0", "service.0.tls", "service.0.starttls"]
    passes("2.1-ssh-version", "2.0", shell, row("ssh_server"), irrelevant=loose)
    breaks("2.1-ssh-version", "1.99", shell, row("ssh_server", protocol="1.99"))


def cryptography():
    service = endpoint()
    offered = row("tls_version")
    loose = ["port.0", "service.0.protocol", "service.0.starttls"]
    suite = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    known = loose + ["tls_suite.0.version"]
    passes("3.1-tls-suites", "aes-128", service, offered, row("tls_suite"),
           irrelevant=loose + ["tls_version.0", "tls_version.0.offered"])
    passes("3.1-tls-suites", "seed", service, row("tls_suite", suite="TLS_RSA_WITH_SEED_CBC_SHA", code=0x96),
           irrelevant=known)
    for name, bad in {"rc4": "TLS_RSA_WITH_RC4_128_SHA", "3des": "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
                      "null": "TLS_RSA_WITH_NULL_SHA256", "anonymous": "TLS_DH_anon_WITH_AES_128_CBC_SHA",
                      "export": "TLS_RSA_EXPORT_WITH_RC4_40_MD5", "des": "TLS_RSA_WITH_DES_CBC_SHA"}.items():
        breaks("3.1-tls-suites", name, service, offered, row("tls_suite"), row("tls_suite", suite=bad, preference=2))
    breaks("3.1-tls-suites", "ssl2", service, row("tls_suite", version="ssl2", suite="SSL_CK_RC4_128_WITH_MD5"))

    for name, group, bits in (("p256", "secp256r1", 256), ("p224", "secp224r1", 224), ("x25519", "x25519", 255),
                              ("dh-2048", "dh-custom", 2048)):
        passes("3.1-tls-groups", name, service, row("tls_suite"), row("tls_group", name=group, bits=bits),
               irrelevant=loose)
    for name, group, bits in (("dh-2047", "dh-custom", 2047), ("p192", "secp192r1", 192)):
        breaks("3.1-tls-groups", name, service, row("tls_suite"), row("tls_group", name=group, bits=bits))
    for name, scheme in (("sha256", "rsa_pss_rsae_sha256"), ("sha224", "rsa_pkcs1_sha224")):
        passes("3.1-tls-signatures", name, service, row("tls_suite"), row("tls_signature", scheme=scheme),
               irrelevant=loose + ["tls_suite.0.version"])
    breaks("3.1-tls-signatures", "sha1", service, row("tls_suite"), row("tls_signature", scheme="rsa_pkcs1_sha1"))

    words = loose + [f"certificate.0.{w}" for w in ("self_signed", "ca", "covers_host", "chain")]
    for name, algorithm, bits in (("rsa-2048", "rsa", 2048), ("p224", "ec", 224), ("ed25519", "ed25519", 256)):
        passes("3.1-certificate-keys", name, service, row("certificate", key_algorithm=algorithm, key_bits=bits),
               irrelevant=words)
    for name, algorithm, bits in (("rsa-2047", "rsa", 2047), ("rsa-1024", "rsa", 1024), ("p192", "ec", 192)):
        breaks("3.1-certificate-keys", name, service, row("certificate", key_algorithm=algorithm, key_bits=bits))
    for name, algorithm in (("sha256", "sha256WithRSAEncryption"), ("sha224", "ecdsa-with-SHA224")):
        passes("3.1-certificate-signatures", name, service, row("certificate", signature_algorithm=algorithm),
               irrelevant=words + ["certificate.0.key_algorithm"])
    for name, algorithm in (("sha1", "sha1WithRSAEncryption"), ("md5", "md5WithRSAEncryption")):
        breaks("3.1-certificate-signatures", name, service, row("certificate", signature_algorithm=algorithm))

    shell = endpoint(SHELL, "ssh", "no")
    loose = ["port.0", "service.0.tls", "service.0.starttls", "ssh_algorithm.0.direction"]
    for criterion, category, good, bad in (
            ("3.1-ssh-kex", "kex", ("curve25519-sha256", "diffie-hellman-group14-sha256"),
             ("diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1")),
            ("3.1-ssh-host-key-algorithms", "host-key", ("ssh-ed25519", "rsa-sha2-256"), ("ssh-rsa", "ssh-dss")),
            ("3.1-ssh-ciphers", "cipher", ("aes128-ctr", "chacha20-poly1305@openssh.com"), ("3des-cbc", "arcfour")),
            ("3.1-ssh-macs", "mac", ("hmac-sha2-256", "umac-64@openssh.com"), ("hmac-md5", "none"))):
        for index, name in enumerate(good):
            passes(criterion, f"sound-{index + 1}", shell, row("ssh_algorithm", category=category, name=name),
                   irrelevant=loose)
        for index, name in enumerate(bad):
            breaks(criterion, f"weak-{index + 1}", shell, row("ssh_algorithm", category=category, name=good[0]),
                   row("ssh_algorithm", category=category, name=name, preference=2))
    passes("3.1-ssh-kex", "marker", shell, row("ssh_algorithm"),
           row("ssh_algorithm", name="kex-strict-s-v00@openssh.com", preference=2),
           irrelevant=loose + ["ssh_algorithm.0", "ssh_algorithm.1", "ssh_algorithm.1.direction"])
    for name, algorithm, bits in (("rsa-2048", "ssh-rsa", 2048), ("ed25519", "ssh-ed25519", 256)):
        passes("3.1-ssh-host-keys", name, shell, row("ssh_host_key", algorithm=algorithm, bits=bits),
               irrelevant=loose[:3])
    for name, algorithm, bits in (("rsa-2047", "ssh-rsa", 2047), ("dsa-1024", "ssh-dss", 1024)):
        breaks("3.1-ssh-host-keys", name, shell, row("ssh_host_key", algorithm=algorithm, bits=bits))

    methods = [row("ssh_auth_method")]
    passes("6.2-ssh-none", "publickey", shell, methods, irrelevant=loose[:3])
    breaks("6.2-ssh-none", "none", shell, methods, row("ssh_auth_method", method="none"))


def login_base(**surface):
    """A login whose wrong and right credentials are answered as they must be."""
    where = {k: v for k, v in surface.items() if k in ("subject", "method", "path")}
    return [row("login_surface", **surface), row("login_control", **where),
            row("login_control", **where, control="positive", outcome="accepted"), row("declared_account")]


# The account only makes the positive control needed; it does not matter who holds it.
LOGIN_LOOSE = ["login_surface.0.origin", "login_surface.0.clear_text", "declared_account.0",
               "declared_account.0.role", "declared_account.0.factory", "declared_account.0.password_given",
               "declared_account.0.factory_password_given", "declared_account.0.sacrificial"]


def logins():
    for criterion, origin in (("1.2-well-known", "well-known"), ("1.2-blank", "blank"),
                              ("1.2-same-as-user", "same-as-user")):
        loose = [*LOGIN_LOOSE, "login_trial.0.right"]
        passes(criterion, "refused", login_base(), row("login_trial", origin=origin), irrelevant=loose)
        breaks(criterion, "accepted", login_base(), row("login_trial", origin=origin, outcome="accepted"))
    passes("1.2-well-known", "maker-specific", login_base(), row("login_trial", origin="maker-specific"),
           irrelevant=[*LOGIN_LOOSE, "login_trial.0.right"])
    snmp = dict(subject=SNMP, method="snmp", path="")
    breaks("1.2-well-known", "community", row("login_surface", **snmp, clear_text="yes"), row("login_control", **snmp),
           row("login_trial", **snmp, account="", outcome="accepted"))

    given = row("declared_part", part="accounts")
    loose = [w for w in LOGIN_LOOSE if w not in ("declared_account.0", "declared_account.0.factory",
                                                 "declared_account.0.factory_password_given")]
    factory = dict(origin="declared-factory", credential="declared-factory", list="")
    # Without the account's row the trial itself still shows that the factory password is refused.
    passes("1.2-factory-credential", "refused", login_base(), row("login_trial", **factory), given,
           irrelevant=[*loose, "declared_account.0", "login_trial.0.right"])
    breaks("1.2-factory-credential", "accepted", login_base(), row("login_trial", **factory, outcome="accepted"), given)

    ssh = dict(subject=SHELL, method="ssh", path="")
    root = dict(**ssh, account="root")
    passes("6.2-superuser-login", "refused", login_base(**ssh), row("login_trial", **root),
           irrelevant=[*LOGIN_LOOSE, "login_trial.0.origin", "login_trial.0.right"])
    breaks("6.2-superuser-login", "accepted", login_base(**ssh), row("login_trial", **root, outcome="accepted"))


def passwords():
    surface = row("login_surface")
    base = [f"login_surface.0{w}" for w in ("", ".method", ".origin", ".clear_text", ".usable")]
    good = row("password_trial", sample="conforming", property="conforming", length=14, classes=4, outcome="accepted")

    def trial(length, classes, outcome="refused"):
        return row("password_trial", sample=f"{length}-characters-{classes}-classes", length=length, classes=classes,
                   outcome=outcome)
    short = [trial(7, 2), trial(7, 3), trial(8, 1), trial(9, 1)]
    passes("1.2-password-length", "refused-below", surface, good, short, irrelevant=base)
    passes("1.2-password-length", "accepted-at-the-limit", surface, good, short, trial(8, 2, "accepted"),
           trial(10, 1, "accepted"), irrelevant=[*base, "password_trial.5", "password_trial.6"])
    breaks("1.2-password-length", "7-of-3", surface, good, trial(7, 2), trial(7, 3, "accepted"), trial(8, 1),
           trial(9, 1))
    breaks("1.2-password-length", "9-of-1", surface, good, trial(7, 2), trial(7, 3), trial(8, 1),
           trial(9, 1, "accepted"))
    camera = [trial(7, 2), trial(7, 3), trial(8, 1), trial(8, 2), trial(9, 1), trial(9, 2), trial(10, 1)]
    passes("1.2-password-length", "camera", surface, good, camera, trial(8, 3, "accepted"), trial(10, 2, "accepted"),
           irrelevant=[*base, "password_trial.8", "password_trial.9"], profile="ip-camera")
    for index, (length, classes) in ((3, (8, 2)), (5, (9, 2)), (6, (10, 1))):
        weak = [*camera[:index], trial(length, classes, "accepted"), *camera[index + 1:]]
        breaks("1.2-password-length", f"camera-{length}-of-{classes}", surface, good, weak, profile="ip-camera")
    for name in ("same-as-user", "sequence", "repeat", "well-known"):
        sample = dict(sample=name, property=name, length=12, classes=3)
        passes(f"1.2-password-{name}", "refused", surface, good, row("password_trial", **sample), irrelevant=base)
        breaks(f"1.2-password-{name}", "accepted", surface, good, row("password_trial", **sample, outcome="accepted"))
    sample = dict(sample="same-as-factory", property="same-as-factory", length=10, classes=3)
    given = row("declared_part", part="accounts")
    # The trial itself shows what happens to the factory value, whoever declared it.
    loose = [*base, "declared_account.0", "declared_account.0.role", "declared_account.0.password_given",
             "declared_account.0.sacrificial", "declared_part.0", "declared_part.0.part", "declared_part.0.given"]
    passes("1.2-password-same-as-factory", "refused", surface, good, row("password_trial", **sample),
           row("declared_account"), given, irrelevant=loose)
    breaks("1.2-password-same-as-factory", "accepted", surface, good, row("password_trial", **sample, outcome="accepted"),
           row("declared_account"), given)


def lockout():
    loose = [*LOGIN_LOOSE, "lockout_trial.0.block_ended", "lockout_trial.0.right_refused", "lockout_trial.0.counts"]
    for name, values in {"at-5": {}, "at-3": dict(failures=3, attempts=3)}.items():
        passes("1.4-block", name, login_base(), row("lockout_trial", **values), irrelevant=loose)
    never = dict(blocked="no", failures=0, block_seconds=0, block_ended="unknown", right_refused="unknown")
    breaks("1.4-block", "at-6", login_base(), row("lockout_trial", attempts=6, failures=6))
    breaks("1.4-block", "never", login_base(), row("lockout_trial", attempts=5, **never))

    surface = row("login_surface")
    # The trial alone says where it was made.
    alone = [f"login_surface.0{w}" for w in ("", ".method", ".origin", ".clear_text", ".usable")]
    words = [f"lockout_trial.0.{w}" for w in ("method", "blocked", "block_ended", "right_refused", "counts")]

    def but(*used):
        return alone + [w for w in words if w.split(".")[2] not in used]
    for seconds in (29, 30, 3600):  # 29: rounding of a measured second
        passes("1.4-block-length", f"{seconds}-seconds", surface, row("lockout_trial", block_seconds=seconds),
               irrelevant=but("blocked", "block_ended"))
    for seconds in (28, 3601):
        breaks("1.4-block-length", f"{seconds}-seconds", surface, row("lockout_trial", block_seconds=seconds))
    breaks("1.4-block-length", "no-end", surface,
           row("lockout_trial", block_seconds=0, block_ended="no", watched_seconds=3601))
    passes("1.4-right-refused", "refused", surface, row("lockout_trial"), irrelevant=but("blocked", "right_refused"))
    breaks("1.4-right-refused", "accepted", surface, row("lockout_trial", right_refused="no"))
    given = row("declared_part", part="lockout")
    for seconds in (59, 80):  # 59: rounding, 80: the end is looked for at intervals
        passes("1.4-as-declared", f"{seconds}-of-60-seconds", surface, row("lockout_trial", block_seconds=seconds),
               row("declared_lockout"), given,
               irrelevant=[*but("blocked", "block_ended"), "declared_lockout.0.counts"])
    for name, values in {"58-of-60-seconds": dict(block_seconds=58), "81-of-60-seconds": dict(block_seconds=81),
                         "4-of-5-failures": dict(failures=4)}.items():
        breaks("1.4-as-declared", name, surface, row("lockout_trial", **values), row("declared_lockout"), given)
    passes("1.4-counts-as-declared", "account", surface, row("lockout_trial"), row("declared_lockout"), given,
           irrelevant=but("blocked", "counts"))
    breaks("1.4-counts-as-declared", "address", surface, row("lockout_trial", counts="address"),
           row("declared_lockout"), given)


def access():
    service = row("service")
    for criterion, state, kind in (("1.1-access-normal", "normal", "management"),
                                   ("1.1-access-factory", "factory", "management"),
                                   ("1.1-camera-factory-state", "factory", "view")):
        trial = dict(state=state, kind=kind)
        reached = [] if state == "normal" else [row("factory_state")]
        controls = [row("access_control", state=state)]
        loose = ["service.0", "service.0.tls", "service.0.starttls", "access_trial.0.kind", "access_trial.0.declared"]
        if state == "normal":
            controls += [row("access_control", control="positive", outcome="granted"), row("login_surface"),
                         row("declared_account")]
            loose += ["login_surface.0", *[f"login_surface.0.{w}" for w in ("method", "origin", "clear_text", "usable")],
                      *[w for w in LOGIN_LOOSE if w.startswith("declared_account")]]
        passes(criterion, "refused", service, row("access_trial", **trial), controls, reached, irrelevant=loose)
        breaks(criterion, "granted", service, row("access_trial", **trial, outcome="granted"), controls, reached)
    # What nobody declared and everybody knows is judged by 1.1-protected-paths.
    passes("1.1-access-normal", "undeclared-path", service, row("access_trial"),
           row("access_trial", target="/config.json", kind="management", outcome="granted", declared="no"),
           row("access_control"), row("access_control", control="positive", outcome="granted"),
           irrelevant=["service.0", "service.0.tls", "service.0.starttls", "access_trial.0.kind",
                       "access_trial.0.declared", "access_trial.1", "access_control.1", "access_control.1.control",
                       "access_control.1.outcome"])
    breaks("1.1-access-normal", "own-path", service, row("access_control"),
           row("access_trial", target="/hidden", kind="data", outcome="granted", declared="no"))
    passes("1.1-camera-factory-state", "only-settings", service,
           row("access_trial", state="factory", target="/setup", kind="management", outcome="granted", declared="no"),
           row("access_trial", state="factory", target="/snapshot.jpg", kind="view"),
           row("access_control", state="factory"), row("factory_state"),
           irrelevant=["service.0", "service.0.tls", "service.0.starttls", "access_trial.0", "access_trial.0.declared",
                       "access_trial.1.kind", "access_trial.1.declared"])
    service = endpoint()
    control = row("http_answer", path="/(random)", purpose="negative-control", status=404, kind="error", asks="none")
    known = dict(path="/api/status", purpose="well-known", redirect="none")
    loose = ["port.0", "service.0.tls", "service.0.starttls", "http_answer.0.clear_text", "http_answer.0.redirect",
             "http_answer.0.asks", "http_answer.1.clear_text"]
    for name, values in {"refused": dict(status=401, kind="error", asks="digest"),
                         "absent": dict(status=404, kind="error", asks="none"),
                         "login-page": dict(status=200, kind="login-page", asks="form")}.items():
        passes("1.1-protected-paths", name, service, control, row("http_answer", **known, **values), irrelevant=loose)
    opened = dict(status=200, kind="data", asks="none")
    breaks("1.1-protected-paths", "open", service, control, row("http_answer", **known, **opened))


def web():
    cookie_words = [f"http_cookie.0.{w}" for w in ("secure", "http_only", "same_site", "clear_text")]
    surface = row("login_surface")
    # A session cookie makes its endpoint known without the row of the login.
    base = [f"login_surface.0{w}" for w in ("", ".method", ".origin", ".clear_text", ".usable")]
    for criterion, column, good, bad in (("2.3-cookie-secure", "secure", ["yes"], ["no"]),
                                         ("2.3-cookie-http-only", "http_only", ["yes"], ["no"]),
                                         ("2.3-cookie-same-site", "same_site", ["strict", "lax"], ["none", "absent"])):
        loose = base + [w for w in cookie_words if not w.endswith("." + column)]
        for word in good:
            passes(criterion, word, surface, row("http_cookie", **{column: word}), irrelevant=loose)
        for word in bad:
            breaks(criterion, word, surface, row("http_cookie", **{column: word}))
    given = row("declared_part", part="session")
    passes("2.3-idle-declared", "600-seconds", row("declared_session"), given)
    breaks("2.3-idle-declared", "601-seconds", row("declared_session", idle_seconds=601), given)

    service = endpoint()
    answers = [row("http_answer"),
               row("http_answer", path="/(random)", purpose="negative-control", status=404, kind="error", asks="none")]
    loose = ["port.0", "service.0.tls", "service.0.starttls"]
    loose += [f"http_answer.{i}.{w}" for i in (0, 1) for w in ("clear_text", "redirect", "asks")]
    passes("4.5-directory-listing", "none", service, answers, irrelevant=loose)
    breaks("4.5-directory-listing", "listed", service, answers,
           row("http_answer", path="/files/", purpose="listing", kind="directory-listing", asks="none"))

    given = row("declared_part", part="product-information")
    for field, text in (("model", "SimCam 200"), ("firmware", "1.4.2")):
        declared = row("declared_identity", field=field, text=text)
        passes(f"5.7-{field}", "shown", declared, given, row("product_information", field=field, text=text))
        breaks(f"5.7-{field}", "different", declared, given,
               row("product_information", field=field, text="other", shown="different"))
        breaks(f"5.7-{field}", "nothing", declared, given,
               row("product_information", field=field, text="", shown="nothing"))


def updates():
    name = "5.2-signature"
    image, loose = row("update_file"), ["update_file.0.role", "update_signature.0.covers"]
    for label, values in {"cms-rsa-2048": {}, "ecdsa-p256": dict(scheme="ecdsa", key_algorithm="ec", key_bits=256),
                          "ed25519": dict(scheme="ed25519", key_algorithm="ed25519", key_bits=253, digest="sha512"),
                          "pss-3072": dict(scheme="rsa-pss", key_bits=3072, digest="sha384")}.items():
        passes(name, label, image, row("update_signature", **values), irrelevant=loose)
    for label, values in {"unsigned": dict(scheme="none", digest="unknown", key_algorithm="unknown", key_bits=0,
                                           verifies="unknown"),
                          "checksum-only": dict(scheme="crc", digest="crc32", key_algorithm="unknown", key_bits=0,
                                                verifies="unknown"),
                          "rsa-2047": dict(key_bits=2047), "p192": dict(key_algorithm="ec", key_bits=192),
                          "sha1": dict(digest="sha1"), "md5": dict(digest="md5"),
                          "not-the-makers-key": dict(verifies="no")}.items():
        breaks(name, label, image, row("update_signature", **values))
    breaks(name, "second-file", image, row("update_signature"),
           row("update_file", subject="update:older", role="older"),
           row("update_signature", subject="update:older", scheme="none"))
    breaks(name, "second-signature", image, row("update_signature"), row("update_signature", position=1, digest="sha1"))
    passes(name, "other-model-other-key", row("update_file", subject="update:other-model", role="other-model"),
           row("update_signature", subject="update:other-model", verifies="no"),
           irrelevant=["update_signature.0.covers", "update_signature.0.verifies"])
    lacks(name, "unknown-format", row("update_file", format="unknown"), row("update_signature", scheme="unknown"))
    lacks(name, "no-signature-row", image)
    lacks(name, "no-key", image, row("update_signature", verifies="unknown"))
    lacks(name, "key-length-unknown", image, row("update_signature", key_bits=0))
    lacks(name, "digest-unknown", image, row("update_signature", digest="unknown"))


def gaps():
    """Each of these would be a pass by what is cited, but for the one thing that is missing."""
    web, given = endpoint(), row("declared_part")
    silent, odd = endpoint("lan:tcp/9000", "none", "no"), endpoint("lan:tcp/9000", "other", "no")
    nameless = row("port", subject="lan:tcp/9000", number=9000)
    unknown = endpoint("lan:tcp/9000", "unknown", "unknown", starttls="unknown")
    for criterion in ("2.1-clear-protocol", "6.4-clear-administration", "6.4-shell-declared"):
        for name, rows in {"silent": silent, "unlisted": odd, "nameless": nameless, "unknown": unknown}.items():
            lacks(criterion, name, web, rows, given)
    lacks("2.1-clear-management", "unlisted", endpoint(protocol="other", tls="no"), given,
          row("declared_service", protocol="other", tls="no", management="yes"))
    lacks("2.1-clear-management", "nothing-declared", web, row("declared_service", management="yes"))
    lacks("2.1-clear-management", "unclear", web, row("declared_service", management="yes"),
          row("declared_service", subject=SHELL, management="unknown"), endpoint(SHELL, "ssh", "no"), given)
    declared = row("declared_service")
    lacks("6.1-service-as-declared", "absent", row("port", state="closed"), row("service"), declared, given)
    lacks("6.1-service-as-declared", "silent", row("port"), row("service", protocol="none"), declared, given)
    lacks("6.1-service-as-declared", "nothing-declared", row("port"), row("service"), declared)
    for transport in ("tcp", "udp"):
        lacks(f"6.1-undeclared-{transport}", "not-asked", row("port", transport=transport), declared,
              row("declared_service", subject="lan:udp/5353", protocol="mdns"), given)
        lacks(f"6.1-undeclared-{transport}", "which-transport", row("port", transport=transport), declared, given,
              row("port", subject="lan:sctp/80", transport="unknown", number=80))
    clear = endpoint(CLEAR, tls="no")
    root = row("http_answer", subject=CLEAR, clear_text="yes", asks="none", kind="empty", redirect="https-same-host")
    known = dict(subject=CLEAR, purpose="well-known", clear_text="yes", asks="none", path="/x")
    lacks("2.1-clear-http", "content", clear, root, row("http_answer", **known, kind="data"))
    lacks("2.1-clear-http", "elsewhere", clear, root, row("http_answer", **known, kind="empty", redirect="other-host"))
    stream = dict(subject=STREAM, method="rtsp", path="/live", clear_text="yes")
    lacks("2.1-clear-login", "stream", row("login_surface"), row("login_surface", **stream))
    lacks("2.1-clear-login", "unclear", row("login_surface"),
          row("login_surface", path="/other", clear_text="unknown"))

    # A banner that says SSH is no encryption yet: the key exchange has to be seen.
    shell = dict(subject=SHELL, method="ssh", path="")
    lacks("2.1-clear-login", "banner-only", row("login_surface"), row("login_surface", **shell))
    lacks("2.1-clear-management", "banner-only", endpoint(SHELL, "ssh", "no"), given,
          row("declared_service", subject=SHELL, protocol="ssh", tls="no", management="yes"))

    snmp = [endpoint(SNMP, "snmp", "no"), row("login_control", subject=SNMP, method="snmp", path=""),
            row("login_surface", subject=SNMP, method="snmp", path="", clear_text="yes")]
    community = dict(subject=SNMP, method="snmp", path="", account="")
    lacks("2.1-clear-snmp", "not-all-tried", snmp, row("login_trial", **community),
          row("login_trial", **community, credential="other", outcome="not-tried"))

    versions = [row("tls_version", version=v, offered="no") for v in ("ssl2", "ssl3", "tls1.0", "tls1.1", "tls1.3")]
    lacks("2.1-tls-version", "which-version", web, versions, row("tls_version"), row("tls_version", version="unknown"))
    for criterion in ("3.1-tls-suites", "3.1-tls-groups", "3.1-tls-signatures"):
        lacks(criterion, "suite-unlisted", web, row("tls_version"), row("tls_suite"), row("tls_group"),
              row("tls_signature"), row("tls_suite", suite="0xABCD", code=0xABCD, preference=2))
    thirteen = row("tls_suite", version="tls1.3", suite="TLS_AES_128_GCM_SHA256", code=0x1301)
    lacks("3.1-tls-groups", "no-group-of-1.3", web, row("tls_suite"), row("tls_group"), thirteen)
    lacks("3.1-tls-groups", "unlisted", web, row("tls_suite"), row("tls_group"), row("tls_group", name="0x6399"))
    lacks("3.1-tls-signatures", "no-signature-of-1.3", web, row("tls_suite"), row("tls_signature"), thirteen)
    lacks("3.1-tls-signatures", "unlisted", web, row("tls_suite"), row("tls_signature"),
          row("tls_signature", scheme="0x0999"))
    second = dict(position=1, sha256="cc")
    lacks("3.1-certificate-keys", "unlisted", web, row("certificate"),
          row("certificate", **second, key_algorithm="unknown"))
    lacks("3.1-certificate-signatures", "unlisted", web, row("certificate"),
          row("certificate", **second, signature_algorithm="rsassaPss"))
    lacks("2.1-certificate-name", "unclear", web, row("certificate"),
          row("certificate", sha256="cc", covers_host="unknown"))
    for criterion in ("2.1-certificate-dates", "2.1-certificate-name", "2.1-certificate-issuer",
                      "3.1-certificate-keys", "3.1-certificate-signatures", "2.1-tls-compression"):
        lacks(criterion, "other-endpoint", web, row("certificate"), row("tls_property"), endpoint(BROKER, "mqtt"))

    shell = endpoint(SHELL, "ssh", "no")
    for criterion, category, name in (("3.1-ssh-kex", "kex", "curve25519-sha256"), ("3.1-ssh-macs", "mac", "hmac-sha2-256"),
                                      ("3.1-ssh-host-key-algorithms", "host-key", "ssh-ed25519"),
                                      ("3.1-ssh-ciphers", "cipher", "aes128-ctr")):
        one = dict(category=category)
        lacks(criterion, "unlisted", shell, row("ssh_algorithm", **one, name=name),
              row("ssh_algorithm", **one, name="own@example", preference=2))
        lacks(criterion, "which-list", shell, row("ssh_algorithm", **one, name=name),
              row("ssh_algorithm", category="unknown", name="x"))
    lacks("3.1-ssh-host-keys", "unlisted", shell, row("ssh_host_key"), row("ssh_host_key", algorithm="own@example"))
    lacks("6.2-ssh-none", "which-method", shell, row("ssh_auth_method"), row("ssh_auth_method", method="unknown"))

    for criterion, values in (("1.2-well-known", {}), ("1.2-blank", dict(origin="blank")),
                              ("1.2-same-as-user", dict(origin="same-as-user"))):
        for outcome in ("blocked", "not-tried", "unknown"):
            lacks(criterion, outcome, login_base(), row("login_trial", **values),
                  row("login_trial", **values, account="root", outcome=outcome))
    factory = dict(origin="declared-factory", credential="declared-factory", list="")
    accounts = row("declared_part", part="accounts")
    for outcome in ("blocked", "not-tried"):
        lacks("1.2-factory-credential", outcome, login_base(), accounts, row("login_trial", **factory),
              row("login_trial", **factory, path="/other", outcome=outcome))
    lacks("1.2-factory-credential", "other-account", login_base(), accounts, row("login_trial", **factory),
          row("declared_account", account="operator"))
    root = dict(subject=SHELL, method="ssh", path="", account="root")
    for outcome in ("blocked", "not-tried"):
        lacks("6.2-superuser-login", outcome, login_base(subject=SHELL, method="ssh", path=""),
              row("login_trial", **root), row("login_trial", **root, credential="other", outcome=outcome))

    surface = row("login_surface")
    good = row("password_trial", sample="conforming", property="conforming", length=14, classes=4, outcome="accepted")
    for name in ("same-as-user", "sequence", "repeat", "well-known", "same-as-factory"):
        sample = dict(sample=name, property=name, length=12, classes=3)
        lacks(f"1.2-password-{name}", "second-account", surface, good, accounts, row("declared_account"),
              row("password_trial", **sample), row("password_trial", **sample, account="guard", outcome="unknown"))
        lacks(f"1.2-password-{name}", "refuses-all", surface, accounts, row("declared_account"),
              row("password_trial", **sample))
        lacks(f"1.2-password-{name}", "which-property", surface, good, accounts, row("declared_account"),
              row("password_trial", **sample), row("password_trial", sample="x", property="unknown"))
        lacks(f"1.2-password-{name}", "no-change", surface, row("declared_part", part="accounts"))
    lacks("1.2-password-length", "no-change", surface)
    lacks("1.2-password-same-as-factory", "not-given", surface, good, accounts,
          row("declared_account", factory_password_given="no"),
          row("password_trial", sample="same-as-factory", property="same-as-factory"))

    never = dict(blocked="no", failures=0, block_seconds=0, block_ended="unknown", right_refused="unknown")
    tried = row("lockout_trial")
    lacks("1.4-block", "4-tries", login_base(), tried, row("lockout_trial", account="guard", attempts=4, **never))
    lacks("1.4-block", "count-unknown", login_base(), tried, row("lockout_trial", account="guard", failures=0))
    endless = dict(account="guard", block_ended="no", watched_seconds=3600)
    lacks("1.4-block-length", "end-not-seen", surface, tried, row("lockout_trial", **endless))
    declared = [row("declared_part", part="lockout"), row("declared_lockout")]
    lacks("1.4-as-declared", "end-not-seen", surface, tried, row("lockout_trial", **endless), declared)
    lacks("1.4-right-refused", "unknown", surface, tried,
          row("lockout_trial", account="guard", right_refused="unknown"))
    lacks("1.4-counts-as-declared", "unknown", surface, tried, row("lockout_trial", account="guard", counts="unknown"),
          declared)
    for criterion in ("1.4-block-length", "1.4-as-declared", "1.4-right-refused", "1.4-counts-as-declared"):
        lacks(criterion, "other-login", surface, tried, row("login_surface", subject=SHELL, method="ssh", path=""),
              declared)
        lacks(criterion, "block-unknown", surface, tried, row("lockout_trial", account="guard", blocked="unknown"),
              declared)

    for criterion, state in (("1.1-access-normal", "normal"), ("1.1-access-factory", "factory"),
                             ("1.1-camera-factory-state", "factory")):
        base = [web, row("access_trial", state=state), row("access_control", state=state), row("factory_state")]
        lacks(criterion, "resource-absent", base, row("access_trial", state=state, target="/gone", outcome="absent"))
        lacks(criterion, "unclear", base, row("access_trial", state=state, target="/x", outcome="unknown"))
        lacks(criterion, "other-service", base, endpoint(STREAM, "rtsp", "no"))
        lacks(criterion, "nameless", base, nameless)
    control = row("http_answer", path="/(random)", purpose="negative-control", status=404, kind="error", asks="none")
    lacks("1.1-protected-paths", "not-asked", web, control, row("http_answer"))
    for suffix in ("secure", "http-only", "same-site"):
        lacks(f"2.3-cookie-{suffix}", "which-cookie", surface, row("http_cookie"),
              row("http_cookie", name="x", session="unknown"))
        lacks(f"2.3-cookie-{suffix}", "no-cookie", surface, row("http_cookie"),
              row("login_surface", subject="lan:tcp/8443"))
    for field in ("model", "firmware"):
        lacks(f"5.7-{field}", "unclear", row("declared_identity", field=field),
              row("declared_part", part="product-information"), row("product_information", field=field),
              row("product_information", field=field, path="/other", shown="unknown"))


def console():
    declared = [row("declared_console"), row("declared_part", part="console")]
    seen, prompt = row("console_seen"), row("console_prompt")
    boot = row("console_seen", moment="boot", loader="u-boot", kernel="yes", banner="U-Boot 2023.01")
    quiet = row("console_seen", moment="boot", kernel="yes")
    name = "7.2-boot-shell"
    passes(name, "not-stopped", declared, boot, row("console_boot"))
    passes(name, "password", declared, boot, row("console_boot", interrupted="yes", shell="password"))
    passes(name, "no-loader-speaks", declared, quiet, row("console_boot", loader="none", banner=""))
    passes(name, "person", declared, boot, row("console_boot", power="person"))
    breaks(name, "command-line", declared, boot,
           row("console_boot", interrupted="yes", shell="open", command="version"))
    breaks(name, "stays-there", declared, boot,
           row("console_boot", interrupted="yes", shell="open", command="version", system="silent"))
    lacks(name, "no-power-cycle", declared, row("console_seen", moment="boot", state="silent"),
          row("console_boot", power="none", loader="unknown", interrupted="unknown", shell="unknown", system="silent"))
    lacks(name, "hook-failed", declared, boot, row("console_boot", power="failed"))
    lacks(name, "garbage", declared, row("console_seen", moment="boot", state="garbage", loader="none", kernel="yes"),
          row("console_boot"))
    lacks(name, "no-boot-seen", declared, row("console_seen", moment="boot"), row("console_boot", loader="none"))
    lacks(name, "keys-unheard", declared, boot, row("console_boot", system="silent"))
    lacks(name, "prompt-that-answers-nothing", declared, boot,
          row("console_boot", interrupted="yes", shell="unknown"))
    lacks(name, "not-watched", declared, boot)
    lacks(name, "console-unknown", row("declared_part", part="console"))

    name = "7.2-console-shell"
    passes(name, "login", declared, seen, prompt)
    passes(name, "left-open", declared, seen, row("console_prompt", shell="left-open", account="uid=0(root)"))
    breaks(name, "root", declared, seen, row("console_prompt", prompt="shell", shell="yes", account="uid=0(root)"))
    breaks(name, "after-boot-only", declared, seen, prompt,
           row("console_prompt", moment="boot", prompt="shell", shell="yes", account="uid=0(root)"))
    lacks(name, "silent", declared, row("console_seen", state="silent"), row("console_prompt", prompt="none"))
    lacks(name, "unopened", declared, row("console_seen", state="unopened"))
    lacks(name, "garbage", declared, row("console_seen", state="garbage"), prompt)
    lacks(name, "no-prompt", declared, seen, row("console_prompt", prompt="none", shell="unknown"))
    lacks(name, "unproven", declared, seen, row("console_prompt", prompt="shell", shell="unknown"))
    lacks(name, "unproven-after-boot", declared, seen, prompt,
          row("console_prompt", moment="boot", prompt="shell", shell="unknown"))

    name = "7.2-console-login"
    control = row("console_login", account="control", credential="random", origin="negative-control")
    tries = [row("console_login", credential=f"entry-{number}", origin="well-known", list="mirai-2016")
             for number in range(6)]
    passes(name, "refused", declared, seen, prompt, control, tries)
    breaks(name, "well-known", declared, seen, prompt, control, tries,
           row("console_login", credential="same-as-user", origin="same-as-user", outcome="accepted"))
    breaks(name, "blank", declared, seen, prompt, control, row("console_login", outcome="accepted"))
    lacks(name, "takes-anything", declared, seen, prompt, tries,
          row("console_login", account="control", credential="random", origin="negative-control", outcome="accepted"))
    lacks(name, "five-tries", declared, seen, prompt, control, tries[:5])
    lacks(name, "blocked", declared, seen, prompt, control, tries,
          row("console_login", account="admin", outcome="blocked"))
    lacks(name, "not-tried", declared, seen, prompt, control, tries,
          row("console_login", account="admin", outcome="not-tried"))
    lacks(name, "unclear", declared, seen, prompt, control, tries,
          row("console_login", account="admin", outcome="unknown"))
    lacks(name, "no-prompt", declared, seen, row("console_prompt", prompt="none", shell="unknown"), control, tries)
    lacks(name, "garbage", declared, row("console_seen", state="garbage"), prompt, control, tries)
def update_trials():
    declared = row("declared_update")
    control = [row("update_control"), row("update_control", control="put-back", image="current")]
    base = [declared, *control]
    # What is declared beside the mechanism, and by what a control was told, decides nothing here.
    loose = ["declared_update.0.recovery", "declared_update.0.version_shown", "declared_update.0.pull",
             "update_control.0.basis", "update_control.1.basis", "update_control.1.alive_after"]
    unsure = row("declared_update", mechanism="unknown")

    passes("5.1-works", "installed", declared, control[:1], irrelevant=loose[:4])
    breaks("5.1-works", "not-installed", declared, row("update_control", outcome="not-installed", version_after="1.4.2"))
    breaks("5.1-works", "dead", declared, row("update_control", alive_after="no", outcome="unknown"))
    breaks("5.1-works", "none", row("declared_update", mechanism="none", subject="lan"))
    lacks("5.1-works", "unclear", declared, row("update_control", outcome="unknown"))
    lacks("5.1-works", "another-version", declared, row("update_control", outcome="unknown", version_after="9.9.9"))
    lacks("5.1-works", "not-declared", unsure, control)

    right = row("update_rights")
    passes("5.1-rights", "refused", declared, control[:1], right,
           irrelevant=[*loose[:4], "update_rights.0.basis", "update_rights.0.restored"])
    breaks("5.1-rights", "nobody", declared, control, row("update_rights", outcome="accepted", version_after="1.5.0"))
    breaks("5.1-rights", "viewer", declared, control, right,
           row("update_rights", actor="lesser-role", account="guard", outcome="accepted"))
    lacks("5.1-rights", "no-control", declared, right)
    lacks("5.1-rights", "viewer-unclear", declared, control, right,
          row("update_rights", actor="lesser-role", account="guard", outcome="unknown"))
    lacks("5.1-rights", "nobody-not-tried", declared, control,
          row("update_rights", actor="lesser-role", account="guard"))
    lacks("5.1-rights", "not-declared", unsure, control, right)

    def trial(mutation, **values):
        return row("update_trial", mutation=mutation, **values)

    def quiet(count, *more):
        return [*loose, *[f"update_trial.{i}.{w}" for i in range(count) for w in ("basis", "restored")], *more]
    altered = [trial("flip-payload"), trial("truncated"), trial("empty")]
    passes("5.2-altered", "refused", base, altered, irrelevant=quiet(3))
    # What no signature covers may be taken.
    uncovered = trial("trailing-data", covered="no", outcome="accepted")
    passes("5.2-altered", "uncovered", base, altered, uncovered, irrelevant=quiet(4, "update_trial.3"))
    breaks("5.2-altered", "header", base, altered, trial("flip-header", outcome="accepted", version_after="1.5.0"))
    breaks("5.2-altered", "dead", base, altered, trial("flip-manifest", outcome="unknown", alive_after="no"))
    breaks("5.2-altered", "payload", base, trial("flip-payload", outcome="accepted"), altered[1:])
    lacks("5.2-altered", "unclear", base, altered, trial("flip-header", outcome="unknown"))
    lacks("5.2-altered", "uncertain-cover", base, altered, trial("flip-header", covered="unknown", outcome="accepted"))
    for index in range(3):
        lacks("5.2-altered", f"without-{index}", base, altered[:index], altered[index + 1:])
    lacks("5.2-altered", "no-control", declared, control[1], altered)
    lacks("5.2-altered", "not-put-back", declared, control[0], altered)

    unsigned = [trial("unsigned"), trial("foreign-key")]
    passes("5.2-unsigned", "refused", base, unsigned, irrelevant=quiet(2))
    expired = [row("declared_update_image", image="expired-signer", role="expired-signer")]
    passes("5.2-unsigned", "expired", base, unsigned, expired, trial("genuine", image="expired-signer"),
           irrelevant=quiet(3, "declared_update_image.0", "update_trial.2"))
    for name in ("unsigned", "foreign-key"):
        breaks("5.2-unsigned", name, base, [one for one in unsigned if one[1]["mutation"] != name],
               trial(name, outcome="accepted"))
    breaks("5.2-unsigned", "signature", base, unsigned, trial("flip-signature", outcome="accepted"))
    breaks("5.2-unsigned", "expired", base, unsigned, expired,
           trial("genuine", image="expired-signer", outcome="accepted"))
    for index in range(2):
        lacks("5.2-unsigned", f"without-{index}", base, unsigned[:index], unsigned[index + 1:])
    lacks("5.2-unsigned", "unclear", base, unsigned, trial("unknown-certificate", outcome="unknown"))
    lacks("5.2-unsigned", "no-control", declared, unsigned)

    other = row("declared_update_image", image="other-model", role="other-model", version="1.6.0")
    model = trial("genuine", image="other-model")
    passes("5.2-wrong-model", "refused", base, other, model, irrelevant=quiet(1))
    breaks("5.2-wrong-model", "installed", base, other, trial("genuine", image="other-model", outcome="accepted"))
    breaks("5.2-wrong-model", "made", base, other, model, trial("wrong-model", outcome="accepted"))
    lacks("5.2-wrong-model", "only-made", base, trial("wrong-model"))
    lacks("5.2-wrong-model", "unclear", base, other, trial("genuine", image="other-model", outcome="unknown"))
    lacks("5.2-wrong-model", "no-control", declared, other, model)

    older = row("declared_update_image", image="older", role="older", version="1.3.0")
    back = trial("genuine", image="older")
    passes("5.5-older", "refused", base, older, back, irrelevant=quiet(1))
    breaks("5.5-older", "installed", base, older, trial("genuine", image="older", outcome="accepted"))
    lacks("5.5-older", "unclear", base, older, trial("genuine", image="older", outcome="unknown"))
    lacks("5.5-older", "none", base, trial("flip-payload"))
    lacks("5.5-older", "no-control", declared, older, back)

    false, true = row("update_server"), row("update_server", server="trusted", asked="yes")
    servers = [*loose[:2], "update_server.0.fetched", "update_server.1.fetched"]
    passes("5.3-false-server", "refused", declared, false, true, irrelevant=servers)
    breaks("5.3-false-server", "believed", declared, row("update_server", asked="yes"), true)
    breaks("5.3-false-server", "clear", declared, row("update_server", server="clear", asked="yes"))
    lacks("5.3-false-server", "not-declared", row("declared_update", pull="no"), false, true)
    lacks("5.3-false-server", "no-control", declared, false)
    lacks("5.3-false-server", "not-connected", declared, row("update_server", connected="no"), true)
    lacks("5.3-false-server", "unclear", declared, row("update_server", asked="unknown"), true)

    points = ("tenth", "half", "most", "last-byte")
    drops = [row("update_drop", point=point) for point in points]
    passes("5.4-dropped", "before", base, drops, irrelevant=[*loose, *[f"update_drop.{i}.restored" for i in range(4)]])
    passes("5.4-dropped", "offered", base, drops[:3], row("update_drop", point="last-byte", runs="offered"),
           irrelevant=[*loose, *[f"update_drop.{i}.restored" for i in range(4)]])
    for index, point in enumerate(points):
        rest = [*drops[:index], *drops[index + 1:]]
        breaks("5.4-dropped", f"dead-{point}", base, rest,
               row("update_drop", point=point, alive_after="no", runs="unknown"))
        lacks("5.4-dropped", f"without-{point}", base, rest)
    breaks("5.4-dropped", "other", base, drops[1:], row("update_drop", runs="other", version_after="0.0.0"))
    breaks("5.4-dropped", "power", base, drops, row("update_drop", point="power", alive_after="no", runs="unknown"))
    lacks("5.4-dropped", "unclear", base, drops[1:], row("update_drop", runs="unknown"))
    lacks("5.4-dropped", "no-control", declared, drops)



def authorisation():
    factsets_authorisation.add(sys.modules[__name__])
    factsets_restore.add(sys.modules[__name__])


def binaries():
    factsets_binaries.add(sys.modules[__name__])
    factsets_sessions.add(sys.modules[__name__])


def records():
    factsets_records.add(sys.modules[__name__])


def wipe():
    factsets_wipe.add(sys.modules[__name__])


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    for part in (ports_and_services, transport, cryptography, logins, passwords, lockout, access, web, updates,
                 update_trials, authorisation, binaries, records, gaps, console, wipe):
        part()
    keys = ET.parse(CATALOGUE / "references/firmware.xml").getroot().iter("reference")
    test_key = next(one for one in keys if one.get("name") == "test_key").find("row").get("key_sha256")
    factsets_findings.findings(row, passes, breaks, lacks, test_key)
    factsets_logins.add(sys.modules[__name__])
    factsets_input.write_all(row, endpoint, passes, breaks, lacks)
    factsets_leftovers.add(sys.modules[__name__])
    factsets_units.add(sys.modules[__name__])
    for name in CRITERIA:
        missing = {"pass", "breach"} - WRITTEN.get(name, set())
        if missing:
            raise SystemExit(f"{name}: no {' and no '.join(sorted(missing))} set")


if __name__ == "__main__":
    main()
