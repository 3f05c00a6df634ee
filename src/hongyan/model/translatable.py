"""Texts that are English for the log and for programs, and are translated for people: what went wrong on a link or with a push, and why."""

from typing import Any, LiteralString, Self

import orjson

from hongyan.model.sentence import fill_gaps

AS_IT_IS = "{text}"
"""The sentence around words that are not ours, such as a carrier's."""

Part = tuple[str, dict[str, Any]]
"""A sentence with gaps, and its facts; a fact may be such a text itself."""


class Translatable(str):
    """A str in English. `parts` are the sentence and the facts that it was made of."""

    __slots__ = ("parts",)
    parts: tuple[Part, ...]

    def __new__(cls, sentence: LiteralString, **facts: object) -> Self:
        return cls.of_parts(((sentence, facts),))

    @classmethod
    def of_parts(cls, parts: tuple[Part, ...]) -> Self:
        made = super().__new__(cls, "; ".join(fill_gaps(sentence, facts) for sentence, facts in parts))
        made.parts = parts
        return made

    @classmethod
    def of(cls, text: str | Exception) -> str:
        """Returns as one of ours what another room says, or raises, with a `sentence` and its `facts`; any other text as it is."""
        sentence, facts = getattr(text, "sentence", None), getattr(text, "facts", {})
        if sentence is None:
            return text if isinstance(text, str) else str(text)
        return cls.of_parts(
            ((sentence, {name: cls.of(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}),)
        )

    @classmethod
    def joined(cls, *texts: str) -> str:
        """Join several into one; empty ones are left out, and equal ones stand once."""
        different = list(dict.fromkeys(one for one in texts if one))
        if len(different) < 2:
            return different[0] if different else ""
        return cls.of_parts(tuple(part for one in different for part in _parts(one)))


def packed(text: str) -> str:
    """Returns a text as it is stored; "" for none."""
    return orjson.dumps(_plain(text)).decode() if text else ""


def unpacked(text: str) -> str:
    """Read what `packed` stored. A text that an earlier release stored is returned as it is."""
    return _read(orjson.loads(text)) if text.startswith('[["') else text


def _parts(text: str) -> tuple[Part, ...]:
    return text.parts if isinstance(text, Translatable) else ((AS_IT_IS, {"text": text}),)


def _plain(text: str) -> list[Any]:
    return [
        [sentence, {name: _plain(fact) if isinstance(fact, Translatable) else str(fact) for name, fact in facts.items()}]
        for sentence, facts in _parts(text)
    ]


def _read(stored: list[Any]) -> str:
    parts = [
        (sentence, {name: _read(fact) if isinstance(fact, list) else fact for name, fact in facts.items()})
        for sentence, facts in stored
    ]
    return Translatable.of_parts(tuple(parts))
