"""Jobs run slice by slice. Each slice runs once, in whichever process, however often that stops."""

import asyncio

import pytest
from tests.scene import HOUR_MS, NOW, mobiles

from hongyan.model.errors import Conflict, Forbidden, NotFound
from hongyan.model.job import WAITING_MOST, JobKind, JobRows, JobState, packed
from hongyan.model.message import ReceiptState
from hongyan.model.number_list import FOREVER_S
from hongyan.model.owed import OwedKind
from hongyan.services.admin import jobs, rules
from hongyan.services.jobs.running import LEASE_MS, JobSlice, TakeJob
from hongyan.services.jobs.table import READING
from hongyan.services.steps.pruning import Prune, Pruned

ME = "runner"


class Store:
    """ports.admin.AdminStore over a scene."""

    def __init__(self, scene):
        self.scene = scene

    async def change(self, service, *args, **kwargs):
        return self.scene.within(lambda tx: service(tx, self.scene.act(), *args, **kwargs))

    async def read(self, service, *args, **kwargs):
        return self.scene.within(lambda tx: service(tx, *args, **kwargs))


def ask(scene, kind, rows=(), **asked):
    return asyncio.run(jobs.ask_for(Store(scene), kind, asked, rows))


def take(scene, owner=ME, is_alone=False):
    return scene.ask(scene.steps.take_job, TakeJob(owner, is_alone))


def one_slice(scene, job, owner=ME):
    read = READING.get(job.kind)
    page = scene.within(lambda tx: read(tx, job, scene.now)) if read else None
    return scene.ask(scene.steps.run_job, JobSlice(job.id, owner, page))


def run(scene, owner=ME):
    """Everything that waits, to its end."""
    while job := take(scene, owner):
        while job is not None:
            job = one_slice(scene, job, owner)


def shown(scene, number):
    return scene.within(lambda tx: jobs.job(tx, number))


def result(scene, number):
    rows = []
    asyncio.run(jobs.read_result(Store(scene), number, rows.extend))
    return rows


def words_of(scene):
    return {row["text"] for row in scene.rows("word")}


WORDS = [[f"word{number}"] for number in range(2_500)]


def test_an_import_is_done_piece_by_piece(scene):
    number = ask(scene, JobKind.WORD_IMPORT, WORDS, account="")
    assert {name: shown(scene, number)[name] for name in ("state", "total", "done")} == {
        "state": "queued",
        "total": 2_500,
        "done": 0,
    }

    job = one_slice(scene, take(scene))
    assert (job.done, job.total, len(words_of(scene))) == (1_000, 2_500, 1_000)
    while job is not None:
        job = one_slice(scene, job)

    facts = shown(scene, number)
    assert (facts["state"], facts["done"], facts["result"]) == ("done", 2_500, {"added": 2_500, "known": 0})
    assert len(words_of(scene)) == 2_500
    assert scene.rows("audit")[-1]["actor"].endswith("test")


def test_a_black_list_is_imported_with_its_notes_and_exported_again(scene):
    rows = [[8613800000000 + n, FOREVER_S, f"note {n}"] for n in range(2_300)]
    ask(scene, JobKind.BLACKLIST_IMPORT, rows, account="pre")
    number = ask(scene, JobKind.BLACKLIST_EXPORT, account="pre")
    run(scene)

    head, *exported = result(scene, number)
    assert head == ["number", "note", "until"]
    assert exported == [[mobile, f"note {n}", ""] for n, mobile in enumerate(mobiles(2_300))]


def test_words_of_one_account_are_exported(scene):
    scene.within(lambda tx: rules.add_words(tx, scene.act(), [f"a{n}" for n in range(2_100)], ""))
    scene.within(lambda tx: rules.add_words(tx, scene.act(), ["b"], "pre"))
    everybodys, its = ask(scene, JobKind.WORD_EXPORT), ask(scene, JobKind.WORD_EXPORT, account="pre")
    run(scene)

    assert len(result(scene, everybodys)) == 2_101
    assert result(scene, its) == [["word"], ["b"]]


def test_a_process_that_goes_on_with_a_job_repeats_nothing(scene):
    number = ask(scene, JobKind.WORD_IMPORT, WORDS, account="")
    job = one_slice(scene, take(scene))
    assert take(scene, "another") is None  # it has an owner
    scene.now += LEASE_MS

    again = take(scene, "another")
    assert (again.id, again.done, again.place) == (number, 1_000, "1")
    assert one_slice(scene, job) is None  # the one before has lost it
    assert len(words_of(scene)) == 1_000
    while again is not None:
        again = one_slice(scene, again, "another")
    assert shown(scene, number)["result"] == {"added": 2_500, "known": 0}


def test_a_server_that_is_alone_goes_on_at_once_after_a_restart(scene):
    ask(scene, JobKind.WORD_IMPORT, WORDS, account="")
    one_slice(scene, take(scene))

    assert take(scene, "after the restart", is_alone=True).done == 1_000


def test_a_slice_whose_commit_was_lost_is_done_again(scene):
    number = ask(scene, JobKind.WORD_IMPORT, WORDS, account="")
    job = take(scene)

    class Lost(Exception):
        pass

    def lose(tx):
        scene.steps.run_job.run(tx, [JobSlice(job.id, ME)])
        raise Lost

    with pytest.raises(Lost):
        scene.within(lose)
    run(scene)
    while job is not None:
        job = one_slice(scene, job)
    assert shown(scene, number)["result"] == {"added": 2_500, "known": 0}


def test_a_job_that_is_cancelled_stops_after_its_slice(scene):
    waiting = ask(scene, JobKind.WORD_IMPORT, WORDS, account="")
    number = ask(scene, JobKind.WORD_IMPORT, WORDS, account="")
    scene.within(lambda tx: jobs.cancel(tx, scene.act(), waiting))
    job = one_slice(scene, take(scene))
    assert job.id == number
    scene.within(lambda tx: jobs.cancel(tx, scene.act(), number))
    assert shown(scene, number)["state"] == "cancelling"

    assert one_slice(scene, job) is None
    assert [shown(scene, n)["state"] for n in (waiting, number)] == ["cancelled", "cancelled"]
    assert (shown(scene, number)["done"], len(words_of(scene))) == (1_000, 1_000)
    with pytest.raises(Conflict):
        scene.within(lambda tx: jobs.cancel(tx, scene.act(), number))
    with pytest.raises(Conflict):
        result(scene, number)


def test_a_job_that_cannot_be_says_why(scene):
    number = ask(scene, JobKind.WORD_IMPORT, WORDS, account="nobody")
    run(scene)

    facts = shown(scene, number)
    assert (facts["state"], facts["why"], facts["facts"]) == ("failed", "there is no account {name}", {"name": "nobody"})
    with pytest.raises(NotFound):
        shown(scene, 99)


def test_what_was_handed_out_is_owed_again_window_by_window(scene):
    scene.sent(count=4)
    for number in (1, 2):
        scene.report(scene.receipt(f"c{number}"))
    scene.pull()
    number = ask(scene, JobKind.REPLAY, account="pre", owed="report", since_ms=NOW - HOUR_MS, until_ms=NOW + 1)
    run(scene)

    assert shown(scene, number)["result"] == {"owed": 2}
    assert len(scene.pull(kind=OwedKind.REPORT)) == 2


def test_messages_are_exported_by_span_account_state_and_channel(scene):
    scene.sent(count=3)
    scene.report(scene.receipt("c1", state=ReceiptState.FAILED, code="MK:0001"))
    scene.send("taken", numbers=["13900000000"])
    span = {"since_ms": NOW - HOUR_MS, "until_ms": NOW + HOUR_MS}
    failed = ask(scene, JobKind.MESSAGE_EXPORT, account="pre", state="failed", channel="up1", **span)
    everything = ask(scene, JobKind.MESSAGE_EXPORT, full=True, **span)
    nothing = ask(scene, JobKind.MESSAGE_EXPORT, since_ms=0, until_ms=1)
    run(scene)

    head, *rows = result(scene, failed)
    (row,) = [dict(zip(head, row, strict=True)) for row in rows]
    assert (row["accepted_ms"], row["changed_ms"]) == (NOW, NOW)
    assert (row["account"], row["phone"], row["state"], row["code"], row["channel"]) == (
        "pre",
        "138****0000",
        "failed",
        "MK:0001",
        "up1",
    )
    assert [row[4] for row in result(scene, everything)[1:]] == [*mobiles(3), "13900000000"]
    assert len(result(scene, nothing)) == 1


def test_a_long_export_is_kept_piece_by_piece(scene):
    for first in range(0, 5_000, 1_000):
        scene.send(numbers=mobiles(1_000, first))
    number = ask(scene, JobKind.MESSAGE_EXPORT, since_ms=NOW - 1, until_ms=NOW + HOUR_MS)
    run(scene)

    rows = result(scene, number)
    assert (len(rows), len({row[0] for row in rows}), shown(scene, number)["pieces"]) == (5_001, 5_001, 51)


def test_few_jobs_wait_at_once_and_they_go_after_a_week(scene):
    numbers = [ask(scene, JobKind.WORD_EXPORT) for _ in range(WAITING_MOST)]
    with pytest.raises(Forbidden):
        ask(scene, JobKind.WORD_EXPORT)
    run(scene)
    open_one = ask(scene, JobKind.WORD_IMPORT, WORDS, account="")

    while scene.ask(scene.steps.prune, Prune(Pruned.JOBS, scene.now + 1)):
        pass
    assert [row["id"] for row in scene.rows("job")] == [open_one]
    assert {(row["job_id"], row["side"]) for row in scene.rows("job_piece")} == {(open_one, JobRows.GIVEN)}
    assert len(numbers) == WAITING_MOST


def test_rows_whose_bringer_was_gone_before_asking_go_with_the_jobs_after_them(scene):
    gone = scene.within(lambda tx: jobs.new_number(tx, scene.act()))
    scene.within(lambda tx: jobs.add_piece(tx, scene.act(), gone, 0, packed(WORDS)))
    ask(scene, JobKind.WORD_EXPORT)
    run(scene)

    while scene.ask(scene.steps.prune, Prune(Pruned.JOBS, scene.now + 1)):
        pass

    assert (scene.rows("job"), scene.rows("job_piece")) == ([], [])


def test_a_job_that_nobody_can_read_fails_and_lets_others_through(scene):
    from hongyan.services.jobs.running import JobFailed

    number, after = ask(scene, JobKind.WORD_EXPORT), ask(scene, JobKind.WORD_EXPORT)
    job = take(scene)
    scene.ask(scene.steps.fail_job, JobFailed(job.id, ME, "ValueError", {}))
    scene.ask(scene.steps.fail_job, JobFailed(job.id, "another", "ValueError", {}))
    run(scene)

    assert [scene.rows("job")[n]["state"] for n in (0, 1)] == [JobState.FAILED, JobState.DONE]
    assert (number, after) == (1, 2)
