"""How clients are held back that ask and prove nothing: one penalty an address, for all listeners that share it.

A *fault* is a request that was refused before it proved a secret, or that could not be read; a connection that ended before
anything was answered; and a TLS handshake that failed. Who made too many is held back: its requests are started one after
the other, each in its turn, and it is turned away while too many wait. A connection whose last request was no fault waits for
nobody, so customers behind the same address who keep their connections are served as ever. Others wait for their turn, which
comes sooner at an address that lately proved a secret.
"""

from collections.abc import Callable

from hongyan.http.address import address_block
from hongyan.http.connection_shares import KnownAddresses
from hongyan.http.penalty import Penalties

KNOWN_A_SECOND = 200
"""Requests a second of an address that is held back and lately proved a secret."""


def _ignore(_what: str) -> None:
    """Default of `count`."""


class Strangers:
    def __init__(
        self, clock: Callable[[], float], known: KnownAddresses | None = None, count: Callable[[str], None] = _ignore
    ) -> None:
        """clock: seconds of a clock that only moves forward
        known: addresses that lately proved a secret; None: there are none
        count: called with each fault: `refused`, `unreadable`, `connection`, `handshake` or `turned_away`
        """
        self._penalties = Penalties("address", clock)
        self._known, self._count = known or KnownAddresses(), count

    def turn_s(self, address: str) -> float:
        """Count a request, or a handshake, that may not be one more fault; returns for how many seconds it waits, inf if it is
        turned away.
        """
        if not self._penalties:
            return 0.0
        penalty = self._penalties.find(address_block(address))
        return 0.0 if penalty is None else penalty.turn_s(self._rate(address))

    def admits(self, address: str) -> bool:
        """Returns whether another connection of this address may come: not while too many requests of it wait."""
        penalty = self._penalties.find(address_block(address))
        if penalty is None or penalty.has_room(self._rate(address)):
            return True
        self.note_fault(address, "turned_away")
        return False

    def note_fault(self, address: str, what: str) -> None:
        """Count a fault. address: "" for a client that nobody knows, behind a proxy of ours"""
        self._count(what)
        if address:
            block = address_block(address)
            self._penalties.of(block, block).charge(0, 1, self._rate(address))

    def held(self) -> list[str]:
        """Returns the addresses that are held back now."""
        return self._penalties.held()

    def _rate(self, address: str) -> float:
        return KNOWN_A_SECOND if address in self._known else 0.0
