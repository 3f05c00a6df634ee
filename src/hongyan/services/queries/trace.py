"""Traces: the life of messages, for people, step by step with the time of each. They are found by number, task or id."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hongyan.i18n import in_language
from hongyan.model.channel import Channel
from hongyan.model.columns import Facts
from hongyan.model.errors import NotFound
from hongyan.model.ids import DAY_MS, made_ms
from hongyan.model.kinds import GREATEST
from hongyan.model.meaning import CodeClass, Meaning
from hongyan.model.message import MessageState, ReceiptState, SegmentResult
from hongyan.model.number_list import FOREVER_S
from hongyan.model.owed import OwedKind, OwedState, PushOutcome, read_answer
from hongyan.model.phone import masked, national, normalise
from hongyan.model.words import EVERYBODY
from hongyan.policy.codes import meaning_of, ours
from hongyan.ports.tx.queries import TraceTx
from hongyan.services.admin.codes import coded_channels
from hongyan.services.queries.trace_cause import why_channel, why_no_second_try

TASK_DIGITS = 16
LONGEST_MS = 31 * DAY_MS
MOST = 100
_RECEIPTS = {int(MessageState.DELIVERED): ReceiptState.DELIVERED, int(MessageState.FAILED): ReceiptState.FAILED}
"""End states that a receipt brings."""


@dataclass(frozen=True, slots=True)
class TraceQuery:
    """What is looked for, and how much is shown.

    what:  a phone in any form, a task id, a message id, or a carrier's id
    full:  phones and texts in clear; otherwise they are masked
    """

    what: str
    now_ms: int
    back_ms: int = DAY_MS  # how far back a phone is looked for; at most LONGEST_MS
    most: int = MOST
    full: bool = False
    language: str = "en"  # the language of meanings and remarks: en or zh


@dataclass(slots=True)
class TraceEvent:
    """One step: its kind, its time, and its facts."""

    event: str
    at_ms: int
    facts: dict[str, Any] = field(default_factory=dict)


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
    return rows or tx.messages_by_carrier_id(what, query.most)


def _since(query: TraceQuery) -> int:
    return query.now_ms - min(query.back_ms, LONGEST_MS)


def _message_trace(tx: TraceTx, row: dict[str, Any], query: TraceQuery, channels: Mapping[int, Channel]) -> Trace:
    sent = list(_sent(tx, row))
    chains = [*sent, list(_resent(tx, row, channels)), list(_strange(tx, row, channels, query))]
    next_ms = min((one.at_ms for steps in chains for one in steps), default=query.now_ms)
    events = in_order([*_begun(row, next_ms)], chains, [*_ended(row)], [*_handed(tx, row["id"])])
    for one in events:
        if one.facts.get("code"):
            where = one.facts.pop("channel_id", row["channel_id"])
            meaning = meaning_of(channels.get(where), one.facts["code"]) if sent else ours(one.facts["code"])
            _explain(one, meaning, query)
            if one.event == "ended" and sent and not any(step.event == "sent_again" for step in events):
                one.facts |= why_no_second_try(tx, row, meaning)
        if one.event == "queued":
            one.facts |= why_channel(tx, row)
        one.facts.pop("channel_id", None)
    return Trace(
        kind="message",
        id=row["id"],
        task_id=row["task_id"],
        account=row["account"],
        phone=_phone(row, query),
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


def in_order(
    begun: Sequence[TraceEvent],
    chains: Iterable[Sequence[TraceEvent]],
    ended: Sequence[TraceEvent],
    handed: Sequence[TraceEvent],
) -> list[TraceEvent]:
    """Sort all steps by time, but put none before its cause, since a clock may have been put back between them.

    begun: the first steps; chains: each in order of cause; ended: behind all that had happened by then
    """
    placed: list[tuple[int, TraceEvent]] = []

    def place(steps: Iterable[TraceEvent], least: int) -> None:
        for one in steps:
            least = max(least, one.at_ms)
            placed.append((least, one))

    place(begun, 0)
    first = placed[-1][0]
    for one in chains:
        place(one, first)
    ended_ms = ended[0].at_ms if ended else 0
    place(ended, max(at for at, one in placed if one in begun or one.at_ms <= ended_ms))
    place(handed, placed[-1][0] if ended else first)
    return [one for _, one in sorted(placed, key=lambda pair: pair[0])]


def _explain(one: TraceEvent, meaning: Meaning | None, query: TraceQuery) -> None:
    """Add the meaning of a code; a code without a rule stays as the carrier wrote it."""
    if meaning is not None and meaning.kind is not CodeClass.DELIVERED:
        text = meaning.chinese if query.language == "zh" else meaning.english
        one.facts |= {"class": str(meaning.kind), "fault": str(meaning.fault), "meaning": text}


def _reply_trace(tx: TraceTx, row: dict[str, Any], query: TraceQuery) -> Trace:
    received = TraceEvent("received", row["received_ms"], {"dest": row["dest"], "extno": row["extno"]})
    account = tx.rows_of("account", id=row["account_id"])[0]["name"] if row["account_id"] is not None else ""
    return Trace(
        kind="reply",
        id=row["id"],
        task_id=row["task_id"],
        account=account,
        phone=_phone(row, query),
        text=row["text"] if query.full else _shape(row["text"], query),
        state="whole" if row["is_whole"] else "in parts",
        code="",
        events=[received, *_handed(tx, row["id"])],
        listed=_listed(tx, row["phone"], (row["account_id"], account), query),
    )


def _begun(row: dict[str, Any], next_ms: int) -> Iterator[TraceEvent]:
    """Yields the first steps. next_ms: the time of the following step; if the clock was put back, the id may be later than
    that.
    """
    facts = {"source": row["source"], "address": row["address"], "segments": row["segments"], "points": row["points"]}
    yield from _submitted(row)
    if row["udh"] is not None:
        facts |= {"udh": row["udh"], "octets": len(row["task_text"]) // 2}
    if row["flash"]:
        facts |= {"flash": True}
    yield TraceEvent("accepted", row["accepted_ms"], facts)
    yield TraceEvent("queued", max(row["accepted_ms"], min(made_ms(row["id"]), next_ms)), {"channel": row["first_channel"]})


def _submitted(row: dict[str, Any]) -> Iterator[TraceEvent]:
    """Yields the PDUs of a submit over sessions: their sessions and sequences, and how long it took until all was accepted."""
    pdus = [pdu.split(":") for pdu in (row["pdus"] or "").split(",") if pdu]
    for part, (session, sequence, received_ms, _) in enumerate(pdus, start=1):
        facts: dict[str, Any] = {
            "session": int(session),
            "sequence": int(sequence),
            "took_ms": row["accepted_ms"] - int(received_ms),
        }
        yield TraceEvent("pdu", int(received_ms), facts | ({"part": part} if len(pdus) > 1 else {}))


def _sent(tx: TraceTx, row: dict[str, Any]) -> Iterator[list[TraceEvent]]:
    """Yields the steps of each segment, in order of cause."""
    parts = tx.segments_of(row["id"])
    is_shown = any(part["receipt"] is not None and part["receipt"] == _RECEIPTS.get(row["state"]) for part in parts)
    for part in parts:
        steps = list(_of_segment(part, row, is_shown=is_shown))
        *before, last = steps
        is_early = len(steps) == len(("submitted", "answered", "receipt")) and steps[0].at_ms <= last.at_ms < steps[1].at_ms
        yield [before[0], last, before[1]] if is_early else steps


def _of_segment(part: dict[str, Any], row: dict[str, Any], *, is_shown: bool) -> Iterator[TraceEvent]:
    where = {"channel_id": part["channel_id"], "channel": part["channel"], "part": part["part"], "attempt": part["attempt"]}
    if part["submitted_ms"]:
        yield TraceEvent("submitted", part["submitted_ms"], where)
    result = SegmentResult(part["result"]).name.lower()
    facts = {"result": result, "carrier_id": part["carrier_id"], "code": part["code"]}
    yield TraceEvent("answered", part["answered_ms"], where | facts)
    if part["receipt"] is not None:
        facts = {
            "state": ReceiptState(part["receipt"]).name.lower(),
            "code": part["receipt_code"],
            "done_ms": part["done_ms"],
        }
        yield TraceEvent("receipt", part["received_ms"], where | facts)
    elif _ends_by(part, row) and not is_shown:
        # the receipt of a message of one part is its verdict, and is stored once
        facts = {"state": MessageState(row["state"]).name.lower(), "code": row["code"]}
        yield TraceEvent("receipt", row["changed_ms"], where | facts)


def _strange(tx: TraceTx, row: dict[str, Any], channels: Mapping[int, Channel], query: TraceQuery) -> Iterator[TraceEvent]:
    """Yields receipts with an id of this message and another phone, which change nothing."""
    for receipt in tx.strange_receipts(row["id"]):
        channel = channels[receipt["channel_id"]].name if receipt["channel_id"] in channels else ""
        where = {"channel_id": receipt["channel_id"], "channel": channel, "carrier_id": receipt["carrier_id"]}
        facts = {
            "phone": _phone(receipt, query),
            "state": ReceiptState(receipt["receipt"]).name.lower(),
            "code": receipt["code"],
        }
        yield TraceEvent("receipt_for_other", receipt["received_ms"], where | facts)


def _ends_by(part: dict[str, Any], row: dict[str, Any]) -> bool:
    """Returns whether the receipt of this segment ended the message."""
    is_taken = part["result"] == SegmentResult.ACCEPTED and part["channel_id"] == row["channel_id"]
    return row["segments"] == 1 and is_taken and row["state"] in _RECEIPTS


def _resent(tx: TraceTx, row: dict[str, Any], channels: Mapping[int, Channel]) -> Iterator[TraceEvent]:
    """Yields the failure of the first try, if the message was sent once more."""
    for why in tx.rows_of("resent", message_id=row["id"]):
        where = {"channel_id": why["channel_id"], "channel": channels[why["channel_id"]].name}
        yield TraceEvent("receipt", why["failed_ms"], where | {"state": "failed", "code": why["code"]})
        yield TraceEvent("sent_again", why["resent_ms"], {"channel": row["channel"]})


def _ended(row: dict[str, Any]) -> Iterator[TraceEvent]:
    state = MessageState(row["state"])
    if state.is_final:
        yield TraceEvent("ended", row["changed_ms"], {"state": state.name.lower(), "code": row["code"]})


def _handed(tx: TraceTx, owed_id: int) -> Iterator[TraceEvent]:
    for row in tx.owed_of(owed_id):
        state, facts = OwedState(row["state"]), {"kind": OwedKind(row["kind"]).name.lower(), "attempts": row["attempts"]}
        if row["attempt_id"] != row["id"]:
            outcome = {"outcome": PushOutcome(row["outcome"]).name.lower(), "status": row["status"], "took_ms": row["took_ms"]}
            yield TraceEvent(
                "pushed", made_ms(row["attempt_id"]), facts | outcome | {"answer": read_answer(row["status"], row["answer"])}
            )
        if state is OwedState.HANDED:
            yield TraceEvent("handed", row["at_ms"], facts)
        elif state is not OwedState.PUSHED:
            yield TraceEvent(f"{facts['kind']}_{state.name.lower()}", row["at_ms"], facts)


def _phone(row: dict[str, Any], query: TraceQuery) -> str:
    return national(row["phone"]) if query.full else masked(row["phone"])


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
