"""How long secrets of an address are refused that guesses: each further wrong secret doubles the pause.

A guess is a secret that was not tried before. A program that goes on with an old secret has guessed once, however often it
asks. Guesses are forgotten an hour after the last one.
"""

from dataclasses import dataclass

FORGOTTEN_MS = 3_600_000

_REMEMBERED = 8  # hashes of the last wrong secrets


@dataclass(frozen=True, slots=True)
class GuessLimits:
    """How many guesses are free, and how long the pause grows: a second, two, four …"""

    free: int
    pause_most_ms: int


@dataclass(frozen=True, slots=True)
class WrongSecrets:
    """The wrong secrets of one address, at one account, or of one address at one account."""

    count: int
    last_ms: int
    seen: tuple[int, ...]


def after_wrong(tries: WrongSecrets | None, guess: int, now_ms: int) -> WrongSecrets:
    """Returns the guesses after one more wrong secret of this hash."""
    if tries is None or now_ms - tries.last_ms > FORGOTTEN_MS:
        return WrongSecrets(1, now_ms, (guess,))
    if guess in tries.seen:
        return tries
    return WrongSecrets(tries.count + 1, now_ms, (*tries.seen, guess)[-_REMEMBERED:])


def pause_ms(tries: WrongSecrets | None, limits: GuessLimits, now_ms: int) -> int:
    """Returns for how long secrets are refused unread from now on; 0 if they are not."""
    if tries is None or tries.count <= limits.free:
        return 0
    doublings = min(tries.count - limits.free - 1, 30)
    pause = min(1000 << doublings, limits.pause_most_ms)
    return max(tries.last_ms + pause - now_ms, 0)
