"""Why a change of configuration, or a question about it, cannot be: a sentence for a person.

The sentence is English with gaps, `there is no channel {name}`, and the facts that fill them; it is translated where it is
printed. Requests of customers are refused by a `Refusal` instead, which has codes of the wire.
"""

from typing import ClassVar, LiteralString


class Told(Exception):
    """A sentence, what to do now, and their facts (numbers and names, never a secret, text or phone); str() is the English of it.

    code: for programs, in the answers of the admin API
    """

    code: ClassVar[str] = "internal"

    def __init__(self, sentence: LiteralString, cure: LiteralString = "", **facts: object) -> None:
        super().__init__(sentence.format_map(facts))
        self.sentence, self.cure, self.facts = sentence, cure, facts


class Missing(Told):
    """There is no such thing; the sentence names it."""

    code = "missing"


class Conflict(Told):
    """The name is taken, or two things do not go together; the sentence says by what."""

    code = "conflict"


class Forbidden(Told):
    """A rule stands against it; the sentence says which, with both numbers."""

    code = "forbidden"


class Unfit(Told):
    """What was given cannot be such a thing; the sentence says why."""

    code = "unfit"
