"""Questions, replacements and cancellations over sessions, on a real lane and store."""

from dataclasses import replace

import pytest
from tests.scene import HOUR_MS, mobiles
from tests.workers.session_client import CMPP, FIRST, PHONE, REST, SMPP, Client, refused

from hongyan.adapters.cmpp.message_names import CmppMessageNames
from hongyan.adapters.smpp.message_names import SmppMessageNames
from hongyan.model.customer_session import CustomerSession
from hongyan.model.message import MessageState
from hongyan.model.refusal import Code
from hongyan.model.session_submit import ReportsWanted
from hongyan.model.usage import UsageKey
from hongyan.policy.admission.table import RuleScope
from hongyan.policy.limits import Limit
from hongyan.services.admin import rules
from hongyan.services.steps import session_cancelling
from hongyan.services.steps.accept import accept
from hongyan.services.steps.session_replace import replace_texts


@pytest.mark.parametrize("protocol", [SMPP, CMPP])
def test_a_message_is_found_by_the_id_of_its_answer(on_rig, protocol):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in(protocol)
        rig.scene.next_task(2602029999000000)
        rig.scene.send("taken")
        waiting = await client.part(session, FIRST, 1)
        submitted = await client.submit(session)
        found = await client.sessions.questions.query(session, submitted.message_id)
        assert (found.stat, (await client.sessions.questions.query(session, waiting.message_id)).stat) == ("ENROUTE", "ACCEPTD")
        client.send_all()

        found = await client.sessions.questions.query(session, submitted.message_id)

        assert (found.stat, found.code, found.done_ms) == ("DELIVRD", "DELIVRD", rig.scene.now)
        foreign = 2602029999000000
        names = SmppMessageNames() if protocol is SMPP else CmppMessageNames()
        assert await client.sessions.questions.query(session, names.name(foreign, rig.scene.now)) is None
        assert await client.sessions.questions.query(session, "nonsense") is None

    on_rig(go)


def test_what_waits_between_two_addresses_is_cancelled(on_rig):
    async def go(rig):
        client = Client(rig)
        session, questions = await client.log_in(), client.sessions.questions
        for source, numbers, service in (("77", [PHONE, "13900139000"], "OTP"), ("78", [PHONE], ""), ("77", [PHONE], "NEWS")):
            await client.submit(session, numbers=numbers, source_number=source, service=service)

        assert await questions.cancel_by_addresses(session, "77", PHONE, "OTP")
        assert not await questions.cancel_by_addresses(session, "77", PHONE, "OTP")
        assert [one.phone for one in rig.scene.claim()] == [8613900139000, 8613800138000, 8613800138000]
        assert not await questions.cancel_by_addresses(session, "78", PHONE, "")  # it is leaving
        assert not await questions.cancel_by_addresses(session, "78", "nonsense", "")
        (item,) = await client.claim(session)
        assert (item.report.code, item.source) == ("DELETED", "77")
        assert rig.scene.books_balance()

    on_rig(go)


def test_scheduled_texts_between_two_addresses_are_cancelled(on_rig, monkeypatch):
    monkeypatch.setattr(session_cancelling, "WAITING_PAGE", 2)

    async def go(rig):
        client, scene = Client(rig), rig.scene
        session, questions = await client.log_in(), client.sessions.questions
        before, later = scene.points(), scene.now + HOUR_MS
        for source, numbers, service in (
            ("77", [PHONE], "OTP"),
            ("77", ["13900139000"], "OTP"),
            ("77", [PHONE], "OTP"),
            ("77", [PHONE], "NEWS"),
            ("78", [PHONE], "OTP"),
            ("77", [PHONE, "13900139000"], "OTP"),
        ):
            await client.submit(session, numbers=numbers, source_number=source, service=service, send_at_ms=later)
        await client.submit(session, source_number="77", service="OTP", wants_reports=ReportsWanted.ALL)

        assert await questions.cancel_by_addresses(session, "77", PHONE, "OTP")
        assert not await questions.cancel_by_addresses(session, "77", PHONE, "OTP")
        assert scene.claim() == []
        assert (scene.points(), scene.books_balance()) == (before - 5, True)
        acts = [row["action"] for row in scene.rows("audit") if row["action"] == "task.cancel"]
        assert len(acts) == 2
        scene.now = later
        for _ in range(6):
            scene.ask(scene.steps.release)
        assert sorted(one.phone for one in scene.claim()) == [8613800138000] * 3 + [8613900139000] * 2

    on_rig(go)


def test_nobody_cancels_what_another_account_scheduled(on_rig):
    async def go(rig):
        client, scene = Client(rig), rig.scene
        session = await client.log_in()
        await client.submit(session, source_number="77", send_at_ms=scene.now + HOUR_MS)
        stranger = replace(session.account, id=session.account.id + 1)
        other = CustomerSession(session.id + 1, stranger, SMPP, "127.0.0.1")

        assert not await client.sessions.questions.cancel_by_addresses(other, "77", PHONE, "")
        scene.now += HOUR_MS
        scene.ask(scene.steps.release)
        assert len(scene.claim()) == 1

    on_rig(go)


async def replacement(client, session, message_id, text, source="77", **facts):
    return await client.sessions.questions.replace(session, message_id, source, lambda _: client.submission(text, **facts))


def test_a_text_that_has_not_left_is_replaced_judged_and_priced_anew(on_rig):
    async def go(rig):
        client, scene = Client(rig), rig.scene
        session = await client.log_in()
        submitted = await client.submit(session, source_number="77", received_ms=scene.now, wants_reports=ReportsWanted.ALL)
        before = scene.points()

        assert await replacement(client, session, submitted.message_id, "长" * 100)
        assert (scene.points(), scene.books_balance()) == (before - 1, True)
        assert [row["segments"] for row in scene.rows("hourly")] == [2]
        assert await replacement(client, session, submitted.message_id, "再见")
        assert not await replacement(client, session, submitted.message_id, "x", source="78")
        assert not await replacement(client, session, submitted.message_id, "x", send_at_ms=scene.now + HOUR_MS)
        assert not await replacement(client, session, "2602029999000000", "x")
        assert await refused(replacement(client, session, submitted.message_id, "长" * 70 * 200)) is Code.CONTENT_LONG
        assert (scene.points(), scene.books_balance()) == (before, True)

        assert [one.text for one in client.send_all()] == ["再见"]
        assert not await replacement(client, session, submitted.message_id, "too late")
        (item,) = await client.claim(session)
        assert (item.message_ids, item.report.code) == ((submitted.message_id,), "DELIVRD")

    on_rig(go)


def test_a_text_that_waits_for_its_time_is_replaced_with_another_time(on_rig):
    async def go(rig):
        client, scene = Client(rig), rig.scene
        session = await client.log_in()
        waiting = await client.submit(session, source_number="77", received_ms=scene.now, send_at_ms=scene.now + HOUR_MS)

        assert await replacement(client, session, waiting.message_id, "长" * 100, send_at_ms=scene.now + 2 * HOUR_MS)

        (task,) = scene.rows("task")
        assert (task["text"], task["points"], task["send_at_ms"]) == ("长" * 100, 2, scene.now + 2 * HOUR_MS)
        scene.now += 2 * HOUR_MS
        scene.ask(scene.steps.release)
        assert ["".join(one.text for one in scene.claim()), scene.books_balance()] == ["长" * 100, True]

    on_rig(go)


@pytest.mark.interpreted
def test_a_waiting_text_keeps_to_the_limits_of_its_new_time(on_rig, monkeypatch):
    hourly = Limit(
        Code.NUMBERS_MANY,
        RuleScope.SUBMISSION,
        lambda asked, _: UsageKey((asked.at_ms // HOUR_MS + 1) * HOUR_MS, asked.account.id, "account", 0),
        lambda _: 1,
    )

    async def go(rig):
        client, scene = Client(rig), rig.scene
        for step in (accept, replace_texts):
            monkeypatch.setitem(step.__kwdefaults__, "limits", (hourly,))
        session, first, second = await client.log_in(), scene.now + HOUR_MS, scene.now + 2 * HOUR_MS
        waiting = await client.submit(session, source_number="77", received_ms=scene.now, send_at_ms=first)
        await client.submit(session, source_number="77", received_ms=scene.now, send_at_ms=second)

        assert await refused(replacement(client, session, waiting.message_id, "x", send_at_ms=second)) is Code.NUMBERS_MANY
        assert await replacement(client, session, waiting.message_id, "y", send_at_ms=first + 1)
        assert await replacement(client, session, waiting.message_id, "z", send_at_ms=second + HOUR_MS)
        assert await refused(client.submit(session, send_at_ms=second + HOUR_MS)) is Code.NUMBERS_MANY
        assert scene.books_balance()

    on_rig(go)


def test_a_replacing_text_is_judged_by_words_and_priced_as_a_submit(on_rig):
    async def go(rig):
        client, scene = Client(rig), rig.scene
        scene.within(lambda tx: rules.add_words(tx, scene.act(), ["博彩"], ""))
        client.reload()
        session = await client.log_in()
        for facts in ({}, {"send_at_ms": scene.now + HOUR_MS}):
            submitted = await client.submit(session, source_number="77", received_ms=scene.now, **facts)
            before = scene.points()
            assert await refused(replacement(client, session, submitted.message_id, "博彩")) is Code.CONTENT_WORDS
            assert (scene.points(), scene.books_balance()) == (before, True)

    on_rig(go)


def test_a_part_takes_the_text_with_it_that_waits_for_others(on_rig):
    async def go(rig):
        client = Client(rig)
        session, questions = await client.log_in(), client.sessions.questions
        part = await client.part(session, FIRST, 1, wants_reports=ReportsWanted.ALL)

        assert await questions.cancel(session, part.message_id)
        assert not await questions.cancel(session, part.message_id)
        (item,) = await client.claim(session)
        assert (item.message_ids, item.report.code) == ((part.message_id,), "DELETED")
        assert (await questions.query(session, part.message_id)).stat == "DELETED"
        last = await client.part(session, REST, 2)
        assert (last.task_id, rig.scene.claim()) == (0, [])

    on_rig(go)


def test_what_has_not_left_is_cancelled_and_its_points_return(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        submitted = await client.submit(session)

        assert await client.sessions.questions.cancel(session, submitted.message_id)
        assert not await client.sessions.questions.cancel(session, submitted.message_id)

        assert rig.scene.states() == [MessageState.CANCELLED]
        assert (await client.sessions.questions.query(session, submitted.message_id)).stat == "DELETED"
        (item,) = await client.claim(session)
        assert item.report.code == "DELETED"

    on_rig(go)


def test_messages_are_counted_by_day_and_by_service(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in(CMPP)
        await client.submit(session, numbers=mobiles(3), service="OTP")
        client.send_all()
        await client.submit(session, service="AD")

        day = await client.sessions.questions.count(session, "20260202", None)
        one = await client.sessions.questions.count(session, "20260202", "OTP")

        assert (day.numbers, day.delivered, day.open, day.failed) == (4, 3, 1, 0)
        assert (one.numbers, one.delivered, one.open) == (3, 3, 0)
        assert await refused(client.sessions.questions.count(session, "202602", None)) is Code.PARAMETER_BAD

    on_rig(go)
