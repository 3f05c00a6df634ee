"""Which passwords staff may have."""

from hongyan.model.errors import Invalid

LEAST, MOST = 10, 128
_DIFFERENT = 5


def check_password(name: str, password: str) -> None:
    """raises: Invalid for one that is short, long, has few different characters, or contains the name"""
    if not LEAST <= len(password) <= MOST:
        raise Invalid("a password has {least} to {most} characters", least=LEAST, most=MOST)
    if len(set(password)) < _DIFFERENT:
        raise Invalid("a password has at least {least} different characters", least=_DIFFERENT)
    if name.lower() in password.lower():
        raise Invalid("a password does not hold the name that one logs in with")
