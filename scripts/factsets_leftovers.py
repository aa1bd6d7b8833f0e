"""Fact sets of what a login opens, of accounts of tests, and of secrets in pages; scripts/factsets.py writes them."""
import pathlib
import xml.etree.ElementTree as ET

LISTS = pathlib.Path(__file__).resolve().parent.parent / "testcases/catalogue/references/logins.xml"

WEB = "lan:tcp/443"
DEFAULTS = {
    "late_login": dict(subject=WEB, login="web", account="admin", outcome="accepted", held="yes",
                       message="a session is open"),
    "late_port": dict(subject=WEB, transport="tcp", number=443, before="open", after="open"),
    "secret_sought": dict(whose="admin", kind="password", sought="yes"),
    "secret_page": dict(subject=WEB, page="users", account="admin", looked="whole", fields="none", field=""),
    "secret_shown": dict(subject=WEB, page="users", account="admin", whose="admin", kind="password", form="clear"),
}


def test_accounts():
    """The names of the reference table test_account."""
    for one in ET.parse(LISTS).getroot().iter("reference"):
        if one.get("name") == "test_account":
            return [row.get("account") for row in one.iter("row")]
    raise SystemExit("no reference test_account")


def add(sets):
    row, passes, breaks, lacks = sets.row, sets.passes, sets.breaks, sets.lacks

    name = "4.5-late-ports"
    given = row("declared_part")
    declared = [given, row("declared_service")]
    shut = ["declared_service.0" + w for w in ("", ".protocol", ".tls", ".management")]
    shut += ["late_port.0"]
    late = dict(subject="lan:tcp/2323", number=2323, before="not-open")
    passes(name, "same-ports", declared, row("late_login"), row("late_port"), irrelevant=shut)
    passes(name, "declared-port", given, row("declared_service", subject="lan:tcp/2323", protocol="telnet"),
           row("late_login", held="not-kept"), row("late_port", **late),
           irrelevant=[w for w in shut if w not in ("declared_service.0",)])
    breaks(name, "new-tcp", declared, row("late_login"), row("late_port"), row("late_port", **late))
    breaks(name, "new-udp", declared, row("late_login"),
           row("late_port", subject="lan:udp/69", transport="udp", number=69, before="not-open"))
    breaks(name, "one-refused", declared, row("late_login"), row("late_login", account="guard", outcome="refused"),
           row("late_port", **late))
    lacks(name, "no-login", declared, row("late_port"))
    lacks(name, "nothing", declared, row("port", subject="lan:tcp/443"))
    lacks(name, "refused", declared, row("late_login", outcome="refused", held="no"), row("late_port", **late))
    lacks(name, "session-ended", declared, row("late_login", held="no"), row("late_port"))
    lacks(name, "state-before", declared, row("late_login"), row("late_port", **{**late, "before": "unknown"}))
    lacks(name, "not-declared", row("late_login"), row("late_port", **late))

    name = "4.5-test-accounts"
    accounts = row("declared_part", part="accounts")
    names = test_accounts()
    trial = dict(credential="test-account-same", origin="test-account", list="test_account")
    tried = [row("login_trial", **trial, account=one) for one in names]
    loose = [*sets.LOGIN_LOOSE, *[f"login_trial.{i}.right" for i in range(len(names))]]
    passes(name, "refused", sets.login_base(), accounts, tried, irrelevant=loose)
    others = [one for one in tried if one[1]["account"] != "guest"]
    passes(name, "declared-guest", sets.login_base(), accounts, others, row("declared_account", account="guest"),
           row("login_trial", account="guest", credential="mirai-guest--guest", outcome="accepted"),
           irrelevant=[*loose, *[f"declared_account.1.{w}" for w in ("role", "factory", "password_given",
                                                                    "factory_password_given", "sacrificial")]])
    breaks(name, "accepted", sets.login_base(), accounts, tried[1:],
           row("login_trial", **trial, account=names[0], outcome="accepted"))
    breaks(name, "well-known-list", sets.login_base(), accounts, tried,
           row("login_trial", account="guest", credential="mirai-guest--guest", outcome="accepted"))
    lacks(name, "one-missing", sets.login_base(), accounts, tried[1:])
    lacks(name, "no-accounts", sets.login_base(), tried)
    for outcome in ("blocked", "not-tried", "unknown"):
        lacks(name, outcome, sets.login_base(), accounts, tried[1:],
              row("login_trial", **trial, account=names[0], outcome=outcome))

    name = "1.5-secrets-masked"
    surface = row("login_surface")
    account = row("declared_account")
    call = row("declared_call")
    loose = ["login_surface.0" + w for w in ("", ".method", ".origin", ".clear_text", ".usable")]
    loose += [f"declared_account.0{w}" for w in ("", ".role", ".factory", ".password_given",
                                                ".factory_password_given", ".sacrificial")]
    loose += [f"declared_call.0.{w}" for w in ("kind", "undo", "proof")]
    page = ["secret_page.0.fields"]
    base = [surface, account, row("secret_sought")]
    passes(name, "none", base, call, row("secret_page"), irrelevant=[*loose, *page])
    breaks(name, "clear", base, call, row("secret_page"), row("secret_shown"))
    breaks(name, "encoded", base, call, row("secret_page", looked="partly"),
           row("secret_shown", form="encoded", kind="factory-password"))
    lacks(name, "no-call", base, row("secret_page", page="/", account=""))
    lacks(name, "not-asked", base, call, row("secret_page", page="/", account=""))
    lacks(name, "partly", base, call, row("secret_page", looked="partly"))
    lacks(name, "not-given", base, call, row("secret_page", looked="not-given", fields="unknown"))
    lacks(name, "too-short", surface, account, row("secret_sought", sought="no"), call, row("secret_page"))
    lacks(name, "no-secret", surface, row("declared_account", password_given="no"), call, row("secret_page"))

    name = "1.5-field-masked"
    login = row("secret_page", page="/", account="", fields="masked", field="password")
    loose = [f"login_surface.0{w}" for w in ("", ".method", ".origin", ".clear_text", ".usable")]
    passes(name, "masked", surface, login, irrelevant=loose)
    passes(name, "and-a-call", surface, call, login, row("secret_page"),
           irrelevant=[*loose, *[f"declared_call.0{w}" for w in ("", ".kind", ".undo", ".proof", ".login", ".changes")]])
    breaks(name, "clear", surface, login, row("secret_page", fields="clear", field="newpassword"))
    lacks(name, "nothing", surface)
    lacks(name, "no-login-page", surface, row("secret_page", fields="masked"))
    lacks(name, "call-not-asked", surface, call, login)
    lacks(name, "unclear", surface, row("secret_page", page="/", account="", fields="unknown"))
    lacks(name, "partly", surface, login, row("secret_page", looked="partly", fields="none"))
