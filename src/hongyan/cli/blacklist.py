"""hongyan blacklist: numbers that nothing is sent to, for all accounts or for one."""

from collections.abc import Iterable
from typing import Annotated

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.imports import DryRun, File, Outcome, in_slices, lines_of, print_outcome, say_wrong
from hongyan.cli.job import AsJob, ask
from hongyan.cli.lists import ListOptions, list_verb, print_list
from hongyan.cli.options import Config, Data, Json, Jsonl, argument, noun, option, verb
from hongyan.cli.out import form, print_exact, print_one
from hongyan.cli.store import opened
from hongyan.cli.table_imports import import_file, with_head, without_head
from hongyan.formats.columns import Line, whole_number, write_line
from hongyan.model.black_list import ListedNumber
from hongyan.model.errors import Invalid
from hongyan.model.job import JobKind
from hongyan.model.kinds import PHONE
from hongyan.model.number_list import FOREVER_S
from hongyan.model.phone import masked, national, normalise
from hongyan.model.wrong_values import check_cells
from hongyan.services.admin import rules
from hongyan.services.admin.downloads import note_download
from hongyan.services.admin.import_tables.table import IMPORT_TABLES
from hongyan.services.queries.lists import rules as lists

app = noun("blacklist", "Numbers that nothing is sent to.")

Numbers = Annotated[list[str], argument("The numbers, in any usual form.")]
Account = Annotated[str, option("Only for this account; else for all.", "--account")]
Days = Annotated[int | None, option("Ends after so many days; else never.", "--days", min=1, max=36_500)]
Note = Annotated[str, option("Why.", "--note")]

_DAY_S = 86_400


@verb(
    app,
    "add",
    "Black-list numbers: submissions to them are refused with 1109, and waiting tasks leave them out.",
    "hongyan blacklist add 13800138000 --note complaint",
    "hongyan blacklist add 13800138000 --account acme --days 30",
)
def add(
    numbers: Numbers,
    account: Account = "",
    days: Days = None,
    note: Note = "",
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    phones = [PHONE.checked("phone", number) for number in numbers]
    with opened(data, config) as admin:
        end_s = _end_s(days, admin.now_ms())
        entries = [ListedNumber(phone=phone, end_s=end_s, note=note) for phone in phones]
        count = admin.change(rules.add_listed, entries, account)
    print_one({"listed": count}, form(as_json))


@verb(
    app,
    "remove",
    "Take numbers off a list.",
    "hongyan blacklist remove 13800138000",
    "hongyan blacklist remove 13800138000 --account acme",
)
def remove(numbers: Numbers, account: Account = "", data: Data = None, config: Config = None, as_json: Json = False) -> None:
    phones = [PHONE.checked("phone", number) for number in numbers]
    with opened(data, config) as admin:
        count = admin.change(rules.remove_listed, phones, account)
    if not count:
        raise Stop(Exit.MISSING, "no such number is on the list", "hongyan blacklist check NUMBER")
    print_one({"removed": count}, form(as_json))


@verb(
    app,
    "check",
    "Say which lists a number stands on, why and until when. Ends with 5 if there is one.",
    "hongyan blacklist check 13800138000",
    "hongyan blacklist check 13800138000 --json",
)
def check(
    number: Annotated[str, argument("The number, in any usual form.")],
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
    as_jsonl: Jsonl = False,
) -> None:
    phone = PHONE.checked("phone", number)
    with opened(data, config) as admin:
        rows = print_list(admin, lists.BLACK_LIST, {"phone": phone}, ListOptions(form(as_json, as_jsonl), is_full=True))
    if rows:
        raise Stop(Exit.REFUSED, "{phone} is black-listed (1109)", phone=masked(phone))


list_verb(app, lists.BLACK_LIST, "hongyan blacklist list", "hongyan blacklist list --account acme --full --json")


@verb(
    app,
    "import",
    "Black-list the numbers of a file: number, and a note beside it if you like.",
    "hongyan blacklist import numbers.csv --dry-run",
    "hongyan blacklist import - --days 90 --json < numbers.txt",
)
def import_(
    file: File,
    account: Account = "",
    days: Days = None,
    dry_run: DryRun = False,
    as_job: AsJob = False,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    lines = list(lines_of(file))
    exported = with_head(IMPORT_TABLES["blacklist"], lines, account)
    if exported is not None and days is not None:
        raise Stop(Exit.USAGE, "a file with a head has a column for the end", "leave out --days")
    with opened(data, config) as admin:
        if exported is not None:
            import_file(admin, IMPORT_TABLES["blacklist"], exported, form(as_json), dry_run=dry_run, as_job=as_job)
            return
        outcome, entries = _read(without_head(IMPORT_TABLES["blacklist"], lines), _end_s(days, admin.now_ms()))
        if as_job and not dry_run:
            say_wrong(outcome)
            rows = [[entry.phone, entry.end_s, entry.note] for entry in entries]
            ask(admin, JobKind.BLACKLIST_IMPORT, {"account": account}, form(as_json), rows)
            return
        listed = len(entries)
        if not dry_run:
            listed = in_slices(entries, lambda part: admin.change(rules.add_listed, part, account))
    print_outcome(outcome, {"listed": listed}, form(as_json))


def _read(lines: Iterable[Line], end_s: int) -> tuple[Outcome, list[ListedNumber]]:
    """Reads the rows. The last row of a number counts. A first line without a number is a head."""
    outcome, listed = Outcome(), dict[int, ListedNumber]()
    for place, line in enumerate(lines):
        phone = normalise(whole_number(line.cells[0]))
        if phone is None and place == 0 and not any(map(str.isdecimal, line.cells[0])):
            continue
        outcome.rows += 1
        try:
            check_cells(line.cells[:2])
            one = _listed(phone, end_s, line.cells[1] if len(line.cells) > 1 else "")
        except Invalid as why:
            outcome.note_wrong(line, why)
        else:
            outcome.repeated += one.phone in listed
            listed[one.phone] = one
    return outcome, list(listed.values())


def _listed(phone: int | None, end_s: int, note: str) -> ListedNumber:
    """raises: Invalid"""
    if phone is None:
        raise Invalid("the first column is no mobile number")
    return ListedNumber(phone=phone, end_s=end_s, note=note)


@verb(
    app,
    "export",
    "Print a list as CSV, in clear, to be imported again.",
    "hongyan blacklist export > numbers.csv",
    "hongyan blacklist export --account acme > numbers.csv",
)
def export(account: Account = "", data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        rows = admin.read(lambda tx: list(rules.listed(tx, admin.now_ms(), account)))
        admin.change(note_download, "blacklist", len(rows), {"account": account, "full": True})
    for row in rows:
        print_exact(write_line([national(row["phone"]), row["note"]]))


def _end_s(days: int | None, now_ms: int) -> int:
    return FOREVER_S if days is None else now_ms // 1000 + days * _DAY_S
