"""A running server does the jobs that commands ask it for, and goes on with them after a restart."""

import asyncio

from tests.command_store import command_store

from hongyan.model.job import JobKind, JobRows
from hongyan.services.admin import jobs, rules
from hongyan.workers import jobs as runner


def asked(settings, kind, rows=(), **what):
    with command_store(settings) as admin:
        return admin.run(jobs.ask_for(admin.admin, kind, what, rows))


def job(settings, number):
    with command_store(settings) as admin:
        return admin.read(jobs.job, number)


async def until(settings, number, claim):
    async with asyncio.timeout(30):
        while not claim(facts := await asyncio.to_thread(job, settings, number)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return facts


def test_an_import_and_an_export(furnished, run):
    async def go(running):
        number = await asyncio.to_thread(asked, furnished, JobKind.WORD_IMPORT, [[f"w{n}"] for n in range(1_500)], account="")
        after = await asyncio.to_thread(asked, furnished, JobKind.WORD_EXPORT)
        assert (await until(furnished, number, lambda facts: facts["state"] == "done"))["result"]["added"] == 1_500
        assert (await until(furnished, after, lambda facts: facts["state"] == "done"))["done"] == 1_500

    run(furnished, go, with_console=True)


def test_a_job_survives_a_restart(furnished, run, monkeypatch):
    monkeypatch.setattr(runner, "REST_LEAST_S", 0.3)
    monkeypatch.setattr(runner, "POLL_S", 0.1)
    monkeypatch.setattr("hongyan.services.jobs.running.LEASE_MS", 1_000)
    number = asked(furnished, JobKind.WORD_IMPORT, [[f"w{n}"] for n in range(10_000)], account="")

    async def begin(_):
        facts = await until(furnished, number, lambda facts: facts["done"] > 0)
        assert facts["state"] == "running"

    async def finish(_):
        assert (await until(furnished, number, lambda facts: facts["state"] == "done"))["result"] == {
            "added": 10_000,
            "known": 0,
        }

    run(furnished, begin, with_console=True)
    assert 0 < job(furnished, number)["done"] < 10_000
    run(furnished, finish, with_console=True)


def result(settings, number):
    """The rows of a job's result."""
    with command_store(settings) as admin:
        pieces = job(settings, number)["pieces"]
        return [
            row for piece in range(pieces) for row in admin.read(lambda tx, n=piece: tx.piece(number, JobRows.RESULT, n))
        ], pieces


def test_an_export_is_read_piece_by_piece_and_goes_on_after_a_restart(furnished, run, monkeypatch):
    monkeypatch.setattr(runner, "POLL_S", 0.1)
    monkeypatch.setattr("hongyan.services.jobs.running.LEASE_MS", 1_000)
    words = sorted(f"w{n}" for n in range(6_050))
    with command_store(furnished) as admin:
        admin.change(rules.add_words, words, "")
    number = asked(furnished, JobKind.WORD_EXPORT)

    async def begin(_):
        monkeypatch.setattr(runner, "REST_LEAST_S", 0.1)
        assert (await until(furnished, number, lambda facts: facts["done"] > 0))["state"] == "running"

    async def finish(_):
        monkeypatch.setattr(runner, "REST_LEAST_S", 0.0)
        await until(furnished, number, lambda facts: facts["state"] == "done")

    run(furnished, begin, with_console=True)
    assert 0 < job(furnished, number)["done"] < len(words)
    run(furnished, finish, with_console=True)

    rows, pieces = result(furnished, number)
    assert rows == [["word"], *([word] for word in words)]
    assert pieces > 1
