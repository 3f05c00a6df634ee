"""Logins of customers who connect as to a carrier, on a real lane and store."""

import asyncio

import pytest
from tests.scene import HOUR_MS, SEALER
from tests.workers.session_client import CMPP, FIRST, REST, SMPP, Client, Events, refused

from hongyan.model.customer_session import SessionEnding
from hongyan.model.listener import ListenerChange
from hongyan.model.refusal import Code
from hongyan.ports.customer_sessions import LoginAsked
from hongyan.services.admin import accounts, customer_sessions, listeners
from hongyan.services.steps.pruning import Prune, Pruned


def test_a_customer_logs_in_by_name_or_login_and_secret(on_rig):
    async def go(rig):
        client = Client(rig, protocol_login="900001")
        session = await client.log_in(login="900001", version="3.4")

        assert (session.account.name, session.protocol) == ("pre", SMPP)
        (row,) = rig.scene.rows("customer_session")
        assert (row["id"], row["version"], row["address"], row["closed_ms"]) == (session.id, "3.4", "10.0.0.1", 0)
        assert await refused(client.log_in(login="900001", secret="wrong")) is Code.SECRET_WRONG
        assert await refused(client.log_in(login="nobody")) is Code.ACCOUNT_UNKNOWN
        assert await refused(client.log_in(login="")) is Code.ACCOUNT_EMPTY
        assert await refused(client.log_in(login="post")) is Code.PROTOCOL_FORBIDDEN

    on_rig(go)


def test_a_protocol_secret_stands_for_the_api_secret(on_sqlite_rig):
    async def go(rig):
        client = Client(rig)
        rig.scene.within(lambda tx: accounts.change_protocol_secret(tx, rig.scene.act(), "pre", "8letters", SEALER))
        client.reload()

        await client.log_in(secret="8letters")
        assert await refused(client.log_in()) is Code.SECRET_WRONG

    on_sqlite_rig(go)


def test_guesses_of_secrets_are_slowed_and_then_none_is_looked_at(on_sqlite_rig):
    async def go(rig):
        client = Client(rig)
        causes = [await refused(client.log_in(secret=f"guess{number}")) for number in range(8)]

        assert causes[-1] is Code.LOGIN_SLOWED
        assert await refused(client.log_in()) is Code.LOGIN_SLOWED
        await client.log_in(address="10.9.9.9")

    on_sqlite_rig(go)


def test_a_program_that_goes_on_with_a_former_secret_slows_nobody_at_its_address(on_sqlite_rig):
    """Its digests differ each time, as over CMPP."""

    async def go(rig):
        client = Client(rig)

        def change(own):
            rig.scene.within(lambda tx: accounts.change_protocol_secret(tx, rig.scene.act(), "pre", own, SEALER))
            client.reload()

        async def cause(secret, number):
            return await refused(client.log_in(CMPP, secret=secret, shown=f"digest{number}"))

        for former, own in (("abc123", "own1"), ("own1", "own2"), ("own2", "")):
            change(own)
            assert {await cause(former, number) for number in range(60)} == {Code.SECRET_WRONG}
            await client.log_in(CMPP, secret=own or "abc123")
        assert [await cause("else", number) for number in range(30)][-1] is Code.LOGIN_SLOWED

    on_sqlite_rig(go)


@pytest.mark.interpreted
@pytest.mark.parametrize("login", ["pre", "nobody"])
def test_each_login_takes_as_many_proofs_whoever_it_is(on_sqlite_rig, login):
    async def go(rig):
        client = Client(rig)
        for own in ("own1", "own2"):
            rig.scene.within(lambda tx, own=own: accounts.change_protocol_secret(tx, rig.scene.act(), "pre", own, SEALER))
            client.reload()
            tried = []
            asked = LoginAsked(SMPP, login, "10.0.0.1", 1, tried.append, "wrong")
            await refused(client.sessions.logins.log_in(asked, Events()))

            assert len(tried) == 4

    on_sqlite_rig(go)


def test_an_account_has_so_many_sessions_over_all_processes(on_rig):
    async def go(rig):
        client = Client(rig, sessions_most=2)
        first, _ = await client.log_in(), await client.log_in(CMPP)
        client.sessions = client.another()

        assert await refused(client.log_in()) is Code.SESSIONS_MANY

        await client.sessions.logins.log_out(first, "lost")
        await client.log_in()
        rig.scene.now += HOUR_MS  # nobody has seen these since: their processes died
        await client.log_in()
        await client.sessions.logins.close_lost()
        assert sorted(row["why"] for row in rig.scene.rows("customer_session")) == ["", "lost", "lost", "lost"]

    on_rig(go)


def test_a_process_that_has_the_store_alone_closes_what_the_last_one_left(on_sqlite_rig):
    async def go(rig):
        client = Client(rig, sessions_most=1)
        await client.log_in()
        rig.scene.now += 1_000
        client.sessions = client.another(is_alone=True)
        await client.sessions.logins.close_lost()

        await client.log_in()
        assert sorted(row["why"] for row in rig.scene.rows("customer_session")) == ["", "lost"]

    on_sqlite_rig(go)


def test_a_change_of_the_account_reaches_its_sessions(on_sqlite_rig, wait):
    async def go(rig):
        client = Client(rig)
        events = Events()
        session = await client.log_in(events=events)
        stopping = asyncio.Event()
        loops = asyncio.create_task(client.sessions.run(stopping))
        ports = []
        client.sessions.on_listeners(lambda: ports.append(len(client.sessions.listeners)))

        client.set("pre", window_in=3)
        await wait(lambda: events.accounts)
        assert (session.account.window_in, events.accounts[-1].window_in) == (3, 3)
        rig.scene.within(lambda tx: listeners.add_listener(tx, rig.scene.act(), "in", SMPP, ListenerChange(port=1)))
        client.reload()
        await wait(lambda: ports)
        client.set("pre", ip_list=["10.0.0.2"])
        await wait(lambda: events.endings)
        client.set("pre", is_stopped=True)
        await wait(lambda: len(events.endings) == 2)
        assert events.endings == [SessionEnding.FORBIDDEN, SessionEnding.STOPPED]
        stopping.set()
        await loops

    on_sqlite_rig(go)


def test_the_list_says_what_a_session_got_wrong_and_until_when_it_is_held_back(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()

        def shown():
            (row,) = rig.scene.within(
                lambda tx: customer_sessions.customer_sessions(tx, rig.scene.now, 2**63 - 1, 10, with_closed=True)
            )
            return row["faults"], row["held_until_ms"] - rig.scene.now if row["held_until_ms"] else 0

        assert shown() == (0, 0)
        session.counts.faults, session.counts.held_until_ms = 250, rig.scene.now + 2_000
        await client.sessions.logins.see_sessions()
        assert shown() == (250, 2_000)
        rig.scene.now += 2_000
        assert shown() == (250, 0)

        session.counts.held_until_ms = rig.scene.now + 4_000
        await client.sessions.logins.log_out(session, "left")
        assert shown() == (250, 0)

    on_rig(go)


def test_a_session_that_the_operator_kicks_is_ended(on_rig):
    async def go(rig):
        client = Client(rig)
        events = Events()
        session = await client.log_in(events=events)
        rig.scene.within(lambda tx: customer_sessions.kick(tx, rig.scene.act(), session.id))

        await client.sessions.logins.see_sessions()

        assert events.endings == [SessionEnding.KICKED]
        (shown,) = rig.scene.within(lambda tx: customer_sessions.customer_sessions(tx, rig.scene.now, 2**63 - 1, 10))
        assert (shown["account"], shown["state"], shown["id"], shown["receives"]) == ("pre", "up", session.id, True)
        await client.sessions.logins.log_out(session, "left")
        assert rig.scene.rows("customer_session")[0]["why"] == "kicked"

    on_rig(go)


def test_sessions_and_parts_that_served_their_time_go(on_rig):
    async def go(rig):
        client = Client(rig)
        old, kept = await client.log_in(), await client.log_in()
        await client.part(old, FIRST, 1)
        await client.part(old, REST, 2)
        waiting = await client.part(old, FIRST, 1, reference=9)
        await client.sessions.logins.log_out(old, "")
        rig.scene.now += 48 * HOUR_MS

        gone = [rig.scene.ask(rig.steps.prune, Prune(what, rig.scene.now)) for what in (Pruned.SESSIONS, Pruned.SESSION_PARTS)]

        assert gone == [1, 2]
        assert [row["id"] for row in rig.scene.rows("customer_session")] == [kept.id]
        assert [row["message_id"] for row in rig.scene.rows("session_part")] == [waiting.message_id]

    on_rig(go)
