"""How values are written on pages: moments, numbers, heads of columns, and the tone of a state."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from hongyan.i18n import CHINA, N_, _, choice_word, column_head, event_word, language, translated
from hongyan.model.columns import shown_as
from hongyan.model.translatable import Translatable

GOOD, BAD, WARN, BUSY, IDLE = "good", "bad", "warn", "busy", "idle"

TONE_ICONS = {GOOD: "circle-check", BAD: "circle-x", WARN: "alert-triangle", BUSY: "clock", IDLE: "circle-dashed"}

TONES = {
    "up": GOOD, "delivered": GOOD, "live": GOOD, "running": GOOD, "approved": GOOD, "pushed": GOOD, "handed": GOOD, "taken": GOOD,
    "released": GOOD, "accepted": GOOD, "whole": GOOD, "ready": GOOD, "done": GOOD, "logging_in": BUSY, "leaving": WARN,
    "down": BAD, "firing": BAD, "cleared": GOOD, "failed": BAD, "rejected": BAD, "refused": BAD, "nobody's": BAD, "unreached": BAD,
    "stopped": IDLE, "cancelled": IDLE, "paused": WARN, "draining": WARN, "unknown": WARN, "in_doubt": WARN, "parked": WARN,
    "unanswered": WARN, "in parts": WARN, "pending": WARN, "cancelling": WARN,
    "queued": BUSY, "sending": BUSY, "sent": BUSY, "waiting": BUSY, "releasing": BUSY, "pushing": BUSY,
}  # fmt: skip
"""By state; any other word has the tone of an idle one."""


def tone(word: str) -> str:
    return TONES.get(word, IDLE)


def number(value: float | None) -> str:
    """Separates thousands, in the same way in both languages."""
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def china(at_ms: int) -> str:
    """Returns a moment to the second, in China."""
    return datetime.fromtimestamp(at_ms / 1000, CHINA).strftime("%Y-%m-%d %H:%M:%S")


def china_ms(at_ms: int) -> str:
    """Returns the time of a day in China, to the millisecond."""
    return datetime.fromtimestamp(at_ms / 1000, CHINA).strftime("%H:%M:%S.") + f"{at_ms % 1000:03}"


_LENGTHS = (
    (86_400, N_("{count:day|days} ago")),
    (3_600, N_("{count:hour|hours} ago")),
    (60, N_("{count:minute|minutes} ago")),
    (1, N_("{count:second|seconds} ago")),
)


def ago(at_ms: int, now_ms: int) -> str:
    """Returns how long ago a moment was, in the greatest unit that fits."""
    passed_s = max((now_ms - at_ms) // 1000, 1)
    length_s, sentence = next(one for one in _LENGTHS if passed_s >= one[0])
    return _(sentence, count=passed_s // length_s)


def utc(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds(value: float) -> str:
    """Returns a length of time by its two greatest units: 0.12 s, 3 min 20 s, 2 d 3 h, 5 min."""
    if value < 60:
        return f"{value:.3g} s"
    whole = timedelta(seconds=round(value))
    minutes, rest_s = divmod(whole.seconds, 60)
    parts = ((whole.days, "d"), (minutes // 60, "h"), (minutes % 60, "min"), (rest_s, "s"))
    first = next(place for place, (count, _) in enumerate(parts) if count)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count)


_ABBREVIATIONS = {"id", "ip", "mms", "mo", "tls", "url"}
_UNITS = {"s": "s", "h": "h", "percent": "%", "e4": "0.0001 CNY"}
"""How a unit is written that ends a name."""


def calendar_words() -> str:
    """Returns what the calendar says to those who cannot see it, as JSON by the names of its library."""
    words = {
        "application": _("Calendar"),
        "navigation": _("Month and year"),
        "arrowNext": {"month": _("Next month"), "year": _("Later years"), "week": _("Next week")},
        "arrowPrev": {"month": _("Month before"), "year": _("Earlier years"), "week": _("Week before")},
        "month": _("Month:"),
        "months": _("Months"),
        "year": _("Year:"),
        "years": _("Years"),
        "week": _("Days of the week"),
        "dates": _("Days"),
        "selectingTime": _("Time"),
        "inputHour": _("Hours"),
        "inputMinute": _("Minutes"),
        "rangeHour": _("Hours"),
        "rangeMinute": _("Minutes"),
    }
    return json.dumps(words, ensure_ascii=False)


def head(name: str) -> str:
    """Returns the head of a column or the label of a field: the Chinese of its name, or the name as an English reader writes
    it.
    """
    word = column_head(name)
    if language() != "en":
        return word
    parts = word.removesuffix("_ms").removesuffix("_at").split("_")
    unit = f" ({_UNITS[parts.pop()]})" if len(parts) > 1 and parts[-1] in _UNITS else ""
    if parts[-1] == "most":
        parts = ["most", *parts[:-1]]
    plain = " ".join(one.upper() if one in _ABBREVIATIONS else one for one in parts)
    return plain[:1].upper() + plain[1:] + unit


def shape(name: str, value: object) -> str:
    """Returns how a value of a column is shown: state, moment, length, flag, id, number, long or text."""
    return shown_as(name, value).name.lower()


def is_number(rows: Iterable[Mapping[str, object]], name: str) -> bool:
    """Whether a column stands to the right, as numbers do; by its first value, since there may be none in some rows."""
    value = next((row[name] for row in rows if row[name] is not None), None)
    return shape(name, value) in {"number", "length"}


def filled(path: str, row: Mapping[str, object]) -> str:
    """Returns a path whose gaps are filled from the row."""
    return path.format_map({name: quote(str(value), safe="") for name, value in row.items()})


def anchor(title: str) -> str:
    """Returns the place of a section in its page, the same in every language. title: in English"""
    return title.lower().replace(" ", "-")


_OF_OURS = {"kind", "state", "outcome", "result"}


def value_word(name: str, word: str) -> str:
    """Returns a word of ours as a reader writes it: in Chinese, or in English without the underline that programs need."""
    if isinstance(word, Translatable):
        return translated(word)
    word = choice_word(name, word)
    return word.replace("_", " ") if name in _OF_OURS else word


def event(name: str) -> str:
    """Returns the name of a step of a trace as a reader writes it."""
    return event_word(name).replace("_", " ")


def for_whom(account: str) -> str:
    """Returns for whom a list holds. account: "" for all"""
    return account or _("all accounts")


def pairs(names: Iterable[str]) -> list[tuple[str, str]]:
    """Returns the options of a choice among names."""
    return [(name, name) for name in names]
