"""Addresses with a password in them, made fit to be shown."""

import re

_LOGIN = re.compile(r"(\w://[^:/?#\s@]*):[^/?#\s]*@")
_POSTGRES_LOGIN = re.compile(r"(postgres\w*://[^:/?#\s@]*):\S*@")
_OPTION = re.compile(
    r"([?&;](?:[\w.-]*(?:pass|pwd|secret|token|key|sign|auth|cred)[\w.-]*|[\w.%-]*%[\w.%-]*)=)[^&;#\s\"']+", re.IGNORECASE
)
"""Names of options that hold a password; an option whose name is encoded may hold one too."""


def without_password(text: str) -> str:
    """Returns a text with *** for every password of the addresses in it: that of a login, and options like `?password=`."""
    if "://" not in text:
        return text
    return _OPTION.sub(r"\1***", _LOGIN.sub(r"\1:***@", _POSTGRES_LOGIN.sub(r"\1:***@", text)))
