"""The last octets of a link, in both directions: bounded, in memory only, shown to people with phones masked and texts left
out.
"""

from collections import deque

from hongyan.ports.clock import Clock
from hongyan.wire.describe import Described, Reader
from hongyan.wire.state import ProtocolState

OCTETS_MOST = 128 * 1024


PIECE_OCTETS = 128
"""What a piece costs besides its octets, so that a peer that writes single octets fills no more memory than others."""

Piece = tuple[int, int, ProtocolState, bool, bytes, bool]
"""One read or one write: when (ms), of which connection, its state, whether it was sent, its octets, and whether they begin a PDU."""


class Recorder:
    def __init__(self, clock: Clock, most_octets: int = OCTETS_MOST) -> None:
        self._clock = clock
        self._most = most_octets
        self._pieces: deque[Piece] = deque()
        self._size = 0

    def note(self, connection: int, protocol_state: ProtocolState, is_out: bool, octets: bytes, is_whole: bool) -> None:
        self._pieces.append((self._clock(), connection, protocol_state, is_out, octets, is_whole))
        self._size += len(octets) + PIECE_OCTETS
        while self._size > self._most:
            self._size -= len(self._pieces.popleft()[4]) + PIECE_OCTETS

    def pdus(self, *, clear: bool = False) -> list[Described]:
        """Returns the PDUs in order of time, each with `at_ms`, `connection` and `way` (out, in); read in the version that its
        connection speaks.

        clear: phones and texts in clear, with the octets of each PDU
        """
        readers: dict[tuple[int, bool], Reader] = {}
        pdus: list[Described] = []
        for at_ms, connection, protocol_state, is_out, octets, is_whole in self._pieces:
            key = (connection, is_out)
            if key not in readers and not is_whole:
                continue  # the beginning of its PDU is forgotten already
            reader = readers.setdefault(key, Reader(protocol_state, clear=clear, with_octets=clear))
            where = {"at_ms": at_ms, "connection": connection, "way": "out" if is_out else "in"}
            pdus += [where | pdu for pdu in reader.feed(octets)]
        return pdus
