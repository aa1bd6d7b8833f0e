"""Fact sets of the criteria about what is published, taken out of the device and left by a reset; factsets.py runs it."""

PAGE = dict(subject="lan:tcp/443", path="/.well-known/security.txt")

DEFAULTS = {
    "public_page": dict(PAGE, page="security-txt", outcome="given", tls="yes", media="text", status=200),
    "security_txt": dict(PAGE, contacts=1, odd_contacts=0, contact="mailto:security@example.com", expires_fields=1,
                         expires="2027-01-01T00:00:00Z", language_fields=1, odd_lines=0, clear_signed="no", whole="yes"),
    "support_period": dict(subject="lan:tcp/443", path="/support", until="2031-12-31T23:59:59Z", shown="yes",
                           text="2031-12-31"),
    "update_notice": dict(subject="lan:tcp/443", offered="newer", version="1.5.0", asked="yes", fetched="no",
                          shown="yes", path="/status"),
    "export_file": dict(subject="lan:tcp/443", name="backup", outcome="given", opened="whole", size=900, sha256="aa"),
    "export_secret": dict(subject="lan:tcp/443", name="backup", inside="tar@0", path="/users.json",
                          datum="account-password", rule="clear", label="admin", position=14, secret=1),
    "wipe_reset": dict(subject="lan", way="call", done="yes", alive="yes", set_up="yes"),
    "wipe_trial": dict(subject="lan:tcp/443", thing="data", name="device-name", before="there", after="gone",
                       message=""),
}


def published(tools):
    row, passes, breaks, lacks = tools.row, tools.passes, tools.breaks, tools.lacks
    declared, page, said = row("declared_part", part="support"), row("public_page"), row("security_txt")
    other = row("public_page", page="support-period", path="/support", media="html")
    period = row("support_period")
    quiet = ["public_page.0.tls", "public_page.0.media"]

    name = "5.8-published"
    passes(name, "security-txt", declared, page, irrelevant=quiet)
    passes(name, "both", declared, page, other,
           irrelevant=[*quiet, "public_page.0", "public_page.1", "public_page.1.tls", "public_page.1.media"])
    for outcome in ("absent", "refused"):
        breaks(name, outcome, declared, row("public_page", outcome=outcome, status=404), other)
        breaks(name, f"{outcome}-alone", declared, row("public_page", outcome=outcome, status=404))
    lacks(name, "unclear", declared, row("public_page", outcome="unknown"), other)
    lacks(name, "not-declared", row("declared_part", part="support", given="no"), page)

    name = "5.8-security-txt"
    signed = ["security_txt.0.clear_signed", "public_page.0.outcome"]
    passes(name, "sound", page, said, irrelevant=signed)
    passes(name, "an-hour-left", page, row("security_txt", expires="2026-11-22T01:00:00Z"), irrelevant=signed)
    breaks(name, "no-contact", page, row("security_txt", contacts=0, odd_contacts=1, contact=""))
    breaks(name, "expired", page, row("security_txt", expires="2026-11-22T00:00:00Z"))
    breaks(name, "no-expiry", page, row("security_txt", expires_fields=0, expires=""))
    breaks(name, "two-expiries", page, row("security_txt", expires_fields=2, expires=""))
    breaks(name, "clear", row("public_page", tls="no"), said)
    breaks(name, "html", row("public_page", media="html"), said)
    lacks(name, "cut", page, row("security_txt", whole="no"))
    lacks(name, "absent", row("public_page", outcome="absent", status=404))

    name = "5.8-support-period"
    passes(name, "shown", period)
    breaks(name, "not-shown", row("support_period", shown="no", text=""))
    breaks(name, "over", row("support_period", until="2026-11-21T23:59:59Z"))
    lacks(name, "unclear", row("support_period", shown="unknown"))
    lacks(name, "only-security-txt", page)


def notices(tools):
    row, passes, breaks, lacks = tools.row, tools.passes, tools.breaks, tools.lacks
    name, declared = "5.6-notice", row("declared_part", part="update-notice")
    quiet = row("update_notice", offered="current", version="1.4.2", shown="no")
    loose = ["update_notice.0.fetched", "update_notice.1.fetched"]
    passes(name, "told", declared, quiet, row("update_notice"), irrelevant=loose)
    passes(name, "told-and-fetched", declared, quiet, row("update_notice", fetched="yes"), irrelevant=loose)
    breaks(name, "silent", declared, quiet, row("update_notice", shown="no"))
    lacks(name, "fetched-only", declared, quiet, row("update_notice", shown="no", fetched="yes"))
    lacks(name, "always-told", declared, row("update_notice", offered="current", shown="yes"), row("update_notice"))
    lacks(name, "not-asked", declared, quiet, row("update_notice", asked="no", shown="no"))
    lacks(name, "unclear", declared, quiet, row("update_notice", shown="unknown"))
    lacks(name, "not-declared", row("declared_part", part="update-notice", given="no"), quiet, row("update_notice"))


def exports(tools):
    row, passes, breaks, lacks = tools.row, tools.passes, tools.breaks, tools.lacks
    name, declared, file = "2.2-export", row("declared_part", part="exports"), row("export_file")
    passes(name, "clean", declared, file)
    passes(name, "encrypted", declared, row("export_file", opened="encrypted"))
    for datum in ("token", "private-key", "password-hash", "account-password", "wireless-key", "canary", "other"):
        breaks(name, datum, declared, file, row("export_secret", datum=datum))
    breaks(name, "partly", declared, row("export_file", opened="partly"), row("export_secret"))
    lacks(name, "unclear", declared, file, row("export_secret", datum="unknown"))
    for opened in ("partly", "no"):
        lacks(name, f"opened-{opened}", declared, row("export_file", opened=opened))
    lacks(name, "refused", declared, row("export_file", outcome="refused", opened="unknown"))
    lacks(name, "one-refused", declared, file, row("export_file", name="log", outcome="refused", opened="unknown"))
    lacks(name, "not-declared", row("declared_part", part="exports", given="no"), file)


def resets(tools):
    row, passes, breaks, lacks = tools.row, tools.passes, tools.breaks, tools.lacks
    name, base = "2.6-after-reset", [row("declared_part", part="wipe"), row("wipe_reset")]
    data = row("wipe_trial")
    rest = [row("wipe_trial", thing="session", name="web"), row("wipe_trial", thing="account", name="guard"),
            row("wipe_trial", thing="password", name="admin")]
    passes(name, "data", base, data)
    passes(name, "all", base, data, rest, irrelevant=["wipe_trial.1", "wipe_trial.2", "wipe_trial.3"])
    passes(name, "by-hook", base[0], row("wipe_reset", way="hook"), data)
    breaks(name, "data", base, row("wipe_trial", after="there"), rest)
    for one in rest:
        others = [other for other in rest if other is not one]
        breaks(name, one[1]["thing"], base, data, others, (one[0], {**one[1], "after": "there"}))
        lacks(name, f"{one[1]['thing']}-unclear", base, data, others, (one[0], {**one[1], "after": "unknown"}))
        lacks(name, f"{one[1]['thing']}-not-there", base, data, others, (one[0], {**one[1], "before": "gone"}))
    lacks(name, "nothing-planted", base, rest)
    lacks(name, "data-unclear", base, row("wipe_trial", after="unknown"))
    lacks(name, "not-reset", base[0], row("wipe_reset", done="no"), row("wipe_trial", after="there"))
    lacks(name, "dead", base[0], row("wipe_reset", alive="no", set_up="no"), row("wipe_trial", after="unknown"))
    lacks(name, "not-set-up", base[0], row("wipe_reset", set_up="no"), data)
    lacks(name, "not-declared", row("declared_part", part="wipe", given="no"), row("wipe_reset"), data)


def add(tools):
    for part in (published, notices, exports, resets):
        part(tools)
