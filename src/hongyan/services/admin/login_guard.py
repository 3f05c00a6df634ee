"""Slows those who try passwords of staff. Wrong tries are remembered over restarts, and few passwords are checked at a time.

Passwords are checked one at a time, since each costs 20 ms of a core. So that a flood does not keep others waiting, each
address has few places in the queue, and all addresses that never logged in share some places. A caller without a place is asked
to come back.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from zlib import crc32

from hongyan.model.act import Act
from hongyan.model.refusal import Code, Refusal
from hongyan.policy.guessing import FORGOTTEN_MS, WrongSecrets
from hongyan.ports.admin import AdminStore
from hongyan.ports.clock import Clock
from hongyan.ports.guard import Whose
from hongyan.ports.tx.config import ConfigTx
from hongyan.ports.tx.shared import ConfigRowsTx
from hongyan.services.guessing import Guesses

PLACES_OF_ADDRESS, PLACES = 2, 16
"""How many tries may wait at once: of one address, and of all."""

STORED_FROM = 3
"""Fewer wrong tries of one kind are not stored, since they slow nobody."""

STORED_MOST = 1_000
"""Rows of stored tries; the oldest are dropped."""


class LoginGuard:
    def __init__(self, clock: Clock, address_block: Callable[[str], str]) -> None:
        self._guesses, self._address_block = Guesses(clock, address_block), address_block
        self._turn, self._loading = asyncio.Lock(), asyncio.Lock()
        self._waiting: Counter[str] = Counter()
        self._is_loaded = False

    @asynccontextmanager
    async def turn(self, whose: Whose, address: str, admin: AdminStore) -> AsyncIterator[None]:
        """Wait until a password may be checked. raises: Refusal LOGIN_SLOWED"""
        await self._load(admin)
        self._guesses.check(whose, address, is_trusted=False)
        block = self._address_block(address)
        is_full = self._waiting.total() >= PLACES and not self._guesses.knows(whose, address)
        if is_full or self._waiting[block] >= PLACES_OF_ADDRESS:
            raise Refusal(Code.LOGIN_SLOWED, seconds=1)
        self._waiting[block] += 1
        try:
            async with self._turn:
                self._guesses.check(whose, address, is_trusted=False)  # the tries before this one may have been wrong
                yield
        finally:
            self._waiting[block] -= 1
            self._waiting += Counter()  # drops addresses with a count of 0

    def right(self, whose: Whose, address: str) -> None:
        self._guesses.right(whose, address)

    async def wrong(self, whose: Whose, address: str, guess: str, admin: AdminStore) -> None:
        self._guesses.wrong(whose, address, guess, is_trusted=False)
        kept = {key: one for key, one in self._guesses.tries_of(whose, address).items() if one.count >= STORED_FROM}
        if kept:
            await admin.change(_store, kept)

    async def _load(self, admin: AdminStore) -> None:
        """Load the stored tries, and the addresses from which staff are logged in, when the process starts."""
        async with self._loading:
            if self._is_loaded:
                return
            rows, sessions = await admin.read(_stored)
            for name, address in sessions:
                self._guesses.right(owner_named(name), address)
            for key, tries in rows.items():
                self._guesses.restore(key, tries)
            self._is_loaded = True


def owner_named(name: str) -> Whose:
    """Returns the key of the person who has this name. Unknown names are counted together."""
    return "staff", crc32(name.encode("utf-8", "replace"))


def _stored(tx: ConfigRowsTx) -> tuple[dict[str, WrongSecrets], list[tuple[str, str]]]:
    names = {row["id"]: row["name"] for row in tx.rows_of("staff")}
    tries = {row["key"]: WrongSecrets(row["count"], row["last_ms"], ()) for row in tx.rows_of("login_tries")}
    return tries, [(names[row["staff_id"]], row["address"]) for row in tx.rows_of("session")]


def _store(tx: ConfigTx, act: Act, kept: dict[str, WrongSecrets]) -> None:
    rows = sorted(tx.rows_of("login_tries"), key=lambda row: int(row["last_ms"]))
    over = [row["key"] for row in rows if act.now_ms - row["last_ms"] > FORGOTTEN_MS]
    for key in {*over, *(row["key"] for row in rows[: max(0, len(rows) - STORED_MOST)]), *kept}:
        tx.drop_row("login_tries", key)
    for key, tries in kept.items():
        tx.add_row("login_tries", key=key, count=tries.count, last_ms=tries.last_ms)
