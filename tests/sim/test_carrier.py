import asyncio

import pytest
from tests.sim.client import SECRET, USER, Client, dialect_of

from hongyan.sim.carrier import CarrierSim
from hongyan.sim.script import read_script
from hongyan.wire import text
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.cmpp.report import decode_report
from hongyan.wire.events import Reason
from hongyan.wire.smgp.report import decode_report as decode_smgp_report
from hongyan.wire.smpp.report import read_receipt

PROTOCOLS = ("cmpp2", "cmpp3", "smgp", "smpp")
every_protocol = pytest.mark.parametrize("protocol", PROTOCOLS)


def play(scene, protocol="smpp", script="", **options):
    """Run a scene with a carrier that is up, and stop it afterwards."""

    async def whole():
        carrier = CarrierSim(protocol, script=read_script(script), **options)
        await carrier.start()
        try:
            return await scene(carrier)
        finally:
            await carrier.stop()

    return asyncio.run(whole())


def rule(do, **keys):
    lines = [f'do = "{do}"', *(f"{name} = {value!r}" for name, value in keys.items())]
    return "[[rule]]\n" + "\n".join(lines)


def ids_of(client):
    """The ids that the reports so far name, as the answers to submits spell them."""
    if client.protocol == "smpp":
        return [receipt.id_tlv for pdu in client.asked if (receipt := read_receipt(pdu))]
    if client.protocol == "smgp":
        return [decode_smgp_report(pdu.msg_content).msg_id.hex() for pdu in client.asked if pdu.is_report]
    return [str(decode_report(pdu.msg_content).msg_id) for pdu in client.asked if pdu.registered_delivery]


@every_protocol
def test_a_submit_is_answered_and_reported_under_the_same_id(protocol):
    async def scene(carrier):
        client = await Client.login(carrier, protocol)
        client.submit("one")
        assert await client.until(lambda: client.asked)
        assert await carrier.until(lambda: carrier.counts.taken == 1, 5)
        return carrier, client

    carrier, client = play(scene, protocol, user=USER, secret=SECRET)
    status, message_id = client.answers["one"]
    assert status == 0
    assert ids_of(client) == [message_id]
    [submit] = carrier.submits
    assert (submit.text, submit.numbers, submit.source, submit.user) == ("您好", ("8613800138000",), "10690000123", USER)
    assert (carrier.counts.submits, carrier.counts.accepted, carrier.waiting) == (1, 1, 0)


@every_protocol
@pytest.mark.parametrize(("user", "secret"), [("901235", SECRET), (USER, "wrong")])
def test_a_wrong_login_is_refused(protocol, user, secret):
    async def scene(carrier):
        client = await Client.connect(carrier, protocol, protocol_state=dialect_of(protocol, user, secret))
        assert await client.until(lambda: client.closed)
        return client.closed, carrier.counts

    closed, counts = play(scene, protocol, user=USER, secret=SECRET)
    assert closed.reason is Reason.REFUSED
    assert closed.status
    assert (counts.logins, counts.logins_refused) == (0, 1)


def test_a_scripted_login_is_refused_once_and_then_let_in():
    async def scene(carrier):
        refused = await Client.connect(carrier, "smpp")
        assert await refused.until(lambda: refused.closed)
        await Client.login(carrier, "smpp")
        return refused.closed.status

    assert play(scene, script=rule("refuse-login", code=13, times=1)) == 13


def test_an_ignored_login_gets_no_octet():
    async def scene(carrier):
        client = await Client.connect(carrier, "smpp")
        assert await carrier.until(lambda: carrier.counts.connections == 1, 5)
        await asyncio.sleep(0.05)
        return client.octets, client.is_lost

    assert play(scene, script=rule("ignore-login")) == (0, False)


@every_protocol
def test_a_refusal_has_its_code_and_gets_no_report(protocol):
    async def scene(carrier):
        client = await Client.login(carrier, protocol)
        client.submit("bad", number="13800138000")
        client.submit("good", number="13900138000")
        assert await client.until(lambda: client.asked)
        return client

    client = play(scene, protocol, rule("refuse", code=13, to="138*"))
    assert client.answers["bad"][0] == 13
    assert ids_of(client) == [client.answers["good"][1]]


def test_who_asks_for_reports_of_one_outcome_gets_no_others():
    async def scene(carrier):
        client = await Client.login(carrier, "smpp")
        for outcome, number in (("failed", "8613800138000"), ("delivered", "8613900139000")):
            client.submit(f"if it failed, {outcome}", number, registered_delivery=2)
            client.submit(f"if it was delivered, {outcome}", number, registered_delivery=3)
        assert await client.until(lambda: len(client.asked) == 2)
        return client

    client = play(scene, "smpp", rule("fail", stat="UNDELIV", to="86138*"))
    wanted = ["if it failed, failed", "if it was delivered, delivered"]
    assert sorted(ids_of(client)) == sorted(client.answers[token][1] for token in wanted)


@pytest.mark.parametrize(("protocol", "code"), [("cmpp3", 8), ("smgp", 1), ("smpp", 0x58)])
def test_a_throttle_answers_in_the_words_of_the_protocol(protocol, code):
    async def scene(carrier):
        client = await Client.login(carrier, protocol)
        for token in range(5):
            client.submit(token)
        assert await client.until(lambda: len(client.answers) == 5)
        return client

    client = play(scene, protocol, rule("throttle", rate=0))
    assert {status for status, _ in client.answers.values()} == {code}


@pytest.mark.parametrize(
    ("answer", "report", "convert"),
    [("hex", "decimal", lambda seen: int(seen, 16)), ("decimal", "HEX", int), ("decimal", "zeros", int)],
)
def test_ids_are_spelt_as_scripted(answer, report, convert):
    async def scene(carrier):
        client = await Client.login(carrier, "smpp")
        client.submit("one")
        assert await client.until(lambda: client.asked)
        return client

    client = play(scene, script=rule("spell", answer=answer, report=report))
    seen, [reported] = client.answers["one"][1], ids_of(client)
    assert seen != reported
    assert convert(seen) == int(reported, 16 if report == "HEX" else 10)


@every_protocol
def test_a_wrong_id_is_no_id_that_was_given(protocol):
    async def scene(carrier):
        client = await Client.login(carrier, protocol)
        client.submit("one")
        assert await client.until(lambda: client.asked)
        return client

    client = play(scene, protocol, rule("wrong-id"))
    assert ids_of(client) != [client.answers["one"][1]]


@every_protocol
def test_an_early_report_outruns_its_answer(protocol):
    async def scene(carrier):
        client = await Client.login(carrier, protocol)
        client.submit("one")
        assert await client.until(lambda: client.answers)
        return client

    client = play(scene, protocol, rule("early"), report_delay_s=30.0)
    kinds = [type(event).__name__ for event in client.events]
    assert kinds.index("Asked") < kinds.index("Answer")
    assert ids_of(client) == [client.answers["one"][1]]


def test_a_report_can_come_twice_never_or_as_a_failure():
    script = "\n".join([rule("double", to="1381*"), rule("no-report", to="1382*"), rule("fail", stat="MK:0011", to="1383*")])

    async def scene(carrier):
        client = await Client.login(carrier, "smpp")
        for number in ("1381", "1382", "1383"):
            client.submit(number, number=number)
        assert await client.until(lambda: len(client.asked) == 3)
        await asyncio.sleep(0.02)
        return [(pdu.source_addr, pdu.short_message.partition(b"stat:")[2].split()[0]) for pdu in client.asked]

    assert play(scene, script=script) == [("1381", b"DELIVRD"), ("1381", b"DELIVRD"), ("1383", b"MK:0011")]


def test_a_report_waits_for_its_delay_and_a_late_one_longer():
    async def scene(carrier):
        client = await Client.login(carrier, "smpp")
        client.submit("late", number="1381")
        client.submit("soon", number="1382")
        assert await client.until(lambda: len(client.asked) == 2)
        return [pdu.source_addr for pdu in client.asked]

    assert play(scene, script=rule("late", seconds=0.1, to="1381"), report_delay_s=0.05) == ["1382", "1381"]


def test_a_report_can_come_on_another_connection():
    async def scene(carrier):
        first, second = [await Client.login(carrier, "smpp") for _ in range(2)]
        first.submit("one")
        assert await second.until(lambda: second.asked)
        return first, second

    first, second = play(scene, script=rule("elsewhere"))
    assert ids_of(second) == [first.answers["one"][1]]
    assert not first.asked


@every_protocol
def test_a_connection_that_breaks_in_mid_window_gets_its_reports_on_the_next(protocol):
    async def scene(carrier):
        first = await Client.login(carrier, protocol)
        for token in range(10):
            first.submit(token)
        assert await first.until(lambda: first.is_lost)
        accepted = carrier.counts.accepted
        second = await Client.login(carrier, protocol)
        assert await second.until(lambda: len(second.asked) == accepted)
        return first, accepted

    first, accepted = play(scene, protocol, rule("disconnect", after=4, times=1), report_delay_s=0.05)
    assert accepted >= 5
    assert first.closed.reason is Reason.LOST
    assert first.closed.unanswered


@pytest.mark.parametrize("fault", ["hang", "half-open"])
def test_a_silent_connection_stays_open_and_says_nothing(fault):
    async def scene(carrier):
        client = await Client.login(carrier, "smpp")
        before = client.octets
        client.submit("one")
        assert await carrier.wait_for(1, 5)
        client.submit("two")
        await asyncio.sleep(0.05)
        return client.octets - before, client.is_lost, carrier.counts.submits

    assert play(scene, script=rule(fault)) == (0, False, 1)


def test_garbage_puts_the_client_out_of_step():
    async def scene(carrier):
        client = await Client.login(carrier, "cmpp3")
        client.submit("one")
        assert await client.until(lambda: client.closed)
        return client

    client = play(scene, "cmpp3", rule("garbage"), report_delay_s=9)
    assert client.closed.reason is Reason.OUT_OF_STEP
    assert client.answers["one"][0] == 0


def test_a_cut_answer_ends_the_connection_inside_a_frame():
    async def scene(carrier):
        client = await Client.login(carrier, "cmpp2")
        before = client.octets
        client.submit("one")
        assert await client.until(lambda: client.is_lost)
        return client.octets - before, client.answers

    octets, answers = play(scene, "cmpp2", rule("cut"), report_delay_s=9)
    assert 0 < octets < len(cmpp_answer())
    assert answers == {}


def cmpp_answer():
    return dialect_of("cmpp2").encode(cmpp.SubmitResp(1, 1, 0))


def test_a_dripping_connection_says_everything_octet_by_octet():
    async def scene(carrier):
        client = await Client.login(carrier, "smpp")
        client.submit("one")
        client.reads.clear()
        assert await client.until(lambda: client.asked)
        return client

    client = play(scene, script=rule("drip"))
    assert ids_of(client) == [client.answers["one"][1]]
    assert min(client.reads) == 1
    assert len(client.reads) > 20


def test_a_refused_report_comes_again():
    async def scene(carrier):
        client = await Client.login(carrier, "smpp", status=0x64)
        client.submit("one")
        assert await client.until(lambda: len(client.asked) == 1)
        client._status = 0
        assert await client.until(lambda: len(client.asked) == 2)
        assert await carrier.until(lambda: carrier.counts.taken == 1, 5)
        return carrier.counts.turned_down

    assert play(scene) == 1


def test_reports_are_sent_as_far_as_the_window_goes():
    async def scene(carrier):
        client = await Client.login(carrier, "smpp", answers=False)
        for token in range(10):
            client.submit(token)
        assert await client.until(lambda: len(client.answers) == 10)
        await asyncio.sleep(0.02)
        return len(client.asked), carrier.waiting

    assert play(scene, window=3) == (3, 10)


def test_when_too_much_waits_submits_are_throttled():
    async def scene(carrier):
        client = await Client.login(carrier, "smpp")
        for token in range(5):
            client.submit(token)
        assert await client.until(lambda: len(client.answers) == 5)
        return [status for status, _ in client.answers.values()]

    assert play(scene, report_delay_s=9, most_waiting=3) == [0, 0, 0, 0x58, 0x58]


@every_protocol
def test_a_handset_text_of_any_length_comes_in_parts_that_join(protocol):
    words = "很长的回复😀" * 30

    async def scene(carrier):
        client = await Client.login(carrier, protocol)
        carrier.say("8613800138000", "1069000012301", words)
        carrier.say("8613800138000", "1069000012301", "TD")
        assert await client.until(lambda: len(client.asked) == 5)
        return client.asked

    *parts, short = play(scene, protocol)
    contents = [pdu.short_message if protocol == "smpp" else pdu.msg_content for pdu in parts]
    split = [text.split_header(content) for content in contents]
    assert [concat.number for concat, _ in split] == [1, 2, 3, 4]
    assert "".join(text.decode_ucs2(part) for _, part in split) == words
    assert (short.short_message if protocol == "smpp" else short.msg_content) == "TD".encode("utf-16-be")


def test_a_scripted_reply_comes_from_the_recipient():
    async def scene(carrier):
        client = await Client.login(carrier, "cmpp3")
        client.submit("one", number="13800138000")
        assert await client.until(lambda: len(client.asked) == 2)
        return [(pdu.src_terminal_id, pdu.dest_id) for pdu in client.asked if not pdu.registered_delivery]

    assert play(scene, "cmpp3", rule("reply", text="你好，我不需要")) == [("13800138000", "10690000123")]


def test_unknown_reports_flow_without_piling_up():
    async def scene(carrier):
        client = await Client.login(carrier, "smpp")
        await carrier.report_unknown(3_000)
        assert await carrier.until(lambda: carrier.counts.taken == 3_000, 10)
        return len(set(ids_of(client))), carrier.waiting

    assert play(scene) == (3_000, 0)


def test_what_it_remembers_is_bounded():
    async def scene(carrier):
        client = await Client.login(carrier, "smpp")
        for token in range(20):
            client.submit(token)
        assert await carrier.wait_for(20, 5)
        return len(carrier.submits), carrier.counts.submits

    assert play(scene, keep=5) == (5, 20)


def test_many_recipients_of_one_submit_get_consecutive_ids():
    async def scene(carrier):
        client = await Client.login(carrier, "cmpp3")
        pdu = cmpp.Submit(client.session.next_seq, "1069", ("13800138000", "13800138001"), b"hi", 0)
        client.session.send(client.session.protocol_state.encode(pdu), "one", 0.0)
        client.flush()
        assert await client.until(lambda: len(client.asked) == 2)
        return client

    client = play(scene, "cmpp3")
    first = int(client.answers["one"][1])
    assert ids_of(client) == [str(first), str(first + 1)]


def test_a_port_in_use_is_an_os_error():
    async def scene(carrier):
        with pytest.raises(OSError, match="address already in use"):
            await CarrierSim("cmpp2", carrier.port).start()

    play(scene)


def test_an_unknown_protocol_is_named():
    with pytest.raises(ValueError, match="mm7"):
        CarrierSim("mm7")


@pytest.mark.parametrize(("characters", "status", "seen"), [(66, 0, "一" * 66 + "【移动】"), (67, 13, "一" * 67)])
def test_a_carriers_own_signature_needs_room_in_the_segment(characters, status, seen):
    async def scene(carrier):
        client = await Client.login(carrier, "cmpp3")
        client.submit("one", text="一" * characters)
        assert await client.until(lambda: client.answers)
        return client.answers["one"][0], carrier.submits[0].text

    assert play(scene, "cmpp3", rule("sign", text="【移动】", code=13)) == (status, seen)


def test_parts_of_a_reply_may_be_marked_twice_and_bear_the_reference_that_is_reported():
    async def scene(carrier):
        client = await Client.login(carrier, "smpp")
        client.submit("one")
        assert await client.until(lambda: len([p for p in client.asked if not read_receipt(p)]) == 2)
        return [p for p in client.asked if not read_receipt(p)]

    script = rule("reply", text="长" * 80, reference=7) + "\n" + rule("mark-twice")
    first, second = play(scene, "smpp", script)
    assert [text.split_header(p.short_message)[0] for p in (first, second)] == [text.Concat(7, 2, 1), text.Concat(7, 2, 2)]
    assert [tuple(p.tlvs.values()) for p in (first, second)] == [(b"\0\7", b"\2", b"\1"), (b"\0\7", b"\2", b"\2")]
