"""Sending for an account by the staff or their programs. It is judged and charged as if the account's own program had sent."""

from collections.abc import Sequence

from hongyan.model.account import Account, Product
from hongyan.model.errors import Invalid, NotFound
from hongyan.model.phone import national
from hongyan.model.submission import Accepted, Submission
from hongyan.ports.admin import AdminStore
from hongyan.ports.tx.queries import TraceTx
from hongyan.services.admit import admit


async def send(
    store: AdminStore,
    account: str,
    to: Sequence[str],
    text: str,
    *,
    source: str,
    extno: str = "",
    send_at_ms: int = 0,
    client_ref: str = "",
    client_hash: bytes = b"",
) -> Accepted:
    """Send a text for an account. raises: NotFound for the account, Refusal"""
    snapshot = await store.snapshot()
    sender: Account | None = snapshot.accounts.get(account)
    if sender is None:
        raise NotFound("there is no account {name}", name=account)
    submission = Submission(
        sender, to, text, extno=extno, send_at_ms=send_at_ms, source=source, client_ref=client_ref, client_hash=client_hash
    )
    return await store.accept(admit(snapshot, submission, store.now_ms()))


async def send_again(store: AdminStore, message_id: int, *, source: str) -> Accepted:
    """Send the text of a message to its number again, as a new task that the account pays. raises: NotFound, Invalid, Refusal"""
    account, phone, text, extno = await store.read(_what_was_sent, message_id)
    return await send(store, account, [phone], text, source=source, extno=extno)


def _what_was_sent(tx: TraceTx, message_id: int) -> tuple[str, str, str, str]:
    """Returns account, number, text and extno. raises: NotFound, Invalid"""
    rows = tx.messages_by_id(message_id)
    if not rows:
        raise NotFound("nothing is known of {what}", what=message_id)
    (row,) = rows
    if row["udh"] is not None or row["product"] != Product.SMS:
        raise Invalid("only texts are sent again from here")
    return row["account"], national(row["phone"]), row["text"] if row["text"] is not None else row["task_text"], row["extno"]
