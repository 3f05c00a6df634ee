"""The doors in a process of their own, and the writer: both on one loop here, with the real socket between them."""

import asyncio
import socket
import stat

import aiohttp
import orjson
import pytest
import uvloop
from tests.command_store import add_account, command_store
from tests.compose.conftest import Running, make_settings

from hongyan.compose.doors import client
from hongyan.compose.doors.process import DoorsProcess
from hongyan.compose.doors.run_socket import DIRECTORY, NAME
from hongyan.compose.listeners import open_doors
from hongyan.compose.platform import Platform
from hongyan.compose.serve import serve
from hongyan.model.refusal import Code, Refusal
from hongyan.ports.lane import StoreAway
from hongyan.services.admin import accounts, billing
from hongyan.settings.load import Loaded
from hongyan.settings.problems import SettingsInvalid

MOBILES = [f"138{n:08}" for n in range(100, 130)]


class Apart(Running):
    """A writer, and doors beside it."""

    def __init__(self, settings, sockets, session):
        self.settings, self._sockets = settings, sockets
        self.port = sockets[0][0].getsockname()[1]
        super().__init__(None, session)

    async def start_writer(self):
        self.platform = Platform(self.settings, doors_apart=[self.port])
        await self.platform.start()

    async def start_doors(self):
        self._end, theirs = socket.socketpair()
        self.doors = DoorsProcess(self.settings, [[one.dup() for one in opened] for opened in self._sockets])
        self._running = asyncio.create_task(self.doors.run(theirs))

    async def stop_doors(self):
        self._end.close()
        assert await self._running

    async def until_serving(self):
        await self.until(lambda: self.platform._doors_server.is_serving)

    async def lose_writer(self):
        """As if it died: the connection ends, whatever is under way."""
        server = self.platform._doors_server
        server._server.close()
        server._socket.close()
        server._connection._transport.abort()
        await self.until(lambda: self.doors._api._connection is None)


def run(settings, go):
    async def inside():
        sockets = open_doors(settings)
        async with aiohttp.ClientSession() as session:
            apart = Apart(settings, sockets, session)
            await apart.start_doors()  # it waits for the writer
            await apart.start_writer()
            await apart.until_serving()
            try:
                return await go(apart)
            finally:
                await asyncio.gather(apart.stop_doors(), apart.platform.stop())
                for one in sockets[0]:
                    one.close()

    return uvloop.run(inside())


def test_messages_go_their_whole_way_and_doors_answer_as_ever(on_sqlite):
    async def go(apart):
        answers = await asyncio.gather(*(apart.send(mobile) for mobile in MOBILES))
        assert {one["returnstatus"] for one in answers} == {"Success"}
        large = await apart.send(",".join(f"139{n:08}" for n in range(20_100, 22_600)))
        assert (large["returnstatus"], large["successCounts"]) == ("Success", "2500")
        mixed = await apart.send("13800130100,1380013800x")
        assert mixed["successCounts"] == "1"
        assert len(await apart.reports(2_531)) == 2_531
        return await apart.balance()

    assert run(on_sqlite, go) == 100_000 - 2_531
    with command_store(on_sqlite) as admin:
        assert admin.read(billing.verify)[1] == []


def test_a_repeated_client_reference_is_one_task(on_sqlite):
    async def go(apart):
        first, again = [await apart.send(clientref="r1") for _ in range(2)]
        other = await apart.send("13800138001", clientref="r1")
        return first == again, other["returnstatus"]

    assert run(on_sqlite, go) == (True, "Faild")


def test_what_the_writer_refuses_is_refused_with_its_cause(on_sqlite):
    async def go(apart):
        return (await apart.send(",".join(f"139{n:08}" for n in range(60_000)), content="您好" * 60))["message"]

    assert run(on_sqlite, go) == "额度不足"


def test_a_secret_that_a_customer_changed_counts_at_once(on_sqlite):
    async def go(apart):
        _, changed = await apart.ask("sms.aspx", action="changespwd", newpwd="Neu-12345", renewpwd="Neu-12345")
        return changed["returnstatus"], (await apart.send(password="Neu-12345"))["returnstatus"]

    assert run(on_sqlite, go) == ("Sucess", "Success")


def test_a_command_is_seen_by_both_within_a_second(on_sqlite):
    async def go(apart):
        spec = accounts.NewAccount("fresh", 99, "xyz")
        await asyncio.to_thread(add_account, on_sqlite, spec)
        async with asyncio.timeout(1.0):
            while (await apart.send(userid="99", account="fresh", password="xyz"))["returnstatus"] != "Success":  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    run(on_sqlite, go)


def test_an_account_that_the_writer_has_not_seen_yet_is_waited_for(on_sqlite):
    """The doors may have read a newer ConfigSnapshot."""

    async def go(apart):
        state = apart.platform.process_state
        whole = state.snapshot
        demo = whole.accounts["demo"]
        del whole.accounts_by_id[demo.id]
        try:
            asked = asyncio.create_task(apart.send())
            await asyncio.sleep(0.2)
            assert not asked.done()
        finally:
            whole.accounts_by_id[demo.id] = demo
        state.turn(whole)
        return (await asked)["returnstatus"]

    assert run(on_sqlite, go) == "Success"


def test_channels_that_are_down_are_routed_around_at_once(on_sqlite):
    async def go(apart):
        trial = apart.platform.process_state.snapshot.channels
        (down,) = [one.id for one in trial.values() if one.name == "trial"]
        apart.platform.signals.down(frozenset([down]))
        await apart.until(lambda: apart.doors._configuration.snapshot.down == {down})

    run(on_sqlite, go)


def test_guesses_at_the_doors_count_at_the_listeners_for_sessions_too(on_sqlite):
    async def go(apart):
        for number in range(8):
            await apart.send(password=f"wrong-{number}")
        demo = apart.platform.process_state.snapshot.accounts["demo"]

        def is_slowed():
            try:
                apart.platform._guard.check(demo.id, "127.0.0.1", is_trusted=False)
            except Refusal as refusal:
                return refusal.code is Code.LOGIN_SLOWED
            return False

        await apart.until(is_slowed)  # the last notice of the doors may still be on its way

    run(on_sqlite, go)


def test_guesses_over_sessions_count_at_the_doors_too(on_sqlite):
    async def go(apart):
        demo = apart.platform.process_state.snapshot.accounts["demo"]
        for number in range(8):
            apart.platform._guard.wrong(demo.id, "127.0.0.1", f"wrong-{number}", is_trusted=False)
        await asyncio.sleep(0.1)
        return (await apart.send())["returnstatus"]

    assert run(on_sqlite, go) == "Faild"


def test_who_is_held_back_at_the_doors_is_named_by_the_writer(on_sqlite, monkeypatch):
    monkeypatch.setattr("hongyan.http.penalty.FREE_FAULTS", 5)
    monkeypatch.setattr("hongyan.http.penalty.FAULTS_A_SECOND", 1)
    monkeypatch.setattr("hongyan.http.penalty.HOLD_LEAST_S", 60)

    async def go(apart):
        for _ in range(8):
            await apart.ask("sms.aspx", action="overage", password="wrong")
        await apart.until(lambda: apart.platform._doors_server.held_addresses)
        return await apart.ops("readyz"), await apart.ops("metrics")

    (_, ready), (_, metrics) = run(on_sqlite, go)
    assert "the doors hold back 127.0.0.1" in ready
    assert 'hongyan_door_faults_total{what="refused"} 8.0' in metrics
    assert "hongyan_addresses_held_back 1.0" in metrics


def test_answers_of_the_doors_are_counted_in_the_metrics_of_the_writer(on_sqlite):
    async def go(apart):
        await apart.send()
        await apart.send(password="wrong")
        await asyncio.sleep(0.8)
        _, text = await apart.ops("metrics")
        return [line for line in text.splitlines() if line.startswith(("hongyan_api_requests_total{", "hongyan_messages_acc"))]

    counted = run(on_sqlite, go)
    assert 'hongyan_api_requests_total{code="OK",endpoint="sms.aspx"} 1.0' in counted
    assert 'hongyan_api_requests_total{code="SECRET_WRONG",endpoint="sms.aspx"} 1.0' in counted
    assert 'hongyan_messages_accepted_total{source="doors"} 1.0' in counted


def test_a_process_without_its_doors_is_not_ready(on_sqlite):
    async def go(apart):
        ready = await apart.ops("readyz")
        await apart.stop_doors()
        await apart.until(lambda: not apart.platform._doors_server.is_serving)
        without = await apart.ops("readyz")
        await apart.start_doors()
        await apart.until_serving()
        return ready[0], without[0], "doors" in without[1], (await apart.ops("readyz"))[0]

    assert run(on_sqlite, go) == (200, 503, True, 200)


def test_the_socket_is_for_its_owner_alone(on_sqlite):
    async def go(apart):
        directory = on_sqlite.data / DIRECTORY
        return [stat.S_IMODE(one.stat().st_mode) for one in (directory, directory / NAME)]

    assert run(on_sqlite, go) == [0o700, 0o600]


# --- a writer that is lost -----------------------------------------------------------------------------------------------


@pytest.mark.interpreted
def test_what_was_stored_when_the_answer_was_lost_is_answered_success_once_the_writer_is_back(on_sqlite):
    async def go(apart):
        await apart.send()
        server = apart.platform._doors_server
        server._connection.say = lambda _: None  # its answers are lost from now on
        asked = [asyncio.create_task(apart.send(mobile)) for mobile in MOBILES]
        await apart.until(lambda: apart.platform.api.accepted == 1 + len(MOBILES))
        await apart.lose_writer()
        await asyncio.sleep(0.3)
        assert not any(one.done() for one in asked)  # nothing is concluded
        await server.open()
        await server.start()
        answers = await asyncio.gather(*asked)
        await apart.until_serving()
        return {one["returnstatus"] for one in answers}, len({one["taskID"] for one in answers}), await apart.balance()

    assert run(on_sqlite, go) == ({"Success"}, len(MOBILES), 100_000 - 1 - len(MOBILES))


@pytest.mark.interpreted
def test_what_was_not_stored_is_refused_as_busy_and_never_is_stored(on_sqlite):
    async def go(apart):
        await apart.send()
        server = apart.platform._doors_server
        server._accept = lambda *_: None  # it dies before it takes them up
        asked = [asyncio.create_task(apart.send(mobile)) for mobile in MOBILES]
        await apart.until(lambda: len(apart.doors._api._calls) == len(MOBILES))
        await apart.lose_writer()
        del server._accept
        await server.open()
        await server.start()
        answers = await asyncio.gather(*asked)
        return {one["returnstatus"] for one in answers}, await apart.balance()

    assert run(on_sqlite, go) == ({"Faild"}, 100_000 - 1)


@pytest.mark.interpreted
def test_what_the_same_writer_still_has_under_way_is_waited_for(on_sqlite):
    """Only the connection was lost: an answer from the store would come too soon."""

    async def go(apart):
        await apart.send()
        server = apart.platform._doors_server
        accept = apart.platform.api.accept

        async def late(admission):
            await asyncio.sleep(0.5)
            return await accept(admission)

        apart.platform.api.accept = lambda admission: asyncio.ensure_future(late(admission))
        asked = [asyncio.create_task(apart.send(mobile)) for mobile in MOBILES]
        await apart.until(lambda: len(server._accepting) == len(MOBILES))
        server._connection._transport.abort()
        answers = await asyncio.gather(*asked)
        return {one["returnstatus"] for one in answers}, await apart.balance()

    assert run(on_sqlite, go) == ({"Success"}, 100_000 - 1 - len(MOBILES))


@pytest.mark.interpreted
@pytest.mark.parametrize("is_away", [False, True])
def test_reports_that_were_taken_for_doors_that_are_gone_wait_again(on_sqlite, is_away):
    """Also where the store is away just then."""

    async def go(apart):
        await apart.send()
        server, api = apart.platform._doors_server, apart.platform.api
        take, lost = api.take_reports, []

        async def too_late(*asked):
            found = await take(*asked)
            if found:
                lost.append(server._connection)
                lost[0].abort()
                await apart.until(lambda: server._connection is not lost[0])
            return found

        give_back = api.give_back

        async def away_at_first(*asked):
            api.give_back = give_back
            raise StoreAway("it is restarted")

        api.take_reports = too_late
        if is_away:
            api.give_back = away_at_first
        async with asyncio.timeout(20):
            while not lost:
                await apart.ask("statusApi.aspx", action="query")
        del api.take_reports
        await apart.until_serving()
        return len(await apart.reports(1))

    assert run(on_sqlite, go) == 1


def test_without_a_writer_customers_are_answered_busy_at_once(on_sqlite):
    async def go(apart):
        await apart.send()
        await apart.lose_writer()
        async with asyncio.timeout(1):
            alone = await apart.send()
        server = apart.platform._doors_server
        await server.open()
        await server.start()
        await apart.until_serving()
        return alone["returnstatus"], (await apart.send())["returnstatus"]

    assert run(on_sqlite, go) == ("Faild", "Success")


def test_what_is_no_frame_of_ours_ends_the_connection_and_the_doors_come_back(on_sqlite):
    async def go(apart):
        server = apart.platform._doors_server
        first = server._connection
        apart.doors._api._connection._transport.write(b"\0\0\0\x03[1]")
        await apart.until(lambda: server._connection not in {None, first} and server.is_serving)
        return (await apart.send())["returnstatus"]

    assert run(on_sqlite, go) == "Success"


@pytest.mark.interpreted
def test_an_answer_that_cannot_be_read_is_asked_for_anew(on_sqlite):
    async def go(apart):
        await apart.send()
        server = apart.platform._doors_server
        server._accepted = lambda connection, number, task_id, _: (
            server._accepting.pop(task_id),
            connection.say(orjson.dumps((number, ["odd"]))),
        )
        return (await apart.send())["returnstatus"], await apart.balance()

    assert run(on_sqlite, go) == ("Success", 100_000 - 2)


@pytest.mark.interpreted
def test_the_store_is_asked_again_where_it_was_away_at_the_first_question(on_sqlite):
    async def go(apart):
        await apart.send()
        server = apart.platform._doors_server
        ask, tries = server._asked["lost_answers"], []

        async def away_at_first(named):
            tries.append(named)
            if len(tries) < 3:
                raise StoreAway
            return await ask(named)

        server._asked |= {"lost_answers": away_at_first}
        server._connection.say = lambda _: None
        asked = asyncio.create_task(apart.send())
        await apart.until(lambda: apart.platform.api.accepted == 2)
        server._connection._transport.abort()
        return (await asked)["returnstatus"], len(tries)

    assert run(on_sqlite, go) == ("Success", 3)


def test_what_fits_no_frame_is_refused_alone(on_sqlite, monkeypatch):
    async def go(apart):
        await apart.send()
        monkeypatch.setattr(client, "MESSAGE_MOST", 1_000)
        long = await apart.send(",".join(f"139{n:08}" for n in range(20_100, 20_400)))
        return long["returnstatus"], (await apart.send())["returnstatus"]

    assert run(on_sqlite, go) == ("Faild", "Success")


@pytest.mark.interpreted
def test_no_more_is_under_way_than_the_settings_allow(on_sqlite):
    limits = on_sqlite.limits.model_copy(update={"waiting_submissions": 5})

    async def go(apart):
        await apart.send()
        server = apart.platform._doors_server
        server._accept = lambda *_: None
        asked = [asyncio.create_task(apart.send(mobile)) for mobile in MOBILES]
        await asyncio.wait(asked, timeout=1)
        refused = [one.result()["returnstatus"] for one in asked if one.done()]
        del server._accept
        await apart.lose_writer()
        await server.open()
        await server.start()
        await asyncio.gather(*asked)
        return refused

    assert run(on_sqlite.model_copy(update={"limits": limits}), go) == ["Faild"] * (len(MOBILES) - 5)


# --- where there can be no two processes ------------------------------------------------------------------------------------


def test_two_processes_on_postgresql_are_refused_with_one_line(tmp_path):
    settings = make_settings(tmp_path, "postgresql://h/x", duties={"processes": 2})

    with pytest.raises(SettingsInvalid, match="for SQLite"):
        serve(Loaded(settings, None, {}))


def test_two_processes_without_doors_are_refused_with_one_line(tmp_path):
    with pytest.raises(SettingsInvalid, match="needs the duty api"):
        make_settings(tmp_path, duties={"run": "link,push,clock", "processes": 2})
