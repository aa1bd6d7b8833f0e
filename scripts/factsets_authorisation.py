"""Fact sets of who may ask the device for what, and what it gives besides; scripts/factsets.py writes them."""
import pathlib
import xml.etree.ElementTree as ET

LISTS = pathlib.Path(__file__).resolve().parent.parent / "testcases/catalogue/references/web_paths.xml"

WEB = "lan:tcp/443"
DEFAULTS = {
    "declared_call": dict(subject=WEB, call="users", kind="management", method="GET", path="/api/users", login="yes",
                          changes="no", undo="no", proof="no", owner=""),
    "call_trial": dict(subject=WEB, call="users", account="", role="nobody", owner="", changes="no", allowed="no",
                       outcome="refused", message="status 403", undone="not-needed"),
    "call_bypass": dict(subject=WEB, call="users", account="", role="nobody", variant="head", outcome="refused",
                        message="status 403"),
    "hidden_path_trial": dict(subject=WEB, path="/.git/HEAD", account="", declared="no", outcome="absent", status=404),
    "path_trial": dict(subject=WEB, way="dots", account="", target="/../etc/passwd", outcome="refused", status=404),
    "service_component": dict(subject=WEB, product="lighttpd", version="1.4.69", component="lighttpd", release="1.4.69",
                              packaged="no", list="known_vulnerability", dated="2026-11-01", age_days=21,
                              complete="yes"),
    "service_vulnerability": dict(subject=WEB, component="lighttpd", version="1.4.69", entry="CVE-2018-19052",
                                  fixed="1.4.50", outcome="not-affected"),
}


def entries(name, column):
    """The entries of a reference table."""
    for one in ET.parse(LISTS).getroot().iter("reference"):
        if one.get("name") == name:
            return [row.get(column) for row in one.iter("row")]
    raise SystemExit(f"no reference {name}")


def add(sets):
    row, passes, breaks, lacks = sets.row, sets.passes, sets.breaks, sets.lacks
    accounts = [row("declared_account"), row("declared_account", account="guard", role="viewer")]

    def calls(**values):
        return row("declared_call", **values)

    def trials(guard=None, nobody=None, admin=None, **values):
        return [row("call_trial", **{**dict(account="admin", role="administrator", allowed="yes", outcome="granted"),
                                     **values, **(admin or {})}),
                row("call_trial", **{**dict(account="guard", role="viewer"), **values, **(guard or {})}),
                row("call_trial", **{**values, **(nobody or {})})]

    loose = [f"declared_account.{i}.{w}" for i in (0, 1) for w in ("role", "factory", "password_given",
                                                                   "factory_password_given", "sacrificial")]
    loose += [f"declared_call.0.{w}" for w in ("login", "changes", "undo", "proof")]
    loose += [f"call_trial.{i}.changes" for i in (0, 1, 2)]
    for name, values in (("6.5-role-matrix", {}), ("6.5-direct-reference", dict(owner="admin"))):
        none = "calls-not-declared" if not values else "objects-not-declared"
        base = [accounts, calls(**values)]
        quiet = [one for one in loose if one != "declared_call.0.login"]
        passes(name, "refused", base, trials(**values), irrelevant=quiet)
        breaks(name, "viewer", base, trials(guard=dict(outcome="granted"), **values))
        breaks(name, "nobody", base, trials(nobody=dict(outcome="granted"), **values))
        lacks(name, none, accounts, row("port", subject="lan", state="closed"))
        lacks(name, "no-control", base, trials(admin=dict(outcome="refused"), **values))
        lacks(name, "unclear", base, trials(guard=dict(outcome="unknown"), **values))
        lacks(name, "no-undo", base, trials(guard=dict(outcome="no-undo"), **values))
        lacks(name, "not-undone", base, trials(admin=dict(undone="no"), **values))
        lacks(name, "another-account", base, row("declared_account", account="third", role="user"), trials(**values))
    lacks("6.5-direct-reference", "nobody-else", accounts, calls(owner="admin"),
          trials(owner="admin", guard=dict(outcome="no-login")))

    variants = entries("request_variant", "variant")
    ways = [[row("call_bypass", variant=one, **who) for one in variants]
            for who in (dict(account="guard", role="viewer"), {})]
    base = [accounts, calls(), trials()]
    quiet = [f"declared_account.{i}" for i in (0, 1)] + loose
    quiet = [one for one in quiet if one not in ("declared_call.0.login", "declared_call.0.changes")]
    quiet = [one for one in quiet if not one.endswith(".changes")] + ["declared_call.0.kind"]
    quiet += [f"call_trial.{i}.undone" for i in (0, 1, 2)]
    name = "6.5-bypass"
    passes(name, "refused", base, ways, irrelevant=quiet)
    breaks(name, "double-slash", base, row("call_bypass", variant="double-slash", outcome="granted"))
    lacks(name, "none", accounts, row("port", subject="lan", state="closed"))
    lacks(name, "one-missing", base, ways[0], ways[1][1:])
    lacks(name, "unclear", base, ways, row("call_bypass", variant="x", outcome="unknown"))
    lacks(name, "no-control", accounts, calls(), trials(admin=dict(outcome="refused")), ways)

    web = sets.endpoint()
    loose = ["port.0", "service.0.tls", "service.0.starttls"]
    nameless = sets.endpoint("lan:tcp/8080", "unknown", "unknown")
    for name, table, column, reference, bad in (
            ("4.5-hidden", "hidden_path_trial", "path", "hidden_path", "found"),
            ("6.3-paths", "path_trial", "way", "path_escape", "given")):
        names = entries(reference, column)
        tried = [row(table, **{column: one}) for one in names]
        passes(name, "none", web, tried, irrelevant=loose)
        breaks(name, "nobody", web, tried[1:], row(table, **{column: names[0]}, outcome=bad))
        breaks(name, "viewer", web, tried, row(table, **{column: names[0]}, account="guard", outcome=bad))
        lacks(name, "one-missing", web, tried[1:])
        lacks(name, "viewer-one-missing", web, tried, row(table, **{column: names[0]}, account="guard"))
        lacks(name, "unclear", web, tried[1:], row(table, **{column: names[0]}, outcome="unknown"))
        lacks(name, "nameless", web, tried, nameless)

    name = "4.4-versions"
    passes(name, "fixed", row("service_component"), row("service_vulnerability"),
           irrelevant=["service_vulnerability.0"])
    breaks(name, "affected", row("service_component"), row("service_vulnerability", outcome="affected"))
    lacks(name, "excerpt", row("service_component", complete="no"), row("service_vulnerability"))
    lacks(name, "stale", row("service_component", age_days=32), row("service_vulnerability"))
    lacks(name, "no-list", row("service_component", list=""))
    lacks(name, "distribution", row("service_component", packaged="yes"),
          row("service_vulnerability", outcome="unknown"))
