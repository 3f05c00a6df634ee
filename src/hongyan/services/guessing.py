"""Guesses of secrets, remembered in this process: wrong ones by address, by account, and by both; right ones by both.

If a request names no account, as at the encrypted and some signed doors, its customer stands for the account. Strangers who
guess must not lock a customer out. So an address that lately proved an account's secret, or stands in its address list, is
judged only by its own tries at that account. Every table is bounded, and drops its oldest entries. An account that does not
exist has no entry, so nobody can fill the tables with invented names. An IPv6 address counts as its /64, since one host has
all of that.
"""

from collections.abc import Callable, Hashable, Sequence
from secrets import token_hex
from typing import Generic, TypeVar

from hongyan.model.refusal import Code, Refusal
from hongyan.policy.guessing import GuessLimits, WrongSecrets, after_wrong, pause_ms
from hongyan.ports.clock import Clock
from hongyan.ports.guard import Whose

SECOND_MS, MINUTE_MS = 1_000, 60_000

STRANGER = GuessLimits(free=5, pause_most_ms=15 * MINUTE_MS)
"""Limits of an address at an account, or at a customer if requests name no account."""

KNOWN = GuessLimits(free=20, pause_most_ms=30 * SECOND_MS)
"""Limits of an address that has proved the secret of the account before."""

ADDRESS = GuessLimits(free=20, pause_most_ms=15 * MINUTE_MS)
"""Limits of an address over all that it tries."""

OWNER = GuessLimits(free=50, pause_most_ms=5 * MINUTE_MS)
"""Limits of an account or a customer over all addresses, except those that proved its secret."""

KNOWN_MOST = 16
"""The most addresses at which an account or a customer is known."""

TRIES_MOST = 20_000
"""The most tries of each kind that are remembered; about 300 octets each."""

Key = TypeVar("Key", bound=Hashable)


class _Table(Generic[Key]):
    """Tries by key. The key that was tried longest ago is dropped first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._tries: dict[Key, WrongSecrets] = {}

    def __len__(self) -> int:
        return len(self._tries)

    def wrong(self, key: Key, guess: int, now_ms: int) -> None:
        self._tries[key] = after_wrong(self._tries.pop(key, None), guess, now_ms)
        if len(self._tries) > self._most:
            self._tries.pop(next(iter(self._tries)), None)

    def pause_ms(self, key: Key, limits: GuessLimits, now_ms: int) -> int:
        return pause_ms(self._tries.get(key), limits, now_ms)

    def get(self, key: Key) -> WrongSecrets | None:
        return self._tries.get(key)

    def put(self, key: Key, tries: WrongSecrets) -> None:
        self._tries[key] = tries


class Guesses:
    """Implements ports.Guard."""

    def __init__(
        self,
        clock: Clock,
        address_block: Callable[[str], str],
        most: int = TRIES_MOST,
        on_proved: Callable[[str], None] = lambda _: None,
    ) -> None:
        """address_block: returns the addresses that count as one host
        on_proved:     called with an address that proved a secret for the first time
        """
        self._clock, self._address_block, self._on_proved = clock, address_block, on_proved
        self._pairs: _Table[tuple[Whose, str]] = _Table(most)
        self._addresses: _Table[str] = _Table(most)
        self._owners: _Table[Whose] = _Table(most)
        self._known: dict[Whose, dict[str, None]] = {}  # owner → addresses, for owners that have proved themselves

    def check(self, whose: Whose | None, address: str, *, is_trusted: bool) -> None:
        if self._addresses:  # as long as nobody guessed there is nothing to look up
            pause = self._pause_ms(whose, self._address_block(address), is_trusted=is_trusted)
            if pause:
                raise Refusal(Code.LOGIN_SLOWED, seconds=-(-pause // SECOND_MS))

    def right(self, whose: Whose, address: str) -> None:
        block = self._address_block(address)
        if block not in self._known.get(whose, ()):
            self._remember(whose, block)

    def wrong(self, whose: Whose | None, address: str, guess: str, *, is_trusted: bool) -> None:
        block, now_ms = self._address_block(address), self._clock()
        secret = hash((whose, guess))
        self._addresses.wrong(block, secret, now_ms)
        if whose is not None:
            self._pairs.wrong((whose, block), secret, now_ms)
            if not is_trusted and block not in self._known.get(whose, ()):
                self._owners.wrong(whose, secret, now_ms)

    def knows(self, whose: Whose, address: str) -> bool:
        """Returns whether this secret was proved from this address."""
        return self._address_block(address) in self._known.get(whose, ())

    def tries_of(self, whose: Whose, address: str) -> dict[str, WrongSecrets]:
        """Returns what is remembered of an address and of its owner, by a key that `restore` reads."""
        block = self._address_block(address)
        found = {
            f"address||{block}": self._addresses.get(block),
            f"pair|{_written(whose)}|{block}": self._pairs.get((whose, block)),
            f"owner|{_written(whose)}|": self._owners.get(whose),
        }
        return {key: tries for key, tries in found.items() if tries is not None}

    def restore(self, key: str, tries: WrongSecrets) -> None:
        """Remember what another process, or this one before a restart, has seen."""
        kind, owner, block = key.split("|")
        if kind == "address":
            self._addresses.put(block, tries)
        elif kind == "pair":
            self._pairs.put((_read(owner), block), tries)
        else:
            self._owners.put(_read(owner), tries)

    def _pause_ms(self, whose: Whose | None, block: str, *, is_trusted: bool) -> int:
        now_ms = self._clock()
        if whose is None:
            return self._addresses.pause_ms(block, ADDRESS, now_ms)
        if is_trusted or block in self._known.get(whose, ()):
            return self._pairs.pause_ms((whose, block), KNOWN, now_ms)
        return max(
            self._pairs.pause_ms((whose, block), STRANGER, now_ms),
            self._addresses.pause_ms(block, ADDRESS, now_ms),
            self._owners.pause_ms(whose, OWNER, now_ms),
        )

    def _remember(self, whose: Whose, block: str) -> None:
        known = self._known.setdefault(whose, {})
        known[block] = None
        self._on_proved(block)
        if len(known) > KNOWN_MOST:
            known.pop(next(iter(known)), None)


_NOBODYS = token_hex(16)


def guess_of(proof: str, former: Sequence[str], is_made_with: Callable[[str], bool]) -> str:
    """Returns the secret with which a wrong proof was made, if it is a former one; else the proof itself.

    A proof with a time stamp in it differs each time. Every former secret is tried; if there is none, one that nobody has. So the
    time that this takes shows neither which one it was nor whether there is one.
    """
    found = [plain for plain in former or (_NOBODYS,) if is_made_with(plain)]
    return found[0] if found else proof


def _written(whose: Whose) -> str:
    return f"{whose[0]}:{whose[1]}" if isinstance(whose, tuple) else str(whose)


def _read(owner: str) -> Whose:
    kind, mark, number = owner.partition(":")
    return (kind, int(number)) if mark else int(kind)
