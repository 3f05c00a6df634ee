"""What the codecs of CMPP and SMGP share: a head of three numbers, a table of readers, a table of writers.

A reader takes the sequence, the body and the version. A writer takes the PDU and the version and returns the body.
"""

import struct
from collections.abc import Callable, Mapping
from enum import IntEnum
from struct import Struct
from typing import Any, TypeVar

from hongyan.wire.frame import BadPdu

HEAD = Struct(">III")
"""Total length, command, sequence."""

Pdu = TypeVar("Pdu")
Version = TypeVar("Version")


def decoder(
    readers: Mapping[int, Callable[[int, bytes, Version], Pdu]], commands: type[IntEnum]
) -> Callable[[int, int, bytes, Version], Pdu]:
    """Returns a function that reads what follows a head: it takes command, sequence, body and version.

    It raises BadPdu for a body that is too short for its fields, and for a command without a reader.
    """

    def decode(command: int, seq: int, body: bytes, version: Version) -> Pdu:
        reader = readers.get(command)
        if reader is None:
            raise BadPdu(f"command {command:#010x}", seq, "unknown")
        try:
            return reader(seq, body, version)
        except struct.error as short:
            raise BadPdu(commands(command).name, seq, f"{len(body)} octets of body: {short}") from None

    return decode


def encoder(
    writers: Mapping[type, tuple[int | None, Callable[[Any, Version], bytes]]],
) -> Callable[[Any, Version], bytes]:
    """Returns a function that writes one message, head included. It raises BadPdu for a value that its field cannot hold.

    writers: the command and the writer of each PDU; None if the PDU has its command itself
    """

    def encode(pdu: Any, version: Version) -> bytes:
        command, write = writers[type(pdu)]
        try:
            body = write(pdu, version)
            return HEAD.pack(HEAD.size + len(body), pdu.command if command is None else command, pdu.seq) + body
        except (struct.error, ValueError) as unfit:
            raise BadPdu(type(pdu).__name__, pdu.seq, str(unfit)) from None

    return encode


def content_at(name: str, seq: int, body: bytes, at: int, reserve: int) -> tuple[bytes, bytes, int]:
    """Returns content whose length octet is at `at`, the reserve behind it without its padding, and where that ends.

    reserve: octets
    raises:  BadPdu for content that ends beyond the body
    """
    start, end = at + 1, at + 1 + body[at]
    if end > len(body):
        raise BadPdu(name, seq, f"content of {body[at]} octets announced, {len(body) - start} there")
    return body[start:end], body[end : end + reserve].rstrip(b"\0"), end + reserve
