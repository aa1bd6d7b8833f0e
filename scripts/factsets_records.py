"""Fact sets of items 4.7 and 4.8, called by factsets.py."""

WEB = "lan:tcp/443"

DEFAULTS = {
    "declared_records": dict(subject="lan", read="yes", listen="no", erase="yes", time_shown="yes", time_set="yes",
                             time_server="no"),
    "record_event": dict(subject="lan", event="login", place=WEB, method="http-json", path="/login", account="admin",
                         caused="yes", source="read", recorded="yes", timed="yes", offset_s=0, subject_named="yes",
                         outcome_told="yes", text="login user=admin result=success"),
    "record_erase": dict(subject="lan", way="erase", actor="nobody", account="", tries=1, outcome="kept",
                         message="status 401"),
    "false_time": dict(subject="lan", way="call", actor="nobody", account="", offered_s=31536000, outcome="refused",
                       restored="not-needed", message="status 401"),
}


def events(at):
    declared = [at.row("declared_records"), at.row("declared_update"), at.row("login_surface")]

    def event(kind, **values):
        if kind in ("change", "update"):
            values = dict(method="http", path="/api/" + kind, **values)
        return at.row("record_event", event=kind, **values)
    kinds = ("login", "login-failure", "change", "update")
    whole = [event(kind) for kind in kinds]
    loose = ["declared_records.0.listen", "declared_records.0.erase", "declared_records.0.time_shown",
             "declared_records.0.time_set", "declared_records.0.time_server", "declared_update.0.mechanism",
             "declared_update.0.recovery", "declared_update.0.version_shown", "declared_update.0.pull",
             "login_surface.0", "login_surface.0.origin", "login_surface.0.clear_text",
             "login_surface.0.usable", *[f"record_event.{i}.source" for i in range(4)]]
    at.passes("4.7-events", "whole", declared, whole, irrelevant=loose)
    at.passes("4.7-events", "last-second", declared, whole[:3], event("update", offset_s=60), irrelevant=loose)
    at.passes("4.7-events", "by-syslog", at.row("declared_records", read="no", listen="yes"), declared[1:],
              [event(kind, source="syslog") for kind in kinds],
              irrelevant=[one for one in loose if one != "declared_records.0.listen"] + ["declared_records.0.read"])
    for index, kind in enumerate(kinds):
        rest = [*whole[:index], *whole[index + 1:]]
        at.breaks("4.7-events", f"without-{kind}", declared, rest,
                  event(kind, recorded="no", source="none", timed="unknown", subject_named="unknown",
                        outcome_told="unknown", text=""))
        at.lacks("4.7-events", f"not-caused-{kind}", declared, rest)
        at.lacks("4.7-events", f"unclear-{kind}", declared, rest, event(kind, recorded="unknown"))
    at.breaks("4.7-events", "late", declared, whole[:3], event("update", offset_s=61))
    at.breaks("4.7-events", "no-time", declared, whole[:3], event("update", timed="no"))
    at.breaks("4.7-events", "nobody", declared, whole[:3], event("update", subject_named="no"))
    at.breaks("4.7-events", "no-outcome", declared, whole[:3], event("update", outcome_told="no"))
    at.breaks("4.7-events", "wrong-outcome", declared, whole[:3], event("update", outcome_told="wrong"))
    at.lacks("4.7-events", "other-login", declared, at.row("login_surface", subject="lan:tcp/22", method="ssh", path=""),
             whole)
    at.lacks("4.7-events", "not-declared", at.row("declared_records", read="no"), declared[1:], whole)


def erasing(at):
    declared = at.row("declared_records")
    viewer = at.row("declared_account", account="guard", role="viewer")
    nobody = at.row("record_erase")
    control = at.row("record_erase", actor="administrator", account="admin", outcome="lost")
    flood = at.row("record_erase", way="overflow", actor="lesser-role", account="guard", tries=40)
    loose = [f"declared_records.0.{w}" for w in ("listen", "time_shown", "time_set", "time_server")]
    account = [f"declared_account.0.{w}" for w in ("factory", "password_given", "factory_password_given",
                                                   "sacrificial", "role")]
    at.passes("4.8-erase", "kept", declared, viewer, nobody, control, flood,
              irrelevant=[*loose, *account, "declared_account.0"])
    none = at.row("declared_records", erase="none")
    at.passes("4.8-erase", "no-function", none, viewer, flood, irrelevant=[*loose, *account, "declared_account.0"])
    at.passes("4.8-erase", "no-viewer", declared, at.row("declared_account"), nobody, control,
              irrelevant=[*loose, *[one for one in account if not one.endswith("role")]])
    at.breaks("4.8-erase", "nobody", declared, viewer, at.row("record_erase", outcome="lost"), control, flood)
    at.breaks("4.8-erase", "viewer", declared, viewer, nobody, control, flood,
              at.row("record_erase", actor="lesser-role", account="guard", outcome="lost"))
    at.breaks("4.8-erase", "overflow", none, viewer,
              at.row("record_erase", way="overflow", actor="lesser-role", account="guard", tries=40, outcome="lost"))
    at.lacks("4.8-erase", "no-control", declared, viewer, nobody, flood)
    at.lacks("4.8-erase", "dead-control", declared, viewer, nobody, flood,
             at.row("record_erase", actor="administrator", account="admin", outcome="kept"))
    at.lacks("4.8-erase", "nobody-not-tried", declared, viewer, control, flood)
    at.lacks("4.8-erase", "few-logins", declared, viewer, nobody, control,
             at.row("record_erase", way="overflow", actor="lesser-role", account="guard", tries=39))
    at.lacks("4.8-erase", "unclear", declared, viewer, nobody, control, flood,
             at.row("record_erase", actor="lesser-role", account="guard", outcome="unknown"))
    at.lacks("4.8-erase", "not-declared", at.row("declared_records", erase="no"), viewer, flood)
    at.lacks("4.8-erase", "not-readable", at.row("declared_records", read="no", listen="yes"), viewer, nobody, control,
             flood)


def timing(at):
    declared = at.row("declared_records")
    nobody = at.row("false_time")
    control = at.row("false_time", actor="administrator", account="admin", offered_s=120, outcome="accepted",
                     restored="yes")
    server = at.row("false_time", way="ntp", actor="server")
    loose = [f"declared_records.0.{w}" for w in ("read", "listen", "erase")]
    restored = [f"false_time.{i}.restored" for i in range(2)]
    at.passes("4.8-false-time", "refused", declared, nobody, control, irrelevant=[*loose, *restored])
    by_server = at.row("declared_records", time_set="no", time_server="yes")
    at.passes("4.8-false-time", "server", by_server, server, irrelevant=[*loose, *restored[:1]])
    both = at.row("declared_records", time_server="yes")
    at.passes("4.8-false-time", "both", both, nobody, control, server,
              irrelevant=[*loose, *restored, "false_time.2.restored", "declared_records.0.time_set",
                          "declared_records.0.time_server"])
    at.breaks("4.8-false-time", "nobody", declared, at.row("false_time", outcome="accepted", restored="yes"), control)
    at.breaks("4.8-false-time", "viewer", declared, nobody, control,
              at.row("false_time", actor="lesser-role", account="guard", outcome="accepted", restored="no"))
    at.breaks("4.8-false-time", "server", by_server,
              at.row("false_time", way="ntp", actor="server", outcome="accepted", restored="no"))
    at.lacks("4.8-false-time", "no-control", declared, nobody)
    at.lacks("4.8-false-time", "small-step", declared, at.row("false_time", offered_s=31535999), control)
    at.lacks("4.8-false-time", "nobody-not-tried", declared, control,
             at.row("false_time", actor="lesser-role", account="guard"))
    at.lacks("4.8-false-time", "server-not-asked", both, nobody, control)
    at.lacks("4.8-false-time", "unclear", declared, nobody, control,
             at.row("false_time", actor="lesser-role", account="guard", outcome="unknown"))
    at.lacks("4.8-false-time", "not-shown", at.row("declared_records", time_shown="no"), nobody, control)
    at.lacks("4.8-false-time", "not-declared", at.row("declared_records", time_set="no"), server)


def add(at):
    events(at)
    erasing(at)
    timing(at)
