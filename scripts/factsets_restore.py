"""Fact sets of 6.6-settings and 7.7-unsigned, called by factsets.py."""

WEB = "lan:tcp/443"

DEFAULTS = {
    "declared_settings": dict(subject=WEB, backup="file", shown="saved"),
    "settings_trial": dict(subject=WEB, mutation="flip", what="bit 0 of byte 40", outcome="refused", basis="read-back",
                           message="status 400", alive_after="yes", restored="not-needed", sha256="aa"),
    "declared_media": dict(subject="media", hook="yes", version_shown="yes"),
    "media_trial": dict(subject="media", image="newer", mutation="unsigned", covered="yes", what="no signature",
                        outcome="refused", basis="version", message="exit code 1", version_before="1.4.2",
                        version_after="1.4.2", alive_after="yes", restored="not-needed", sha256="aa", took_ms=900),
}


def settings(at):
    name = "6.6-settings"
    declared = at.row("declared_settings")
    control = at.row("settings_trial", mutation="genuine", outcome="accepted", basis="told")
    tried = [at.row("settings_trial"), at.row("settings_trial", mutation="truncated")]

    def quiet(count):
        return [f"settings_trial.{i}.{word}" for i in range(count) for word in ("basis", "restored")]
    at.passes(name, "refused", declared, control, tried, irrelevant=quiet(3))
    value = at.row("settings_trial", mutation="value")
    at.passes(name, "four", declared, control, tried, value, at.row("settings_trial", mutation="checksum-fixed"),
           irrelevant=[*quiet(5), "settings_trial.3", "settings_trial.4"])
    for mutation in ("flip", "truncated", "value", "checksum-fixed"):
        rest = [one for one in tried if one[1]["mutation"] != mutation]
        at.breaks(name, mutation, declared, control, rest,
                  at.row("settings_trial", mutation=mutation, outcome="accepted"))
    at.breaks(name, "dead", declared, control, tried, at.row("settings_trial", mutation="value", outcome="unknown",
                                                       alive_after="no"))
    at.lacks(name, "no-control", declared, tried)
    at.lacks(name, "control-refused", declared, at.row("settings_trial", mutation="genuine"), tried)
    at.lacks(name, "not-declared", at.row("declared_settings", subject="lan", backup="unknown", shown="unknown"))
    at.lacks(name, "unclear", declared, control, tried, at.row("settings_trial", mutation="value", outcome="unknown"))
    for index in range(2):
        at.lacks(name, f"without-{index}", declared, control, tried[:index], tried[index + 1:])


def media(at):
    name = "7.7-unsigned"
    declared = at.row("declared_media")
    control = at.row("media_trial", mutation="genuine", outcome="accepted", version_after="1.5.0", restored="yes")
    tried = [at.row("media_trial"), at.row("media_trial", mutation="foreign-key")]

    def still(count):
        return [*[f"media_trial.{i}.basis" for i in range(count)], "media_trial.0.covered",
                *[f"media_trial.{i}.restored" for i in range(1, count)]]
    at.passes(name, "refused", declared, control, tried, irrelevant=still(3))
    at.passes(name, "uncovered", declared, control, tried,
           at.row("media_trial", mutation="flip-signature", covered="no", outcome="accepted"),
           irrelevant=[*still(4), "media_trial.3"])
    for mutation in ("unsigned", "foreign-key", "flip-signature"):
        rest = [one for one in tried if one[1]["mutation"] != mutation]
        at.breaks(name, mutation, declared, control, rest,
               at.row("media_trial", mutation=mutation, outcome="accepted", version_after="1.5.0"))
    at.breaks(name, "dead", declared, control, tried,
           at.row("media_trial", mutation="flip-signature", outcome="unknown", alive_after="no"))
    at.lacks(name, "no-control", declared, tried)
    at.lacks(name, "control-refused", declared, at.row("media_trial", mutation="genuine"), tried)
    at.lacks(name, "not-put-back", declared, at.row("media_trial", mutation="genuine", outcome="accepted", restored="no"),
             tried)
    at.lacks(name, "no-hook", at.row("declared_media", hook="no"))
    at.lacks(name, "no-version", at.row("declared_media", version_shown="no"), control, tried)
    at.lacks(name, "unclear", declared, control, tried,
             at.row("media_trial", mutation="flip-signature", outcome="unknown"))
    at.lacks(name, "uncertain-cover", declared, control, tried,
          at.row("media_trial", mutation="flip-signature", covered="unknown", outcome="accepted"))
    for index in range(2):
        at.lacks(name, f"without-{index}", declared, control, tried[:index], tried[index + 1:])


def add(at):
    """add() writes the sets; `at` is factsets.py."""
    settings(at)
    media(at)
