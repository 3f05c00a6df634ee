"""Codes of the second factor (RFC 6238: six digits, a step of 30 s), and recovery codes for its loss."""

import hmac
from hashlib import sha256

from pyotp import TOTP

STEP_MS = 30_000
_DRIFT = 1  # steps that a clock may be off, in either direction
RECOVERY_CODES = 10
RECOVERY_OCTETS = 8


def step_of_code(secret: str, code: str, last_step: int, now_ms: int) -> int | None:
    """Returns the step of a code; None if the code is wrong, over, or was used, since a code counts once.

    secret:    in Base32
    last_step: of the code that was used last; one in the future was used before the clock was put back, and is ignored
    """
    digits = code.replace(" ", "")
    now = now_ms // STEP_MS
    is_ahead = last_step > now + _DRIFT
    for step in range(now - _DRIFT if is_ahead else max(now - _DRIFT, last_step + 1), now + _DRIFT + 1):
        if hmac.compare_digest(TOTP(secret).generate_otp(step).encode(), digits.encode("utf-8", "replace")):
            return step
    return None


def address_of(secret: str, name: str, issuer: str) -> str:
    """Returns the otpauth address in the QR code for an authenticator."""
    return TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def recovery_word(octets: bytes) -> str:
    """Returns a recovery code as people read it: 1f2e-3d4c-5b6a-7988."""
    digits = octets.hex()
    return "-".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def recovery_digest(code: str) -> str:
    """Returns what is stored of a recovery code; blanks and dashes do not count."""
    return sha256("".join(code.lower().replace("-", " ").split()).encode("utf-8", "replace")).hexdigest()
