"""Masks phones in a line of the log, and hides texts and secrets."""

import re
from collections.abc import Mapping

from structlog.typing import EventDict, WrappedLogger

from hongyan.model.masking import without_password

_PHONE_KEYS = frozenset({"phone", "phones", "mobile", "mobiles", "number", "numbers", "to", "msisdn"})
_HIDDEN_KEYS = frozenset(
    {"content", "text", "body", "password", "secret", "secrets", "token", "cookie", "authorization", "key", "text64", "url"}
)
_ID_KEYS = frozenset({"task_id", "msg_id", "carrier_msg_id", "request_id", "parcel_id", "sms_id", "ts"})
_MOBILE = re.compile(r"(?<!\d)(?:\+?86|0086)?(1\d{2})\d{4}(\d{4})(?!\d)")


def mask(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Mask phones, to three digits in front and four behind, and drop content and secrets."""
    return {key: _masked(key, value) for key, value in event.items()}


def _masked(key: str, value: object) -> object:
    if key in _HIDDEN_KEYS:
        return "***"
    if key in _PHONE_KEYS:
        return [mask_phone(each) for each in value] if isinstance(value, list | tuple | set) else mask_phone(value)
    if isinstance(value, str) and key not in _ID_KEYS:
        return without_password(_MOBILE.sub(r"\1****\2", value))
    if isinstance(value, Mapping):
        return {name: _masked(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(key, each) for each in value]
    return value


def mask_phone(phone: object) -> str:
    """138****8000, for a number in any of its forms."""
    digits = str(phone)
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) > 7 else "****"
