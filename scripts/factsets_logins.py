"""Fact sets of what logins give away and ask for; scripts/factsets.py writes them."""

WEB = "lan:tcp/443"
DEFAULTS = {
    "login_answer": dict(subject=WEB, method="http-json", path="/login", aspect="text", alike="yes", known="wrong",
                         unfamiliar="wrong", pairs=16),
    "login_time": dict(subject=WEB, method="http-json", path="/login", error_ppm=1000, pairs=16, known_us=3000,
                       unfamiliar_us=3100, difference_us=-100, least_us=0, greatest_us=900),
    "proof_trial": dict(subject=WEB, call="recovery", kind="credential", proof="missing", outcome="refused",
                        account="admin", message="status 403"),
    "declared_proof": dict(subject=WEB, call="recovery", kind="credential", asked="yes"),
    "lockout_restart": dict(subject=WEB, method="http-json", account="admin", blocked="yes", restarted="yes",
                            held="yes", after_ms=900),
    "first_use_trial": dict(subject=WEB, target="/api/status", moment="before", kind="management", outcome="refused",
                            account="admin"),
}
SURFACE_LOOSE = [f"login_surface.0{word}" for word in ("", ".origin", ".clear_text")]
ASPECTS = ("status", "fields", "text", "length")


def answers(sets):
    row = sets.row
    surface = row("login_surface")
    shell = dict(subject="lan:tcp/22", method="ssh", path="")
    name = "1.5-equal-answers"
    alike = [row("login_answer", aspect=aspect) for aspect in ASPECTS]
    # What was compared stands by itself, whether or not the surface is known.
    sets.passes(name, "alike", surface, alike, irrelevant=SURFACE_LOOSE)
    for index, aspect in enumerate(ASPECTS):
        rest = [*alike[:index], *alike[index + 1:]]
        sets.breaks(name, aspect, surface, rest, row("login_answer", aspect=aspect, alike="no", known="wrong password",
                                                      unfamiliar="no such user"))
        sets.lacks(name, f"without-{aspect}", surface, rest)
        sets.lacks(name, f"{aspect}-unclear", surface, rest, row("login_answer", aspect=aspect, alike="unknown"))
    sets.lacks(name, "other-login", surface, alike, row("login_surface", **shell))
    sets.lacks(name, "not-usable", surface, alike, row("login_surface", path="/", method="http-form", usable="no"))

    name = "1.5-equal-times"
    sets.passes(name, "alike", surface, row("login_time"), irrelevant=SURFACE_LOOSE)
    sets.passes(name, "within-the-limit", surface, row("login_time", least_us=9000, greatest_us=20000),
                irrelevant=SURFACE_LOOSE)
    sets.passes(name, "more-pairs", surface, row("login_time", pairs=128), irrelevant=SURFACE_LOOSE)
    sets.breaks(name, "beyond", surface, row("login_time", least_us=20001, greatest_us=90000))
    sets.lacks(name, "noisy", surface, row("login_time", least_us=20000, greatest_us=20001))
    sets.lacks(name, "15-pairs", surface, row("login_time", pairs=15))
    sets.lacks(name, "15-pairs-apart", surface, row("login_time", pairs=15, least_us=90000, greatest_us=99000))
    sets.lacks(name, "error-rate", surface, row("login_time", error_ppm=1001))
    sets.lacks(name, "other-login", surface, row("login_time"), row("login_surface", **shell))


def proofs(sets):
    row = sets.row
    name = "1.6-old-session"
    declared = row("declared_proof")
    trials = [row("proof_trial"), row("proof_trial", proof="wrong"), row("proof_trial", proof="right", outcome="done")]
    # What was tried stands by itself, whatever was declared.
    sets.passes(name, "refused", declared, trials)
    sets.passes(name, "reset-refused", row("declared_proof", kind="reset"), row("proof_trial", kind="reset"),
                row("proof_trial", kind="reset", proof="wrong"))
    sets.breaks(name, "missing", declared, row("proof_trial", outcome="done"), trials[1:])
    sets.breaks(name, "wrong", declared, trials[0], row("proof_trial", proof="wrong", outcome="done"), trials[2])
    sets.breaks(name, "declared-without", declared, trials, row("declared_proof", call="reset", kind="reset", asked="no"))
    sets.lacks(name, "without-missing", declared, trials[1:])
    sets.lacks(name, "without-wrong", declared, trials[0], trials[2])
    sets.lacks(name, "without-control", declared, trials[:2])
    sets.lacks(name, "control-refused", declared, trials[:2], row("proof_trial", proof="right"))
    sets.lacks(name, "unclear", declared, trials, row("proof_trial", call="other", outcome="unknown"))
    sets.lacks(name, "not-tried", declared, trials, row("declared_proof", call="other"))


def restart(sets):
    row = sets.row
    name = "1.4-restart"
    surface, blocked = row("login_surface"), row("lockout_trial")
    # The trial after the restart says for itself that there was a block.
    loose = [*SURFACE_LOOSE, "login_surface.0.method", "login_surface.0.usable",
             *[f"lockout_trial.0.{word}" for word in ("block_ended", "right_refused", "counts")]]
    sets.passes(name, "held", surface, blocked, row("lockout_restart"), irrelevant=loose)
    sets.breaks(name, "cleared", surface, blocked, row("lockout_restart", held="no"))
    sets.lacks(name, "not-tried", surface, blocked)
    sets.lacks(name, "other-account", surface, blocked, row("lockout_restart", account="guard"))
    sets.lacks(name, "not-restarted", surface, blocked, row("lockout_restart", restarted="no", held="unknown"))
    sets.lacks(name, "run-out", surface, blocked, row("lockout_restart", held="unknown"))
    sets.lacks(name, "not-blocked", surface, blocked, row("lockout_restart", blocked="no", held="unknown"))
    sets.lacks(name, "other-login", surface, blocked, row("lockout_restart"),
               row("login_surface", subject="lan:tcp/22", method="ssh", path=""))


def first_use(sets):
    row = sets.row
    name = "1.1-first-use"
    before, after = row("first_use_trial"), row("first_use_trial", moment="after", outcome="granted")
    sets.passes(name, "refused", before, after)
    sets.breaks(name, "granted", row("first_use_trial", outcome="granted"), after)
    sets.lacks(name, "without-control", before)
    sets.lacks(name, "control-refused", before, row("first_use_trial", moment="after"))
    sets.lacks(name, "other-control", before, row("first_use_trial", target="/x", moment="after", outcome="granted"))
    sets.lacks(name, "unclear", before, after, row("first_use_trial", target="/x", outcome="unknown"))


def add(sets):
    answers(sets)
    proofs(sets)
    restart(sets)
    first_use(sets)
