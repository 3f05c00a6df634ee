"""Every request of a customer over a session, in octets through a socket to a whole platform, and what the store has of it then."""

import struct
from datetime import datetime

import pytest
from tests.command_store import command_store, stored_tasks
from tests.compose.test_sessions import BOTH, log_in, open_to, report_of

from hongyan.model.times import CHINA
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.cmpp.report import decode_report
from hongyan.wire.events import Answer
from hongyan.wire.smpp import pdu as smpp

MOBILES = ("13800138001", "13800138002")
IN_AN_HOUR = "000000010000000R"
TEXT = "您好"


async def answer_to(client, make):
    """Send `make(seq)`; returns its answer."""
    seq = client.session.next_seq
    client.session.send(client.session.protocol_state.encode(make(seq)), seq, client.loop.time())
    client.flush()

    def found():
        return next((event for event in client.events if isinstance(event, Answer) and event.token == seq), None)

    assert await client.until(found, 20)
    return found()


def submit(protocol, text=TEXT, mobile=MOBILES[0], **fields):
    """Makes a submit of a text in UCS-2, or of octets."""
    octets = text if isinstance(text, bytes) else text.encode("utf-16-be")
    if protocol == "smpp":
        said = {"registered_delivery": 1} | fields
        return lambda seq: smpp.Sm(seq, smpp.Command.SUBMIT_SM, "", mobile, octets, **said)
    return lambda seq: cmpp.Submit(seq, "", (mobile,), octets, **fields)


def tasks_of(settings):
    with command_store(settings) as admin:
        return admin.read(stored_tasks)


def phone_of(pdu):
    """The mainland number that a report is about."""
    said = pdu.source_addr if isinstance(pdu, smpp.Sm) else decode_report(pdu.msg_content).dest_terminal_id
    return said.removeprefix("86")


# --- submits -----------------------------------------------------------------------------------------------------------------


@BOTH
def test_a_submit_to_many_numbers_has_a_report_for_each(furnished, run, protocol):
    """A number that cannot be is named in the answer over SMPP, and in a report of its own over CMPP, whose answers name none."""
    at, numbers = open_to(furnished), (*MOBILES, "12345")
    octets = TEXT.encode("utf-16-be")

    def to_many(seq):
        if protocol == "smpp":
            dests = tuple(smpp.Address(one) for one in numbers)
            return smpp.SubmitMulti(seq, "", dests, octets, registered_delivery=1)
        return cmpp.Submit(seq, "", numbers, octets)

    async def go(running):
        client = await log_in(at, protocol)
        said, wanted = await answer_to(client, to_many), 2 if protocol == "smpp" else 3
        assert await client.until(lambda: len(client.asked) == wanted, 20)
        return said, client.asked, await running.balance()

    said, asked, balance = run(furnished, go)
    message_id = said.pdu.message_id if said.pdu else said.message_id
    named = [one.addr for one in said.pdu.unsuccess] if said.pdu else []
    refused = named or [phone_of(pdu) for pdu in asked if phone_of(pdu) not in MOBILES]
    assert (said.status, refused) == (0, ["12345"])
    assert [report_of(pdu) for pdu in asked if phone_of(pdu) in MOBILES] == [(message_id, "DELIVRD")] * 2
    assert balance == 100_000 - 2


def test_a_data_sm_brings_a_whole_text_of_any_length(furnished, run):
    at, text = open_to(furnished), "长" * 200
    payload = {smpp.Tag.MESSAGE_PAYLOAD: text.encode("utf-16-be")}

    async def go(running):
        client = await log_in(at, "smpp")
        said = await answer_to(
            client, lambda seq: smpp.DataSm(seq, "", MOBILES[0], data_coding=8, registered_delivery=1, tlvs=payload)
        )
        assert await client.until(lambda: client.asked, 20)
        return said, report_of(client.asked[0]), await running.balance()

    said, report, balance = run(furnished, go)
    assert (said.status, report) == (0, (said.message_id, "DELIVRD"))
    assert balance == 100_000 - 3
    assert [task["text"] for task in tasks_of(furnished)] == [text]


PORTS = bytes.fromhex("0605040b8423f0")
"""A header that names ports: binary data behind it is for a program on the handset."""

BY_SMPP = [
    ("hello @ home", b"hello \0 home", {"data_coding": 0}),  # the alphabet of handsets
    ("très", "très".encode("latin-1"), {"data_coding": 3}),
    ("plain", b"plain", {"data_coding": 1}),
    ("您好", "您好".encode("gbk"), {"data_coding": 15}),
    ("闪信", "闪信".encode("utf-16-be"), {"data_coding": 0x18}),
    ("01ff", PORTS + b"\1\xff", {"data_coding": 4, "esm_class": smpp.UDHI}),
]
BY_CMPP = [
    ("plain", b"plain", {"msg_fmt": 0}),
    ("您好", "您好".encode("gbk"), {"msg_fmt": 15}),
    ("闪信", "闪信".encode("utf-16-be"), {"msg_fmt": 0x18}),
    ("01ff", PORTS + b"\1\xff", {"msg_fmt": 4, "tp_udhi": 1}),
]


@BOTH
def test_a_text_is_stored_as_it_was_meant_whatever_its_alphabet(on_sqlite, run, protocol):
    at, texts = open_to(on_sqlite), BY_SMPP if protocol == "smpp" else BY_CMPP

    async def go(_):
        client = await log_in(at, protocol)
        answers = [await answer_to(client, submit(protocol, octets, **fields)) for _, octets, fields in texts]
        assert await client.until(lambda: len(client.asked) == len(texts), 20)
        return [one.status for one in answers], {report_of(pdu)[1] for pdu in client.asked}

    assert run(on_sqlite, go) == ([0] * len(texts), {"DELIVRD"})
    tasks = tasks_of(on_sqlite)
    assert [task["text"] for task in tasks] == [text for text, _, _ in texts]
    assert [task["text"] for task in tasks if task["flash"]] == ["闪信"]
    assert [task["udh"] for task in tasks if task["udh"] is not None] == [PORTS.hex()]


@BOTH
def test_a_submit_says_how_long_it_may_wait_how_urgent_it_is_and_for_which_protocol(on_sqlite, run, protocol):
    at = open_to(on_sqlite)
    fields = (
        {"validity_period": IN_AN_HOUR, "priority_flag": 3, "protocol_id": 64}
        if protocol == "smpp"
        else {"valid_time": IN_AN_HOUR, "msg_level": 9, "tp_pid": 64}
    )

    async def go(_):
        client = await log_in(at, protocol)
        return (await answer_to(client, submit(protocol, **fields))).status

    assert run(on_sqlite, go) == 0
    (task,) = tasks_of(on_sqlite)
    assert task["protocol_id"] == 64
    assert task["valid_until_ms"] == pytest.approx(task["accepted_ms"] + 3_600_000, abs=5_000)


@BOTH
def test_a_submit_that_names_itself_is_known_after_a_broken_connection(furnished, run, protocol):
    """By user_message_reference, or by Msg_src and sequence where the account wants that."""
    at = open_to(furnished, knows_sequence=True)
    fields = {"tlvs": {smpp.Tag.USER_MESSAGE_REFERENCE: b"\0\7"}} if protocol == "smpp" else {"msg_src": "901234"}

    async def go(running):
        ids = []
        for _ in range(2):
            client = await log_in(at, protocol)
            ids.append((await answer_to(client, submit(protocol, **fields))).message_id)
            client.transport.abort()
        client = await log_in(at, protocol)
        other = (await answer_to(client, submit(protocol, "别的", **fields))).message_id
        return ids, other, await running.balance()

    (first, again), other, balance = run(furnished, go)
    assert first == again != other
    assert balance == 100_000 - 2


# --- questions ---------------------------------------------------------------------------------------------------------------


def test_what_waits_is_found_replaced_and_cancelled_over_smpp(furnished, run):
    at = open_to(furnished)

    async def go(running):
        client = await log_in(at, "smpp")

        async def ask(make):
            return (await answer_to(client, make)).pdu

        async def state_of(message_id):
            found = await ask(lambda seq: smpp.QuerySm(seq, message_id, ""))
            return found.status, found.message_state, bool(found.final_date)

        async def cancelled(message_id, mobile=""):
            return (await ask(lambda seq: smpp.CancelSm(seq, message_id, "", mobile))).status

        waiting = (await answer_to(client, submit("smpp", schedule_delivery_time=IN_AN_HOUR))).message_id
        states = [await state_of(waiting)]
        replaced = await ask(lambda seq: smpp.ReplaceSm(seq, waiting, "", "再见".encode("utf-16-be")))
        ends = [await cancelled(waiting), await cancelled(waiting), await cancelled("4711")]
        states += [await state_of(waiting), await state_of("4711")]
        await answer_to(client, submit("smpp", mobile=MOBILES[1], schedule_delivery_time=IN_AN_HOUR))
        ends += [await cancelled("", MOBILES[1]), await cancelled("", MOBILES[1])]
        sent = (await answer_to(client, submit("smpp"))).message_id
        assert await client.until(lambda: (sent, "DELIVRD") in [report_of(pdu) for pdu in client.asked], 20)
        return replaced.status, ends, [*states, await state_of(sent)], await running.balance()

    replaced, ends, states, balance = run(furnished, go)
    fails = smpp.Status.RCANCELFAIL
    assert (replaced, ends) == (0, [0, fails, fails, 0, fails])
    assert states == [(0, 1, False), (0, 4, True), (smpp.Status.RQUERYFAIL, 0, False), (0, 2, True)]
    assert tasks_of(furnished)[0]["text"] == "再见"
    assert balance == 100_000 - 1


@pytest.mark.parametrize("protocol", ["cmpp2", "cmpp3"])
def test_messages_of_a_day_are_counted_and_what_waits_is_cancelled_over_cmpp(furnished, run, protocol):
    """What is scheduled counts from its time on, or once it was cancelled."""
    at, today = open_to(furnished), datetime.now(CHINA).strftime("%Y%m%d")

    async def go(running):
        client = await log_in(at, protocol)

        async def ask(make):
            return (await answer_to(client, make)).pdu

        async def counts(*which):
            return (await ask(lambda seq: cmpp.Query(seq, today, *which))).counts[:5]

        waiting = int((await answer_to(client, submit(protocol, at_time=IN_AN_HOUR))).message_id)
        await answer_to(client, submit(protocol, service_id="OTP"))
        assert await client.until(lambda: client.asked, 20)
        seen = [await counts(), await counts(1, "OTP"), await counts(1, "NONE")]
        ends = [(await ask(lambda seq, one=one: cmpp.Cancel(seq, one))).success_id for one in (waiting, waiting, 4711)]
        return [*seen, await counts()], ends, await running.balance()

    seen, ends, balance = run(furnished, go)
    assert seen == [(1, 1, 1, 0, 0), (1, 1, 1, 0, 0), (0, 0, 0, 0, 0), (2, 2, 1, 0, 1)]
    assert (ends, balance) == ([0, 1, 1], 100_000 - 1)


@BOTH
def test_what_nobody_knows_is_refused_and_the_session_goes_on(on_sqlite, run, protocol):
    at = open_to(on_sqlite)
    unknown = struct.pack(">4I", 16, 0x777, 0, 9) if protocol == "smpp" else struct.pack(">3I", 12, 0x777, 9)

    async def go(_):
        client = await log_in(at, protocol)
        client.transport.write(unknown)
        return (await answer_to(client, submit(protocol))).status

    assert run(on_sqlite, go) == 0
