"""Why a session ended: an English text that keeps the sentence and the facts of which it was made."""

from typing import LiteralString, Self


class SessionTrouble(str):
    """A str in English. Whoever shows it to people may translate its sentence."""

    __slots__ = ("facts", "sentence")
    sentence: str
    facts: dict[str, object]

    def __new__(cls, sentence: LiteralString, **facts: object) -> Self:
        made = super().__new__(cls, sentence.format_map(facts))
        made.sentence, made.facts = sentence, facts
        return made
