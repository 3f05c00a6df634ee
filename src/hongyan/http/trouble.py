"""How a bug is logged: a short id that the customer can quote, and the source lines where it happened."""

import secrets
from traceback import extract_tb


def short_id() -> str:
    """Returns eight characters that name one log line."""
    return secrets.token_hex(4)


def source_lines(error: BaseException, frames: int = 4) -> str:
    """Returns the innermost source lines of a traceback, without the error's message, which may quote a phone, a text or a
    secret.
    """
    last = extract_tb(error.__traceback__)[-frames:]
    return " > ".join(f"{'/'.join(f.filename.rsplit('/', 2)[-2:])}:{f.lineno} {f.name}" for f in last)
