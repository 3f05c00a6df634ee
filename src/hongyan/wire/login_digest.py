"""The digests by which CMPP and SMGP prove a secret at login: MD5 of the same parts, with nine zeros in CMPP and seven in SMGP."""

from hashlib import md5
from hmac import compare_digest

NO_DIGEST = bytes(16)


def login_digest(name: str, zeros: int, secret: str, timestamp: int) -> bytes:
    """Returns the client's digest. The time stamp enters as ten digits, although the message carries it as a number."""
    return _md5(name.encode("latin-1", "replace") + bytes(zeros) + secret.encode() + f"{timestamp:010d}".encode())


def answer_digest(status: bytes, client_digest: bytes, secret: str) -> bytes:
    """Returns the centre's digest. The status enters as wide as the message has it."""
    return _md5(status + client_digest + secret.encode())


def is_login_digest(digest: bytes, name: str, name_octets: int, zeros: int, secret: str, timestamp: int) -> bool:
    """Returns whether its writer knew the secret. Some hash a name shorter than its field as it is, others padded with NUL."""
    spellings = {name, name.ljust(name_octets, "\0")}
    return any(compare_digest(login_digest(spelt, zeros, secret, timestamp), digest) for spelt in spellings)


def _md5(octets: bytes) -> bytes:
    return md5(octets, usedforsecurity=False).digest()
