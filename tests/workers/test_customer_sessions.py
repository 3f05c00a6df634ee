"""What protocol servers ask of the platform, on a real lane and store: logins, submits, long texts in parts, deliveries, questions."""

import asyncio
from dataclasses import replace

import pytest
from tests.scene import HOUR_MS, PREFIXES, SEALER, mobiles

from hongyan.adapters.cmpp.message_names import CmppMessageNames
from hongyan.adapters.smpp.message_names import SmppMessageNames
from hongyan.http.address import address_block, is_listed
from hongyan.model.account import AccountChange
from hongyan.model.binary import Binary
from hongyan.model.black_list import ListedNumber
from hongyan.model.customer_session import CustomerSession, PartOctets, PartPlace, ReportsWanted, SessionEnding, SessionNotice
from hongyan.model.listener import ListenerChange
from hongyan.model.message import MessageState
from hongyan.model.number_list import FOREVER_S
from hongyan.model.owed import OwedState, Pushed, PushOutcome
from hongyan.model.refusal import Code, Refusal
from hongyan.model.session_settings import SessionProtocol
from hongyan.model.submission import Submission
from hongyan.model.usage import UsageKey
from hongyan.policy.admission.table import RuleScope
from hongyan.policy.limits import Limit
from hongyan.ports.customer_sessions import LoginAsked
from hongyan.services.admin import accounts, customer_sessions, listeners, rules
from hongyan.services.admin.sealing import Sealer
from hongyan.services.guessing import Guesses
from hongyan.services.queries.trace import TraceQuery, trace
from hongyan.services.snapshot import load_snapshot
from hongyan.services.steps import session_cancelling
from hongyan.services.steps.accept import accept
from hongyan.services.steps.pruning import Prune, Pruned
from hongyan.services.steps.session_replace import replace_texts
from hongyan.services.steps.waiting_texts import COMPLETE_WITHIN_MS, EARLY_MS
from hongyan.services.submitted_texts import PROOF_MS
from hongyan.workers.customer_api import LaneCustomerApi
from hongyan.workers.customer_sessions import LaneCustomerSessions
from hongyan.workers.pusher import Pusher

SMPP, CMPP = SessionProtocol.SMPP, SessionProtocol.CMPP
PHONE = "13800138000"
FIRST, REST = "一" * 67, "二" * 30


class Events:
    """Implements ports.customer_sessions.SessionEvents."""

    answer_ms = 30_000
    is_cut_off = False

    def __init__(self, room=0):
        self.owed_times, self.accounts, self.endings = 0, [], []
        self.room, self.items = room, []

    def deliver(self, items):
        self.items += items

    def owed(self):
        self.owed_times += 1

    def changed(self, account):
        self.accounts.append(account)

    def end(self, why):
        self.endings.append(why)


class Client:
    """Sessions of the account `pre` on a rig, which it may hold by SMPP and CMPP."""

    def __init__(self, rig, **settings):
        self.rig, self.scene = rig, rig.scene
        self.set("pre", protocols=["smpp", "cmpp"], **settings)
        self.sessions = self.another(owner="me")

    def another(self, *, is_alone=False, owner="another"):
        """The same platform in another process."""
        rig, state = self.rig, self.scene.process_state
        api = LaneCustomerApi(state, rig.lane, rig.steps, 100, 10**6, Sealer(bytes(32)), 0)
        guard = Guesses(state.clock, address_block)
        names = {SMPP: SmppMessageNames(), CMPP: CmppMessageNames()}
        return LaneCustomerSessions(
            state, (rig.lane, rig.lane), rig.steps, rig.signals, api, guard, is_listed, names, owner, is_alone=is_alone
        )

    def set(self, account, **settings):
        scene = self.scene
        scene.within(lambda tx: accounts.change_account(tx, scene.act(), account, AccountChange(**settings)))
        self.reload()

    def reload(self):
        scene = self.scene
        scene.process_state.turn(scene.within(lambda tx: load_snapshot(tx, SEALER, PREFIXES, 100_000)))

    async def log_in(self, protocol=SMPP, login="pre", secret="abc123", address="10.0.0.1", events=None, shown="", **said):
        asked = LoginAsked(protocol, login, address, 1, lambda known: known == secret, shown or secret, **said)
        return await self.sessions.logins.log_in(asked, events or Events())

    def submission(self, text="您好", numbers=(PHONE,), **said):
        return Submission(self.scene.account("pre"), list(numbers), text, **said)

    async def submit(self, session, *args, **said):
        asked, done = answering()
        is_smpp = session.protocol is SMPP
        self.sessions.submits.submit(session, self.submission(*args, **said), done, names_refused=is_smpp)
        return await asked

    async def part(self, session, text, part, parts=2, reference=7, **said):
        asked, done = answering()
        self.sessions.submits.submit_part(session, self.submission(text, **said), PartPlace(reference, part, parts), done)
        return await asked

    def send_all(self, code="DELIVRD", count=1):
        """Let a carrier accept and report everything that is queued."""
        scene = self.scene
        segments = scene.claim()
        scene.record([scene.accepted(one, f"c{one.message_id}.{one.part}") for one in segments])
        scene.report(*(scene.receipt(f"c{one.message_id}.{one.part}", code=code) for one in segments))
        return segments

    async def claim(self, session, most=100, answer_ms=30_000):
        return await self.sessions.deliveries.claim(session, most, answer_ms)

    def owed_states(self):
        return [OwedState(row["state"]) for row in self.scene.rows("owed")]


def answering():
    """A future, and who fills it with what came of a submit."""
    asked = asyncio.get_running_loop().create_future()
    return asked, lambda answer: asked.set_exception(answer) if isinstance(answer, Exception) else asked.set_result(answer)


async def refused(awaitable):
    with pytest.raises(Refusal) as caught:
        await awaitable
    return caught.value.code


# --- logins ----------------------------------------------------------------------------------------------------------


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


def test_a_change_of_the_account_reaches_its_sessions(on_sqlite_rig):
    async def go(rig):
        client = Client(rig)
        events = Events()
        session = await client.log_in(events=events)
        stopping = asyncio.Event()
        loops = asyncio.create_task(client.sessions.run(stopping))
        ports = []
        client.sessions.on_listeners(lambda: ports.append(len(client.sessions.listeners)))

        client.set("pre", window_in=3)
        await _until(lambda: events.accounts)
        assert (session.account.window_in, events.accounts[-1].window_in) == (3, 3)
        rig.scene.within(lambda tx: listeners.add_listener(tx, rig.scene.act(), "in", SMPP, ListenerChange(port=1)))
        client.reload()
        await _until(lambda: ports)
        client.set("pre", ip_list=["10.0.0.2"])
        await _until(lambda: events.endings)
        client.set("pre", is_stopped=True)
        await _until(lambda: len(events.endings) == 2)
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


async def _until(claim):
    async with asyncio.timeout(20):
        while not claim():  # noqa: ASYNC110  any claim
            await asyncio.sleep(0.005)


# --- submits ---------------------------------------------------------------------------------------------------------


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


# --- long texts in parts ---------------------------------------------------------------------------------------------


def test_parts_make_one_message_that_leaves_as_it_came(on_rig):
    async def go(rig):
        client = Client(rig)
        session, other = await client.log_in(), await client.log_in()
        before = rig.scene.points()

        last = await client.part(session, REST, part=2)
        assert (last.task_id, rig.scene.rows("task")) == (0, [])
        client.sessions, at_home = client.another(), client.sessions  # the other part comes to another process
        first = await client.part(other, FIRST, part=1)
        client.sessions = at_home

        (task,) = rig.scene.rows("task")
        assert (task["text"], task["cuts"], first.task_id) == (FIRST + REST, "67,30", task["id"])
        assert before - rig.scene.points() == 2
        assert first.message_id != last.message_id
        assert [one.text for one in client.send_all()] == [FIRST, REST]
        (item,) = await client.claim(session)
        assert item.message_ids == (first.message_id, last.message_id)

    on_rig(go)


def test_a_part_that_comes_again_gets_its_first_answer(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        first = await client.part(session, FIRST, 1)
        again = await client.part(session, FIRST, 1)
        last = await client.part(session, REST, 2)
        await client.sessions.logins.log_out(session, "lost")
        late = [await client.part(await client.log_in(), text, part) for part, text in ((2, REST), (1, FIRST))]

        assert (again.message_id, again.is_repeat) == (first.message_id, True)
        assert [(one.message_id, one.task_id, one.is_repeat) for one in late] == [
            (one.message_id, last.task_id, True) for one in (last, first)
        ]
        assert len(rig.scene.rows("task")) == 1

    on_rig(go)


@pytest.mark.parametrize("why", [None, ""])
@pytest.mark.parametrize("rest", [REST, "三" * 30])
def test_a_text_like_one_that_was_accepted_is_another_where_no_session_broke(on_rig, why, rest):
    """A program may have one reference for all of its texts, and texts of one beginning, or the same text twice."""

    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        taken = [await client.part(session, text, part) for part, text in ((1, FIRST), (2, REST))]
        if why is not None:
            await client.sessions.logins.log_out(session, why)
            session = await client.log_in()
        taken += [await client.part(session, text, part) for part, text in ((1, FIRST), (2, rest))]

        assert [task["text"] for task in rig.scene.rows("task")] == [FIRST + REST, FIRST + rest]
        assert len({one.message_id for one in taken}) == 4
        assert not any(one.is_repeat for one in taken)
        assert rig.scene.points() == 10_000 - 4

    on_rig(go)


@pytest.mark.parametrize("is_at_once", [False, True])
def test_a_text_that_begins_like_one_whose_session_broke_keeps_its_beginning(on_rig, is_at_once):
    """Its first parts may be repeats, and get the answers of the old text, until another part shows what they are."""
    third, other = "三" * 67, "四" * 30

    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        old = [await client.part(session, text, part, parts=3) for part, text in ((1, FIRST), (2, third), (3, REST))]
        await client.sessions.logins.log_out(session, "lost")
        session = await client.log_in()
        asked = [client.part(session, text, part, parts=3) for part, text in ((1, FIRST), (2, third), (3, other))]
        new = await asyncio.gather(*asked) if is_at_once else [await one for one in asked]

        assert [task["text"] for task in rig.scene.rows("task")] == [FIRST + third + REST, FIRST + third + other]
        assert [one.message_id for one in new[:2]] == [one.message_id for one in old[:2]]
        assert new[2].message_id not in {one.message_id for one in old}
        client.send_all()
        items = await client.claim(session)
        assert [item.message_ids for item in items] == [tuple(one.message_id for one in text) for text in (old, new)]

    on_rig(go)


async def new_text_behind_a_broken_session(client, order, gap_ms=0):
    """Submit three parts, and over another session three whose first one is another, in some order."""
    third, other = "三" * 67, "四" * 67
    session = await client.log_in()
    for part, text in ((1, FIRST), (2, third), (3, REST)):
        await client.part(session, text, part, parts=3)
    await client.sessions.logins.log_out(session, "lost")
    session = await client.log_in()
    for part in order:
        await client.part(session, (other, third, REST)[part - 1], part, parts=3)
        client.scene.now += gap_ms
    return [FIRST + third + REST, other + third + REST]


def test_a_text_whose_later_parts_show_that_others_came_early_is_whole_at_once(on_rig):
    """The part in the middle got the answer of the old text. When the first one shows that the text is new, it is missing; when the
    last one comes, its sender is past it.
    """

    async def go(rig):
        texts = await new_text_behind_a_broken_session(Client(rig), (2, 1, 3), gap_ms=1_000)

        assert [task["text"] for task in rig.scene.rows("task")] == texts

    on_rig(go)


@pytest.mark.parametrize("order", [(3, 2, 1), (2, 3, 1), (3, 1, 2)])
def test_a_text_whose_early_parts_may_be_repeats_is_whole_when_no_others_come_soon(on_rig, order):
    """A sender who repeats parts of the old text and begins a new one submits the same as one whose parts are out of order."""

    async def go(rig):
        client = Client(rig)
        texts = await new_text_behind_a_broken_session(client, order)
        rig.scene.now += EARLY_MS - 1
        await client.sessions._texts.accept_early()
        assert len(rig.scene.rows("task")) == 1
        rig.scene.now += 1

        for _ in range(2):  # the second finds nothing
            await client.sessions._texts.accept_early()

        assert [task["text"] for task in rig.scene.rows("task")] == texts
        assert rig.scene.books_balance()

    on_rig(go)


def test_a_step_that_is_run_again_finds_the_parts_as_they_came(on_rig):
    """A lane repeats each item alone where one of a batch failed."""

    async def go(rig):
        client = Client(rig)
        await new_text_behind_a_broken_session(client, (2, 3, 1))

        asked = rig.lane.asked["take_parts"]
        assert (len({one.text_key for one in asked}), {one.task_id for one in asked}) == (1, {0})
        assert len({one.message_id for one in asked}) == 6

    on_rig(go)


def test_early_parts_that_no_process_remembers_are_found_by_the_sweep(on_rig):
    async def go(rig):
        client = Client(rig)
        texts = await new_text_behind_a_broken_session(client, (2, 3, 1))
        rig.scene.now += COMPLETE_WITHIN_MS + 1

        await client.another()._texts.sweep_parts()

        assert [task["text"] for task in rig.scene.rows("task")] == texts

    on_rig(go)


def test_early_parts_give_way_to_others_that_come_soon(on_rig):
    """Then they were repeats, and the text has its own."""

    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        for part, text in ((1, FIRST), (2, REST)):
            await client.part(session, text, part)
        await client.sessions.logins.log_out(session, "lost")
        session = await client.log_in()
        for part, text in ((2, REST), (1, "三" * 67), (2, "四" * 30)):
            await client.part(session, text, part)
        rig.scene.now += EARLY_MS
        await client.sessions._texts.accept_early()

        assert [task["text"] for task in rig.scene.rows("task")] == [FIRST + REST, "三" * 67 + "四" * 30]

    on_rig(go)


def test_parts_repeated_beside_a_session_that_is_cut_off_get_their_first_answers(on_rig):
    """Nobody has noticed yet that its network is gone; who noticed has logged in anew."""

    async def go(rig):
        client, events = Client(rig), Events()
        session = await client.log_in(events=events)
        first = [await client.part(session, text, part) for part, text in ((1, FIRST), (2, REST))]
        events.is_cut_off = True
        session = await client.log_in()

        again = [await client.part(session, text, part) for part, text in ((1, FIRST), (2, REST))]

        assert [one.message_id for one in again] == [one.message_id for one in first]
        assert [task["text"] for task in rig.scene.rows("task")] == [FIRST + REST]

    on_rig(go)


def test_a_repeat_before_a_new_text_is_no_part_of_it_though_that_has_a_gap(on_rig):
    """It came longer before than the parts of one text are apart."""

    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        for part, text in ((1, FIRST), (2, REST)):
            await client.part(session, text, part)
        await client.sessions.logins.log_out(session, "lost")
        session = await client.log_in()
        await client.part(session, REST, 2)
        rig.scene.now += PROOF_MS + 1
        await client.part(session, "三" * 67, 1)
        rig.scene.now += COMPLETE_WITHIN_MS + 1
        await client.sessions._texts.sweep_parts()

        assert [task["text"] for task in rig.scene.rows("task")] == [FIRST + REST, "三" * 67]

    on_rig(go)


def test_texts_of_one_beginning_whose_parts_mingle_are_both_accepted(on_rig):
    async def go(rig):
        client = Client(rig)
        session, other = await client.log_in(), await client.log_in()
        for one, text, part in ((session, FIRST, 1), (other, FIRST, 1), (session, REST, 2), (other, "三" * 30, 2)):
            await client.part(one, text, part)

        assert [task["text"] for task in rig.scene.rows("task")] == [FIRST + REST, FIRST + "三" * 30]

    on_rig(go)


@pytest.mark.parametrize("repeated", [[(1, FIRST), (2, REST)], [(2, REST)]], ids=["all", "the last one"])
def test_a_text_after_repeated_parts_has_none_of_them(on_rig, repeated):
    """Whether it begins or ends like the text that they repeat."""

    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        for part, text in ((1, FIRST), (2, REST)):
            await client.part(session, text, part)
        await client.sessions.logins.log_out(session, "lost")
        session = await client.log_in()
        again = [await client.part(session, text, part) for part, text in repeated]
        for part, text in ((1, "三" * 67), (2, REST), (1, FIRST), (2, "四" * 30)):
            await client.part(session, text, part)

        assert all(one.is_repeat for one in again)
        assert [task["text"] for task in rig.scene.rows("task")] == [FIRST + REST, "三" * 67 + REST, FIRST + "四" * 30]

    on_rig(go)


@pytest.mark.parametrize(("heard_s", "is_repeat"), [(-1, True), (1, False)])
def test_what_was_heard_after_an_answer_shows_that_it_arrived(on_rig, heard_s, is_repeat):
    """So the same text once more is another one, though its session broke."""

    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        for part, text in ((1, FIRST), (2, REST)):
            await client.part(session, text, part)
        session.counts.heard_ms = client.scene.process_state.clock() + PROOF_MS + heard_s * 1000
        await client.sessions.logins.log_out(session, "lost")
        session = await client.log_in()
        taken = [await client.part(session, text, part) for part, text in ((1, FIRST), (2, REST))]

        assert [one.is_repeat for one in taken] == [is_repeat] * 2
        assert len(rig.scene.rows("task")) == 2 - is_repeat

    on_rig(go)


def test_texts_of_one_beginning_that_are_submitted_at_once_are_all_accepted(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        rests = [REST, REST, "三" * 30]
        taken = await asyncio.gather(
            *(client.part(session, text, part) for rest in rests for part, text in ((1, FIRST), (2, rest)))
        )

        assert sorted(task["text"] for task in rig.scene.rows("task")) == sorted(FIRST + rest for rest in rests)
        assert len({one.message_id for one in taken}) == 6

    on_rig(go)


def test_parts_that_their_writer_names_are_repeats_by_their_names(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()

        async def both(*names):
            texts = zip(names, (FIRST, REST), strict=True)
            return [
                await client.part(session, text, part, client_ref=name, client_hash=text.encode())
                for part, (name, text) in enumerate(texts, start=1)
            ]

        first = await both("a", "b")
        again, other = await both("a", "b"), await both("c", "d")

        assert [one.message_id for one in again] == [one.message_id for one in first]
        assert not {one.message_id for one in other} & {one.message_id for one in first}
        assert len(rig.scene.rows("task")) == 2

    on_rig(go)


def test_a_text_that_was_refused_is_judged_anew_when_it_comes_again(on_rig):
    async def go(rig):
        client = Client(rig, signature_rule="required")
        session = await client.log_in()
        await client.part(session, FIRST, 1)
        assert await refused(client.part(session, REST, 2)) is Code.SIGNATURE_MISSING
        client.set("pre", signature_rule="free")

        await client.part(session, FIRST, 1)
        last = await client.part(session, REST, 2)

        assert (last.task_id != 0, last.is_repeat) == (True, False)
        assert [one.text for one in rig.scene.claim()] == [FIRST, REST]

    on_rig(go)


def test_another_part_in_its_place_begins_a_new_text(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        await client.part(session, FIRST, 1)
        await client.part(session, "三" * 67, 1)
        await client.part(session, REST, 2)

        assert [task["text"] for task in rig.scene.rows("task")] == ["三" * 67 + REST]

    on_rig(go)


def test_a_pair_that_was_cut_between_two_parts_is_whole_again(on_sqlite_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        await client.part(session, "一" * 66 + "\ud83d", 1)
        await client.part(session, "\ude00!", 2)

        (task,) = rig.scene.rows("task")
        assert (task["text"], task["cuts"]) == ("一" * 66 + "😀!", None)

    on_sqlite_rig(go)


@pytest.mark.parametrize("codec", ["gb18030", "utf-8"])
def test_a_character_that_was_cut_between_two_parts_is_whole_again_and_the_parts_go_on(on_sqlite_rig, codec):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        octets = ("一" * 60 + "二" * 20).encode(codec)
        for number, part in enumerate((octets[:121], octets[121:]), start=1):
            await client.part(session, "", number, part_octets=PartOctets(codec, part))

        segments = rig.scene.claim()

        assert "".join(one.text for one in segments) == "一" * 60 + "二" * 20
        assert [len(one.text) for one in segments] == [
            len(octets[:121].decode(codec, "ignore")),
            80 - len(octets[:121].decode(codec, "ignore")),
        ]

    on_sqlite_rig(go)


def test_octets_that_are_no_text_are_refused_once_all_parts_are_there(on_sqlite_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        await client.part(session, "", 1, part_octets=PartOctets("utf-8", "您".encode()[:1]), wants_reports=ReportsWanted.ALL)
        last = client.part(session, "", 2, part_octets=PartOctets("utf-8", b"plain"))

        assert await refused(last) is Code.PARAMETER_BAD
        (item,) = await client.claim(session)
        assert item.report.code == "REJECTD"

    on_sqlite_rig(go)


def test_octets_in_parts_are_joined_too(on_sqlite_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        header = bytes.fromhex("0605040b8423f0")
        await client.part(session, "", 1, binary=Binary(b"\1" * 120, header))
        await client.part(session, "", 2, binary=Binary(b"\2" * 30, header))

        (task,) = rig.scene.rows("task")
        assert (task["text"], task["udh"]) == ("01" * 120 + "02" * 30, header.hex())

    on_sqlite_rig(go)


def test_a_text_that_is_refused_as_a_whole_has_reports_for_the_parts_that_were_taken(on_rig):
    async def go(rig):
        client = Client(rig, signature_rule="required")
        session = await client.log_in()
        taken = await client.part(session, FIRST, 1)

        assert await refused(client.part(session, REST, 2)) is Code.SIGNATURE_MISSING

        (item,) = await client.claim(session)
        assert (item.message_ids, item.report.code, item.report.mobile) == ((taken.message_id,), "REJECTD", PHONE)
        assert rig.scene.points() == 10_000
        assert rig.scene.books_balance()

    on_rig(go)


@pytest.mark.parametrize("number", [PHONE, "123"])
def test_every_part_of_a_text_that_fails_is_named_in_its_report(on_rig, number):
    async def go(rig):
        client = Client(rig, missing_parts="fail")
        session = await client.log_in()
        said = {"parts": 3, "numbers": [number], "wants_reports": ReportsWanted.ALL}
        parts = [await client.part(session, text, part, **said) for part, text in ((1, FIRST), (2, REST))]
        rig.scene.now += COMPLETE_WITHIN_MS + 1
        await client.sessions._texts.sweep_parts()

        (item,) = await client.claim(session)

        assert item.message_ids == tuple(one.message_id for one in parts)
        assert (item.report.mobile, item.report.code) == (number, "EXPIRED")

    on_rig(go)


def test_a_part_to_letters_is_refused_at_once(on_sqlite_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()

        assert await refused(client.part(session, FIRST, 1, numbers=["13800abc000"])) is Code.NUMBER_BAD
        assert rig.scene.rows("session_part") == []

    on_sqlite_rig(go)


@pytest.mark.parametrize(("rule", "texts", "code"), [("send", [FIRST], None), ("fail", [""], "EXPIRED")])
def test_a_text_that_misses_parts_is_sent_as_it_is_or_fails(on_rig, rule, texts, code):
    async def go(rig):
        client = Client(rig, missing_parts=rule)
        session = await client.log_in()
        submitted = await client.part(session, FIRST, 1)
        await client.sessions._texts.sweep_parts()
        assert rig.scene.rows("task") == []
        rig.scene.now += COMPLETE_WITHIN_MS + 1

        for _ in range(2):  # the second finds nothing
            await client.sessions._texts.sweep_parts()

        assert [task["text"] for task in rig.scene.rows("task")] == texts
        if code:
            (item,) = await client.claim(session)
            assert (item.message_ids, item.report.code) == ((submitted.message_id,), code)
        assert rig.scene.books_balance()

    on_rig(go)


def test_parts_that_were_whole_when_the_process_died_are_accepted_by_the_sweep(on_rig, away):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        await client.part(session, FIRST, 1)
        rig.lane.fails["accept"] = 1
        with pytest.raises(away):
            await client.part(session, REST, 2)
        rig.scene.now += COMPLETE_WITHIN_MS + 1

        await client.sessions._texts.sweep_parts()

        assert [task["text"] for task in rig.scene.rows("task")] == [FIRST + REST]

    on_rig(go)


@pytest.mark.parametrize("repeated", [(1, 2), (2, 1), (2,)])
def test_parts_that_were_whole_when_the_process_died_are_repeats_when_they_come_again(on_rig, away, repeated):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        first = await client.part(session, FIRST, 1)
        rig.lane.fails["accept"] = 1
        with pytest.raises(away):
            await client.part(session, REST, 2)
        client.sessions = client.another()
        session = await client.log_in()

        again = {part: await client.part(session, (FIRST, REST)[part - 1], part) for part in repeated}

        (task,) = rig.scene.rows("task")
        assert (task["text"], again.get(1, first).message_id) == (FIRST + REST, first.message_id)
        rig.scene.now += COMPLETE_WITHIN_MS + 1
        await client.sessions._texts.sweep_parts()
        assert len(rig.scene.rows("task")) == 1
        assert rig.scene.points() == 10_000 - 2

    on_rig(go)


@pytest.mark.interpreted
def test_an_account_has_so_many_parts_that_wait(on_rig, monkeypatch):
    monkeypatch.setattr("hongyan.services.steps.session_parts.take_parts.__kwdefaults__", {"most": 2})

    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        for reference in range(2):
            await client.part(session, FIRST, 1, reference=reference)

        assert await refused(client.part(session, FIRST, 1, reference=9)) is Code.PARTS_MANY
        assert await refused(client.part(session, FIRST, 1, parts=11)) is Code.CONTENT_LONG

    on_rig(go)


# --- deliveries ------------------------------------------------------------------------------------------------------


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
    ],
)
def test_reports_come_as_the_submit_asked(on_sqlite_rig, wanted, code, comes):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        await client.submit(session, wants_reports=wanted)
        client.send_all(code)

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


# --- questions -------------------------------------------------------------------------------------------------------


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


# --- what a crash leaves -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["take_parts", "accept"])
def test_an_answer_that_was_lost_behind_its_commit_is_given_once_more(on_rig, away, step):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        first = await client.part(session, FIRST, 1)
        rig.lane.loses[step] = 1
        with pytest.raises(away):
            await client.part(session, REST, 2)
        client.sessions = client.another()
        session = await client.log_in()

        last = await client.part(session, REST, 2)

        (task,) = rig.scene.rows("task")
        assert last.task_id == task["id"]
        assert task["customer_message_id"] == f"{first.message_id},{last.message_id}"
        assert rig.scene.points() == 10_000 - 2
        assert rig.scene.books_balance()

    on_rig(go)


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


# --- without a session -------------------------------------------------------------------------------------------------


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


def test_what_is_owed_by_session_is_pushed_while_there_is_none(on_rig):
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
        await _until(lambda: posted)
        assert posted == [("pre", "REPORT", 1)]
        stopping = asyncio.Event()
        stopping.set()
        await pusher.run(stopping)

    on_rig(go)


# --- what grows is bounded ---------------------------------------------------------------------------------------------


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
