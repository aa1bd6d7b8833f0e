"""Fact sets of sessions (2.3); factsets.py has the rules."""

WEB, PATH = "lan:tcp/443", "/login"
TESTS = ("symbols", "steps", "neighbours", "successive", "bits", "runs", "distance", "order")
DEFAULTS = {
    "session_value": dict(subject=WEB, path=PATH, name="SESSION", carrier="cookie", samples=20, different=20, shortest=32,
                          longest=32, alphabet="hex", symbols=16, fixed=0, stepping=0, uneven=0, bits=128.0, guess="none"),
    "session_randomness": dict(subject=WEB, path=PATH, name="SESSION", test="order", observations=19, statistic=9.0,
                               p=0.5),
    "session_fixation": dict(subject=WEB, path=PATH, name="SESSION", planted="invented", before="shut", after="shut",
                             own="open"),
    "session_logout": dict(subject=WEB, path=PATH, before="open", after="shut", again="open"),
    "session_limit": dict(subject=WEB, path=PATH, declared=2, tried=3, opened=3, alive=2),
    "session_idle": dict(subject=WEB, path=PATH, declared_seconds=600, waited_seconds=605, before="open", after="shut",
                         again="open"),
    "session_after_change": dict(subject=WEB, account="admin", changed="yes", before="open", after="shut"),
    "cross_site_trial": dict(subject=WEB, call="rename", method="POST", carrier="cookie", same_site="lax", own="done",
                             foreign_page="done"),
    "cross_origin_answer": dict(subject=WEB, path="/api/status", origin="foreign", allows="none", credentials="no"),
}


def add(sets):
    row, passes, breaks, lacks = sets.row, sets.passes, sets.breaks, sets.lacks
    surface = row("login_surface")
    # The facts of a session make its endpoint known without the row of the login.
    loose = [f"login_surface.0{w}" for w in ("", ".method", ".origin", ".clear_text", ".usable")]

    def tests(**changed):
        return [row("session_randomness", test=name, **({"p": changed[name]} if name in changed else {}))
                for name in TESTS]
    optional = [f"session_randomness.{i}" for i, name in enumerate(TESTS)
                if name not in ("neighbours", "successive", "order")]
    name = "2.3-unpredictable"
    passes(name, "random", surface, row("session_value"), tests(), irrelevant=loose + optional)
    passes(name, "64-bits", surface, row("session_value", bits=64.0), tests(), irrelevant=loose + optional)
    passes(name, "12-values", surface, row("session_value", samples=12, different=12), tests(),
           irrelevant=loose + optional)
    passes(name, "one-in-a-million", surface, row("session_value"), tests(order=0.000001), irrelevant=loose + optional)
    breaks(name, "63-bits", surface, row("session_value", bits=63.9), tests())
    breaks(name, "repeated", surface, row("session_value", different=19), tests())
    for guess in ("user", "time", "counter"):
        breaks(name, f"from-{guess}", surface, row("session_value", guess=guess), tests())
    for test in TESTS:
        breaks(name, f"odd-{test}", surface, row("session_value"), tests(**{test: 0.0000009}))
    lacks(name, "11-values", surface, row("session_value", samples=11, different=11), tests())
    lacks(name, "without-tests", surface, row("session_value"))
    lacks(name, "none", surface)

    name = "2.3-fixation"
    passes(name, "replaced", surface, row("session_fixation"), row("session_fixation", planted="issued"),
           irrelevant=loose + ["session_fixation.1"])
    passes(name, "bearer", surface, row("session_fixation", name="", planted="none"), irrelevant=loose)
    breaks(name, "invented", surface, row("session_fixation", after="open"))
    breaks(name, "issued", surface, row("session_fixation"), row("session_fixation", planted="issued", after="open"))
    lacks(name, "open-before", surface, row("session_fixation", before="open", after="open"))
    lacks(name, "own-shut", surface, row("session_fixation", own="shut"))
    lacks(name, "issued-alone", surface, row("session_fixation", planted="issued"))
    lacks(name, "none", surface)

    name = "2.3-logout"
    passes(name, "dead", surface, row("session_logout"), irrelevant=loose)
    breaks(name, "alive", surface, row("session_logout", after="open"))
    lacks(name, "dead-before", surface, row("session_logout", before="shut"))
    lacks(name, "no-login-after", surface, row("session_logout", again="shut"))
    lacks(name, "none", surface)

    name = "2.3-password-change"
    passes(name, "dead", surface, row("session_after_change"), irrelevant=loose)
    breaks(name, "alive", surface, row("session_after_change", after="open"))
    lacks(name, "dead-before", surface, row("session_after_change", before="shut"))
    lacks(name, "not-changed", surface, row("session_after_change", changed="no"))
    lacks(name, "none", surface)

    name = "2.3-idle"
    passes(name, "dead", surface, row("session_idle"), irrelevant=loose)
    breaks(name, "alive", surface, row("session_idle", after="open"))
    lacks(name, "not-waited", surface, row("session_idle", waited_seconds=600, after="open"))
    lacks(name, "dead-too-early-to-tell", surface, row("session_idle", waited_seconds=600))
    lacks(name, "dead-before", surface, row("session_idle", before="shut"))
    lacks(name, "no-login-after", surface, row("session_idle", again="shut"))
    lacks(name, "not-declared", surface, row("session_idle", declared_seconds=0, after="open"))
    lacks(name, "none", surface)

    name = "2.3-simultaneous"
    passes(name, "two-of-two", surface, row("session_limit"), irrelevant=loose)
    breaks(name, "three-of-two", surface, row("session_limit", alive=3))
    lacks(name, "not-beyond", surface, row("session_limit", tried=2, opened=2))
    lacks(name, "none-alive", surface, row("session_limit", alive=0))
    lacks(name, "not-declared", surface, row("session_limit", declared=0))
    lacks(name, "none", surface)

    name = "2.3-cross-site"
    passes(name, "lax-post", surface, row("cross_site_trial"), irrelevant=loose)
    passes(name, "strict-get", surface, row("cross_site_trial", same_site="strict", method="GET"), irrelevant=loose)
    passes(name, "bearer", surface, row("cross_site_trial", carrier="other", same_site="strict"), irrelevant=loose)
    passes(name, "origin-checked", surface, row("cross_site_trial", same_site="none", foreign_page="refused"),
           irrelevant=loose)
    breaks(name, "none", surface, row("cross_site_trial", same_site="none"))
    breaks(name, "absent", surface, row("cross_site_trial", same_site="absent"))
    breaks(name, "lax-get", surface, row("cross_site_trial", method="GET"))
    lacks(name, "other-method", surface, row("cross_site_trial", method="MOVE"))
    lacks(name, "no-control", surface, row("cross_site_trial", own="refused", same_site="none"))
    lacks(name, "not-tried", surface)

    name = "2.3-cross-origin"
    origins = ("foreign", "null", "look-alike")
    for allows in ("none", "other", "any"):
        passes(name, allows, surface, [row("cross_origin_answer", origin=o, allows=allows) for o in origins],
               irrelevant=loose + [f"cross_origin_answer.{i}.credentials" for i in range(3)])
    passes(name, "without-session", surface, [row("cross_origin_answer", origin=o, allows="same") for o in origins],
           irrelevant=loose)
    for origin in origins:
        rest = [row("cross_origin_answer", origin=o) for o in origins if o != origin]
        breaks(name, origin, surface, rest, row("cross_origin_answer", origin=origin, allows="same", credentials="yes"))
        lacks(name, f"without-{origin}", surface, rest)
    lacks(name, "none-asked", surface)

    # A cookie that outlives the password in a header is a session as well.
    header = row("login_surface", method="http-basic")
    known = [f"http_cookie.0{w}" for w in ("", ".session", ".secure", ".http_only", ".same_site", ".clear_text")]
    for name, seen in (("2.3-unpredictable", [row("session_value"), *tests()]),
                       ("2.3-fixation", [row("session_fixation")]),
                       ("2.3-logout", [row("session_logout")]),
                       ("2.3-password-change", [row("session_after_change")]),
                       ("2.3-idle", [row("session_idle")]),
                       ("2.3-simultaneous", [row("session_limit")]),
                       ("2.3-cross-site", [row("cross_site_trial")]),
                       ("2.3-cross-origin", [row("cross_origin_answer", origin=o) for o in origins])):
        more = optional if name == "2.3-unpredictable" else []
        more = more + [f"cross_origin_answer.{i}.credentials" for i in range(3)] * (name == "2.3-cross-origin")
        passes(name, "cookie-of-a-header-login", header, row("http_cookie"), seen, irrelevant=loose + known + more)
        lacks(name, "cookie-of-a-header-login-alone", header, row("http_cookie"))
        lacks(name, "unclear-cookie-of-a-header-login", header, row("http_cookie", session="unknown"))
