"""Traces: the life of messages, for people, step by step with the time of each. They are found by number, task or id."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from hongyan.i18n import in_language
from hongyan.model.channel import Channel
from hongyan.model.columns import Facts
from hongyan.model.errors import NotFound
from hongyan.model.ids import DAY_MS, task_of
from hongyan.model.kinds import GREATEST
from hongyan.model.meaning import CodeClass, Meaning
from hongyan.model.message import MessageState
from hongyan.model.number_list import FOREVER_S
from hongyan.model.phone import masked, national, normalise
from hongyan.model.words import EVERYBODY
from hongyan.policy.codes import meaning_of
from hongyan.ports.tx.queries import TraceTx
from hongyan.services.admin.codes import coded_channels
from hongyan.services.queries import trace_events
from hongyan.services.queries.trace_cause import why_channel, why_no_second_try
from hongyan.services.queries.trace_events import TraceEvent
from hongyan.services.queries.trace_order import in_order

TASK_DIGITS = 16
LONGEST_MS = 31 * DAY_MS
MOST = 100


@dataclass(frozen=True, slots=True)
class TraceQuery:
    """What is looked for, and how much is shown.

    what:  a phone in any form, a task id, the smsId of a task, a message id, or a carrier's id
    full:  phones and texts in clear; otherwise they are masked
    """

    what: str
    now_ms: int
    back_ms: int = DAY_MS  # how far back a phone is looked for; at most LONGEST_MS
    most: int = MOST
    full: bool = False
    language: str = "en"  # the language of meanings and remarks: en or zh


@dataclass(slots=True)
class Trace:
    """One message or reply with its steps in order of time."""

    kind: str  # message or reply
    id: int
    task_id: int
    account: str
    phone: str
    text: str
    state: str
    code: str
    events: list[TraceEvent]
    listed: list[Facts]  # the black lists that keep its account from sending to the phone now


def trace(tx: TraceTx, query: TraceQuery) -> list[Trace]:
    """Returns the traces of what was named, the newest first. raises: NotFound if there is none"""
    rows = _messages(tx, query)
    channels = coded_channels(tx)
    phone = normalise(query.what)
    replies = tx.replies_from(phone, _since(query), query.most) if phone else []
    traces = [_message_trace(tx, row, query, channels) for row in rows] + [_reply_trace(tx, row, query) for row in replies]
    if not traces:
        raise NotFound("nothing is known of {what}", what=query.what)
    return sorted(traces, key=lambda one: one.id, reverse=True)


def _messages(tx: TraceTx, query: TraceQuery) -> list[dict[str, Any]]:
    """Find messages by the likeliest reading of what was named. A text that is nothing else may be a carrier's id."""
    what = query.what.strip()
    rows: list[dict[str, Any]] = []
    if (phone := normalise(what)) is not None:
        rows = tx.messages_to(phone, _since(query), query.now_ms, query.most)
    elif what.isascii() and what.isdigit() and len(what) == TASK_DIGITS:
        rows = tx.messages_of_task(int(what), query.most)
    elif what.isascii() and what.isdigit() and len(what) <= 19 and int(what) <= GREATEST:
        rows = tx.messages_by_id(int(what))
    elif (task_id := task_of(what)) is not None:
        rows = tx.messages_of_task(task_id, query.most)
    return rows or tx.messages_by_carrier_id(what, query.most)


def _since(query: TraceQuery) -> int:
    return query.now_ms - min(query.back_ms, LONGEST_MS)


def _message_trace(tx: TraceTx, row: dict[str, Any], query: TraceQuery, channels: Mapping[int, Channel]) -> Trace:
    sent = list(trace_events.sent(tx, row))
    resent = list(trace_events.resent(tx, row, channels))
    strange = list(trace_events.strange(tx, row, channels, partial(_phone, query)))
    chains = [*sent, resent, strange]
    next_ms = min((one.at_ms for steps in chains for one in steps), default=query.now_ms)
    begun, handed = list(trace_events.begun(row, next_ms)), list(trace_events.handed(tx, row["id"]))
    events = in_order(begun, chains, list(trace_events.ended(row)), handed)
    for one in events:
        meaning = _explain(one, row, channels if sent else {}, query)
        if one.event == "queued":
            one.facts |= why_channel(tx, row)
        elif one.event == "ended" and one.facts["code"] and sent and not resent:
            one.facts |= why_no_second_try(tx, row, meaning)
    return Trace(
        kind="message",
        id=row["id"],
        task_id=row["task_id"],
        account=row["account"],
        phone=_phone(query, row["phone"]),
        text=_content(row, query),
        state=MessageState(row["state"]).name.lower(),
        code=row["code"],
        events=events,
        listed=_listed(tx, row["phone"], (row["account_id"], row["account"]), query),
    )


def _listed(tx: TraceTx, phone: int, account: tuple[int | None, str], query: TraceQuery) -> list[Facts]:
    """Returns the entries that hold now, of all accounts and of this one (id and name), with the facts of the list of black lists."""
    names = {EVERYBODY: ""} | ({account[0]: account[1]} if account[0] is not None else {})
    found = tx.listed_as([(account_id, phone) for account_id in names])
    return [
        {"account": names[account_id], "end_s": end_s if end_s < FOREVER_S else None, "note": note, "made_ms": made_ms}
        for account_id, _, end_s, note, made_ms in sorted(found)
        if end_s > query.now_ms // 1000
    ]


def _explain(one: TraceEvent, row: dict[str, Any], channels: Mapping[int, Channel], query: TraceQuery) -> Meaning | None:
    """Add the meaning of an event's code, and return it; a code without a rule stays as the carrier wrote it.

    channels: whose rules say what codes mean; none if no carrier has seen the message: then its code is one of our own words
    """
    channel = channels.get(one.facts.pop("channel_id", row["channel_id"]))
    code = one.facts.get("code")
    meaning = meaning_of(channel, code) if code else None
    if meaning is not None and meaning.kind is not CodeClass.DELIVERED:
        text = meaning.chinese if query.language == "zh" else meaning.english
        one.facts |= {"class": str(meaning.kind), "fault": str(meaning.fault), "meaning": text}
    return meaning


def _reply_trace(tx: TraceTx, row: dict[str, Any], query: TraceQuery) -> Trace:
    received = TraceEvent("received", row["received_ms"], {"dest": row["dest"], "extno": row["extno"]})
    account = tx.rows_of("account", id=row["account_id"])[0]["name"] if row["account_id"] is not None else ""
    return Trace(
        kind="reply",
        id=row["id"],
        task_id=row["task_id"],
        account=account,
        phone=_phone(query, row["phone"]),
        text=row["text"] if query.full else _shape(row["text"], query),
        state="whole" if row["is_whole"] else "in parts",
        code="",
        events=[received, *trace_events.handed(tx, row["id"])],
        listed=_listed(tx, row["phone"], (row["account_id"], account), query),
    )


def _phone(query: TraceQuery, phone: int) -> str:
    return national(phone) if query.full else masked(phone)


def _content(row: dict[str, Any], query: TraceQuery) -> str:
    """Returns the text, or the octets of a binary message in hexadecimal digits."""
    text: str = row["text"] if row["text"] is not None else row["task_text"]
    if query.full:
        return text
    return _shape(text, query) if row["udh"] is None else _octets(text, query)


def _shape(text: str, query: TraceQuery) -> str:
    """Returns the length of a text that may not be shown."""
    return in_language(query.language, "({count} characters)", count=len(text))


def _octets(text: str, query: TraceQuery) -> str:
    return in_language(query.language, "({count} octets)", count=len(text) // 2)
