"""Fact sets of 1.2-two-units and 3.2-two-units, called by factsets.py."""

WEB, SHELL = "lan:tcp/443", "lan:tcp/22"

DEFAULTS = {
    "declared_unit": dict(unit="second", serial="0002", address="192.0.2.11"),
    "declared_unit_account": dict(account="admin", factory="different"),
    "unit_login": dict(subject=WEB, method="http-json", path="/login", account="admin", unit="second",
                       credential="first-factory", moment="as-found", secret=1, outcome="refused"),
    "unit_key": dict(subject=SHELL, unit="first", kind="ssh-host-key", algorithm="ssh-ed25519", fingerprint="SHA256:a",
                     stable="yes"),
}


def logins(sets):
    row, name = sets.row, "1.2-two-units"
    unit, account = row("declared_unit"), row("declared_unit_account")
    tried = row("unit_login")
    own = row("unit_login", credential="second-factory", outcome="accepted")
    apart = row("unit_login", unit="first", credential="second-factory")
    control = row("unit_login", unit="first", moment="factory", outcome="accepted")
    sets.passes(name, "own-passwords", unit, account, tried, own, apart, control)
    as_found = row("unit_login", unit="first", outcome="accepted")
    sets.passes(name, "both-as-shipped", unit, account, tried, own, as_found)
    for gap, rest in (("first-unit-not-seen", [tried, own, apart]), ("not-tried", [own, apart, control]),
                      ("second-unit-set-up", [tried, apart, control]), ("one-device", [tried, own, control])):
        sets.lacks(name, gap, unit, account, rest)
    sets.lacks(name, "own-refused", unit, account, tried, apart, control,
               row("unit_login", credential="second-factory", outcome="refused"))
    sets.lacks(name, "blocked", unit, account, row("unit_login", outcome="blocked"), own, apart, control)
    sets.lacks(name, "other-account", unit, account, tried, own, apart, control, row("unit_login", account="guest"))
    sets.lacks(name, "not-declared", [])

    shared = row("unit_login", outcome="accepted")
    random = row("unit_login", credential="random")
    found = row("unit_login", unit="first")
    sets.breaks(name, "shared", unit, account, shared, random, found, control)
    keys = [row("unit_key"), row("unit_key", unit="second", fingerprint="SHA256:b")]
    sets.breaks(name, "shared-apart-by-key", unit, account, shared, random, control, keys)
    sets.breaks(name, "second-password-not-given", unit, row("declared_unit_account", factory="missing"), shared, random,
                found, control)
    sets.breaks(name, "declared-the-same", unit, row("declared_unit_account", factory="same"), tried, keys)
    sets.lacks(name, "takes-any", unit, account, shared, row("unit_login", credential="random", outcome="accepted"), found,
               control)
    sets.lacks(name, "random-not-tried", unit, account, shared, found, control)
    sets.lacks(name, "shared-one-device", unit, account, shared, random, as_found)
    sets.lacks(name, "shared-same-key", unit, account, shared, random, as_found, row("unit_key"),
               row("unit_key", unit="second"))
    sets.lacks(name, "shared-not-proved", unit, account, shared, random, found)
    sets.lacks(name, "declared-the-same-one-device", unit, row("declared_unit_account", factory="same"), shared, random,
               as_found)


def keys(sets):
    row, name = sets.row, "3.2-two-units"
    unit = row("declared_unit")
    shell = row("service", subject=SHELL, protocol="ssh", tls="no")
    web = row("service")
    loose = [f"service.0{word}" for word in ("", ".protocol", ".tls", ".starttls")]
    one, other = row("unit_key"), row("unit_key", unit="second", fingerprint="SHA256:b")
    sets.passes(name, "own-host-keys", unit, shell, one, other, irrelevant=loose)
    leaf = dict(subject=WEB, kind="certificate", algorithm="ec")
    sets.passes(name, "own-certificates", unit, web, row("unit_key", **leaf),
                row("unit_key", **leaf, unit="second", fingerprint="SHA256:b"), irrelevant=loose)
    same = row("unit_key", unit="second")
    second_leaf = row("unit_key", **leaf, unit="second", fingerprint="SHA256:c")
    sets.breaks(name, "same-host-key", unit, shell, web, one, same, row("unit_key", **leaf), second_leaf)
    sets.breaks(name, "same-certificate", unit, web, row("unit_key", **leaf), row("unit_key", **leaf, unit="second"), one,
                other)
    apart = [row("unit_login", unit="first"), row("unit_login", outcome="accepted")]
    sets.breaks(name, "same-apart-by-login", unit, shell, one, same, apart)
    sets.lacks(name, "one-device", unit, shell, one, same)
    sets.lacks(name, "second-missing", unit, shell, one)
    sets.lacks(name, "first-missing", unit, shell, other)
    sets.lacks(name, "not-read", unit, shell, web, one, other)
    sets.lacks(name, "other-kind", unit, shell, one, row("unit_key", unit="second", algorithm="ssh-rsa"))
    sets.lacks(name, "changes", unit, shell, one, row("unit_key", unit="second", fingerprint="SHA256:b", stable="no"))
    sets.lacks(name, "same-apart-by-fleeting-key", unit, shell, web, one, same, row("unit_key", **leaf, stable="no"),
               second_leaf)
    sets.lacks(name, "not-declared", shell)


def add(sets):
    logins(sets)
    keys(sets)
