"""CMPP's login digests, and the name a gateway assigns to a message."""

from dataclasses import dataclass
from hmac import compare_digest

from hongyan.wire.cmpp.pdu import Connect, ConnectResp, Version
from hongyan.wire.login_digest import answer_digest, is_login_digest, login_digest

_ZEROS = 9
NAME_OCTETS = 6
OK, BAD_SOURCE, BAD_SECRET, VERSION_HIGH, OTHER = 0, 2, 3, 4, 5
"""Statuses of CONNECT_RESP (CMPP 3.0, 7.4.1.2)."""


def digest_source(source_addr: str, secret: str, timestamp: int) -> bytes:
    """Returns AuthenticatorSource."""
    return login_digest(source_addr, _ZEROS, secret, timestamp)


def digest_gateway(status: int, source_digest: bytes, secret: str, version: Version) -> bytes:
    """Returns AuthenticatorISMG. The status enters as wide as the message has it: one octet in 2.0, four in 3.0."""
    width = 4 if version >= Version.V30 else 1
    return answer_digest(status.to_bytes(width, "big"), source_digest, secret)


def is_authentic(connect: Connect, secret: str) -> bool:
    """Returns whether its writer knew the secret."""
    digest, name = connect.authenticator_source, connect.source_addr
    return is_login_digest(digest, name, NAME_OCTETS, _ZEROS, secret, connect.timestamp)


def is_gateway_authentic(answer: ConnectResp, source_digest: bytes, secret: str) -> bool:
    """Returns whether the gateway knows the secret. Some hash four octets of status in every version."""
    digests = [digest_gateway(answer.status, source_digest, secret, v) for v in (Version.V20, Version.V30)]
    return any(compare_digest(digest, answer.authenticator_ismg) for digest in digests)


@dataclass(frozen=True, slots=True)
class MsgId:
    """The fields of a Msg_Id. Only for making ids: a peer's id is opaque, since many gateways fill it differently.

    source: CMPP 3.0, 7.4.3.2
    """

    month: int
    day: int
    hour: int
    minute: int
    second: int
    gateway: int  # 22 bits
    sequence: int  # 16 bits

    def packed(self) -> int:
        return (
            self.month << 60
            | self.day << 55
            | self.hour << 50
            | self.minute << 44
            | self.second << 38
            | self.gateway << 16
            | self.sequence
        )

    @classmethod
    def unpacked(cls, msg_id: int) -> "MsgId":
        return cls(
            month=msg_id >> 60,
            day=msg_id >> 55 & 31,
            hour=msg_id >> 50 & 31,
            minute=msg_id >> 44 & 63,
            second=msg_id >> 38 & 63,
            gateway=msg_id >> 16 & 0x3F_FFFF,
            sequence=msg_id & 0xFFFF,
        )
