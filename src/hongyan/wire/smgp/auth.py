"""SMGP's login digests, and the name a gateway gives to a message."""

from dataclasses import dataclass
from hashlib import md5
from hmac import compare_digest

from hongyan.wire.smgp.pdu import Login, LoginResp, Status

_ZEROS = bytes(7)
"""Seven of them; CMPP, which looks the same, has nine."""

NO_DIGEST = bytes(16)
NAME_OCTETS = 8


def digest_client(client_id: str, secret: str, timestamp: int) -> bytes:
    """AuthenticatorClient; the time stamp enters as ten digits, although the message carries it as a number."""
    return _md5(client_id.encode("latin-1", "replace") + _ZEROS + secret.encode() + f"{timestamp:010d}".encode())


def digest_server(status: int, client_digest: bytes, secret: str) -> bytes:
    """AuthenticatorServer; the status enters as four octets."""
    return _md5(status.to_bytes(4, "big") + client_digest + secret.encode())


def is_authentic(login: Login, secret: str) -> bool:
    """Did its writer know the secret? A name shorter than eight is hashed as it is by some, padded with NUL by others."""
    name = login.client_id
    digests = [digest_client(spelt, secret, login.timestamp) for spelt in {name, name.ljust(NAME_OCTETS, "\0")}]
    return any(compare_digest(digest, login.authenticator_client) for digest in digests)


def is_gateway_authentic(answer: LoginResp, client_digest: bytes, secret: str) -> bool:
    return compare_digest(digest_server(Status.OK, client_digest, secret), answer.authenticator_server)


def _md5(octets: bytes) -> bytes:
    return md5(octets, usedforsecurity=False).digest()


@dataclass(frozen=True, slots=True)
class MsgId:
    """The fields of a MsgID, decimal digits in pairs. Only for making ids: what a peer sends is opaque.

    source: SMGP 3.0.3, MsgID
    """

    gateway: int  # six digits: area, kind of device, number of it
    month: int
    day: int
    hour: int
    minute: int
    sequence: int  # six digits, from 0 again after the last

    def packed(self) -> bytes:
        moment = f"{self.month:02d}{self.day:02d}{self.hour:02d}{self.minute:02d}"
        return bytes.fromhex(f"{self.gateway % 1_000_000:06d}{moment}{self.sequence % 1_000_000:06d}")
