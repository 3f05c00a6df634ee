"""SMGP's login digests, and the name a gateway assigns to a message."""

from dataclasses import dataclass
from hmac import compare_digest

from hongyan.wire.login_digest import answer_digest, is_login_digest, login_digest
from hongyan.wire.smgp.pdu import Login, LoginResp, Status

_ZEROS = 7
NAME_OCTETS = 8


def digest_client(client_id: str, secret: str, timestamp: int) -> bytes:
    """Returns AuthenticatorClient."""
    return login_digest(client_id, _ZEROS, secret, timestamp)


def digest_server(status: int, client_digest: bytes, secret: str) -> bytes:
    """Returns AuthenticatorServer. The status enters as four octets."""
    return answer_digest(status.to_bytes(4, "big"), client_digest, secret)


def is_authentic(login: Login, secret: str) -> bool:
    """Returns whether its writer knew the secret."""
    return is_login_digest(login.authenticator_client, login.client_id, NAME_OCTETS, _ZEROS, secret, login.timestamp)


def is_gateway_authentic(answer: LoginResp, client_digest: bytes, secret: str) -> bool:
    return compare_digest(digest_server(Status.OK, client_digest, secret), answer.authenticator_server)


@dataclass(frozen=True, slots=True)
class MsgId:
    """The fields of a MsgID, decimal digits in pairs. Only for making ids: a peer's id is opaque.

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
