"""hongyan job: asking, looking, cancelling; a server does the work (tests/compose/test_jobs.py)."""

import sqlite3
from contextlib import closing

import orjson

from hongyan.formats.workbook_reader import text_of
from hongyan.model.job import packed

SPAN = ("--from", "2026-11-01", "--to", "2026-11-30")


def ended(data, number, rows):
    """As a server leaves a job."""
    with closing(sqlite3.connect(data / "hongyan.db", isolation_level=None)) as store:
        store.execute("UPDATE job SET state = 10, pieces = 1 WHERE id = ?", (number,))
        store.execute("INSERT INTO job_piece VALUES (?, 1, 0, ?)", (number, packed(rows)))
    store.close()


def test_a_job_waits_and_can_be_cancelled(stocked):
    number = stocked("job", "export", "messages", *SPAN, "--account", "acme", "--json").json["job"]

    (row,) = stocked("job", "list", "--json").json["jobs"]
    assert (row["id"], row["kind"], row["state"]) == (number, "message_export", "queued")
    assert stocked("job", "result", str(number)).code == 8
    assert stocked("job", "cancel", str(number)).code == 0
    assert stocked("job", "show", str(number), "--json").json["state"] == "cancelled"
    assert stocked("job", "cancel", str(number)).code == 8
    assert stocked("job", "show", "99").code == 3


def test_a_result_has_milliseconds_for_programs_and_chinas_time_for_people(stocked, data, tmp_path):
    number = stocked("job", "export", "words", "--json").json["job"]
    ended(data, number, [["word", "points", "made_ms"], ["=x,y", 3, 1_780_000_000_123], ["发票", None, 0]])

    assert stocked("job", "result", str(number)).out.splitlines() == [
        "word,points,made_ms",
        '"\'=x,y",3,1780000000123',
        "发票,,0",
    ]
    lines = stocked("job", "result", str(number), "--form", "jsonl").out.splitlines()
    assert [orjson.loads(line) for line in lines] == [
        {"word": "=x,y", "points": 3, "made_ms": 1_780_000_000_123},
        {"word": "发票", "points": None, "made_ms": 0},
    ]
    book = tmp_path / "w.xlsx"
    assert stocked("job", "result", str(number), "--form", "xlsx").code == 2
    assert stocked("job", "result", str(number), "--form", "xlsx", "--into", str(book)).code == 0
    assert text_of(book.read_bytes()).splitlines() == ["word,points,made", '"\'=x,y",3,2026-05-29 04:26:40.123', "发票,,"]
    assert stocked("job", "result", str(number), "--into", str(tmp_path / "w.csv")).code == 0
    assert (tmp_path / "w.csv").read_text(encoding="utf-8").splitlines()[0] == "word,points,made_ms"


def test_imports_and_replays_can_be_jobs(stocked):
    words = stocked("word", "import", "-", "--job", "--json", stdin="赌博\n发票\n!!\n")
    assert "line 3" in words.err
    stocked("blacklist", "import", "-", "--job", stdin="13800138000,complaint\n")
    stocked("callback", "replay", "acme", "--hours", "1", "--job")

    rows = stocked("job", "list", "--json").json["jobs"]
    assert [(row["kind"], row["total"]) for row in rows] == [("replay", 0), ("blacklist_import", 1), ("word_import", 2)]


def test_a_file_with_a_head_is_compared_by_a_job_and_imported_by_another(stocked):
    asked = stocked("word", "import", "-", "--job", "--json", stdin="word,account\n赌博,acme\n")
    signs = stocked("sign", "import", "-", "--job", stdin="account,name\nacme,鸿雁\n")

    assert "hongyan job import" in signs.err
    assert [row["kind"] for row in stocked("job", "list", "--json").json["jobs"]] == ["file_comparison"] * 2
    assert stocked("job", "import", str(asked.json["job"])).code == 8  # it has not run
    words = stocked("job", "export", "words", "--json").json["job"]
    assert stocked("job", "import", str(words)).code == 3


def test_files_with_phones_leave_a_row_in_the_audit(stocked, tmp_path):
    stocked("blacklist", "add", "13800138000", "--note", "complaint")
    stocked("blacklist", "list", "--json")
    stocked("blacklist", "list", "--csv")
    stocked("blacklist", "list", "--full", "--xlsx", str(tmp_path / "b.xlsx"))
    stocked("blacklist", "export")
    stocked("channel", "list", "--csv")

    rows = stocked("audit", "list", "--action", "list.download", "--json").json["audit"]
    assert [(row["subject"], row["after"]["rows"], row["after"]["full"]) for row in rows] == [
        ("blacklist", 1, True), ("listed", 1, True), ("listed", 1, False),
    ]  # fmt: skip
