"""A process of the platform: starts whole or says why not, serves, heals, and stops in order."""

import asyncio
import errno
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psycopg
import pytest
import structlog
import uvloop
from tests.command_store import add_account, change, command_store, message_states

from hongyan.compose.paused_start import TASKS_A_MS, pause_first
from hongyan.compose.platform import Platform
from hongyan.compose.process_start import clock
from hongyan.compose.store_start import take_node
from hongyan.compose.troubles import AlreadyInUse, StoreNotReady
from hongyan.model.alarm import AlarmKind
from hongyan.model.channel import ChannelState
from hongyan.model.ids import DAY_MS, NODES
from hongyan.model.message import MessageState
from hongyan.model.submission import Submission
from hongyan.services.admin import accounts, billing, channels
from hongyan.services.admit import admit
from hongyan.settings.sections.duties import Duty
from hongyan.store.database import Database
from hongyan.store.sql.config import CONFIG_VERSION
from hongyan.workers.lease_manager import LeaseManager
from hongyan.workers.task_numbers import next_day_ms

DELIVERED, QUEUED = MessageState.DELIVERED, MessageState.QUEUED
MOBILES = [f"138{n:08}" for n in range(100, 150)]  # the last four digits mean nothing to a loopback channel


def look(settings, what):
    with command_store(settings) as admin:
        return admin.read(what)


def states(settings):
    return look(settings, lambda tx: {MessageState(state): count for state, count in message_states(tx).items()})


# --- a message's whole life ------------------------------------------------------------------------------------------------


def test_a_request_is_accepted_sent_reported_and_paid(furnished, run):
    async def go(running):
        answers = [await running.send(mobile) for mobile in MOBILES]
        assert {a["returnstatus"] for a in answers} == {"Success"}
        assert answers[-1]["remainpoint"] == str(100_000 - len(MOBILES))
        return sorted(await running.reports(len(MOBILES))), await running.balance()

    assert run(furnished, go) == (MOBILES, 100_000 - len(MOBILES))
    assert states(furnished) == {DELIVERED: len(MOBILES)}
    assert look(furnished, billing.verify)[1] == []


def test_many_clients_at_once_and_a_large_task_beside_them(furnished, run):
    large = ",".join(f"139{n:08}" for n in range(20_100, 22_600))

    async def go(running):
        task, *singles = await asyncio.gather(running.send(large), *(running.send(mobile) for mobile in MOBILES))
        assert {a["returnstatus"] for a in (task, *singles)} == {"Success"}
        assert task["successCounts"] == "2500"
        return len(set(await running.reports(2_550)))

    assert run(furnished, go) == 2_550
    assert states(furnished) == {DELIVERED: 2_550}
    assert look(furnished, billing.verify)[1] == []


def test_a_repeated_client_reference_over_http_is_one_task(furnished, run):
    async def go(running):
        first, again = [await running.send(clientref="r1") for _ in range(2)]
        other = await running.send("13800138001", clientref="r1")
        return first == again, other["returnstatus"]

    assert run(furnished, go) == (True, "Faild")
    assert sum(states(furnished).values()) == 1


def test_what_was_not_sent_when_a_process_stopped_is_sent_by_the_next(furnished, run):
    change(furnished, channels.set_channel_state, "trial", ChannelState.PAUSED)
    change(furnished, channels.set_channel_state, "reserve", ChannelState.STOPPED)

    async def send(running):
        return [(await running.send(mobile))["returnstatus"] for mobile in MOBILES[:5]]

    assert run(furnished, send) == ["Success"] * 5
    assert states(furnished) == {QUEUED: 5}
    change(furnished, channels.set_channel_state, "trial", ChannelState.RUNNING)

    assert sorted(run(furnished, lambda running: running.reports(5))) == MOBILES[:5]


def test_commands_are_seen_by_a_running_process(furnished, run):
    async def go(running):
        spec = accounts.NewAccount("fresh", 99, "xyz")
        await asyncio.to_thread(add_account, furnished, spec)
        await running.until(lambda: "fresh" in running.platform.process_state.snapshot.accounts)
        _, answer = await running.ask(
            "sms.aspx", action="send", mobile="13800138000", content="您好", userid="99", account="fresh", password="xyz"
        )
        return answer["returnstatus"], answer["remainpoint"]

    assert run(furnished, go) == ("Success", "4")


def test_what_waited_longer_than_the_setting_of_its_product_fails_and_is_reported(furnished, run):
    change(furnished, channels.set_channel_state, "trial", ChannelState.PAUSED)
    change(furnished, channels.set_channel_state, "reserve", ChannelState.STOPPED)
    limits = furnished.limits.model_copy(update={"sms_validity_s": 1})

    async def go(running):
        await running.send()
        await asyncio.sleep(1.1)
        await asyncio.to_thread(change, furnished, channels.set_channel_state, "trial", ChannelState.RUNNING)
        return await running.reports(1)

    assert run(furnished.model_copy(update={"limits": limits}), go) == ["13800138000"]
    assert states(furnished) == {MessageState.FAILED: 1}


# --- starting --------------------------------------------------------------------------------------------------------------


def refused(settings):
    async def go():
        platform = Platform(settings)
        await platform.start()
        await platform.stop()

    with pytest.raises(Exception) as trouble:
        uvloop.run(go())
    return trouble.value


def test_a_second_server_on_one_sqlite_file_is_refused(on_sqlite, run):
    async def go(running):
        with pytest.raises(AlreadyInUse, match="a server already runs") as trouble:
            await Platform(on_sqlite).start()
        return trouble.value.cure, (await running.send())["returnstatus"]

    cure, status = run(on_sqlite, go)
    assert "stop it first" in cure
    assert status == "Success"


def test_a_store_that_was_never_made_names_the_command_that_makes_it(tmp_path, settings_of, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trouble = refused(settings_of(tmp_path))

    assert isinstance(trouble, StoreNotReady)
    assert "hongyan init" in trouble.cure


def test_a_wrong_schema_names_the_command_that_mends_it(on_sqlite):
    with Database(on_sqlite.database_url).transaction() as tx:
        tx.db.plain("UPDATE alembic_version SET version_num = '0000'")

    trouble = refused(on_sqlite)

    assert isinstance(trouble, StoreNotReady)
    assert "0000" in str(trouble)
    assert trouble.cure == "hongyan db upgrade"


@pytest.mark.parametrize("port", ["port", "ops_port"])
def test_a_port_in_use_is_named_nothing_was_begun_and_everything_is_let_go(on_sqlite, run, port, monkeypatch):
    begun = []
    keep = LeaseManager.run
    monkeypatch.setattr(LeaseManager, "run", lambda *seen: begun.append(seen) or keep(*seen))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        listen = on_sqlite.listen.model_copy(update={port: number})
        trouble = refused(on_sqlite.model_copy(update={"listen": listen}))

    assert isinstance(trouble, AlreadyInUse)
    assert f":{number}" in str(trouble)
    assert not begun  # no link may be up before it is certain that reports can be passed on

    async def go(running):
        return (await running.send())["returnstatus"]

    assert run(on_sqlite, go) == "Success"


def test_another_sealing_key_is_no_key(on_sqlite, settings_of, tmp_path):
    store = on_sqlite.store.model_copy(update={"key": type(on_sqlite.store.key)("22" * 32)})

    assert "sealing key" in str(refused(on_sqlite.model_copy(update={"store": store})))


# --- what it reports of itself -------------------------------------------------------------------------------------------------


def test_livez_readyz_and_metrics_answer(furnished, run):
    async def go(running):
        await running.send()
        await running.reports(1)
        seen = {path: await running.ops(path) for path in ("livez", "readyz", "metrics")}
        return seen, await running.ops("readyz?verbose")

    seen, (status, verbose) = run(furnished, go)

    assert (seen["livez"], seen["readyz"]) == ((200, "ok\n"), (200, "ok\n"))
    assert status == 200
    assert '"ready":true' in verbose
    metrics = seen["metrics"][1]
    assert re.search(r'hongyan_messages_accepted_total{\w+="doors"} 1.0', metrics)
    for line in (
        'hongyan_channel_up{channel="trial"} 1.0',
        'hongyan_channel_submits_total{channel="trial",result="accepted"} 1.0',
        'hongyan_reports_total{channel="trial",outcome="delivered"} 1.0',
        'hongyan_channel_owned{channel="trial"} 1.0',
        'hongyan_points_held_total{product="sms"} 1.0',
        'hongyan_points_returned_total{product="sms"} 0.0',
    ):
        assert line in metrics


def test_a_store_that_is_served_held_sends_nothing_until_a_channel_is_started(on_sqlite, start):
    with command_store(on_sqlite) as admin:
        submission = Submission(admin.snapshot().accounts["demo"], ["13800138000", "13800138001"], "您好", source="cli")
        admin.accept(admit(admin.snapshot(), submission, admin.now_ms()))

    async def go():
        await asyncio.to_thread(pause_first, on_sqlite)
        async with start(on_sqlite) as running:
            states = {channel.state for channel in running.platform.process_state.snapshot.channels.values()}
            await running.until(lambda: running.platform.lease_manager.workers)
            await asyncio.sleep(0.5)
            before = set(running.platform.database.read(message_states))
            await asyncio.to_thread(change, on_sqlite, channels.set_channel_state, "trial", ChannelState.RUNNING)
            return states, before, sorted(await running.reports(2))

    with structlog.testing.capture_logs() as lines:
        states, before, reported = asyncio.run(go())

    assert (states, before) == ({ChannelState.PAUSED}, {MessageState.QUEUED})
    assert reported == ["13800138000", "13800138001"]
    (of_trial,) = [line for line in lines if line["event"] == "channel_held" and line["channel"] == "trial"]
    (of_all,) = [line for line in lines if line["event"] == "held"]
    assert of_trial["queued"] == 2
    assert re.match(r"20\d\d-", of_trial["since"])
    assert (of_all["paused"], of_all["queued"]) == (2, 2)
    assert "hongyan channel list" in of_all["cure"]


def test_a_store_that_is_served_held_gives_no_task_id_that_was_given_after_its_back_up(on_sqlite, start):
    """The counter of the day is that of the back-up."""
    began_ms = clock()

    async def go():
        await asyncio.to_thread(pause_first, on_sqlite)
        async with start(on_sqlite) as running:
            return [int((await running.send())["taskID"][6:]) for _ in range(2)]

    first, second = asyncio.run(go())
    assert began_ms - next_day_ms(began_ms) + DAY_MS <= first // TASKS_A_MS < DAY_MS
    assert second == first + 1


def test_a_task_of_a_command_is_asked_for_by_its_sms_id(on_sqlite, run):
    with command_store(on_sqlite) as admin:
        submission = Submission(admin.snapshot().accounts["demo"], ["13800138000"], "您好", source="cli")
        accepted = admin.accept(admit(admin.snapshot(), submission, admin.now_ms()))

    async def go(running):
        return await running.reports(1, taskid=accepted.sms_id)

    assert run(on_sqlite, go) == ["13800138000"]


def test_what_a_command_sends_is_counted_and_a_process_without_links_warns(on_sqlite, run):
    settings = on_sqlite.model_copy(update={"duties": on_sqlite.duties.model_copy(update={"run": (Duty.API, Duty.CLOCK)})})

    def send_two():
        with command_store(settings) as admin:
            submission = Submission(admin.snapshot().accounts["demo"], ["13800138000", "13800138001"], "您好", source="cli")
            admin.accept(admit(admin.snapshot(), submission, admin.now_ms()))

    async def go(running):
        sweeps = running.platform.sweeps
        await running.until(lambda: sweeps.backlog)
        await asyncio.to_thread(send_two)  # on the loop it would wait for a turn of the lane that pauses for it
        await sweeps._look()
        await running.until(lambda: running.platform.lease_manager.unowned)
        return await running.ops("metrics"), await running.ops("readyz")

    (_, metrics), (status, ready) = run(settings, go)

    assert re.search(r'hongyan_messages_accepted_total{\w+="command line"} 2.0', metrics)
    assert 'hongyan_segments_charged_total{product="sms"} 2.0' in metrics
    assert 'hongyan_points_held_total{product="sms"} 2.0' in metrics
    assert 'hongyan_channel_owned{channel="trial"} 0.0' in metrics
    assert (status, '"warned":["links"]' in ready) == (200, True)


def test_readyz_names_a_store_that_does_not_answer(furnished, run, monkeypatch):
    async def go(running):
        with monkeypatch.context() as patch:
            patch.setattr(running.platform.database, "check_schema", lambda: 1 / 0)
            away = await running.ops("readyz")
        return away, await running.ops("readyz")

    (status, seen), healed = run(furnished, go)

    assert status == 503
    assert '"failed":["store"]' in seen
    assert healed == (200, "ok\n")


@pytest.mark.parametrize(("ends_ms", "said"), [(1, "doors.pem ended on 1970-01-01"), (4_000_000_000_000, "")])
def test_readyz_and_the_alarms_tell_of_a_certificate_that_has_ended(furnished, run, ends_ms, said):
    async def go(running):
        running.platform.certificate.file, running.platform.certificate.ends_ms = Path("doors.pem"), ends_ms
        observe = partial(running.platform._observed, success=False, ledger=False)
        seen = await asyncio.to_thread(running.platform.database.read, observe)
        return await running.ops("readyz"), [one for one in seen if one.kind is AlarmKind.CERTIFICATE_ENDS]

    (status, seen), (observed,) = run(furnished, go)

    assert (status, '"warned":["certificate"]' in seen, said in seen) == (200, bool(said), True)
    assert (observed.subject, observed.is_bad) == ("doors.pem", bool(said))


def test_readyz_reports_that_no_descriptor_can_be_had(furnished, run):
    def out():
        raise OSError(errno.EMFILE, "")

    async def go(running):
        running.platform.descriptors._probe = out
        running.platform.descriptors.look(0)
        return await running.ops("readyz")

    status, seen = run(furnished, go)

    assert status == 503
    assert '"failed":["descriptors"]' in seen
    assert "LimitNOFILE" in seen


def test_a_row_whose_secret_does_not_open_stops_itself_alone_and_is_named(furnished, run):
    async def go(running):
        with running.platform.database.transaction() as tx:
            tx.change_row("channel", 1, secret=b"sealed with another key, in another folder")
            tx.take_count(CONFIG_VERSION, 1)
        await running.until(lambda: running.platform.process_state.snapshot.shut)
        return (await running.send())["returnstatus"], await running.ops("readyz"), await running.ops("metrics")

    sent, (status, seen), (_, metrics) = run(furnished, go)

    assert sent == "Success"
    assert status == 503
    assert '"failed":["secrets"]' in seen
    assert "channel trial" in seen
    assert "hongyan_secrets_shut 1.0" in metrics


# --- node numbers ----------------------------------------------------------------------------------------------------------


def test_of_two_processes_that_start_at_the_same_moment_each_gets_a_number(postgres_store):
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with ThreadPoolExecutor() as threads, psycopg.connect(postgres_store.url, autocommit=True) as onlooker:
        with postgres_store.transaction() as tx:
            first = tx.take_node("one", 60_000, NODES)
            other = threads.submit(take_node, postgres_store, "other")
            until = time.monotonic() + 10
            while not onlooker.execute(blocked).fetchone()[0]:
                assert time.monotonic() < until, "the second process does not wait for the first"
                time.sleep(0.01)
        assert {first, other.result(timeout=10)} == {0, 1}


# --- trouble while it runs -------------------------------------------------------------------------------------------------


def test_lost_backends_are_replaced_and_nothing_is_lost(on_postgres, run):
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    def cut():
        with psycopg.connect(on_postgres.database_url, autocommit=True) as connection:
            return len(connection.execute(others).fetchall())

    async def go(running):
        accepted = []
        for round_number in range(3):
            assert await asyncio.to_thread(cut) >= 1
            answers = await asyncio.gather(*(running.send(f"1380013{round_number}{n:03}") for n in range(100, 120)))
            accepted += [a["taskID"] for a in answers if a["returnstatus"] == "Success"]
        last = await running.send("13800139999")
        assert last["returnstatus"] == "Success"
        return len(accepted), len(await running.reports(len(accepted) + 1)), await running.ops("readyz")

    accepted, reported, ready = run(on_postgres, go)

    assert accepted == 60  # a batch whose connection was lost is repeated
    assert reported == 61
    assert ready == (200, "ok\n")
    assert look(on_postgres, billing.verify)[1] == []


@pytest.mark.interpreted
def test_a_loop_that_ends_by_a_bug_is_reported_and_the_process_still_stops(on_sqlite, run):
    async def go(running):
        def bug(*_):
            raise ZeroDivisionError

        running.platform.lease_manager._round = bug
        await asyncio.wait_for(running.platform.failed.wait(), 20)
        return (await running.send())["returnstatus"]

    assert run(on_sqlite, go) == "Success"


def test_a_process_stops_when_its_store_is_away(on_sqlite, run, monkeypatch):
    async def go(running):
        running.platform.database.transaction = lambda: 1 / 0
        return True

    assert run(on_sqlite, go)
    assert run(on_sqlite, lambda running: running.ops("readyz")) == (200, "ok\n")


# --- several processes -------------------------------------------------------------------------------------------------------


def test_one_process_takes_requests_and_another_sends(on_postgres, start):
    def doing(*duties):
        return on_postgres.model_copy(update={"duties": on_postgres.duties.model_copy(update={"run": duties})})

    async def go():
        async with start(doing(Duty.LINK, Duty.CLOCK, Duty.PUSH)) as carrying, start(doing(Duty.API)) as taking:
            await taking.until(lambda: not taking.platform.process_state.snapshot.down)
            answers = [await taking.send(mobile) for mobile in MOBILES]
            assert {a["returnstatus"] for a in answers} == {"Success"}
            mobiles = await taking.reports(len(MOBILES))
            nodes = {p.platform.process_state.ids.node for p in (carrying, taking)}
            return (
                sorted(mobiles),
                len(nodes),
                len(taking.platform.lease_manager.workers),
                len(carrying.platform.lease_manager.workers),
            )

    assert uvloop.run(go()) == (MOBILES, 2, 0, 2)


def test_when_one_of_two_processes_stops_the_other_carries_on(on_postgres, start):
    async def go():
        async with start(on_postgres) as staying:
            async with start(on_postgres) as leaving:
                await staying.until(
                    lambda: len(staying.platform.lease_manager.workers) + len(leaving.platform.lease_manager.workers) == 2
                )
                await leaving.send(MOBILES[0])
                await staying.send(MOBILES[1])
                before = await staying.reports(2)
            await staying.until(lambda: len(staying.platform.lease_manager.workers) == 2)
            await staying.send(MOBILES[2])
            return sorted(before), await staying.reports(1)

    assert uvloop.run(go()) == (MOBILES[:2], [MOBILES[2]])


def test_a_stop_waits_for_no_poll(on_sqlite, start, monkeypatch):
    """Loops that wait for a signal hear that they are to stop: a restart is as short as its work."""
    monkeypatch.setattr("hongyan.workers.releases.RELEASE_POLL_S", 600)
    monkeypatch.setattr("hongyan.workers.customer_sessions.FOLLOW_S", 600)

    async def go():
        async with asyncio.timeout(60), start(on_sqlite) as running:
            await running.until(lambda: len(running.platform.lease_manager.workers) == 2)

    uvloop.run(go())


def test_the_end_frees_leases_node_and_file(furnished, run):
    run(furnished, lambda running: running.until(lambda: len(running.platform.lease_manager.workers) == 2))

    def left(tx):
        return {lease.expires_ms for lease in tx.leases().values()}, tx.rows_of("node", number=0)[0]["expires_ms"]

    assert look(furnished, left) == ({0}, 0)
