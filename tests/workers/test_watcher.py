"""The watcher: what a command changes in another process is soon in the ConfigSnapshot."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

from tests.scene import ACTOR, PREFIXES, SEALER, UP1

from hongyan.model.account import AccountChange
from hongyan.model.act import Act
from hongyan.model.channel import ChannelState
from hongyan.model.ids import IdSource
from hongyan.services.admin import accounts, channels
from hongyan.services.snapshot import load_snapshot
from hongyan.store.database import Database
from hongyan.workers.watcher import POLL_S, Watcher


@asynccontextmanager
async def watching(rig, version=None):
    store = rig.scene.database

    def load(last):
        return store.read(lambda tx: load_snapshot(tx, SEALER, PREFIXES, 100, last=last, now_ms=rig.scene.now))

    watcher = Watcher(
        rig.process_state, rig.process_state.clock, version or (lambda: store.read(lambda tx: tx.config_version())), load
    )
    stopping = asyncio.Event()
    task = asyncio.create_task(watcher.run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await task


def command(rig, change, *args):
    """As the CLI does: a connection and ids of its own."""
    rig.scene.now += 1
    with Database(rig.scene.database.url).transaction() as tx:
        return change(tx, Act(ACTOR, rig.scene.now, IdSource(1_000)), *args)


def test_changes_of_a_command_are_seen(on_rig, wait):
    """Within a second, which the poll leaves room for."""
    assert POLL_S <= 0.5

    async def go(rig):
        async with watching(rig):
            spec = accounts.NewAccount("fresh", 77, "s3cret")
            command(rig, accounts.add_account, spec, SEALER)
            await wait(lambda: "fresh" in rig.process_state.snapshot.accounts)
            command(rig, channels.set_channel_state, "up1", ChannelState.PAUSED)
            await wait(lambda: rig.process_state.snapshot.channels[UP1].state is ChannelState.PAUSED)
            command(rig, channels.drop_route, 1)
            await wait(lambda: len(rig.process_state.snapshot.routes) == 2)
            command(rig, accounts.change_secret, "fresh", "other", SEALER)
            await wait(lambda: rig.process_state.snapshot.accounts["fresh"].secret.plain == "other")
        return rig.process_state.snapshot.numbers_most

    assert on_rig(go) == 100


def test_an_old_secret_ends_though_nothing_is_changed(on_sqlite_rig, wait):
    async def go(rig):
        async with watching(rig):
            rig.scene.within(lambda tx: accounts.change_secret(tx, rig.scene.act(), "pre", "n3w", SEALER, 60_000))
            await wait(lambda: len(rig.process_state.snapshot.accounts["pre"].secrets) == 2)
            rig.scene.now += 60_000
            await wait(lambda: len(rig.process_state.snapshot.accounts["pre"].secrets) == 1)
        return rig.process_state.snapshot.accounts["pre"].secret.plain

    assert on_sqlite_rig(go) == "n3w"


def test_the_same_snapshot_stays_as_long_as_nothing_changes(on_sqlite_rig, pause):
    async def go(rig):
        async with watching(rig):
            before = rig.process_state.snapshot
            await pause()
            return rig.process_state.snapshot is before

    assert on_sqlite_rig(go)


def test_what_is_known_to_be_down_survives_a_new_snapshot(on_sqlite_rig, wait):
    async def go(rig):
        rig.process_state.snapshot = replace(rig.process_state.snapshot, down=frozenset({UP1}))
        async with watching(rig):
            command(rig, accounts.change_account, "pre", AccountChange(is_stopped=True))
            await wait(lambda: rig.process_state.snapshot.accounts["pre"].is_stopped)
            return rig.process_state.snapshot.down

    assert on_sqlite_rig(go) == {UP1}


def test_the_old_snapshot_serves_on_while_the_store_is_away(on_sqlite_rig, wait):
    async def go(rig):
        failures = iter(range(2))

        def version():
            for _ in failures:
                raise OSError("no store")
            return rig.scene.database.read(lambda tx: tx.config_version())

        async with watching(rig, version):
            command(rig, accounts.change_account, "pre", AccountChange(extno="9"))
            await wait(lambda: rig.process_state.snapshot.accounts["pre"].extno == "9")

    on_sqlite_rig(go)
