"""Frames: how a stream of octets becomes protocol messages. CMPP heads have 12 octets, SMPP heads 16, SGIP heads 20.

A stream is in step as long as every length is plausible. After a wrong length nothing can be trusted, so the framer raises and
cannot be used further. A message whose inside is wrong (`BadPdu`) leaves the stream in step.
"""

from collections.abc import Iterator
from struct import Struct

from hongyan.wire.session_trouble import SessionTrouble

_LENGTH = Struct(">I")
_NARROW = Struct(">III")  # length, command, sequence: CMPP
_WIDE = Struct(">IIII")  # length, command, status, sequence: SMPP
_LONG = Struct(">IIIQ")  # length, command, sequence of twelve octets in two pieces: SGIP
_HEADS = {shape.size: shape for shape in (_NARROW, _WIDE, _LONG)}

Frame = tuple[int, int, int, bytes]
"""Command, status (0 if the head has none), sequence, body."""


def octets_of(frame: Frame, head_octets: int) -> bytes:
    """Returns a frame as it stood in the stream."""
    command, status, seq, body = frame
    shape, length = _HEADS[head_octets], head_octets + len(body)
    if shape is _WIDE:
        return shape.pack(length, command, status, seq) + body
    if shape is _LONG:
        return shape.pack(length, command, seq >> 64, seq & 0xFFFF_FFFF_FFFF_FFFF) + body
    return shape.pack(length, command, seq) + body


class FrameBroken(Exception):
    """The stream is out of step: a length is impossible. The connection has to be closed."""

    def __init__(self, octets: int) -> None:
        self.what = SessionTrouble("a frame of {octets} octets", octets=octets)
        super().__init__(self.what)


class BadPdu(Exception):
    """A message whose head is valid and whose body cannot be read or written; the session goes on."""

    def __init__(self, name: str, seq: int, why: str) -> None:
        super().__init__(f"{name} {seq}: {why}")
        self.name = name
        self.seq = seq


class Framer:
    """Cuts a stream into frames. Every octet is copied at most twice, however small the reads are."""

    __slots__ = ("_head", "_need", "_rest", "most")

    def __init__(self, head_octets: int, most_octets: int) -> None:
        """head_octets: 12, 16 or 20; most_octets: the longest frame that is accepted, head included"""
        self._head = _HEADS[head_octets]
        self.most = most_octets
        self._rest = bytearray()
        self._need = _LENGTH.size  # octets that `_rest` must have before it is looked at again

    @property
    def is_between(self) -> bool:
        """Returns whether the next octet begins a frame."""
        return not self._rest

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yields the frames that these octets complete. The caller must run it to its end.

        raises: FrameBroken after the last valid frame
        """
        if self._rest:
            self._rest += data
            if len(self._rest) < self._need:
                return iter(())
            data = bytes(self._rest)
            self._rest.clear()
        return self._cut(data)

    def _cut(self, data: bytes) -> Iterator[Frame]:
        head, size = self._head, len(data)
        least, is_wide, is_long, unpack = head.size, head is _WIDE, head is _LONG, head.unpack_from
        at = 0
        while at + least <= size:
            if is_wide:
                length, command, status, seq = unpack(data, at)
            elif is_long:
                length, command, node, seq = unpack(data, at)
                seq |= node << 64
                status = 0
            else:
                length, command, seq = unpack(data, at)
                status = 0
            if length < least or length > self.most:
                raise FrameBroken(length)
            end = at + length
            if end > size:
                break
            yield command, status, seq, data[at + least : end]
            at = end
        if at < size:
            self._keep(data, at)

    def _keep(self, data: bytes, at: int) -> None:
        """Keep an incomplete frame. Its length is checked as soon as it has come, not when the head is complete."""
        self._rest = bytearray(data[at:])
        self._need = _LENGTH.size
        if len(self._rest) < _LENGTH.size:
            return
        (length,) = _LENGTH.unpack_from(self._rest)
        if not self._head.size <= length <= self.most:
            raise FrameBroken(length)
        self._need = length
