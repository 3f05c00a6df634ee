"""Single things in full, and configuration with its current state, as people read them. Secrets are never included."""

from hongyan.i18n import _
from hongyan.model.account import AccountChange, Product, extno_digits
from hongyan.model.account_secrets import AccountSecrets
from hongyan.model.channel import ChannelChange, ChannelOpening
from hongyan.model.columns import Facts
from hongyan.model.dialect import DialectName
from hongyan.model.errors import NotFound
from hongyan.model.fields import in_words, shown_row
from hongyan.model.ids import made_ms
from hongyan.model.ledger import Wallet
from hongyan.model.message import MessageState, TaskState
from hongyan.model.mms import Media
from hongyan.model.phone import national
from hongyan.model.rows import Lease
from hongyan.ports.tx.queries import ListsTx
from hongyan.services.admin.accounts import find_account
from hongyan.services.admin.channels import find_channel
from hongyan.services.queries.lists.tasks import progress_of


def accounts(tx: ListsTx) -> list[Facts]:
    return _accounts(tx, tx.rows_of("account"))


def accounts_after(tx: ListsTx, name: str | None, most: int, customer_id: int | None = None) -> list[Facts]:
    """Returns accounts by name, behind this one, of one customer or of all."""
    equal = {} if customer_id is None else {"customer_id": customer_id}
    return _accounts(tx, tx.rows_after("account", "name", name, most, equal))


def _accounts(tx: ListsTx, rows: list[Facts]) -> list[Facts]:
    wallets = tx.read_wallets([row["id"] for row in rows], int(Product.SMS))
    return [_account(row, wallets.get(row["id"])) for row in rows]


def account(tx: ListsTx, name: str) -> Facts:
    """Returns an account with its wallet for MMS, if it has one, and its prices. raises: NotFound"""
    row = find_account(tx, name)
    mms = tx.read_wallet(row["id"], int(Product.MMS))
    prices = {
        f"{Product(price['product']).name.lower()} {price['carrier'] or 'any'}": price["points"]
        for price in tx.rows_of("price", account_id=row["id"])
    }
    return (
        _account(row, tx.read_wallet(row["id"], int(Product.SMS)))
        | ({"mms_points": mms.points} if mms else {})
        | {"prices": prices}
    )


def _account(row: Facts, wallet: Wallet | None) -> Facts:
    shown = shown_row(row, AccountChange, AccountSecrets) | in_words(AccountChange, row)
    shown["has_protocol_secret"] = bool(row["protocol_secret"])
    shown["extno_most"] = extno_digits(row["extno_most"], DialectName(row["dialect"]))
    shown |= {name: getattr(wallet, name, None) for name in ("points", "credit", "topped_up")}
    return shown | {"state": "stopped" if row["is_stopped"] else "live"}


def channels(tx: ListsTx) -> list[Facts]:
    """Returns every channel with the state of its link, as its owner last reported, and what waits for it."""
    now = tx.database_ms()
    leases = tx.leases()
    queued, troubles = {row["channel_id"]: row for row in tx.queued()}, tx.troubles()
    return [
        _channel(row, leases.get(row["id"]), queued.get(row["id"]), now, troubles.get(row["id"], ""))
        for row in tx.rows_of("channel")
    ]


def channel(tx: ListsTx, name: str) -> Facts:
    """raises: NotFound"""
    wanted = find_channel(tx, name)["id"]
    return next(row for row in channels(tx) if row["id"] == wanted)


def _channel(row: Facts, lease: Lease | None, queued: Facts | None, now_ms: int, trouble: str) -> Facts:
    shown = shown_row(row, ChannelOpening, ChannelChange) | in_words(ChannelChange, row)
    is_held = lease is not None and lease.expires_ms > now_ms
    return shown | {
        "link": ("up" if lease.is_up else "down") if lease and is_held else "nobody's",
        "since_ms": lease.since_ms if lease else 0,
        "owner": lease.owner if lease and is_held else "",
        "trouble": trouble if is_held else "",
        "queued": queued["messages"] if queued else 0,
        "oldest_ms": made_ms(queued["oldest"]) if queued else 0,
    }


def leases(tx: ListsTx) -> list[Facts]:
    """Returns which process owns which channel, and whether its link is up."""
    names = {row["id"]: row["name"] for row in tx.rows_of("channel")}
    return [
        {
            "channel": names[channel_id],
            "owner": one.owner,
            "epoch": one.epoch,
            "link": "up" if one.is_up else "down",
            "since_ms": one.since_ms,
        }
        for channel_id, one in tx.leases().items()
        if channel_id in names and one.expires_ms
    ]


def nodes(tx: ListsTx) -> list[Facts]:
    """Returns the processes that make ids now, servers and commands."""
    now_ms = tx.database_ms()
    rows = sorted(tx.rows_of("node"), key=lambda row: int(row["number"]))
    return [
        {"node": row["number"], "owner": row["owner"], "expires_ms": row["expires_ms"]}
        for row in rows
        if row["expires_ms"] > now_ms
    ]


def mms_from(tx: ListsTx, phone: int) -> tuple[Media, ...]:
    """Returns the parts of the newest MMS that a phone sent; a part that was dropped is empty. raises: NotFound"""
    reply_id = tx.last_mms_from(phone)
    if reply_id is None:
        raise NotFound("no MMS came from {phone}", phone=national(phone))
    return tx.media_of_reply(reply_id)


def _order(route: Facts) -> tuple[bool, int, bool, int, int]:
    """Routes of an account come first, then those for the longest beginning of a foreign number."""
    carrier = route["carrier"]
    digits = len(carrier) if carrier.startswith("+") else 0
    return route["account_id"] is None, -digits, carrier == "", route["tier"], route["id"]


def routes(tx: ListsTx) -> list[Facts]:
    """Returns every route with the names of its channel and account, in the order in which they are tried."""
    names = {row["id"]: row["name"] for row in tx.rows_of("channel")}
    people = {row["id"]: row["name"] for row in tx.rows_of("account")}
    rows = sorted(
        tx.rows_of("route"),
        key=_order,
    )
    return [
        {
            "id": row["id"],
            "account": people.get(row["account_id"], ""),
            "carrier": row["carrier"] or "any",
            "channel": names.get(row["channel_id"], ""),
            "tier": row["tier"],
            "weight": row["weight"],
        }
        for row in rows
    ]


def task(tx: ListsTx, task_id: int) -> Facts:
    """Returns one task with its messages counted by state. raises: NotFound"""
    row, states = _stored_task(tx, task_id), tx.task_states(task_id)
    messages = {MessageState(state).name.lower(): count for state, count in states.items()}
    return _task(row) | progress_of(states, row["numbers"]) | {"messages": messages}


def task_progress(tx: ListsTx, task_id: int) -> Facts:
    """Returns how far one task is, counted whole. raises: NotFound"""
    row = _stored_task(tx, task_id)
    return {"id": task_id, "numbers": row["numbers"]} | progress_of(tx.task_states(task_id), row["numbers"])


def task_text(tx: ListsTx, task_id: int, *, is_full: bool) -> str:
    """Returns the text of a task, or its length for those who may not see it; "" if each of its numbers has one of its own.

    raises: NotFound
    """
    row = _stored_task(tx, task_id)
    text: str = row["text"] or ""
    if row["udh"] is not None:
        return _("({count} octets)", count=len(text) // 2)
    return text if is_full or not text else _("({count} characters)", count=len(text))


def _stored_task(tx: ListsTx, task_id: int) -> Facts:
    """raises: NotFound"""
    row = tx.task(task_id)
    if row is None:
        raise NotFound("there is no task {number}", number=task_id)
    return row


def _task(row: Facts) -> Facts:
    shown = {name: value for name, value in row.items() if name not in {"text", "account_id", "is_paused"}}
    state = "paused" if row["is_paused"] else TaskState(row["state"]).name.lower()
    return shown | {"state": state, "product": Product(row["product"]).name.lower()}
