"""Which templates a text may have been made from, and where it differs from the nearest one."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from hongyan.model.columns import Facts
from hongyan.model.errors import Invalid
from hongyan.model.template import GAP
from hongyan.ports.tx.config import ConfigTx
from hongyan.services.admin.accounts import find_account
from hongyan.services.queries.lists.names import names_of

LOOKED_MOST = 20_000
"""The most templates that one test looks through."""

MATCHES_MOST = 50

_PAGE = 1_000
_SHOWN = 20  # characters of what differs


@dataclass(frozen=True, slots=True)
class Comparison:
    """A text beside a template.

    values: what fills the gaps, by number, if it fits
    share:  of the template's own characters those that were found, in order, before the text differs, in percent
    at:     where in the text it differs, from 0; wanted and found: how template and text go on there, "" at an end
    """

    values: dict[str, str]
    fits: bool
    share: float = 100.0
    at: int = 0
    wanted: str = ""
    found: str = ""


def template_test(tx: ConfigTx, text: str, account: str = "") -> Facts:
    """Returns the templates that the text fits, of one account or of all, and, if there is none, the nearest.

    raises: NotFound, Invalid for too many templates
    """
    only = {"account_id": find_account(tx, account)["id"]} if account else {}
    matches: list[Facts] = []
    nearest: Facts | None = None
    for row in _templates(tx, only):
        compared = compare(row["text"], text)
        if compared.fits:
            matches.append(_of(row) | {"values": compared.values})
        elif not matches and (nearest is None or compared.share > nearest["share"]):
            differs = {"share": compared.share, "start": compared.at, "wanted": compared.wanted, "found": compared.found}
            nearest = _of(row) | differs
        if len(matches) >= MATCHES_MOST:
            break
    named = [*matches, *([nearest] if nearest and not matches else [])]
    names = names_of(tx, "account", named)
    for row in named:
        row["account"] = names.get(row.pop("account_id"), "")
    return {"matches": matches, "nearest": None if matches else nearest}


def _of(row: Facts) -> Facts:
    return {name: row[name] for name in ("account_id", "number", "text")}


def _templates(tx: ConfigTx, only: Facts) -> Iterator[Facts]:
    """raises: Invalid"""
    after, looked = None, 0
    while rows := tx.rows_after("template", "id", after, _PAGE, only):
        looked += len(rows)
        if looked > LOOKED_MOST:
            raise Invalid("more than {count:,} templates would be looked through", "name an account", count=LOOKED_MOST)
        yield from rows
        after = rows[-1]["id"]


def compare(template: str, text: str) -> Comparison:
    """Compare a text with a template. Whatever stands between the template's own pieces fills its gaps; each piece is taken where it
    comes first, so the time is that of a search.
    """
    first, *others = GAP.split(template)  # a piece, then the number of a gap and the piece behind it, …
    gaps, pieces = others[::2], others[1::2]
    whole = sum(map(len, (first, *pieces))) or 1
    if not text.startswith(first):
        length = _common(first, text)
        return _differs(first[length:], text, length, length, whole)
    values: dict[str, str] = {}
    at = matched = len(first)
    for count, (gap, piece) in enumerate(zip(gaps, pieces, strict=True), 1):
        place = _end(piece, text, at) if count == len(gaps) else text.find(piece, at)
        if place < 0:
            length = _longest(piece, text, at)
            wanted = piece[length:] if length else f"{{{gap}}}{piece}"
            return _differs(wanted, text, text.find(piece[:length], at) + length, matched + length, whole)
        value = text[at:place]
        if values.setdefault(gap, value) != value:
            return _differs(values[gap] + piece, text, at, matched, whole)
        at, matched = place + len(piece), matched + len(piece)
    return Comparison(values, True) if at == len(text) else _differs("", text, at, matched, whole)


def _differs(wanted: str, text: str, at: int, matched: int, whole: int) -> Comparison:
    return Comparison({}, False, round(100 * matched / whole, 1), at, wanted[:_SHOWN], text[at : at + _SHOWN])


def _end(piece: str, text: str, at: int) -> int:
    """Returns where the last piece begins, at the end of the text; -1 if it does not stand there."""
    place = len(text) - len(piece)
    return place if place >= at and text.endswith(piece) else -1


def _longest(piece: str, text: str, at: int) -> int:
    """Returns the length of the longest beginning of a piece that stands in the text from there on."""
    return bisect_left(range(1, len(piece) + 1), True, key=lambda length: text.find(piece[:length], at) < 0)


def _common(piece: str, text: str) -> int:
    """Returns how many characters both begin with."""
    return next(
        (length for length, (one, other) in enumerate(zip(piece, text, strict=False)) if one != other),
        min(len(piece), len(text)),
    )
