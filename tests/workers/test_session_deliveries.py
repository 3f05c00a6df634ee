"""Reports, replies and notices for sessions, on a real lane and store."""

import asyncio

import pytest
from tests.workers.session_client import CMPP, FIRST, REST, Client, Events

from hongyan.model.message import ReceiptState
from hongyan.model.owed import OwedState, Pushed, PushOutcome
from hongyan.model.session_delivery import SessionNotice
from hongyan.model.session_submit import ReportsWanted
from hongyan.workers.pusher import Pusher


def test_reports_and_replies_are_claimed_once_and_over_when_answered(on_rig):
    async def go(rig):
        client = Client(rig)
        session, other = await client.log_in(), await client.log_in()
        submitted = await client.submit(session, source_number="10690001")
        client.send_all()
        rig.scene.ask(rig.steps.replies, [rig.scene.reply("好的", dest="1069000112")])

        reply, report = await client.claim(session)

        assert (report.message_ids, report.source, report.report.code) == ((submitted.message_id,), "10690001", "DELIVRD")
        assert (reply.reply.text, reply.reply.dest) == ("好的", "1069000112")
        assert await client.claim(other) == []
        await client.sessions.deliveries.delivered(session, [reply])
        await client.sessions.deliveries.undelivered(session, [report], is_final=True)
        assert sorted(client.owed_states()) == [OwedState.PARKED, OwedState.SENT]

    on_rig(go)


def test_what_a_session_has_no_room_for_is_due_at_once(on_rig):
    async def go(rig):
        client, events = Client(rig), Events(room=3)
        session = await client.log_in(events=events)
        names, _ = await reported(client, 3, session=session)
        await client.sessions.deliveries.give_back(session, events.items[1:])

        assert [one.message_ids for one in await client.claim(session)] == [(name,) for name in names[1:]]
        await client.sessions.logins.log_out(session, "lost")
        assert len(await client.claim(await client.log_in())) == 3

    on_rig(go)


def test_what_is_not_answered_is_due_again_with_the_same_ids(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        await client.submit(session)
        client.send_all()
        (first,) = await client.claim(session, answer_ms=30_000)

        rig.scene.now += 29_000
        assert await client.claim(session) == []
        rig.scene.now += 1_000
        assert await client.claim(session) == [first]
        await client.sessions.deliveries.undelivered(session, [first], is_final=False)
        assert await client.claim(session) == []
        rig.scene.now += 30_000
        assert await client.claim(session) == [first]
        await client.sessions.logins.log_out(session, "lost")
        assert await client.claim(await client.log_in()) == [first]

    on_rig(go)


@pytest.mark.parametrize(
    ("wanted", "code", "comes"),
    [
        (ReportsWanted.ALL, "DELIVRD", True),
        (ReportsWanted.NONE, "DELIVRD", False),
        (ReportsWanted.FAILURES, "DELIVRD", False),
        (ReportsWanted.FAILURES, "UNDELIV", True),
        (ReportsWanted.SUCCESSES, "DELIVRD", True),
        (ReportsWanted.SUCCESSES, "UNDELIV", False),
    ],
)
def test_reports_come_as_the_submit_asked(on_sqlite_rig, wanted, code, comes):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        await client.submit(session, wants_reports=wanted)
        client.send_all(code, ReceiptState.DELIVERED if code == "DELIVRD" else ReceiptState.FAILED)

        assert bool(await client.claim(session)) is comes
        assert (client.owed_states() == [OwedState.SENT]) is not comes

    on_sqlite_rig(go)


async def reported(client, count, code="DELIVRD", wanted=ReportsWanted.ALL, session=None):
    """Submits, all reported at once in the lane."""
    rig = client.rig
    submitted = [await client.submit(session, wants_reports=wanted) for _ in range(count)]
    segments = rig.scene.claim()
    rig.scene.record([rig.scene.accepted(one, f"c{one.message_id}") for one in segments])
    rig.scene.now += 1
    owed = await rig.lane.ask(rig.steps.receipts, [rig.scene.receipt(f"c{one.message_id}", code=code) for one in segments])
    await asyncio.sleep(0)  # what is called after the commit comes behind its answers
    return [one.message_id for one in submitted], owed


def test_a_session_that_has_room_gets_reports_as_soon_as_they_are_owed(on_rig):
    """The others wait in the store, and those that it had are due again if it does not answer."""

    async def go(rig):
        client, small, large = Client(rig), Events(room=1), Events(room=2)
        await client.log_in(events=small)
        session = await client.log_in(events=large)
        names, owed = await reported(client, 5, session=session)

        assert [one.message_ids for one in (*large.items, *small.items)] == [(name,) for name in names[:3]]
        assert owed == {session.account.id}
        assert [one.message_ids for one in await client.claim(session)] == [(name,) for name in names[3:]]
        await client.sessions.deliveries.delivered(session, large.items)
        rig.scene.now += Events.answer_ms
        assert small.items[0] in await client.claim(session)
        assert client.owed_states().count(OwedState.SENT) == 2

    on_rig(go)


def test_then_nothing_is_left_to_be_claimed(on_rig):
    async def go(rig):
        client, events = Client(rig), Events(room=10)
        session = await client.log_in(events=events)
        _, owed = await reported(client, 3, session=session)

        assert (len(events.items), owed) == (3, set())
        assert await client.claim(session) == []
        await client.sessions.logins.log_out(session, "lost")
        assert await client.claim(await client.log_in()) == events.items

    on_rig(go)


def test_such_reports_come_as_the_submit_asked_too(on_sqlite_rig):
    async def go(rig):
        client, events = Client(rig), Events(room=10)
        session = await client.log_in(events=events)
        await reported(client, 1, wanted=ReportsWanted.NONE, session=session)

        assert (events.items, client.owed_states()) == ([], [OwedState.SENT])

    on_sqlite_rig(go)


def test_a_session_that_ends_before_the_commit_is_known_leaves_its_reports_to_the_others(on_rig, wait):
    async def go(rig):
        client, events = Client(rig), Events(room=10)
        session = await client.log_in(events=events)
        found = client.sessions.deliveries.receivers(session.account.id)
        rig.signals.on_reports(lambda _: found)
        asked = asyncio.ensure_future(reported(client, 1, session=session))
        await client.sessions.logins.log_out(session, "lost")
        names, _ = await asked

        await wait(lambda: rig.scene.rows("owed")[0]["at_ms"] <= rig.scene.now)
        assert not events.items
        other = await client.log_in()
        assert [one.message_ids for one in await client.claim(other)] == [(names[0],)]

    on_rig(go)


def test_what_was_submitted_by_a_door_has_its_task_for_an_id(on_rig):
    async def go(rig):
        client = Client(rig)
        rig.scene.send("pre", customer_message_id="theirs, with a comma")
        client.send_all()

        (item,) = await client.claim(await client.log_in())

        assert item.message_ids == (str(rig.scene.rows("task")[0]["id"]),)

    on_rig(go)


def test_one_session_of_an_account_is_notified_that_something_is_owed(on_sqlite_rig):
    async def go(rig):
        client = Client(rig)
        first, second, sending = Events(), Events(), Events()
        await client.log_in(events=sending, receives=False)
        for events in (first, second):
            await client.log_in(events=events)

        rig.signals.owed({rig.scene.account("pre").id})

        assert (first.owed_times, second.owed_times, sending.owed_times) == (1, 0, 0)
        rig.signals.owed({rig.scene.account("pre").id})
        assert (first.owed_times, second.owed_times, sending.owed_times) == (1, 1, 0)

    on_sqlite_rig(go)


async def notice_sweep(client):
    await client.sessions._notices.owe_notices()


def test_an_intermediate_notice_is_made_once_when_it_was_asked_for_and_the_message_has_left(on_rig):
    async def go(rig):
        client, events = Client(rig), Events()
        session = await client.log_in(events=events)
        scene = rig.scene
        asked = await client.submit(session, wants_notice=True, wants_reports=ReportsWanted.NONE)
        await client.submit(session)
        await notice_sweep(client)
        assert await client.claim(session) == []  # it has not left
        scene.record([scene.accepted(one, f"c{one.message_id}") for one in scene.claim()])
        await notice_sweep(client)
        await notice_sweep(client)

        (notice,) = await client.claim(session)

        assert (type(notice), notice.message_ids, notice.phone) == (SessionNotice, (asked.message_id,), 8613800138000)
        assert (events.owed_times > 0, await client.claim(session)) == (True, [])
        scene.now += 40_000  # it was not answered
        (again,) = await client.claim(session)
        assert again == notice
        assert await client.claim(await client.log_in(CMPP)) == []
        await client.sessions.deliveries.delivered(session, [again])
        assert (scene.rows("session_notice"), scene.rows("notice_wanted")) == ([], [])

    on_rig(go)


def test_what_has_ended_needs_no_intermediate_notice(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        scene = rig.scene
        await client.submit(session, wants_notice=True, wants_reports=ReportsWanted.ALL)
        (segment,) = scene.claim()
        scene.record([scene.accepted(segment, "c1")])
        await notice_sweep(client)
        scene.report(scene.receipt("c1"))
        taken_back = await client.submit(session, wants_notice=True, wants_reports=ReportsWanted.NONE)
        assert await client.sessions.questions.cancel(session, taken_back.message_id)

        (item,) = await client.claim(session)
        await notice_sweep(client)

        assert item.report.code == "DELIVRD"
        assert (scene.rows("session_notice"), scene.rows("notice_wanted")) == ([], [])

    on_rig(go)


def test_the_parts_of_a_long_text_have_their_notice_where_they_asked(on_sqlite_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        first = await client.part(session, FIRST, 1, wants_notice=True)
        await client.part(session, REST, 2)
        rig.scene.record([rig.scene.accepted(one, f"c{one.part}") for one in rig.scene.claim()])
        await notice_sweep(client)

        (notice,) = await client.claim(session)

        assert notice.message_ids == (first.message_id,)

    on_sqlite_rig(go)


@pytest.mark.parametrize("step", ["claim_session", "end_session_items"])
def test_what_was_claimed_by_a_process_that_died_is_delivered_by_another(on_rig, away, step):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        submitted = await client.submit(session)
        client.send_all()
        rig.lane.loses["claim_session"], rig.lane.fails["end_session_items"] = step == "claim_session", 1
        with pytest.raises(away):
            await client.sessions.deliveries.delivered(session, await client.claim(session))
        client.sessions = client.another()
        session = await client.log_in()
        assert await client.claim(session) == []
        rig.scene.now += 30_000

        (item,) = await client.claim(session)

        assert item.message_ids == (submitted.message_id,)

    on_rig(go)


@pytest.mark.parametrize(("rule", "pulled"), [("wait", 0), ("pull", 1), ("push", 0)])
def test_what_is_owed_by_session_can_be_pulled_where_the_account_says_so(on_sqlite_rig, rule, pulled):
    async def go(rig):
        client = Client(rig, missing_session=rule)
        await client.submit(await client.log_in())
        client.send_all()

        assert len(rig.scene.pull()) == pulled

    on_sqlite_rig(go)


def test_what_a_session_has_is_not_pulled_meanwhile(on_sqlite_rig):
    async def go(rig):
        client = Client(rig, missing_session="pull")
        session = await client.log_in()
        await client.submit(session)
        client.send_all()
        await client.claim(session)

        assert rig.scene.pull() == []

    on_sqlite_rig(go)


def test_what_is_owed_by_session_is_pushed_while_there_is_none(on_rig, wait):
    async def go(rig):
        client = Client(rig, missing_session="push", push_url="http://127.0.0.1:9/cb", push_private=True)
        session = await client.log_in()
        await client.submit(session)
        client.send_all()
        posted = []

        async def post(account, kind, items):
            posted.append((account.name, kind.name, len(items)))
            return Pushed(PushOutcome.TAKEN, 200, "1", rig.scene.now, 1)

        rig.process_state.may_push = True
        pusher = Pusher(rig.process_state, rig.lane, rig.steps, rig.signals, post, 200)
        await pusher._poll()
        assert posted == []
        await client.sessions.logins.log_out(session, "")
        await pusher._poll()
        await wait(lambda: posted)
        assert posted == [("pre", "REPORT", 1)]
        stopping = asyncio.Event()
        stopping.set()
        await pusher.run(stopping)

    on_rig(go)
