"""Why an operator's act or question cannot be granted: an error with a sentence for a person.

The sentence is English with gaps, `there is no channel {name}`, and the facts that fill them. It is translated where it is
printed. Requests of customers are refused by a `Refusal` instead, which has codes of the wire.
"""

from typing import ClassVar, LiteralString


class AdminError(Exception):
    """A sentence, what to do now, and their facts (numbers and names, never a secret, text or phone); str() is the English of it.

    code: for programs, in the answers of the admin API
    """

    code: ClassVar[str] = "internal"

    def __init__(self, sentence: LiteralString, cure: LiteralString = "", **facts: object) -> None:
        super().__init__(sentence.format_map(facts))
        self.sentence, self.cure, self.facts = sentence, cure, facts


class NotFound(AdminError):
    """There is no such thing; the sentence names it."""

    code = "not_found"


class Conflict(AdminError):
    """The name is taken, or two things do not go together; the sentence says by what."""

    code = "conflict"


class Forbidden(AdminError):
    """A rule stands against it; the sentence says which, with both numbers."""

    code = "forbidden"


class Invalid(AdminError):
    """The value cannot be taken; the sentence says why."""

    code = "invalid"
