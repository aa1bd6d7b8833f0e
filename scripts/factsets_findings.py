"""Fact sets of what inspectors find in the files of a firmware image; scripts/factsets.py writes them."""

IMAGE = "firmware:main"
AT = dict(subject=IMAGE, inside="squashfs@64")
DEFAULTS = {
    "firmware_image": dict(subject=IMAGE, file="camera.bin", sha256="aa", size=4096, kind="image", version="1.4.2",
                           opened="whole", files=10),
    "firmware_account": dict(AT, path="/etc/shadow", position=0, account="root", source="shadow", uid=-1,
                             superuser="unknown", login="yes", password="locked", scheme="", guessed="no", guess="",
                             secret=0),
    "firmware_key": dict(AT, path="/etc/server.key", position=0, form="pem", algorithm="rsa", bits=2048,
                         encrypted="no", key_sha256="bb", purpose="unknown", test_key="", secret=1),
    "firmware_certificate": dict(AT, path="/etc/server.crt", position=0, sha256="cc", subject_name="CN=camera",
                                 issuer_name="CN=camera", not_before="2026-01-01T00:00:00Z",
                                 not_after="2028-01-01T00:00:00Z", ca="no", key_sha256="bb", key_in_image="no"),
    "firmware_secret": dict(AT, path="/etc/cloud.conf", position=9, rule="assigned-password", name="password",
                            length=9, secret=1),
    "firmware_log_string": dict(AT, path="/usr/bin/camerad", position=100, word="password",
                                text="user %s logs in with password %s"),
    "firmware_user_data": dict(subject=IMAGE, inside="", path="", position=100, datum="canary", name="network",
                               form="clear", secret=0),
    "firmware_service": dict(AT, path="/etc/init.d/S50web", position=10, program="lighttpd", source="script",
                             enabled="yes", account="www", superuser="no"),
    "firmware_mode": dict(AT, path="/usr/bin/passwd", kind="file", mode=0o4755, owner=0, set_uid="yes", set_gid="no",
                          world_writable="no", sticky="no"),
    "firmware_leftover": dict(AT, path="/usr/bin/gdbserver", entry="gdbserver", kind="debug-tool"),
}


def words(table, *columns):
    """Words of the first row of a table that do not matter for a pass."""
    return [f"{table}.0.{column}" for column in columns]


def findings(row, passes, breaks, lacks, test_key):
    image = row("firmware_image")
    dump = row("firmware_image", kind="dump")
    reset = row("firmware_image", kind="after-reset")
    given = row("declared_part")

    def unclear(criterion, *rows):
        lacks(criterion, "which-kind", image, row("firmware_image", subject="firmware:x", kind="unknown"), *rows)
        lacks(criterion, "not-opened", row("firmware_image", opened="partly"), *rows)

    locked = row("firmware_account")
    hashed = dict(password="hash", scheme="sha512crypt")
    name = "1.2-embedded"
    loose = ["firmware_account.0", *words("firmware_account", "source", "login", "guessed")]
    passes(name, "locked", image, locked, irrelevant=loose)
    passes(name, "no-shell", image, row("firmware_account", login="no", **hashed),
           irrelevant=["firmware_account.0", *words("firmware_account", "source", "password", "guessed")])
    for password in ("hash", "clear", "blank"):
        breaks(name, password, image, locked, row("firmware_account", account="x", position=40, password=password))
    breaks(name, "shell-not-known", image, row("firmware_account", login="unknown", **hashed))
    lacks(name, "field-unclear", image, row("firmware_account", password="unknown"))
    unclear(name)

    name = "6.2-accounts"
    passes(name, "locked", image, locked,
           irrelevant=["firmware_account.0", *words("firmware_account", "login", "guessed")])
    passes(name, "strong", image, row("firmware_account", **hashed),
           irrelevant=["firmware_account.0", *words("firmware_account", "login")])
    passes(name, "of-a-service", image, row("firmware_account", source="web", guessed="yes", **hashed),
           irrelevant=["firmware_account.0", *words("firmware_account", "login", "password", "guessed")])
    first = row("firmware_account", source="passwd", path="/etc/passwd", superuser="yes", uid=0, password="elsewhere")
    passes(name, "one-superuser", image, first,
           irrelevant=["firmware_account.0", *words("firmware_account", "source", "login", "guessed")])
    breaks(name, "blank", image, row("firmware_account", password="blank"))
    breaks(name, "guessed", image, row("firmware_account", guessed="yes", guess="same-as-user", **hashed))
    second = dict(source="passwd", path="/etc/passwd", account="maker", position=40, uid=0, password="elsewhere")
    breaks(name, "second-superuser", image, first, row("firmware_account", superuser="yes", **second))
    passes(name, "second-without-shell", image, first, row("firmware_account", superuser="yes", login="no", **second),
           irrelevant=["firmware_account.0", "firmware_account.1",
                       *words("firmware_account", "source", "login", "guessed"),
                       *(f"firmware_account.1.{c}" for c in ("source", "superuser", "password", "guessed"))])
    lacks(name, "not-tried", image, row("firmware_account", guessed="not-tried", **hashed))
    lacks(name, "number-unclear", image, row("firmware_account", source="passwd", password="elsewhere"))
    unclear(name)

    name = "1.3-shared-identity"
    host = dict(path="/etc/ssh/ssh_host_rsa_key", purpose="ssh-host")
    passes(name, "none", image)
    passes(name, "certificate-alone", image, row("firmware_certificate"),
           irrelevant=["firmware_certificate.0", *words("firmware_certificate", "ca")])
    breaks(name, "host-key", image, row("firmware_key", **host))
    breaks(name, "tls-key", image, row("firmware_key", purpose="tls"), row("firmware_certificate", key_in_image="yes"))
    lacks(name, "pair-unclear", image, row("firmware_certificate", key_in_image="unknown"))
    unclear(name)

    name = "3.2-image-keys"
    passes(name, "none", image)
    passes(name, "encrypted", image, row("firmware_key", encrypted="yes"),
           irrelevant=["firmware_key.0", *words("firmware_key", "form", "algorithm")])
    breaks(name, "clear", image, row("firmware_key"))
    breaks(name, "test-key", image, row("firmware_key", key_sha256=test_key, test_key="vagrant-insecure"))
    lacks(name, "encryption-unclear", image, row("firmware_key", encrypted="unknown"))
    unclear(name)

    name = "4.5-leftovers"
    passes(name, "none", image)
    breaks(name, "tool", image, row("firmware_leftover"))
    breaks(name, "test-key", image, row("firmware_key", key_sha256=test_key, test_key="vagrant-insecure"))
    unclear(name)

    for name, table in (("1.5-secrets-in-logs", "firmware_log_string"), ("2.2-image-secrets", "firmware_secret")):
        passes(name, "none", image)
        breaks(name, "found", image, row(table))
        unclear(name)

    web = row("declared_service")
    loose = ["declared_service.0.management", "declared_service.0.tls", "firmware_service.0", "declared_service.0",
             *words("firmware_service", "source", "superuser")]
    name = "6.1-start-scripts"
    passes(name, "declared", image, web, given, row("firmware_service"),
           irrelevant=[one for one in loose if one != "declared_service.0"])
    passes(name, "not-started", image, web, given, row("firmware_service", program="telnetd", enabled="no"),
           irrelevant=loose)
    passes(name, "onvif-is-http", image, row("declared_service", protocol="onvif"), given, row("firmware_service"),
           irrelevant=[one for one in loose if one != "declared_service.0"])
    breaks(name, "undeclared", image, web, given, row("firmware_service", program="telnetd"))
    lacks(name, "nothing-declared", image, row("firmware_service"))
    lacks(name, "started-unclear", image, web, given, row("firmware_service", program="telnetd", enabled="unknown"))
    lacks(name, "unlisted", image, web, given, row("firmware_service", program="unheard-of"))
    unclear(name, web, given)

    name = "6.2-service-users"
    passes(name, "own-account", image, row("firmware_service"),
           irrelevant=["firmware_service.0", *words("firmware_service", "source")])
    passes(name, "needs-superuser", image, row("firmware_service", program="dropbear", account="root", superuser="yes"),
           irrelevant=["firmware_service.0", *words("firmware_service", "source")])
    passes(name, "not-started", image, row("firmware_service", enabled="no", account="root", superuser="yes"),
           irrelevant=["firmware_service.0", *words("firmware_service", "source", "superuser")])
    breaks(name, "superuser", image, row("firmware_service", account="root", superuser="yes"))
    lacks(name, "account-unclear", image, row("firmware_service", superuser="unknown"))
    lacks(name, "unlisted", image, row("firmware_service", program="unheard-of"))
    unclear(name)

    name = "6.3-permissions"
    modes = ["firmware_mode.0", *words("firmware_mode", "kind", "sticky")]
    passes(name, "allowed", image, row("firmware_mode"), irrelevant=modes)
    passes(name, "sticky-folder", image,
           row("firmware_mode", path="/tmp", kind="directory", set_uid="no", world_writable="yes", sticky="yes"),
           irrelevant=["firmware_mode.0"])
    passes(name, "device", image,
           row("firmware_mode", path="/dev/null", kind="device", set_uid="no", world_writable="yes"),
           irrelevant=["firmware_mode.0", *words("firmware_mode", "sticky")])
    breaks(name, "set-uid", image, row("firmware_mode", path="/usr/bin/helper"))
    breaks(name, "set-gid", image, row("firmware_mode", set_uid="no", set_gid="yes"))
    breaks(name, "writable", image, row("firmware_mode", path="/etc/rc.local", set_uid="no", world_writable="yes"))
    breaks(name, "folder", image, row("firmware_mode", path="/www", kind="directory", set_uid="no",
                                      world_writable="yes"))
    lacks(name, "unclear", image, row("firmware_mode", set_uid="unknown"))
    unclear(name)

    name = "2.6-dump"
    passes(name, "none", reset)
    breaks(name, "canary", reset, row("firmware_user_data"))
    lacks(name, "not-opened", row("firmware_image", kind="after-reset", opened="partly"))
    name = "7.4-dump"
    passes(name, "none", dump)
    passes(name, "encrypted", dump, row("firmware_key", encrypted="yes"),
           irrelevant=["firmware_key.0", *words("firmware_key", "form", "algorithm")])
    breaks(name, "secret", dump, row("firmware_secret"))
    breaks(name, "key", dump, row("firmware_key"))
    breaks(name, "password", dump, row("firmware_user_data", datum="account-password", name="admin", secret=1))
    lacks(name, "key-unclear", dump, row("firmware_key", encrypted="unknown"))
    lacks(name, "not-opened", row("firmware_image", kind="dump", opened="partly"))
