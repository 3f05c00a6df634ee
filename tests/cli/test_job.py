"""hongyan job: asking, looking, cancelling; a server does the work (tests/compose/test_jobs.py)."""

import sqlite3
from contextlib import closing

import orjson

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


def test_a_result_is_written_in_each_form(stocked, data, tmp_path):
    number = stocked("job", "export", "words", "--json").json["job"]
    ended(data, number, [["word", "points"], ["=x,y", 3], ["发票", None]])

    assert stocked("job", "result", str(number)).out.splitlines() == ["word,points", '"\'=x,y",3', "发票,"]
    lines = stocked("job", "result", str(number), "--form", "jsonl").out.splitlines()
    assert [orjson.loads(line) for line in lines] == [{"word": "=x,y", "points": 3}, {"word": "发票", "points": None}]
    book = tmp_path / "w.xlsx"
    assert stocked("job", "result", str(number), "--form", "xlsx").code == 2
    assert stocked("job", "result", str(number), "--form", "xlsx", "--into", str(book)).code == 0
    assert book.read_bytes().startswith(b"PK")
    assert stocked("job", "result", str(number), "--into", str(tmp_path / "w.csv")).code == 0
    assert (tmp_path / "w.csv").read_text(encoding="utf-8").splitlines()[0] == "word,points"


def test_imports_and_replays_can_be_jobs(stocked):
    words = stocked("word", "import", "-", "--job", "--json", stdin="赌博\n发票\n!!\n")
    assert "line 3" in words.err
    stocked("blacklist", "import", "-", "--job", stdin="13800138000,complaint\n")
    stocked("callback", "replay", "acme", "--hours", "1", "--job")

    rows = stocked("job", "list", "--json").json["jobs"]
    assert [(row["kind"], row["total"]) for row in rows] == [("replay", 0), ("blacklist_import", 1), ("word_import", 2)]
