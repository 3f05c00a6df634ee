"""A task that is cancelled at a running server, by a command that may be killed at any moment."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from time import sleep

import pytest
from tests.command_store import command_store

from hongyan.compose.process_start import clock
from hongyan.model.channel import ChannelChange, ChannelState
from hongyan.model.message import TaskState
from hongyan.services.admin import tasks
from hongyan.services.admin.channels import change_channel
from hongyan.services.queries.channel_details import all_channels
from hongyan.services.queries.task_details import task_details
from hongyan.workers.watcher import POLL_S

COUNT = 3_000
DAY_MS = 24 * 3_600_000
STATES = "SELECT state, count(*) FROM message GROUP BY state"
POINTS = 100_000


def send_time(at_ms):
    from hongyan.formats.sendtime import china_text

    return china_text(at_ms)


async def bulk(running):
    """A large task that waits for tomorrow."""
    mobiles = ",".join(f"138{number:08}" for number in range(COUNT))
    answer = await running.send(mobiles, sendTime=send_time(clock() + DAY_MS))
    assert await running.balance() == POINTS - COUNT
    return int(answer["taskID"])


def state_of(settings, task_id):
    with command_store(settings) as admin:
        return admin.read(task_details, task_id)


async def until_cancelled(running, settings, task_id):
    async with asyncio.timeout(60):
        while (await asyncio.to_thread(state_of, settings, task_id))["state"] != "cancelled":  # noqa: ASYNC110
            await asyncio.sleep(0.1)


def test_a_server_carries_on_a_cancelling_whose_command_is_gone(furnished, run):
    async def go(running):
        task_id = await bulk(running)

        def begin():
            with command_store(furnished) as admin:
                admin.change(tasks.begin_cancelling, task_id)

        await asyncio.to_thread(begin)
        await until_cancelled(running, furnished, task_id)
        assert await running.balance() == POINTS
        assert len(set(await running.reports(COUNT))) == COUNT

    run(furnished, go)


def test_what_the_server_takes_back_beside_a_command_is_counted_with_it(furnished, run, monkeypatch):
    page_by_page = tasks._page_by_page

    async def go(running):
        task_id = await bulk(running)

        async def last(store, *pages):
            async with asyncio.timeout(60):
                while (await store.read(lambda tx: tx.task(task_id)))["state"] != TaskState.CANCELLED:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            return await page_by_page(store, *pages)

        monkeypatch.setattr(tasks, "_page_by_page", last)

        def cancel():
            with command_store(furnished) as admin:
                return admin.run(tasks.cancel(admin.admin, task_id))

        assert await asyncio.to_thread(cancel) == tasks.Stopped(1, COUNT, COUNT, 0)

    run(furnished, go)


def test_what_the_server_puts_aside_or_lets_go_beside_a_command_is_counted_with_it(furnished, run, monkeypatch):
    page_by_page = tasks._page_by_page

    async def twice(store, *pages):
        """What the running server does between the decision and the command's first page."""
        await page_by_page(store, *pages)
        return await page_by_page(store, *pages)

    async def go(running):
        def pause_and_resume():
            with command_store(furnished) as admin:
                for channel in admin.read(all_channels):
                    admin.change(change_channel, channel["name"], ChannelChange(state=ChannelState.PAUSED))
                sleep(2 * POLL_S)
                task_id = asyncio.run_coroutine_threadsafe(running.send("13800138000"), loop).result(30)["taskID"]
                monkeypatch.setattr(tasks, "_page_by_page", twice)
                return [admin.run(act(admin.admin, int(task_id))) for act in (tasks.pause, tasks.resume)]

        loop = asyncio.get_running_loop()
        assert await asyncio.to_thread(pause_and_resume) == [tasks.Stopped(1, 1, 0, 0)] * 2

    run(furnished, go)


@pytest.mark.parametrize("after_s", [0.9, 1.2])
def test_a_command_that_is_killed_loses_nothing_and_returns_nothing_twice(on_sqlite, run, after_s):
    async def go(running):
        task_id = await bulk(running)
        command = subprocess.Popen(  # noqa: ASYNC220
            [sys.executable, "-m", "hongyan", "task", "cancel", str(task_id), "--data", str(on_sqlite.data)],
            env=os.environ | {"HONGYAN_STORE__KEY": "11" * 32},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        await asyncio.sleep(after_s)
        with suppress(ProcessLookupError):
            command.send_signal(signal.SIGKILL)
        await asyncio.to_thread(command.wait)
        if (await asyncio.to_thread(state_of, on_sqlite, task_id))["state"] == "waiting":  # it was killed before it began
            return
        await until_cancelled(running, on_sqlite, task_id)
        assert await running.balance() == POINTS
        assert len(set(await running.reports(COUNT))) == COUNT

    run(on_sqlite, go)
