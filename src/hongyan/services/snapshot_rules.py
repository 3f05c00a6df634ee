"""Words and black lists for the ConfigSnapshot, read in pages. If an earlier snapshot is known, only what changed since is
read.

A table of words is read as a whole when its version has grown (100,000 take a tenth of a second). Black lists may have millions
of rows, and only their changes are read.
"""

from collections.abc import Iterator, Mapping
from itertools import groupby

from hongyan.model.number_list import NumberList
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.words import Word, WordTable
from hongyan.ports.tx.snapshot import SnapshotTx

WORDS, LISTED = "words", "listed"
"""Counters that grow with every change of words and of black lists."""

_PAGE = 20_000
_CHANGES = 20
"""Changes that are read at once; one has up to `rules.SLICE` numbers."""


def load_words(tx: SnapshotTx, last: ConfigSnapshot) -> WordTable | None:
    """Returns the table of words; that of the earlier snapshot if nothing changed."""
    version = tx.read_count(WORDS)
    if version == (last.words.version if last.words else 0):
        return last.words
    return WordTable.of(version, _words(tx), last.words)


def _words(tx: SnapshotTx) -> Iterator[Word]:
    after = (-1, "")
    while page := tx.words_page(after, _PAGE):
        yield from (Word(*row) for row in page)
        after = page[-1][:2]


def load_listed(tx: SnapshotTx, last: ConfigSnapshot) -> tuple[Mapping[int, NumberList], int]:
    """Returns the black lists by account, and the number of the last change in them."""
    version = tx.read_count(LISTED)
    if version == last.listed_version:
        return last.listed, version
    if not last.listed:
        return {account_id: NumberList.of(pairs) for account_id, pairs in _by_account(tx)}, version
    now_s = tx.database_ms() // 1000
    listed = dict(last.listed)
    for first in range(last.listed_version, version, _CHANGES):
        changed: dict[int, list[tuple[int, int]]] = {}
        for account_id, phone, end_s in tx.listed_since(first, min(first + _CHANGES, version)):
            changed.setdefault(account_id, []).append((phone, end_s))
        for account_id, pairs in changed.items():
            listed[account_id] = listed.get(account_id, NumberList()).with_changes(pairs, now_s)
    return listed, version


def _by_account(tx: SnapshotTx) -> Iterator[tuple[int, Iterator[tuple[int, int]]]]:
    for account_id, rows in groupby(_listed(tx), key=lambda row: row[0]):
        yield account_id, ((phone, end_s) for _, phone, end_s in rows)


def _listed(tx: SnapshotTx) -> Iterator[tuple[int, int, int]]:
    after = (-1, -1)
    while page := tx.listed_page(after, _PAGE):
        yield from (row[:3] for row in page)
        after = page[-1][:2]
