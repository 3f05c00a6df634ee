"""Basic and Digest, as carriers ask for them. Pure: our nonce is an argument.

source: RFC 7617; RFC 2617 with MD5, which relay/servers use
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import md5
from hmac import compare_digest

_PARAMETER = re.compile(r'\b(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')
_DIGEST = re.compile(r"(?:^|,)\s*Digest\s+(.*)", re.IGNORECASE)  # behind another scheme, if several are offered


def basic(user: str, password: str) -> str:
    """Returns the value of Authorization."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")


def challenge_of(header: str) -> Mapping[str, str] | None:
    """Returns the parameters in WWW-Authenticate or Authorization if they are those of Digest, else None."""
    found = _DIGEST.search(header)
    return {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(found[1])} if found else None


def challenge(realm: str, nonce: str) -> str:
    """Returns the value of WWW-Authenticate that asks for Digest."""
    return f'Digest realm="{realm}", nonce="{nonce}", qop="auth"'


def is_digest_authentic(authorization: str, user: str, password: str, method: str, realm: str, nonce: str) -> bool:
    """Returns whether the value of Authorization proves user and password for a nonce of ours.

    Its URI and its count of uses are not checked: each post has an id of its own, and a repeated one changes nothing.
    """
    given = (challenge_of(authorization) or {}).get
    proof = digest_response(
        user, password, method, given("uri", ""), realm, nonce, given("qop", ""), given("nc", ""), given("cnonce", "")
    )
    is_ours = (given("username"), given("nonce")) == (user, nonce)
    return is_ours and compare_digest(given("response", "").lower().encode(), proof.encode())


def digest_response(
    user: str, password: str, method: str, uri: str, realm: str, nonce: str, qop: str = "", nc: str = "", cnonce: str = ""
) -> str:
    """Returns the proof in hexadecimal digits; without qop as RFC 2069 had it."""
    ha1, ha2 = _hash(f"{user}:{realm}:{password}"), _hash(f"{method}:{uri}")
    return _hash(f"{ha1}:{nonce}:{nc}:{cnonce}:{qop}:{ha2}" if qop else f"{ha1}:{nonce}:{ha2}")


def digest(challenge: Mapping[str, str], user: str, password: str, method: str, uri: str, count: int, cnonce: str) -> str:
    """Returns the value of Authorization. count: how often this nonce was used, from 1"""
    realm, nonce = challenge.get("realm", ""), challenge.get("nonce", "")
    has_qop = "auth" in [offered.strip() for offered in challenge.get("qop", "").split(",")]
    nc = f"{count:08x}"
    response = digest_response(user, password, method, uri, realm, nonce, *(("auth", nc, cnonce) if has_qop else ()))
    parameters = [f'username="{user}"', f'realm="{realm}"', f'nonce="{nonce}"', f'uri="{uri}"', f'response="{response}"']
    if opaque := challenge.get("opaque"):
        parameters.append(f'opaque="{opaque}"')
    if has_qop:
        parameters += ["qop=auth", f"nc={nc}", f'cnonce="{cnonce}"']
    return "Digest " + ", ".join(parameters)


def _hash(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
