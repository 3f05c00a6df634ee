"""The report step: receipts find their segments, messages get their verdict, money is settled, reports are owed.

The lane commits before the carriers are answered, so a crash costs a repeat, never a loss. A repeat changes nothing. A receipt
that came before the answer to its submit is parked under its id and waits for it.
"""

from collections.abc import Sequence

from hongyan.model.ids import IdSource
from hongyan.model.message import ReceiptOutcome, ReceiptState
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.traffic import Receipt
from hongyan.policy.receipts import ended_at, judged
from hongyan.ports.receivers import Receivers
from hongyan.ports.tx.report import ReportTx
from hongyan.services.steps.verdicts import ResendContext, conclude


def take_receipts(
    tx: ReportTx,
    batches: Sequence[Sequence[Receipt]],
    *,
    snapshot: ConfigSnapshot,
    ids: IdSource,
    now_ms: int,
    parcel_messages: int,
    receivers: Receivers | None = None,
) -> list[set[int]]:
    """Record batches of status reports; returns, for each batch, the accounts that have something to be claimed."""
    receipts = [receipt for batch in batches for stated in batch if (receipt := _final(tx, stated, snapshot))]
    resend = ResendContext(ids, parcel_messages)
    owed = conclude(tx, tx.match_receipts(receipts, now_ms), snapshot, resend, now_ms, receivers) if receipts else set()
    return [owed] * len(batches)


def _final(tx: ReportTx, receipt: Receipt, snapshot: ConfigSnapshot) -> Receipt | None:
    """Returns the receipt as it is to be kept, or None if it ends nothing."""
    if receipt.state is not ReceiptState.DELIVERED or not receipt.code:
        channel = snapshot.channels.get(receipt.channel_id)
        receipt.state, receipt.code = judged(channel, receipt.state, receipt.code, receipt.stat)
    if receipt.state is ReceiptState.PENDING:
        tx.count_receipts(receipt.channel_id, ReceiptOutcome.NOT_FINAL)
        return None
    receipt.done_ms = ended_at(receipt.done_ms, receipt.received_ms)
    return receipt
