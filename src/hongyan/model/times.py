"""Moments as people type them: a time of China's, to the minute."""

from contextlib import suppress
from datetime import datetime, timedelta, timezone
from unicodedata import normalize

from hongyan.model.errors import Invalid

CHINA = timezone(timedelta(hours=8))
_EXAMPLE = "2026-11-29 10:00"
_FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")


def moment_ms(text: str, field: str) -> int:
    """Returns the moment, in milliseconds since 1970. raises: Invalid

    text:  a day, with or without a time, in full-width characters and with slashes too
    field: what it is the value of
    """
    plain = normalize("NFKC", text).strip().replace("/", "-").replace("T", " ")
    for form in _FORMS:
        with suppress(ValueError):
            return round(datetime.strptime(plain, form).replace(tzinfo=CHINA).timestamp() * 1000)
    raise Invalid("{field} is no moment", "write the day and the time of China, as in {example}", field=field, example=_EXAMPLE)


def moment_text(at_ms: int) -> str:
    """Returns a moment as it is typed; its seconds are left out."""
    return datetime.fromtimestamp(at_ms / 1000, CHINA).strftime(_FORMS[0])
