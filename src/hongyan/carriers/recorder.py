"""The last octets of a link, both ways: bounded, in memory only, told to people with phones masked and texts left out."""

from collections import deque
from dataclasses import dataclass

from hongyan.ports import Clock
from hongyan.wire.describe import PROTOCOLS, Described, Reader

OCTETS_MOST = 128 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """One read or one write."""

    at_ms: int
    connection: int
    is_out: bool
    octets: bytes
    is_whole: bool  # its first octet begins a PDU


class Recorder:
    def __init__(self, clock: Clock, most_octets: int = OCTETS_MOST) -> None:
        self._clock = clock
        self._most = most_octets
        self._pieces: deque[Piece] = deque()
        self._size = 0

    def note(self, connection: int, is_out: bool, octets: bytes, is_whole: bool) -> None:
        self._pieces.append(Piece(self._clock(), connection, is_out, octets, is_whole))
        self._size += len(octets)
        while self._size > self._most:
            self._size -= len(self._pieces.popleft().octets)

    def told(self, protocol: str) -> list[Described]:
        """The PDUs in order of time, each with `at_ms`, `connection` and `way` (out, in); none of a protocol without PDUs."""
        if protocol not in PROTOCOLS:
            return []
        readers: dict[tuple[int, bool], Reader] = {}
        told: list[Described] = []
        for piece in self._pieces:
            key = (piece.connection, piece.is_out)
            if key not in readers and not piece.is_whole:
                continue  # what it belongs to is forgotten already
            reader = readers.setdefault(key, Reader(protocol))
            where = {"at_ms": piece.at_ms, "connection": piece.connection, "way": "out" if piece.is_out else "in"}
            told += [where | pdu for pdu in reader.feed(piece.octets)]
        return told
