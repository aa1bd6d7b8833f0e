"""Fact sets of who may ask the device for what; scripts/factsets.py writes them."""

WEB = "lan:tcp/443"
DEFAULTS = {
    "declared_call": dict(subject=WEB, call="users", kind="management", method="GET", path="/api/users", login="yes",
                          changes="no", undo="no", proof="no", owner=""),
    "call_trial": dict(subject=WEB, call="users", account="", role="nobody", owner="", changes="no", allowed="no",
                       outcome="refused", message="status 403", undone="not-needed"),
}


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
