"""What needs a person now: channels that are down, decisions that wait, reports that customers do not take."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum, auto

from hongyan.model.account import Product
from hongyan.model.alarm import AlarmKind, AlarmState
from hongyan.model.approval import ApprovalState
from hongyan.model.owed import OwedState
from hongyan.ports.tx.alarms import ObserveTx
from hongyan.ports.tx.queries import ListsTx
from hongyan.services.queries.channel_details import all_channels

LOW_POINTS = 1_000
"""A prepaid account with fewer points is shown."""

MOST = 50


class NeedKind(StrEnum):
    CHANNEL_DOWN = auto()
    CHANNEL_HELD = auto()
    PARKED = auto()
    SIGNATURES = auto()
    APPROVALS = auto()
    BALANCE_LOW = auto()
    CODES = auto()
    BACKLOG_OLD = auto()  # this and the next one: alarms that fire
    SUCCESS_LOW = auto()
    PUSHES_FAILING = auto()
    LEDGER_DIFFERS = auto()
    CERTIFICATE_ENDS = auto()


@dataclass(frozen=True, slots=True)
class Need:
    kind: NeedKind
    name: str = ""  # of the channel or the account
    count: int = 0  # messages, reports, signatures, points, codes; of an alarm its value
    since_ms: int = 0


def needs(tx: ObserveTx) -> list[Need]:
    """Returns at most MOST needs, the gravest first."""
    grave, others = _alarms(tx)
    found = [*grave, *_of_channels(tx), *others, *_parked(tx), *_signatures(tx), *_approvals(tx), *_low(tx), *_codes(tx)]
    return found[:MOST]


def _alarms(tx: ObserveTx) -> tuple[list[Need], list[Need]]:
    """Returns alarms of the ledger, and other alarms that nothing below shows."""
    firing = [row for row in tx.alarm_rows() if row["state"] == AlarmState.FIRING and row["kind"] in _ALARMS]
    found = [Need(NeedKind(row["kind"]), row["subject"], row["value"], row["since_ms"]) for row in firing]
    grave = [need for need in found if need.kind is NeedKind.LEDGER_DIFFERS]
    return grave, [need for need in found if need not in grave]


_ALARMS = frozenset({
    AlarmKind.BACKLOG_OLD, AlarmKind.SUCCESS_LOW, AlarmKind.PUSHES_FAILING, AlarmKind.LEDGER_DIFFERS, AlarmKind.CERTIFICATE_ENDS,
})  # fmt: skip


def _of_channels(tx: ListsTx) -> list[Need]:
    rows = all_channels(tx)
    down = [row for row in rows if row["state"] != "stopped" and row["link"] != "up"]
    held = [row for row in rows if row["queued"] and row["link"] == "up" and row["state"] == "paused"]
    return [Need(NeedKind.CHANNEL_DOWN, row["name"], row["queued"], row["since_ms"]) for row in down] + [
        Need(NeedKind.CHANNEL_HELD, row["name"], row["queued"], row["oldest_ms"]) for row in held
    ]


def _parked(tx: ListsTx) -> list[Need]:
    """Returns reports and replies whose posts failed, by account."""
    names = {row["id"]: row["name"] for row in tx.rows_of("account")}
    parked: Counter[str] = Counter()
    for row in tx.owed_counts():
        if row["state"] == OwedState.PARKED:
            parked[names.get(row["account_id"], "")] += row["count"]
    return [Need(NeedKind.PARKED, name, count) for name, count in parked.most_common()]


def _signatures(tx: ListsTx) -> list[Need]:
    waiting = tx.rows_of("signature", state="pending")
    return [Need(NeedKind.SIGNATURES, count=len(waiting), since_ms=min(row["made_ms"] for row in waiting))] if waiting else []


def _approvals(tx: ListsTx) -> list[Need]:
    """Returns changes of money that wait for a second person."""
    waiting = tx.rows_of("approval", state=ApprovalState.WAITING.value)
    return [Need(NeedKind.APPROVALS, count=len(waiting), since_ms=min(row["made_ms"] for row in waiting))] if waiting else []


def _low(tx: ListsTx) -> list[Need]:
    """Working accounts that may use few points more; one that is stopped, or sends MMS alone, has no need of any."""
    names = {row["id"]: row["name"] for row in tx.rows_of("account") if not row["is_stopped"]}
    free = {id_: wallet.points + wallet.credit for id_, wallet in tx.read_wallets(list(names), int(Product.SMS)).items()}
    return [
        Need(NeedKind.BALANCE_LOW, name, free[id_]) for id_, name in names.items() if free.get(id_, LOW_POINTS) < LOW_POINTS
    ]


def _codes(tx: ListsTx) -> list[Need]:
    unknown = tx.unknown_codes()
    return [Need(NeedKind.CODES, count=len(unknown))] if unknown else []
