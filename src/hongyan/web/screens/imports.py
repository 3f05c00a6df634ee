"""Imports of words and black lists from a file: first what would become of each row, then the import."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, LiteralString

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from hongyan.formats.columns import BadTable, Line, decode, read_lines, whole_number
from hongyan.i18n import N_, _
from hongyan.model.black_list import ListedNumber
from hongyan.model.errors import AdminError, Invalid
from hongyan.model.number_list import FOREVER_S
from hongyan.model.phone import normalise
from hongyan.model.staff import Permission
from hongyan.model.words import WORD, plain
from hongyan.ports.admin import AdminStore
from hongyan.services.admin import rules
from hongyan.web.access import Page
from hongyan.web.pages import done, error_text, show
from hongyan.web.screens.screen import Screen
from hongyan.web.words import number

OCTETS_MOST = 900_000
"""The most octets of a file; a longer one is imported by the command line."""

WRONG_SHOWN = 50
_SHOWN = 60  # characters of a row


@dataclass(slots=True)
class Difference:
    """What would become of the rows of a file."""

    rows: int = 0
    repeated: int = 0  # of an earlier row
    known: int = 0  # on the list already
    entries: dict[Any, Any] = field(default_factory=dict)  # new ones, by their key
    wrong: list[dict[str, Any]] = field(default_factory=list)  # the first ones: line, contents, and the reason
    wrong_count: int = 0


@dataclass(frozen=True, slots=True)
class _List:
    """A list that files are imported into."""

    title: LiteralString
    help: LiteralString
    path: str
    read: Callable[[Line], tuple[Any, Any]]  # raises: Invalid
    known: Callable[[Any, str, int], set[Any]]
    add: Callable[..., int]


def _word(line: Line) -> tuple[str, str]:
    word = WORD.checked("word", line.cells[0])
    return plain(word), word


def _number(line: Line) -> tuple[int, ListedNumber]:
    phone = normalise(whole_number(line.cells[0]))
    if phone is None:
        raise Invalid("this is no number that messages can go to")
    return phone, ListedNumber(phone=phone, end_s=FOREVER_S, note=line.cells[1] if len(line.cells) > 1 else "")


_LISTS = {
    "words": _List(
        N_("Import words"),
        N_("One word a line, or in the first column of a CSV."),
        "/words",
        _word,
        lambda tx, account, _now_ms: {plain(row["word"]) for row in rules.words(tx, account)},
        rules.add_words,
    ),
    "blacklist": _List(
        N_("Import a black list"),
        N_("One number a line, or in the first column of a CSV; a note in the second."),
        "/blacklist",
        _number,
        lambda tx, account, now_ms: {row["phone"] for row in rules.listed(tx, now_ms, account)},
        rules.add_listed,
    ),
}


class ImportScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            page
            for name, needs in (("words", Permission.REVIEW), ("blacklist", Permission.BLACK_LIST))
            for page in (
                Page(f"/import/{name}", self._show(name), needs),
                Page(f"/import/{name}", self._import(name), needs, methods=["POST"]),
            )
        ]

    def _show(self, name: str) -> Callable[[Request], Any]:
        async def ask(request: Request) -> Response:
            return self._page(request, name)

        return ask

    def _page(
        self,
        request: Request,
        name: str,
        looked: Difference | None = None,
        text: str = "",
        account: str = "",
        trouble: str = "",
    ) -> Response:
        facts = {
            "list": _LISTS[name],
            "looked": looked,
            "text": text,
            "account": account,
            "trouble": trouble,
        }
        return show(request, "screens/import.html", facts, 422 if trouble else 200)

    def _import(self, name: str) -> Callable[[Request], Any]:
        async def take(request: Request) -> Response:
            form = await request.form()
            account, file = str(form.get("account", "")), form.get("file")
            try:
                text = await _text(file) if isinstance(file, UploadFile) and file.filename else str(form.get("text", ""))
                looked = await self._look(name, text, account)
            except BadTable as error:
                return self._page(request, name, account=account, trouble=_("The file cannot be read: {error}", error=error))
            except AdminError as error:
                return self._page(request, name, account=account, trouble=error_text(error))
            if form.get("sure") != "yes" or not looked.entries:
                return self._page(request, name, looked, text, account)
            added = await _add(self.acting(request), _LISTS[name], list(looked.entries.values()), account)
            return done(_LISTS[name].path, _("{count:row was|rows were} imported.", count=number(added)))

        return take

    async def _look(self, name: str, text: str, account: str) -> Difference:
        """raises: NotFound for the account, BadTable"""
        chosen, now_ms = _LISTS[name], self.admin.now_ms()
        known = await self.admin.read(lambda tx: chosen.known(tx, account, now_ms))
        looked = Difference()
        for line in read_lines(text):
            looked.rows += 1
            try:
                key, entry = chosen.read(line)
            except Invalid as error:
                looked.wrong_count += 1
                if len(looked.wrong) < WRONG_SHOWN:
                    looked.wrong.append({"line": line.number, "text": ", ".join(line.cells)[:_SHOWN], "why": error_text(error)})
                continue
            looked.repeated += key in looked.entries
            looked.known += key in known
            if key not in known:
                looked.entries[key] = entry
        return looked


async def _text(file: UploadFile) -> str:
    """raises: BadTable, Invalid"""
    octets = await file.read(OCTETS_MOST + 1)
    if len(octets) > OCTETS_MOST:
        raise Invalid("the file has more than {most:,} octets: import it by the command line", most=OCTETS_MOST)
    return decode(octets)


async def _add(store: AdminStore, chosen: _List, entries: Sequence[Any], account: str) -> int:
    """Add them slice by slice, each in a transaction of its own."""
    added = 0
    for begin in range(0, len(entries), rules.SLICE):
        added += await store.change(chosen.add, entries[begin : begin + rules.SLICE], account)
    return added
