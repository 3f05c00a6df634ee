"""Parts of long texts that customers submit over sessions: stored one by one, and joined when the last one came.

The parts of one account are taken one after the other, by the lock on its wallet; so of two processes the second one sees what the
first one stored.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from hongyan.model.account import Product
from hongyan.model.refusal import Refusal
from hongyan.model.session_submit import StoredPart
from hongyan.ports.tx.session_parts import SessionPartsTx
from hongyan.services.submitted_texts import PartTaken, Texts, keys_of, session_of

REPEAT_MS = 10 * 60 * 1000
"""How long a repeated part of a whole text is recognised."""

OPEN_MOST = 5_000
"""The most parts of one account that wait for others."""


def take_parts(
    tx: SessionPartsTx, batch: Sequence[StoredPart], *, is_cut_off: Callable[[int], bool], now_ms: int, most: int = OPEN_MOST
) -> list[PartTaken | Refusal]:
    """Store parts; returns an answer for each. raises: Refusal PARTS_MANY

    is_cut_off: whether an open session of this process, by its id, gets no answers through to its customer
    """
    accounts = {part.account_id for part in batch}
    tx.lock_wallets({(account_id, Product.SMS) for account_id in accounts})
    stored = [
        part
        for part in tx.parts_of_texts({(part.account_id, key) for part in batch for key in keys_of(part.text_key)})
        if not part.task_id or part.received_ms > now_ms - REPEAT_MS
    ]
    answered = _of_whole_texts(stored)
    session_ends = tx.session_ends({session_of(part) for part in [*answered, *batch]}) if answered else {}
    texts = Texts(stored, session_ends, is_cut_off)
    free = {account_id: most - count for account_id, count in tx.open_parts(accounts, most).items()}
    answers = [texts.take(replace(part), free, most) for part in batch]  # the batch stays as it is, since it may be run again
    tx.move_parts(list(texts.moved.values()))
    tx.add_parts(list(texts.added.values()))
    return answers


def _of_whole_texts(stored: Sequence[StoredPart]) -> list[StoredPart]:
    """Returns the parts of texts that were accepted, or would have been if their process had not died."""
    counts = Counter((part.account_id, part.text_key) for part in stored)
    return [part for part in stored if part.task_id or counts[part.account_id, part.text_key] == part.parts]
