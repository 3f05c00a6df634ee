"""Wrong and right secrets, counted by two processes together: each counts its own, sends them to the other, and counts what
that sends.
"""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any

from hongyan.ports.guard import Whose
from hongyan.services.guessing import Guesses

Guess = tuple[Whose | None, str, str, bool]
"""The owner of the secret, the address, what was tried ('' if it was right), and whether the address is trusted."""


class SharedGuesses:
    """Implements ports.Guard over the guesses of this process."""

    def __init__(self, guesses: Guesses, notify: Callable[[Guess], None]) -> None:
        self._guesses, self._notify = guesses, notify

    def check(self, whose: Whose | None, address: str, *, is_trusted: bool) -> None:
        self._guesses.check(whose, address, is_trusted=is_trusted)

    def right(self, whose: Whose, address: str) -> None:
        if not self._guesses.knows(whose, address):
            self._guesses.right(whose, address)
            self._notify((whose, address, "", False))

    def wrong(self, whose: Whose | None, address: str, guess: str, *, is_trusted: bool) -> None:
        tried = blake2b(
            guess.encode("utf-8", "surrogatepass"), digest_size=16
        ).hexdigest()  # secrets, even wrong ones, stay here
        self._guesses.wrong(whose, address, tried, is_trusted=is_trusted)
        self._notify((whose, address, tried, is_trusted))

    def count_remote(self, guess: Guess) -> None:
        """Count a guess of the other process."""
        whose, address, tried, is_trusted = guess
        if tried:
            self._guesses.wrong(whose, address, tried, is_trusted=is_trusted)
        elif whose is not None:
            self._guesses.right(whose, address)


def guess_of(fields: Sequence[Any]) -> Guess:
    """Returns a guess from the other process: JSON has lists instead of tuples."""
    whose, address, tried, is_trusted = fields
    return tuple(whose) if isinstance(whose, list) else whose, address, tried, is_trusted
