"""What customers are owed, what was posted to them, and receipts that met no message."""

from hongyan.model.columns import Facts, columns_of
from hongyan.model.ids import made_ms
from hongyan.model.masking import without_password
from hongyan.model.message import ReceiptState
from hongyan.model.owed import OwedKind, OwedState, PushOutcome, read_answer
from hongyan.ports.tx.queries import ListsTx, PagesTx
from hongyan.services.queries.lists.filters import ACCOUNT, OF_CHANNEL
from hongyan.services.queries.lists.listing import Listing, ListQuery, Span
from hongyan.services.queries.lists.names import only_of, with_names


def _pushes(tx: PagesTx, query: ListQuery) -> list[Facts]:
    return [
        row
        | {
            "kind": OwedKind(row["kind"]).name.lower(),
            "outcome": PushOutcome(row["outcome"]).name.lower(),
            "url": without_password(row["url"]),
            "answer": read_answer(row["status"], row["answer"]),
            "at_ms": made_ms(row["id"]),
        }
        for row in tx.rows_before("attempt", query.before_id, query.most, only_of(tx, query))
    ]


def _owed(tx: ListsTx, query: ListQuery) -> list[Facts]:
    account_id, kind, state = query.after or (0, 0, 0)
    rows = tx.owed_counts((account_id, kind, state), query.most)
    return [
        {
            "account": row["account"],
            "kind": OwedKind(row["kind"]).name.lower(),
            "state": OwedState(row["state"]).name.lower(),
            "count": row["count"],
            "place": [row["account_id"], row["kind"], row["state"]],
        }
        for row in with_names(tx, rows, "account")
    ]


def _unmatched(tx: ListsTx, query: ListQuery) -> list[Facts]:
    channel_id, after = only_of(tx, query).get("channel_id"), tuple(query.after) if query.after else None
    rows = tx.unmatched_receipts(query.given["since_ms"], query.most, channel_id, after)
    return [
        row
        | {
            "state": ReceiptState(row["receipt"]).name.lower(),
            "why": "another phone has the id" if row["n"] < 0 else "nothing has the id",
        }
        for row in with_names(tx, rows, "channel")
    ]


PUSHES = Listing(
    name="pushes",
    thing="Push",
    title="Pushes",
    summary="List posts to a customer, newest first.",
    columns=columns_of("id:int at_ms kind items:int url outcome status:int answer took_ms"),
    table=("at_ms", "kind", "items", "outcome", "status", "took_ms", "url", "answer"),
    rows=_pushes,
    filters=(ACCOUNT,),
    usual_most=50,
)

OWED = Listing(
    name="owed",
    thing="Owed",
    title="What customers have not got yet",
    summary="Count what customers are owed and have not got.",
    columns=columns_of("account kind state count:int"),
    table=("account", "kind", "state", "count"),
    rows=_owed,
    order=("place",),
)

UNMATCHED = Listing(
    name="reports",
    thing="UnmatchedReceipt",
    title="Unmatched reports",
    summary="List receipts that met no message, newest first.",
    columns=columns_of("received_ms channel carrier_id phone:phone state code why"),
    table=("received_ms", "channel", "carrier_id", "phone", "state", "code", "why"),
    rows=_unmatched,
    filters=(OF_CHANNEL,),
    span=Span(),
    order=("made_ms", "channel_id", "carrier_id", "n"),
    usual_most=100,
)

LISTS: tuple[Listing, ...] = (PUSHES, OWED, UNMATCHED)
