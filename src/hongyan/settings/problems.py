"""Problems of settings, for people."""

from collections.abc import Mapping
from dataclasses import dataclass

from hongyan.i18n import N_, in_language


@dataclass(frozen=True, slots=True)
class Sentence:
    """English with gaps, and the facts for them, of which some are such sentences themselves."""

    english: str
    facts: Mapping[str, object]

    def __str__(self) -> str:
        return in_language("en", self.english, **self.facts)


class SettingsInvalid(Exception):
    """The settings are wrong: one line for each problem, with its place and what is wanted."""

    def __init__(self, problems: list[Sentence]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


class Expected(ValueError):
    """A value that is not allowed: what would be allowed, as a sentence with gaps, and the value, unless it is a secret."""

    def __init__(self, wanted: str, seen: str | None = None, **facts: object) -> None:
        super().__init__(in_language("en", wanted, **facts))
        self.problem, self.seen = Sentence(wanted, facts), seen


IS_WANTED = N_("{where}: {key} is {seen}; wanted: {wanted}")


def not_allowed(key: str, wanted: Expected, where: "Sentence | str" = "settings") -> Sentence:
    return Sentence(IS_WANTED, {"where": where, "key": key, "seen": shown(wanted.seen), "wanted": wanted.problem})


def shown(seen: object) -> str:
    return "***" if seen is None else repr(seen)
