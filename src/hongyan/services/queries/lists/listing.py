"""The description of a list: its columns, filters, order and pages; and the reading of one.

The functions that read rows return what is stored. Phones are masked here, and values that are no columns are dropped.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, LiteralString

from hongyan.model.columns import Column, Facts
from hongyan.model.errors import Invalid
from hongyan.model.fields import Change, Param, fields_as_json, fields_of
from hongyan.model.ids import DAY_MS, first_id
from hongyan.model.phone import masked, national
from hongyan.model.staff import Permission
from hongyan.ports.admin import AdminStore
from hongyan.services.queries.statistics import china_day_ms, china_today

NEWEST = 2**63 - 1
"""Instead of an id: the first page."""

FOREVER = 2**62
"""Instead of a moment: a span that does not end."""


EXPORT_MOST = 10_000
"""The most rows of an export that is answered at once; a larger one is a job."""

EXPORT_LOOKED_MOST = 1_000_000
"""The most rows that are looked through for such an export."""

_SLICE = 1_000


@dataclass(frozen=True, slots=True)
class Span:
    """The span of time that a list covers.

    most_ms:     its greatest length
    is_of_month: by default it begins with China's month, else 24 hours before its end
    is_open:     it may be of any length, and an end that is not given is left open
    """

    most_ms: int = 31 * DAY_MS
    is_of_month: bool = False
    is_open: bool = False

    def checked(self, since_ms: int | None, until_ms: int | None, now_ms: int) -> dict[str, int]:
        """raises: Invalid"""
        if self.is_open:
            return _open(since_ms or 0, FOREVER if until_ms is None else until_ms)
        end = now_ms + 1 if until_ms is None else until_ms
        usual = china_day_ms(self._first_day(end - 1)) if self.is_of_month else max(0, end - DAY_MS)
        begin = usual if since_ms is None else since_ms
        if not begin <= end <= begin + self.most_ms:
            raise Invalid("a span has {days} days at most, and ends after it begins", days=self.most_ms // DAY_MS)
        return {"since_ms": begin, "until_ms": end}

    def of_days(self, first: str, last: str, now_ms: int) -> dict[str, int]:
        """Returns the span of the days that were typed, China's, either of which may be "". raises: Invalid"""
        first, last = self.days(first, last, now_ms)
        return self.checked(china_day_ms(first) if first else None, china_day_ms(last) + DAY_MS if last else None, now_ms)

    def days(self, first: str, last: str, now_ms: int) -> tuple[str, str]:
        """Returns the days that were typed; by default until today, from today or the first of the month on, or all days ("")."""
        if self.is_open:
            return first, last
        return first or self._first_day(now_ms), last or first or china_today(now_ms)

    def _first_day(self, now_ms: int) -> str:
        """Returns the default first day: China's today, or the first day of its month."""
        today = china_today(now_ms)
        return f"{today[:8]}01" if self.is_of_month else today


def _open(since_ms: int, until_ms: int) -> dict[str, int]:
    """raises: Invalid"""
    if until_ms < since_ms:
        raise Invalid("a span ends after it begins")
    return {"since_ms": since_ms, "until_ms": until_ms}


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A request for one page of a list.

    given:   the values of the filters, checked; with a span also since_ms and until_ms
    after:   the place of the last row of the page before; None: from the beginning
    is_full: with whole phones and private texts
    """

    most: int
    now_ms: int
    given: Mapping[str, Any] = field(default_factory=dict)
    after: Any = None
    is_full: bool = False
    language: str = "en"

    def named(self, name: str) -> str:
        """Returns the text of a filter; "" for none."""
        return self.given.get(name) or ""

    @property
    def before_id(self) -> int:
        """Returns the id below which the page begins, in lists that grow by ids."""
        return NEWEST if self.after is None else int(self.after)

    @property
    def ids(self) -> tuple[int, int]:
        """Returns the id from which the span begins, and that below which the page does, in lists that grow by ids."""
        until = first_id(self.given.get("until_ms", FOREVER))
        return first_id(self.given.get("since_ms", 0)), min(self.before_id, until)


def _same(row: Facts) -> Facts:
    return row


@dataclass(frozen=True, slots=True)
class FoundRows:
    """The rows of a page for which only so many rows were looked through.

    count: how many those are
    place: of the last one, if more follow and the page is not full; else None
    """

    rows: list[Facts]
    count: int
    place: Any


RowReader = Callable[[Any, ListQuery], list[Facts] | FoundRows]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list.

    name:      plural: the key under which commands print it as JSON
    thing:     singular: its name in the description of the admin API
    columns:   what programs and exports get, beside the fields of `of`
    table:     the columns that pages and terminals show, in this order
    rows:      reads at least the `most` first rows behind `after`; of a list that is read whole, all of them
    order:     columns; their values are the place of a row, and rows of a list that is read whole are sorted by them
    has_pages: whether a page follows on `most` rows
    usual_most: rows that a command prints by default; 0: all of them
    table_row: makes the row that tables show, if that differs from what programs get
    """

    name: str
    thing: str
    title: LiteralString
    summary: LiteralString
    columns: tuple[Column, ...]
    table: tuple[str, ...]
    rows: RowReader
    filters: tuple[Param, ...] = ()
    needs: Permission = Permission.SEE
    of: type[Change] | None = None
    span: Span | None = None
    order: tuple[str, ...] = ("id",)
    is_whole: bool = False
    has_pages: bool = True
    usual_most: int = 0
    table_row: Callable[[Facts], Facts] = _same

    @property
    def is_by_id(self) -> bool:
        """Returns whether it grows by ids: the newest rows come first, and a page begins below an id."""
        return self.has_pages and not self.is_whole and self.order == ("id",)

    def place(self, row: Mapping[str, Any]) -> Any:
        """Returns the place of a row in the order, as JSON can write it."""
        values = [row[name] for name in self.order]
        return values if len(values) > 1 else values[0]

    @property
    def names(self) -> list[str]:
        """Returns the names of all columns, in the order of programs and exports."""
        return [*(one.name for one in (fields_of(self.of) if self.of else ())), *(one.name for one in self.columns)]

    @property
    def has_private(self) -> bool:
        return any(column.is_private for column in self.columns)

    def cut(self, row: Mapping[str, Any], *, is_full: bool) -> Facts:
        """Returns a row with its columns alone, fit to be shown."""
        fields = fields_as_json(self.of, row) if self.of else {}
        return fields | {column.name: _shown(column, row.get(column.name), is_full=is_full) for column in self.columns}


def _shown(column: Column, value: Any, *, is_full: bool) -> Any:
    if column.type == "phone":
        return "" if not value else national(value) if is_full else masked(value)
    if column.type == "private":
        return value if is_full else ""
    return value


@dataclass(frozen=True, slots=True)
class ListPart:
    """Some rows of a list. `place` is that of the last row, or of the last one that was looked at, if more follow, else None."""

    rows: list[Facts]
    place: Any = None
    is_cut: bool = False  # whether more rows follow
    looked: int = 0  # how many rows were looked through, where others may follow that fit


def read_list(tx: Any, listing: Listing, query: ListQuery) -> ListPart:
    """Read one page. raises: NotFound and Invalid, as the list's own reading"""
    found = listing.rows(tx, replace(query, most=query.most + 1))
    if isinstance(found, FoundRows) and found.place is not None:
        return ListPart([listing.cut(row, is_full=query.is_full) for row in found.rows], found.place, looked=found.count)
    rows = found.rows if isinstance(found, FoundRows) else found
    if listing.is_whole:
        ordered = sorted(rows, key=listing.place)
        rows = [row for row in ordered if query.after is None or listing.place(row) > query.after]
    shown = [listing.cut(row, is_full=query.is_full) for row in rows[: query.most]]
    is_cut = len(rows) > query.most
    place = listing.place(rows[query.most - 1]) if is_cut and listing.has_pages else None
    return ListPart(shown, place, is_cut)


async def read_all(store: AdminStore, listing: Listing, query: ListQuery, most: int = EXPORT_MOST) -> list[Facts]:
    """Read all rows, page by page, each in a snapshot of its own. raises: Invalid for more than `most`, or too many to look through,
    and as the list's own reading
    """
    rows, looked = list[Facts](), 0
    while True:
        page = await store.read(read_list, listing, replace(query, most=most if listing.is_whole else _SLICE))
        rows, looked = rows + page.rows, looked + page.looked
        if looked > EXPORT_LOOKED_MOST:
            raise Invalid("more than {most:,} rows would be looked through", "narrow the span", most=EXPORT_LOOKED_MOST)
        if len(rows) > most:
            raise Invalid("the list has more than {most:,} rows", "narrow it, or export messages as a job", most=most)
        if page.place is None:
            return rows
        query = replace(query, after=page.place)
