"""Statistics over the hourly counters, and the proof that the counters agree with the messages. docs/statistics.md explains the
figures.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from hongyan.model.account import Product
from hongyan.model.columns import Facts
from hongyan.model.errors import Invalid
from hongyan.model.hourly import CHINA_HOURS, FIGURES, STATES, SUBMITTED, MessageTally, day_of
from hongyan.model.ids import DAY_MS, HOUR_MS
from hongyan.model.message import MessageState
from hongyan.policy.codes import meaning_of, ours
from hongyan.ports.tx.statistics import StatisticsTx
from hongyan.services.admin.accounts import find_account
from hongyan.services.admin.channels import find_channel
from hongyan.services.admin.codes import coded_channels


class GroupBy(StrEnum):
    """By what the figures are grouped."""

    ACCOUNT = "account"
    CHANNEL = "channel"
    CARRIER = "carrier"
    PRODUCT = "product"
    CODE = "code"
    DAY = "day"  # days of China
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class StatisticsQuery:
    """since_ms, until_ms: whole hours, the last one excluded; account, channel: names, "" for all; language: en or zh"""

    by: GroupBy
    since_ms: int
    until_ms: int
    account: str = ""
    channel: str = ""
    language: str = "en"

    @property
    def hours(self) -> range:
        return range(self.since_ms // HOUR_MS, -(-self.until_ms // HOUR_MS))


def statistics(tx: StatisticsTx, query: StatisticsQuery) -> list[Facts]:
    """Returns a row for each group: submitted, delivered, failed, unknown, cancelled, pending, rate_percent, segments. raises:
    NotFound

    By code it returns a row for each channel, state and code: how many messages, their share in percent, and the code's
    meaning.
    """
    equal = _equal(tx, query)
    if query.by is GroupBy.CODE:
        return _codes(tx, query, equal)
    tallied = _by_day(tx, query, equal) if query.by is GroupBy.DAY else tally(tx.hourly_sums(query.by, query.hours, **equal))
    names = _names(tx, query.by, tallied)
    rows = [{query.by.value: names[of], **figures(one)} for of, one in tallied.items()]
    if query.by in {GroupBy.DAY, GroupBy.HOUR}:
        return sorted(rows, key=lambda row: row[query.by.value])
    return sorted(rows, key=lambda row: (-row["submitted"], str(row[query.by.value])))


def _equal(tx: StatisticsTx, query: StatisticsQuery) -> dict[str, int]:
    account = {"account_id": find_account(tx, query.account)["id"]} if query.account else {}
    return account | ({"channel_id": find_channel(tx, query.channel)["id"]} if query.channel else {})


def _by_day(tx: StatisticsTx, query: StatisticsQuery, equal: dict[str, int]) -> dict[int, MessageTally]:
    """Add up hours: the store has them in order, and would have to sort days."""
    found: dict[int, Counter[str]] = {}
    for row in tx.hourly_sums(GroupBy.HOUR, query.hours, **equal):
        found.setdefault(day_of(row["of"]), Counter()).update({name: row[name] for name in FIGURES})
    return {day: MessageTally(**figures) for day, figures in found.items()}


def accounts_served(tx: StatisticsTx, channel: str, now_ms: int) -> int:
    """Returns how many accounts sent by a channel in the hour that runs and in the one before. raises: NotFound"""
    query = StatisticsQuery(GroupBy.ACCOUNT, now_ms - HOUR_MS, now_ms + 1, channel=channel)
    return len(tx.hourly_sums(query.by, query.hours, **_equal(tx, query)))


def tally(sums: Iterable[Mapping[str, Any]]) -> dict[Any, MessageTally]:
    """Returns rows of `hourly_sums` by their groups."""
    return {row["of"]: MessageTally(**{name: row[name] for name in FIGURES}) for row in sums}


def figures(one: MessageTally) -> Facts:
    return {
        "submitted": one.submitted,
        "delivered": one.delivered,
        "failed": one.failed,
        "unknown": one.unknown,
        "cancelled": one.cancelled,
        "pending": one.pending,
        "rate_percent": one.rate,
        "segments": one.segments,
    }


def _names(tx: StatisticsTx, by: GroupBy, groups: Iterable[Any]) -> dict[Any, str]:
    match by:
        case GroupBy.ACCOUNT | GroupBy.CHANNEL:
            known = {row["id"]: row["name"] for row in tx.rows_of(by.value)}
            return {of: known.get(of, "") for of in groups}
        case GroupBy.PRODUCT:
            return {of: Product(of).name.lower() for of in groups}
        case GroupBy.DAY:
            return {of: china_day(of) for of in groups}
        case GroupBy.HOUR:
            return {of: china_hour(of) for of in groups}
        case _:
            return {of: str(of) for of in groups}


def _codes(tx: StatisticsTx, query: StatisticsQuery, equal: dict[str, int]) -> list[Facts]:
    return explained(tx, tx.code_sums(query.hours, **equal), query.language)


def explained(tx: StatisticsTx, sums: Sequence[Mapping[str, Any]], language: str) -> list[Facts]:
    """Returns messages by channel_id, state and code, the most frequent first, with the meaning of each code."""
    channels = coded_channels(tx)
    whole = sum(row["messages"] for row in sums) or 1
    rows = []
    for row in sums:
        channel = channels.get(row["channel_id"])
        meaning = meaning_of(channel, row["code"]) if channel else ours(row["code"])
        words = "" if meaning is None else meaning.chinese if language == "zh" else meaning.english
        rows.append(
            {
                "code": row["code"],
                "channel": channel.name if channel else "",
                "state": MessageState(row["state"]).name.lower(),
                "count": row["messages"],
                "share": round(100 * row["messages"] / whole, 2),
                "meaning": words,
            }
        )
    return sorted(rows, key=lambda row: (-row["count"], row["code"], row["channel"]))


def verify(tx: StatisticsTx, hour: int) -> list[Facts]:
    """Count the messages that were made in an hour (since 1970, UTC); returns the counters that differ."""
    counted = {_key(row): (row["messages"], row["segments"]) for row in tx.hourly_counted(hour)}
    stored: dict[tuple[int, ...], tuple[int, int]] = {}
    for row in tx.messages_made_in(hour):
        for state in {SUBMITTED, row["state"]} & STATES.keys():
            messages, segments = stored.get(_key(row, state), (0, 0))
            stored[_key(row, state)] = messages + row["messages"], segments + row["segments"]
    wrong = [
        {"account_id": key[0], "product": key[1], "channel_id": key[2], "state": STATES[key[3]], "counted": was, "stored": is_}
        for key in sorted(counted.keys() | stored.keys())
        if (was := counted.get(key, (0, 0))) != (is_ := stored.get(key, (0, 0)))
    ]
    return wrong + _verify_codes(tx, hour)


def verify_sums(tx: StatisticsTx, day: int) -> list[Facts]:
    """Returns the figures of the sums of a day (since 1970, in China) that differ from those of its counters."""
    return [
        {"day": china_day(day)} | {name: value for name, value in row.items() if name not in {"day", "hour"}}
        for row in tx.differing_sums(day)
    ]


def _key(row: Mapping[str, Any], state: int | None = None) -> tuple[int, ...]:
    return row["account_id"], row["product"], row["channel_id"], row["state"] if state is None else state


def _verify_codes(tx: StatisticsTx, hour: int) -> list[Facts]:
    counted, stored = (_by_state(rows) for rows in (tx.codes_counted_of(hour), tx.codes_of_messages_made_in(hour)))
    return [
        {"account_id": key[0], "channel_id": key[1], "state": STATES[key[2]], "counted": counted[key], "stored": stored[key]}
        for key in sorted(counted.keys() | stored.keys())
        if counted[key] != stored[key]
    ]


def _by_state(rows: Iterable[Mapping[str, Any]]) -> Counter[tuple[int, int, int]]:
    """Add up the codes of each state: beyond some thousand codes an hour, they are stored without their names."""
    found: Counter[tuple[int, int, int]] = Counter()
    for row in rows:
        found[row["account_id"], row["channel_id"], row["state"]] += row["messages"]
    return found


def china_day(days: int) -> str:
    """Writes a day since 1970 in China as 2026-11-29."""
    return f"{_EPOCH + timedelta(days=days):%Y-%m-%d}"


def china_today(now_ms: int) -> str:
    """Returns today's date in China."""
    return china_day((now_ms + CHINA_HOURS * HOUR_MS) // DAY_MS)


def china_hour(hours: int) -> str:
    """Writes an hour since 1970 in UTC as 2026-11-29 18:00, China's time."""
    return f"{_EPOCH + timedelta(hours=hours + CHINA_HOURS):%Y-%m-%d %H:%M}"


def china_day_ms(day: str) -> int:
    """Returns when a day of China, written 2026-11-29, began. raises: Invalid"""
    try:
        began = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise Invalid("{day} is no day: write it as 2026-11-29", day=day) from error
    return round(began.timestamp() * 1000) - CHINA_HOURS * HOUR_MS


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
