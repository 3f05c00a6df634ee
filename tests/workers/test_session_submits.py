"""Submits over sessions, on a real lane and store; long texts in parts have files of their own."""

from tests.workers.session_client import CMPP, FIRST, PHONE, REST, Client, refused

from hongyan.model.black_list import ListedNumber
from hongyan.model.number_list import FOREVER_S
from hongyan.model.refusal import Code
from hongyan.model.session_submit import ReportsWanted
from hongyan.services.admin import rules
from hongyan.services.queries.trace import TraceQuery, trace


def test_a_submit_is_a_submission_like_any_other(on_rig):
    async def go(rig):
        client = Client(rig, source_rule="extno")
        session = await client.log_in()

        submitted = await client.submit(session, source_number="77", service="OTP", wants_reports=ReportsWanted.ALL)

        (task,) = rig.scene.rows("task")
        assert (submitted.message_id, submitted.task_id) == (f"{task['id']:016d}", task["id"])
        assert (task["source"], task["address"], task["extno"]) == ("smpp", "10.0.0.1", "77")
        assert (task["customer_message_id"], task["points"]) == (submitted.message_id, 1)
        (said,) = rig.scene.rows("session_submit")
        assert (said["source"], said["service"], said["reports"]) == ("77", "OTP", "1")
        assert await refused(client.submit(session, numbers=["nonsense"])) is Code.NUMBER_BAD
        assert rig.scene.books_balance()

    on_rig(go)


def test_a_whole_source_number_ends_with_the_extno(on_sqlite_rig):
    async def go(rig):
        client = Client(rig, source_rule="number")
        session = await client.log_in()
        for source in ("10690001" + "12" + "99", "56", "letters"):
            await client.submit(session, source_number=source)

        assert [task["extno"] for task in rig.scene.rows("task")] == ["99", "56", ""]

    on_sqlite_rig(go)


def test_a_repeat_with_the_same_reference_gets_the_first_answer(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in(CMPP)
        named = {"client_ref": "900001 77", "client_hash": b"what was submitted"}
        first = await client.submit(session, **named)
        rig.scene.now += 5_000

        again = await client.submit(session, **named)
        other = await client.submit(session, client_ref="900001 77", client_hash=b"something else")

        assert (again.message_id, again.task_id, again.is_repeat) == (first.message_id, first.task_id, True)
        assert (other.is_repeat, len(rig.scene.rows("task"))) == (False, 2)

    on_rig(go)


def test_what_is_urgent_is_sent_first(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        await client.submit(session, text="later")
        await client.submit(session, text="now", is_urgent=True)

        assert [one.text for one in rig.scene.claim()] == ["now", "later"]

    on_rig(go)


def test_a_submit_says_itself_how_long_it_may_wait(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        late = await client.submit(session, valid_until_ms=rig.scene.now + 5_000)
        await client.submit(session, valid_until_ms=rig.scene.now + 50_000)
        await client.submit(session)
        rig.scene.now += 10_000

        assert [one.valid_until_ms for one in rig.scene.claim()] == [rig.scene.now + 40_000, 0]
        (item,) = await client.claim(session)
        assert (item.message_ids, item.report.code) == ((late.message_id,), "EXPIRED")

    on_rig(go)


def test_numbers_that_no_answer_names_have_reports_that_say_why(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in(CMPP)
        asked = {"numbers": [PHONE, "021", "13900139000", "1380013800"], "wants_reports": ReportsWanted.ALL}
        scene = rig.scene
        scene.within(
            lambda tx: rules.add_listed(tx, scene.act(), [ListedNumber(phone=8613900139000, end_s=FOREVER_S, note="")], "")
        )
        client.reload()

        submitted = await client.submit(session, **asked, client_ref="900001 7", client_hash=b"same")
        again = await client.submit(session, **asked, client_ref="900001 7", client_hash=b"same")
        assert (again.message_id, again.is_repeat) == (submitted.message_id, True)
        client.send_all()

        items = await client.claim(session)
        assert {item.message_ids for item in items} == {(submitted.message_id,)}
        assert {item.report.mobile: item.report.code for item in items} == {
            PHONE: "DELIVRD",
            "021": "1108",
            "13900139000": "1109",
            "1380013800": "1108",
        }
        assert (await client.sessions.questions.query(session, submitted.message_id)).stat == "DELIVRD"
        (traced,) = scene.within(lambda tx: trace(tx, TraceQuery("13900139000", scene.now)))
        assert [one.facts.get("meaning") for one in traced.events if one.event == "ended"] == ["the number is black-listed"]
        assert await refused(client.submit(session, numbers=[PHONE, "nonsense"])) is Code.NUMBER_BAD
        assert scene.books_balance()

    on_rig(go)


def test_an_answer_that_names_refused_numbers_is_all_that_is_said_of_them(on_sqlite_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()

        submitted = await client.submit(session, numbers=[PHONE, "021"])

        assert (submitted.count, submitted.rejected) == (1, [("021", Code.NUMBER_BAD)])
        assert len(rig.scene.rows("message")) == 1

    on_sqlite_rig(go)


def test_a_number_that_is_refused_of_a_long_text_has_a_report_for_every_part(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        said = {"numbers": [PHONE, "021"], "wants_reports": ReportsWanted.ALL}
        parts = [await client.part(session, text, part, **said) for part, text in ((1, FIRST), (2, REST))]

        (item,) = await client.claim(session)

        assert (item.report.mobile, item.report.code) == ("021", "1108")
        assert item.message_ids == tuple(one.message_id for one in parts)

    on_rig(go)


def test_a_protocol_id_goes_on_to_the_carrier(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        await client.submit(session, protocol_id=64)
        await client.part(session, FIRST, 1, protocol_id=65)
        await client.part(session, REST, 2, protocol_id=65)

        assert [one.protocol_id for one in rig.scene.claim()] == [64, 65, 65]

    on_rig(go)


def test_the_trace_names_session_and_sequence_of_each_pdu_and_its_milliseconds(on_rig):
    async def go(rig):
        client = Client(rig)
        session, now = await client.log_in(), rig.scene.now
        one = await client.submit(session, sequence=7, received_ms=now - 3)
        await client.part(session, FIRST, 1, sequence=8, received_ms=now - 900)
        two = await client.part(session, REST, 2, sequence=9, received_ms=now - 5)
        rig.scene.send("pre")  # over no session

        traces = rig.scene.within(lambda tx: trace(tx, TraceQuery(PHONE, now)))

        pdus = {traced.task_id: [event.facts for event in traced.events if event.event == "pdu"] for traced in traces}
        whose = {"session": session.id}
        assert pdus.pop(one.task_id) == [whose | {"sequence": 7, "took_ms": 3}]
        assert pdus.pop(two.task_id) == [
            whose | {"sequence": 8, "took_ms": 900, "part": 1},
            whose | {"sequence": 9, "took_ms": 5, "part": 2},
        ]
        assert list(pdus.values()) == [[]]

    on_rig(go)
