"""What alarms look at, and alarms as people read them."""

from collections import Counter
from collections.abc import Iterator

from hongyan.model.account import Product
from hongyan.model.alarm import USUAL, AlarmKind, AlarmState, CertificateEnd, Observation
from hongyan.model.columns import Facts
from hongyan.model.hourly import MessageTally
from hongyan.model.ids import HOUR_MS, first_id
from hongyan.model.owed import PushOutcome
from hongyan.policy.alarms import rule_of
from hongyan.ports.tx.alarms import ObserveTx
from hongyan.services.queries.channel_details import all_channels
from hongyan.services.queries.statistics import tally

PUSHES_MS = 600_000
PUSHES_LEAST = 5  # fewer posts within ten minutes say nothing
ENDED_LEAST, BASE_LEAST = 50, 500  # fewer messages of two hours, or of the week before, say nothing
WEEK_HOURS = 7 * 24

LEDGER = "ledger"


def observe(
    tx: ObserveTx, now_ms: int, certificate: CertificateEnd | None = None, *, with_success: bool, with_ledger: bool
) -> list[Observation]:
    """Returns what a rule could find bad, as it is now. with_success, with_ledger: also these, which take longer

    certificate: of the process that looks, if it serves one
    """
    found = [*_channels(tx, now_ms), *_pushes(tx, now_ms), *_balances(tx)]
    found += [_certificate(tx, certificate, now_ms)] if certificate else ()
    found += _success(tx, now_ms) if with_success else ()
    return [*found, _ledger(tx)] if with_ledger else found


def _channels(tx: ObserveTx, now_ms: int) -> Iterator[Observation]:
    rules = tx.alarm_rules()
    for row in all_channels(tx):
        name, runs = row["name"], row["state"] == "running"
        is_down = runs and row["link"] != "up"
        down_s = max(0, now_ms - row["since_ms"]) // 1000 if is_down and row["since_ms"] else 0
        yield Observation(AlarmKind.CHANNEL_DOWN, name, down_s, is_down)
        age_s = max(0, now_ms - row["oldest_ms"]) // 1000 if row["queued"] else 0
        threshold = rule_of(rules, AlarmKind.BACKLOG_OLD, name).threshold
        yield Observation(AlarmKind.BACKLOG_OLD, name, age_s, age_s > threshold)


def _success(tx: ObserveTx, now_ms: int) -> Iterator[Observation]:
    """Compare the success rate of this hour and the last one with that of the week before. The value is the rate in percent."""
    rules, hour = tx.alarm_rules(), now_ms // HOUR_MS
    recent = tally(tx.hourly_sums("channel", range(hour - 1, hour + 1)))
    before = tally(tx.hourly_sums("channel", range(hour - 1 - WEEK_HOURS, hour - 1)))
    for row in tx.rows_of("channel"):
        now, base = recent.get(row["id"], MessageTally()), before.get(row["id"], MessageTally())
        threshold = rule_of(rules, AlarmKind.SUCCESS_LOW, row["name"]).threshold
        is_known = _ended(now) >= ENDED_LEAST and _ended(base) >= BASE_LEAST
        is_low = is_known and (now.rate or 0) < (base.rate or 0) - threshold
        yield Observation(AlarmKind.SUCCESS_LOW, row["name"], round(now.rate or 0), is_low)


def _ended(one: MessageTally) -> int:
    return one.delivered + one.failed + one.unknown


def _pushes(tx: ObserveTx, now_ms: int) -> Iterator[Observation]:
    rules = tx.alarm_rules()
    posts: dict[int, Counter[bool]] = {}
    for row in tx.pushes_since(first_id(now_ms - PUSHES_MS)):
        posts.setdefault(row["account_id"], Counter())[row["outcome"] == PushOutcome.TAKEN] += row["count"]
    for account in tx.rows_of("account"):
        counts = posts.get(account["id"], Counter())
        whole = counts.total()
        failed = round(100 * counts[False] / whole) if whole else 0
        threshold = rule_of(rules, AlarmKind.PUSHES_FAILING, account["name"]).threshold
        yield Observation(AlarmKind.PUSHES_FAILING, account["name"], failed, whole >= PUSHES_LEAST and failed > threshold)


def _balances(tx: ObserveTx) -> Iterator[Observation]:
    """Observe accounts that have bought points or have credit. The value is what is free in the lowest of their wallets."""
    rules, wallets = tx.alarm_rules(), tx.wallet_balances()
    for account in tx.rows_of("account"):
        mine = [wallets[account["id"], product] for product in Product if (account["id"], product) in wallets]
        free = min((points + credit for points, credit, topped_up in mine if topped_up or credit), default=None)
        threshold = rule_of(rules, AlarmKind.BALANCE_LOW, account["name"]).threshold
        is_low = free is not None and free < threshold and not account["is_stopped"]
        yield Observation(AlarmKind.BALANCE_LOW, account["name"], free or 0, is_low)


def _ledger(tx: ObserveTx) -> Observation:
    """Observe by how many points wallets differ from their entries."""
    moved = tx.turnover_sums()
    differ = sum(abs(points - moved.get(key, 0)) for key, (points, _, _) in tx.wallet_balances().items())
    return Observation(AlarmKind.LEDGER_DIFFERS, LEDGER, differ, differ > 0)


def _certificate(tx: ObserveTx, certificate: CertificateEnd, now_ms: int) -> Observation:
    days = rule_of(tx.alarm_rules(), AlarmKind.CERTIFICATE_ENDS, certificate.name).threshold
    is_near = certificate.is_near(now_ms, days)
    return Observation(AlarmKind.CERTIFICATE_ENDS, certificate.name, certificate.days_left(now_ms), is_near)


def alarms(tx: ObserveTx, now_ms: int) -> list[Facts]:
    """Returns alarms that fire, then those that are bad but not for long enough, then those cleared within the last days; the
    newest first.
    """
    silences = {(one.kind.value, one.subject): one.until_ms for one in tx.alarm_silences() if one.until_ms > now_ms}
    rows = sorted(tx.alarm_rows(), key=lambda row: (_ORDER[AlarmState(row["state"])], -row["changed_ms"]))
    return [
        {
            "kind": row["kind"],
            "subject": row["subject"],
            "state": AlarmState(row["state"]).name.lower(),
            "value": row["value"],
            "since_ms": row["since_ms"],
            "changed_ms": row["changed_ms"],
            "silenced_until_ms": max(silences.get((row["kind"], row["subject"]), 0), silences.get((row["kind"], ""), 0)),
        }
        for row in rows
    ]


def firing(tx: ObserveTx) -> int:
    """Returns how many alarms fire now, silenced ones too: a silence keeps notices back, not the alarm."""
    return tx.alarms_in(AlarmState.FIRING)


_ORDER = {AlarmState.FIRING: 0, AlarmState.PENDING: 1, AlarmState.CLEARED: 2}


def rules(tx: ObserveTx) -> list[Facts]:
    """Returns the rule of each kind, and those of single channels and accounts."""
    rules = tx.alarm_rules()
    keys = [*((kind, "") for kind in AlarmKind if (kind, "") not in rules), *rules]
    found = [(kind, subject, rules.get((kind, subject)) or USUAL[kind]) for kind, subject in sorted(keys)]
    return [
        {
            "kind": kind.value,
            "subject": subject or "all",
            "threshold": rule.threshold,
            "unit": UNITS[kind],
            "duration_s": rule.duration_s,
            "is_on": rule.is_on,
            "is_usual": (kind, subject) not in rules,
        }
        for kind, subject, rule in found
    ]


UNITS = {
    AlarmKind.CHANNEL_DOWN: "",
    AlarmKind.BACKLOG_OLD: "s",
    AlarmKind.SUCCESS_LOW: "%",
    AlarmKind.PUSHES_FAILING: "%",
    AlarmKind.BALANCE_LOW: "points",
    AlarmKind.LEDGER_DIFFERS: "points",
    AlarmKind.CERTIFICATE_ENDS: "days",
}
