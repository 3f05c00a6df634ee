"""The steps in the life of one message, as its trace shows them. `row` is the message as `TraceTx` reads it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hongyan.model.channel import Channel
from hongyan.model.ids import made_ms
from hongyan.model.message import MessageState, ReceiptState, SegmentResult
from hongyan.model.owed import OwedKind, OwedState, PushOutcome, read_answer
from hongyan.ports.tx.queries import TraceTx

_RECEIPTS = {int(MessageState.DELIVERED): ReceiptState.DELIVERED, int(MessageState.FAILED): ReceiptState.FAILED}
"""End states that a receipt brings."""


@dataclass(slots=True)
class TraceEvent:
    """One step: its kind, its time, and its facts."""

    event: str
    at_ms: int
    facts: dict[str, Any] = field(default_factory=dict)


def begun(row: dict[str, Any], next_ms: int) -> Iterator[TraceEvent]:
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


def sent(tx: TraceTx, row: dict[str, Any]) -> Iterator[list[TraceEvent]]:
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


def strange(
    tx: TraceTx, row: dict[str, Any], channels: Mapping[int, Channel], phone_of: Callable[[int], str]
) -> Iterator[TraceEvent]:
    """Yields receipts with an id of this message and another phone, which change nothing."""
    for receipt in tx.receipts_for_other_phones(row["id"]):
        channel = channels[receipt["channel_id"]].name if receipt["channel_id"] in channels else ""
        where = {"channel_id": receipt["channel_id"], "channel": channel, "carrier_id": receipt["carrier_id"]}
        facts = {
            "phone": phone_of(receipt["phone"]),
            "state": ReceiptState(receipt["receipt"]).name.lower(),
            "code": receipt["code"],
        }
        yield TraceEvent("receipt_for_other", receipt["received_ms"], where | facts)


def _ends_by(part: dict[str, Any], row: dict[str, Any]) -> bool:
    """Returns whether the receipt of this segment ended the message."""
    is_taken = part["result"] == SegmentResult.ACCEPTED and part["channel_id"] == row["channel_id"]
    return row["segments"] == 1 and is_taken and row["state"] in _RECEIPTS


def resent(tx: TraceTx, row: dict[str, Any], channels: Mapping[int, Channel]) -> Iterator[TraceEvent]:
    """Yields the failure of the first try, if the message was sent once more."""
    for why in tx.rows_of("resent", message_id=row["id"]):
        where = {"channel_id": why["channel_id"], "channel": channels[why["channel_id"]].name}
        yield TraceEvent("receipt", why["failed_ms"], where | {"state": "failed", "code": why["code"]})
        yield TraceEvent("sent_again", why["resent_ms"], {"channel": row["channel"]})


def ended(row: dict[str, Any]) -> Iterator[TraceEvent]:
    state = MessageState(row["state"])
    if state.is_final:
        yield TraceEvent("ended", row["changed_ms"], {"state": state.name.lower(), "code": row["code"]})


def handed(tx: TraceTx, owed_id: int) -> Iterator[TraceEvent]:
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
