"""Changes of words, black lists and signatures, each with its audit row in the same transaction.

Long imports are cut into slices of up to `SLICE`, each in a transaction of its own, so that messages pass between them. An
import that was interrupted can be repeated as it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from hongyan.model.act import Act, AuditAction
from hongyan.model.black_list import ListedNumber
from hongyan.model.errors import Conflict, NotFound
from hongyan.model.number_list import OVER_S
from hongyan.model.signature import SignatureChange, SignatureDecision, SignatureState
from hongyan.model.words import EVERYBODY, WORD, plain
from hongyan.ports.tx.rules import RulesTx
from hongyan.services.admin.accounts import find_account
from hongyan.services.snapshot_rules import LISTED, WORDS

SLICE = 5_000
"""Words or numbers that are changed in one transaction."""

_AUDITED = 20  # entries of a slice that an audit row names


def add_words(tx: RulesTx, act: Act, words: Sequence[str], account: str) -> int:
    """Add words for an account, "" for all accounts; returns how many are new. raises: Invalid, NotFound"""
    account_id = _account_id(tx, account)
    rows: dict[str, tuple[int, str, str]] = {}
    for word in (WORD.checked("word", text) for text in words):
        rows.setdefault(plain(word), (account_id, plain(word), word))
    known = _known_words(tx, account_id, rows)
    fresh = [row for key, row in rows.items() if key not in known]
    if fresh:
        tx.put_words(fresh, act.now_ms)
        _changed(tx, act, WORDS, AuditAction.WORD_ADD, account, {}, _sample([row[2] for row in fresh]))
    return len(fresh)


def remove_words(tx: RulesTx, act: Act, words: Sequence[str], account: str) -> int:
    """Remove words; returns how many existed. raises: NotFound for the account"""
    account_id = _account_id(tx, account)
    keys = sorted({(account_id, plain(word)) for word in words})
    count = tx.drop_words(keys)
    if count:
        _changed(tx, act, WORDS, AuditAction.WORD_REMOVE, account, _sample([key[1] for key in keys]), {})
    return count


def words(tx: RulesTx, account: str | None = None) -> Iterator[dict[str, Any]]:
    """Returns all words, or those of one account ("": the words for all accounts), by account and word. raises: NotFound"""
    wanted = None if account is None else _account_id(tx, account)
    names = {row["id"]: row["name"] for row in tx.rows_of("account")}
    after = (-1, "")
    while page := tx.words_page(after, SLICE):
        yield from (
            {"word": text, "account": names.get(account_id, "")}
            for account_id, _, text in page
            if wanted is None or account_id == wanted
        )
        after = page[-1][:2]


def add_listed(tx: RulesTx, act: Act, entries: Sequence[ListedNumber], account: str) -> int:
    """Black-list numbers for an account, "" for all. Of several entries of a number the last counts. Returns how many numbers.
    raises: NotFound
    """
    account_id = _account_id(tx, account)
    rows = {entry.phone: (account_id, entry.phone, entry.end_s, entry.note) for entry in entries}
    _put_listed(tx, act, list(rows.values()), AuditAction.BLACKLIST_ADD, account)
    return len(rows)


def remove_listed(tx: RulesTx, act: Act, phones: Iterable[int], account: str) -> int:
    """Take numbers off a list; returns how many were on it. raises: NotFound for the account"""
    account_id = _account_id(tx, account)
    found = tx.listed_as(sorted({(account_id, phone) for phone in phones}))
    rows = [(account_id, phone, OVER_S, note) for _, phone, end_s, note, _ in found if end_s > act.now_ms // 1000]
    if rows:
        _put_listed(tx, act, rows, AuditAction.BLACKLIST_REMOVE, account)
    return len(rows)


def _put_listed(tx: RulesTx, act: Act, rows: Sequence[tuple[int, int, int, str]], action: AuditAction, account: str) -> None:
    tx.put_listed(rows, tx.take_count(LISTED, 1), act.now_ms)
    sample = _sample([row[1] for row in rows])
    before, after = ({}, sample) if action is AuditAction.BLACKLIST_ADD else (sample, {})
    tx.audit(act, action, account or "everybody", before, after)


def where_listed(tx: RulesTx, phone: int, now_ms: int) -> list[dict[str, Any]]:
    """Returns the lists that a number stands on now."""
    names = {row["id"]: row["name"] for row in tx.rows_of("account")}
    found = tx.listed_as([(account_id, phone) for account_id in (EVERYBODY, *names)])
    return [_listed(row, names) for row in sorted(found) if row[2] > now_ms // 1000]


def listed(tx: RulesTx, now_ms: int, account: str | None = None) -> Iterator[dict[str, Any]]:
    """Returns all entries that hold now, or those of one account ("": the list for all accounts). raises: NotFound"""
    wanted = None if account is None else _account_id(tx, account)
    names = {row["id"]: row["name"] for row in tx.rows_of("account")}
    after = (-1, -1)
    while page := tx.listed_page(after, SLICE):
        yield from (_listed(row, names) for row in page if row[2] > now_ms // 1000 and wanted in {None, row[0]})
        after = page[-1][:2]


def _listed(row: tuple[int, int, int, str, int], names: dict[int, str]) -> dict[str, Any]:
    account_id, phone, end_s, note, made_ms = row
    return {"phone": phone, "account": names.get(account_id, ""), "end_s": end_s, "note": note, "made_ms": made_ms}


def add_signature(tx: RulesTx, act: Act, account: str, signature: SignatureChange) -> int:
    """Enter a signature of an account, pending or approved at once; returns its number. raises: NotFound, Conflict"""
    account_id, name = find_account(tx, account)["id"], signature.name
    if tx.rows_of("signature", account_id=account_id, name=name):
        raise Conflict("{account} has a signature 【{name}】 already", account=account, name=name)
    number = tx.take_count("signature", 1)
    state = SignatureState.APPROVED if signature.is_approved else SignatureState.PENDING
    values = {"account_id": account_id, "name": name, "state": state.value, "note": ""}
    tx.add_row("signature", id=number, **values, made_ms=act.now_ms, decided_ms=act.now_ms if signature.is_approved else 0)
    tx.audit(act, AuditAction.SIGNATURE_ADD, str(number), {}, values)
    return number


def decide_signature(tx: RulesTx, act: Act, number: int, decision: SignatureDecision) -> tuple[str, str]:
    """Approve or reject a signature, whatever it was before; returns the name of its account, and its own. raises: NotFound"""
    found = tx.rows_of("signature", id=number)
    if not found:
        raise NotFound("there is no signature {number}", number=number)
    state = SignatureState.APPROVED if decision.is_approved else SignatureState.REJECTED
    changes = {"state": state.value, "note": decision.note or "", "decided_ms": act.now_ms}
    tx.change_row("signature", number, **changes)
    tx.audit(act, AuditAction.SIGNATURE_DECIDE, str(number), found[0], changes)
    (account,) = tx.rows_of("account", id=found[0]["account_id"])
    return account["name"], found[0]["name"]


def put_signature(tx: RulesTx, act: Act, account: str, name: str, state: SignatureState, note: str) -> None:
    """Enter a signature in this state, or set the state of the one that is there. raises: NotFound"""
    found = tx.rows_of("signature", account_id=find_account(tx, account)["id"], name=name)
    number = found[0]["id"] if found else add_signature(tx, act, account, SignatureChange(name=name))
    decided_ms = 0 if state is SignatureState.PENDING else act.now_ms
    before = found[0] if found else tx.rows_of("signature", id=number)[0]
    changes = {"state": state.value, "note": note, "decided_ms": decided_ms}
    if any(before[name] != changes[name] for name in ("state", "note")):
        tx.change_row("signature", number, **changes)
        tx.audit(act, AuditAction.SIGNATURE_DECIDE, str(number), before, changes)


def remove_signature(tx: RulesTx, act: Act, account: str, name: str) -> None:
    """Remove a signature; texts with it are judged as if it had never been entered. raises: NotFound"""
    rows = tx.rows_of("signature", account_id=find_account(tx, account)["id"], name=name)
    if not rows:
        raise NotFound("{account} has no signature 【{name}】", account=account, name=name)
    tx.drop_row("signature", rows[0]["id"])
    tx.audit(act, AuditAction.SIGNATURE_REMOVE, str(rows[0]["id"]), rows[0], {})


def _account_id(tx: RulesTx, account: str) -> int:
    return int(find_account(tx, account)["id"]) if account else EVERYBODY


def _known_words(tx: RulesTx, account_id: int, rows: Iterable[str]) -> set[str]:
    return {key for _, key, _ in tx.words_as(sorted({(account_id, key) for key in rows}))}


def _sample(values: Sequence[object]) -> dict[str, object]:
    """Returns what an audit row has of many values: how many there are, and the first ones."""
    return {"count": len(values), "first": values[:_AUDITED]}


def _changed(tx: RulesTx, act: Act, counter: str, action: AuditAction, account: str, before: object, after: object) -> None:
    tx.take_count(counter, 1)
    tx.audit(act, action, account or "everybody", before, after)
