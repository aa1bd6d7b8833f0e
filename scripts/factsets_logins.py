"""Fact sets of what logins give away and ask for; scripts/factsets.py writes them."""

WEB = "lan:tcp/443"
DEFAULTS = {
    "login_answer": dict(subject=WEB, method="http-json", path="/login", aspect="text", alike="yes", known="wrong",
                         unfamiliar="wrong", pairs=16),
    "login_time": dict(subject=WEB, method="http-json", path="/login", error_ppm=1000, pairs=16, known_us=3000,
                       unfamiliar_us=3100, difference_us=-100, least_us=0, greatest_us=900),
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


def add(sets):
    answers(sets)
