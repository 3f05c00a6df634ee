"""Messages and replies: lists that grow by ids, the newest first."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hongyan.model.account import Product
from hongyan.model.columns import Facts, columns_of
from hongyan.model.fields import Param
from hongyan.model.hourly import STATES, SUBMITTED
from hongyan.model.ids import first_id, made_ms
from hongyan.model.kinds import name, word
from hongyan.model.message import MessageState
from hongyan.model.receipt_words import DELIVERED
from hongyan.ports.tx.queries import LOOKED_MOST, PagesTx
from hongyan.services.queries.lists.filters import OF_ACCOUNT, OF_CHANNEL
from hongyan.services.queries.lists.listing import FoundRows, Listing, ListQuery, Span
from hongyan.services.queries.lists.names import names_of, only_of, with_names
from hongyan.services.queries.lists.span_parts import HOURS_MOST, SpanPart, look_through, parts_of

STATE = Param("state", "Only what is in this state.", word(MessageState))
CODE = Param("code", "Only those that ended with this code.", name(64))


def _messages(tx: PagesTx, query: ListQuery) -> FoundRows:
    state, code = query.given.get("state"), query.named("code")
    equal = only_of(tx, query) | ({"state": int(state)} if state is not None else {})
    equal |= {"code": "" if code == DELIVERED else code} if code else {}
    least, before = query.ids
    if not equal:
        return FoundRows(_shown(tx, tx.messages_before(before, query.most, {}, least, LOOKED_MOST)), 0, None)

    def ids(part: SpanPart) -> tuple[int, int]:
        return min(before, first_id(part.until_ms)), max(least, first_id(part.since_ms))

    def find(part: SpanPart, most: int, looked_most: int) -> list[Facts]:
        below, least = ids(part)
        return tx.messages_before(below, most, equal, least, looked_most)

    found = look_through(
        _parts_with_messages(tx, equal, least, before),
        query.most,
        LOOKED_MOST,
        find,
        lambda part, looked_most: tx.messages_looked_at(*ids(part), looked_most),
    )
    return replace(found, rows=_shown(tx, found.rows))


def _parts_with_messages(tx: PagesTx, equal: Mapping[str, Any], least_id: int, before_id: int) -> list[SpanPart]:
    """Returns what is looked through for messages: of an account the hours in which it has some, on this channel and in this state if
    that is counted.
    """
    span = SpanPart(made_ms(least_id), made_ms(before_id - 1) + 1)
    if "account_id" not in equal:
        return [span]
    counted = {name: equal[name] for name in ("account_id", "channel_id") if name in equal}
    state = equal.get("state", SUBMITTED)
    return parts_of(span, tx.hours_with_messages(span.hours, HOURS_MOST, state if state in STATES else SUBMITTED, counted))


def _shown(tx: PagesTx, rows: list[Facts]) -> list[Facts]:
    accounts, channels = names_of(tx, "account", rows), names_of(tx, "channel", rows)
    return [message(row, accounts, channels) for row in rows]


def message(row: Facts, accounts: dict[int, str], channels: dict[int, str]) -> Facts:
    """Returns a stored message as lists and exports show it, with the names of its account and channel."""
    return row | {
        "account": accounts.get(row["account_id"], ""),
        "channel": channels.get(row["channel_id"], ""),
        "state": MessageState(row["state"]).name.lower(),
        "product": Product(row["product"]).name.lower(),
        "code": row["code"] or (DELIVERED if row["state"] == MessageState.DELIVERED else ""),
        "accepted_ms": made_ms(row["id"]),
    }


def _replies(tx: PagesTx, query: ListQuery) -> list[Facts]:
    least, before = query.ids
    rows = tx.rows_before("mo", before, query.most, only_of(tx, query), least)
    return with_names(tx, rows, "account", "channel")


MESSAGES = Listing(
    name="messages",
    thing="Message",
    title="Messages",
    summary="List messages of a span, newest first.",
    columns=columns_of(
        "id:int task_id:int account product phone:phone segments:int points:int state channel code accepted_ms changed_ms"
    ),
    table=("accepted_ms", "phone", "state", "code", "account", "channel", "segments", "points", "id", "task_id"),
    rows=_messages,
    filters=(OF_ACCOUNT, OF_CHANNEL, STATE, CODE),
    span=Span(),
    usual_most=50,
)

REPLIES = Listing(
    name="replies",
    thing="Reply",
    title="Replies",
    summary="List what handsets sent, newest first.",
    columns=columns_of("id:int account channel phone:phone dest extno text:private task_id:int is_whole received_ms"),
    table=("received_ms", "phone", "text", "account", "channel", "dest", "extno", "task_id"),
    rows=_replies,
    filters=(OF_ACCOUNT,),
    span=Span(is_open=True),
    usual_most=50,
)

LISTS: tuple[Listing, ...] = (MESSAGES, REPLIES)
