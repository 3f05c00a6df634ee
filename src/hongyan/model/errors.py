"""Errors that refuse what an operator does or asks, each with a sentence for people.

The sentence is English with gaps, `there is no channel {name}`, and the facts that fill them. It is translated where it is
printed. Requests of customers are refused by a `Refusal` instead, which has the codes of the wire.
"""

from typing import ClassVar, LiteralString

from hongyan.model.sentence import fill_gaps

VALUE_MOST = 80
"""The most characters of a refused value that an error shows."""


class AdminError(Exception):
    """A sentence, a cure, and the facts that fill their gaps: numbers and names, never a secret, text or phone.

    str() is the English sentence.
    code: for programs, in the answers of the admin API
    """

    code: ClassVar[str] = "internal"

    def __init__(self, sentence: LiteralString, cure: LiteralString = "", **facts: object) -> None:
        super().__init__(fill_gaps(sentence, facts))
        self.sentence, self.cure, self.facts = sentence, cure, facts


class NotFound(AdminError):
    """The thing does not exist; the sentence names it."""

    code = "not_found"


class Conflict(AdminError):
    """The name is taken, or two things conflict; the sentence says which."""

    code = "conflict"


class Forbidden(AdminError):
    """A rule forbids it; the sentence names the rule, with both numbers."""

    code = "forbidden"


class Invalid(AdminError):
    """The value is not allowed; the sentence says why."""

    code = "invalid"
