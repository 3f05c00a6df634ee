"""hongyan word: words that texts may not contain, for all accounts or for one."""

from collections.abc import Iterable
from typing import Annotated

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.imports import DryRun, File, Outcome, in_slices, lines_of, print_outcome, say_wrong
from hongyan.cli.job import AsJob, ask
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, Jsonl, argument, noun, option, verb
from hongyan.cli.out import form, print_exact, print_one, print_rows
from hongyan.cli.store import opened
from hongyan.cli.table_imports import import_file, with_head, without_head
from hongyan.formats.columns import Line, write_line
from hongyan.model.errors import Invalid
from hongyan.model.job import JobKind
from hongyan.model.words import WORD, Word, WordTable, plain
from hongyan.model.wrong_values import check_cells
from hongyan.services.admin import accounts, rules
from hongyan.services.admin.import_tables.table import IMPORT_TABLES
from hongyan.services.queries.lists import rules as lists

app = noun("word", "Words that texts may not hold.")

Words = Annotated[list[str], argument("The words; marks, blanks, case and width do not matter.")]
Account = Annotated[str, option("Only for this account; else for all.", "--account")]


@verb(
    app,
    "add",
    "Add words: texts that hold one are refused from now on.",
    "hongyan word add 赌博 发票",
    "hongyan word add 红包 --account acme",
)
def add(words: Words, account: Account = "", data: Data = None, config: Config = None, as_json: Json = False) -> None:
    with opened(data, config) as admin:
        count = admin.change(rules.add_words, words, account)
    print_one({"added": count, "known": len({plain(word) for word in words}) - count}, form(as_json))


@verb(app, "remove", "Take words away again.", "hongyan word remove 赌博", "hongyan word remove 红包 --account acme")
def remove(words: Words, account: Account = "", data: Data = None, config: Config = None, as_json: Json = False) -> None:
    with opened(data, config) as admin:
        count = admin.change(rules.remove_words, words, account)
    if not count:
        raise Stop(Exit.MISSING, "there is no such word", "hongyan word list")
    print_one({"removed": count}, form(as_json))


list_verb(app, lists.WORDS, "hongyan word list", "hongyan word list --account acme --json")


@verb(
    app,
    "import",
    "Add the words of a file, one a line or in its first column.",
    "hongyan word import words.txt --dry-run",
    "hongyan word import - --account acme --json < words.csv",
)
def import_(
    file: File,
    account: Account = "",
    dry_run: DryRun = False,
    as_job: AsJob = False,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    lines = list(lines_of(file))
    exported = with_head(IMPORT_TABLES["words"], lines, account)
    outcome, words = _read(without_head(IMPORT_TABLES["words"], lines))
    with opened(data, config) as admin:
        if exported is not None:
            import_file(admin, IMPORT_TABLES["words"], exported, form(as_json), dry_run=dry_run, as_job=as_job)
            return
        if as_job and not dry_run:
            say_wrong(outcome)
            ask(admin, JobKind.WORD_IMPORT, {"account": account}, form(as_json), [[word] for word in words.values()])
            return
        if dry_run:
            known = {plain(row["word"]) for row in admin.read(lambda tx: list(rules.words(tx, account)))}
            added = len(words.keys() - known)
        else:
            added = in_slices(
                list(words.values()),
                lambda part: admin.change(rules.add_words, part, account),
            )
    print_outcome(outcome, {"added": added, "known": len(words) - added}, form(as_json))


def _read(lines: Iterable[Line]) -> tuple[Outcome, dict[str, str]]:
    """Returns words by their folded form."""
    outcome, words = Outcome(), dict[str, str]()
    for line in lines:
        outcome.rows += 1
        try:
            check_cells(line.cells[:1])
            word = WORD.checked("word", line.cells[0])
        except Invalid as error:
            outcome.note_wrong(line, error)
            continue
        outcome.repeated += plain(word) in words
        words.setdefault(plain(word), word)
    return outcome, words


@verb(
    app,
    "export",
    "Print words as CSV, to be imported again.",
    "hongyan word export > words.csv",
    "hongyan word export --account acme > words.csv",
)
def export(account: Account = "", data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        rows = admin.read(lambda tx: list(rules.words(tx, account)))
    for row in rows:
        print_exact(write_line([row["word"]]))


@verb(
    app,
    "test",
    "Say which words a text holds, and where; nothing is sent. Ends with 5 if there are any.",
    'hongyan word test "去 赌*博 吧"',
    'hongyan word test "抢红包" --account acme --json',
)
def try_(
    text: Annotated[str, argument("The text.")],
    account: Account = "",
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
    as_jsonl: Jsonl = False,
) -> None:
    with opened(data, config) as admin:
        account_id = admin.read(accounts.find_account, account)["id"] if account else 0
        rows = admin.read(lambda tx: [*rules.words(tx, ""), *(rules.words(tx, account) if account else ())])
    table = WordTable.of(1, (Word(account_id if row["account"] else 0, plain(row["word"]), row["word"]) for row in rows))
    found = [
        {"word": hit.word, "written": text[hit.start : hit.end], "start": hit.start, "end": hit.end}
        for hit in table.find(text, account_id)
    ]
    print_rows("found", found, form(as_json, as_jsonl))
    if found:
        raise Stop(Exit.REFUSED, "the text holds {count:such word|such words} (2107)", count=len(found))
