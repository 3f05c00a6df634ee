"""What the status means with which a carrier refuses a login, for people.

source: CMPP 3.0, 7.4.1.2; SGIP 1.2, the table of results, and 1.3; SMGP 3.0, the table of statuses; SMPP 3.4, 5.1.3
"""

from collections.abc import Mapping

from hongyan.model.protocol import Protocol
from hongyan.model.translatable import Translatable

_UNREAD = Translatable("the carrier could not read it")
_BUSY = Translatable("the carrier is busy")
_NAME = Translatable("the name is unknown")
_NAME_OR_ADDRESS = Translatable("the name is unknown, or our address may not connect")
_ADDRESS = Translatable("our address may not connect")
_SECRET = Translatable("the secret is wrong")
_NAME_OR_SECRET = Translatable("name or secret is wrong")
_VERSION = Translatable("the carrier does not speak this version")
_CONNECTIONS = Translatable("there are too many connections")
_AGAIN = Translatable("we are logged in already")
_OFTEN = Translatable("the logins come too often")
_TYPE = Translatable("this type of login is not allowed")

_CMPP = {1: _UNREAD, 2: _NAME_OR_ADDRESS, 3: _SECRET, 4: _VERSION}
_MEANINGS: Mapping[Protocol, Mapping[int, Translatable]] = {
    Protocol.CMPP2: _CMPP,
    Protocol.CMPP3: _CMPP,
    Protocol.SGIP: {1: _NAME_OR_SECRET, 2: _AGAIN, 3: _CONNECTIONS, 4: _TYPE, 5: _UNREAD, 11: _BUSY, 34: _OFTEN},
    Protocol.SMGP: {1: _BUSY, 2: _CONNECTIONS, 10: _UNREAD, 20: _ADDRESS, 21: _NAME_OR_SECRET, 22: _VERSION},
    Protocol.SMPP: {
        0x02: _UNREAD,
        0x05: _AGAIN,
        0x08: _BUSY,
        0x0D: Translatable("name, address or number of connections is not allowed"),
        0x0E: _SECRET,
        0x0F: _NAME,
        0x14: _BUSY,
        0x53: Translatable("the system_type is wrong"),
        0x58: _OFTEN,
    },
}


def refusal_of(protocol: Protocol, status: int) -> str:
    """Returns a status as the protocol's people write it, and what it means if that is defined."""
    written = f"0x{status:02X}" if protocol is Protocol.SMPP else str(status)
    meaning = _MEANINGS.get(protocol, {}).get(status)
    return Translatable("{status} ({meaning})", status=written, meaning=meaning) if meaning else written
