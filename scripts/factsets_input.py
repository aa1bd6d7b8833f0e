"""The fact sets of hostile input (4.3); factsets.py calls write_all()."""

DEFAULTS = {
    "input_trial": dict(subject="lan:tcp/443", protocol="http", target="GET /api/log", place="query lines",
                        family="command", outcome="handled", basis="nothing", probe="", sent="", seen="", tried=14),
    "input_crash": dict(subject="lan:tcp/443", protocol="http", target="GET /api/log", place="query lines",
                        family="overlong", effect="comes-back", repeated="yes", probe="long-letters", length=4097,
                        away_ms=900, sent="AAAA", sha256="aa"),
    "input_control": dict(subject="lan:tcp/443", target="GET /api/log", family="injection", ordinary="answered"),
    "error_answer": dict(subject="lan:tcp/443", target="GET /api/log", family="malformed", reveals="no", marker="",
                         kind="none", sent="", text=""),
}
FAMILIES = ("command", "sql", "path", "header", "template")


def write_all(row, endpoint, passes, breaks, lacks):
    service = endpoint()
    quiet = ["port.0", "service.0.tls", "service.0.starttls"]

    def trials(families, **changed):
        return [row("input_trial", family=name, **changed.get(name, {})) for name in families]

    name = "4.3-injection"
    control = row("input_control")
    sound = trials(FAMILIES)
    basis = [f"input_trial.{i}.basis" for i in range(len(FAMILIES))]
    passes(name, "handled", service, control, sound, irrelevant=[*quiet, *basis])
    for family, how in zip(FAMILIES, ("computed", "condition", "content", "header", "computed")):
        breaks(name, family, service, control,
               trials(FAMILIES, **{family: dict(outcome="executed", basis=how, probe="x", sent=";x", seen="42")}))
    breaks(name, "login", service, control, sound, row("input_control", target="login /login"),
           row("input_trial", target="login /login", place="user", family="sql", outcome="executed", basis="login"))
    # An effect that was seen stands, whatever else is missing.
    breaks(name, "without-control", service,
           row("input_trial", outcome="executed", basis="callback"))
    for index, family in enumerate(FAMILIES):
        lacks(name, f"without-{family}", service, control, sound[:index], sound[index + 1:])
    lacks(name, "unclear", service, control, trials(FAMILIES, sql=dict(outcome="unknown", basis="unknown")))
    lacks(name, "crashed", service, control, trials(FAMILIES, sql=dict(outcome="crashed", basis="liveness")))
    lacks(name, "no-control", service, sound)
    lacks(name, "session-lost", service, row("input_control", ordinary="not-answered"), sound)
    lacks(name, "service-unknown", endpoint(protocol="unknown"))

    name = "4.3-malformed"
    control = row("input_control", family="malformed")
    sound = trials(("overlong", "malformed"))
    passes(name, "handled", service, control, sound, irrelevant=[*quiet, "input_trial.0.basis", "input_trial.1.basis"])
    crashed = trials(("overlong", "malformed"), overlong=dict(outcome="crashed", basis="liveness", probe="long-letters"))
    breaks(name, "comes-back", service, control, crashed, row("input_crash"))
    breaks(name, "stays-away", service, row("input_control", family="malformed", ordinary="not-answered"), crashed,
           row("input_crash", effect="stays-away", repeated="not-tried"))
    lacks(name, "once", service, control, crashed, row("input_crash", repeated="no"))
    lacks(name, "not-repeated", service, control, crashed, row("input_crash", repeated="not-tried"))
    lacks(name, "crash-unkept", service, control, crashed)
    lacks(name, "unclear", service, control, trials(("overlong", "malformed"), malformed=dict(outcome="unknown")))
    lacks(name, "no-control", service, sound)
    lacks(name, "without-overlong", service, control, sound[1:])
    lacks(name, "without-malformed", service, control, sound[:1])

    name = "4.3-messages"
    broker = endpoint(protocol="mqtt")
    controls = [row("input_control", target=target, family="malformed") for target in ("ClientHello", "CONNECT")]

    def messages(**changed):
        return [row("input_trial", protocol=protocol, target=target, place="length", family=family, tried=4,
                    **(changed if (protocol, family) == ("mqtt", "malformed") else {}))
                for protocol, target in (("tls", "ClientHello"), ("mqtt", "CONNECT"))
                for family in ("overlong", "malformed")]

    sound = messages()
    died = dict(subject="lan:tcp/443", protocol="mqtt", target="CONNECT", place="length", family="malformed", probe="length-max")
    crashed = messages(outcome="crashed", basis="liveness", probe="length-max")
    passes(name, "handled", broker, controls, sound,
           irrelevant=["port.0", "service.0.starttls", *(f"input_trial.{i}.basis" for i in range(4))])
    breaks(name, "comes-back", broker, controls, crashed, row("input_crash", **died))
    breaks(name, "stays-away", broker, crashed, row("input_crash", **{**died, "effect": "stays-away", "repeated": "not-tried"}))
    lacks(name, "once", broker, controls, crashed, row("input_crash", **{**died, "repeated": "no"}))
    lacks(name, "not-repeated", broker, controls, crashed, row("input_crash", **{**died, "repeated": "not-tried"}))
    lacks(name, "crash-unkept", broker, controls, crashed)
    lacks(name, "unclear", broker, controls, messages(outcome="unknown"))
    lacks(name, "executed", broker, controls, messages(outcome="executed"))
    lacks(name, "no-control", broker, controls[:1], sound)
    lacks(name, "other-answer", broker, controls[:1],
          row("input_control", target="CONNECT", family="malformed", ordinary="not-answered"), sound)
    for index, what in enumerate(("tls-overlong", "tls-malformed", "overlong", "malformed")):
        lacks(name, f"without-{what}", broker, controls, sound[:index], sound[index + 1:])
    lacks(name, "service-unknown", endpoint(protocol="unknown"))
    lacks(name, "tls-unknown", endpoint(protocol="mqtt", tls="unknown"), controls, sound)

    name = "4.3-error-text"
    sound = [row("error_answer", family=family) for family in ("unknown-path", "method", "malformed")]
    passes(name, "general", service, sound, irrelevant=quiet)
    breaks(name, "traceback", service, sound[:2],
           row("error_answer", reveals="yes", marker="python-traceback", kind="stack-trace", text="Traceback"))
    breaks(name, "database", service, sound,
           row("error_answer", family="sql", reveals="yes", marker="sqlite-syntax", kind="database", text="near"))
    for index, family in enumerate(("unknown-path", "method", "malformed")):
        lacks(name, f"without-{family}", service, sound[:index], sound[index + 1:])
    lacks(name, "unclear", service, sound, row("error_answer", family="sql", reveals="unknown"))
    lacks(name, "kind-unknown", service, sound, row("error_answer", family="sql", reveals="yes", kind="unknown"))
