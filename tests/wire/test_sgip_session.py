"""Two SGIP sessions joined by a pretended wire: the SP's connection to the gateway, and the gateway's to the SP."""

import pytest

from hongyan.wire.events import Answer, Asked, Closed, LoggedIn, LoginAsked, Reason, Unexpected
from hongyan.wire.session import Limits, Session, State
from hongyan.wire.sgip import pdu as sgip
from hongyan.wire.sgip.codec import encode
from hongyan.wire.sgip.pdu import Command, LoginType, Result, Sequence
from hongyan.wire.sgip.state import SgipState
from hongyan.wire.state import Role

SP, SMG = 3_010_012_345, 101_001
STAMP = 301_000_000
LIMITS = Limits(window=3, answer_timeout_s=30, heartbeat_s=20)


class Pair:
    """`step` carries every octet across, in pieces of `piece` octets."""

    def __init__(self, login_type, piece=1 << 20, limits=LIMITS):
        ours, theirs = (SP, SMG) if login_type is LoginType.SP else (SMG, SP)
        self.login_type, self.piece = login_type, piece
        self.client = Session(SgipState(ours, login_type, "unisp", "unipass"), Role.CLIENT, limits, 0.0)
        self.server = Session(SgipState(theirs, login_type), Role.CENTRE, limits, 0.0)
        self.at_client, self.at_server = [], []

    def step(self, now=0.0):
        while True:
            up, down = self.client.take_out(), self.server.take_out()
            if not up and not down:
                return self
            self.at_server += self.cross(up, self.server, now)
            self.at_client += self.cross(down, self.client, now)

    def cross(self, octets, receiver, now):
        for at in range(0, len(octets), self.piece):
            yield from receiver.feed(octets[at : at + self.piece], now)

    def logged_in(self):
        self.client.login(0.0, STAMP)
        self.step()
        (asked,) = self.at_server
        assert asked == LoginAsked(sgip.Bind(asked.login.seq, self.login_type, "unisp", "unipass"))
        self.server.admit(0, 0.0)
        self.step()
        assert self.at_client == [LoggedIn()]
        self.at_client, self.at_server = [], []
        return self


def submit(seq):
    return sgip.Submit(seq, "10655123", ("8613012345678",), b"\x4f\x60")


@pytest.mark.parametrize("piece", [1, 1 << 20], ids=["dripped", "whole"])
def test_submits_have_the_sequences_of_their_owner(piece):
    pair = Pair(LoginType.SP, piece).logged_in()
    names = [Sequence(SP, 1_121_093_005, count).packed() for count in (7, 3)]

    for name in names:
        pair.client.send(encode(submit(name)), name, 0.0, name)
    pair.step()
    for event in reversed(pair.at_server):
        pair.server.answer(event.pdu, 0 if event.pdu.seq == names[0] else Result.BUSY)
    pair.step()

    assert [event.pdu.seq for event in pair.at_server] == names
    assert {event.token: event.status for event in pair.at_client} == {names[0]: 0, names[1]: 11}
    assert pair.client.pending == 0


@pytest.mark.parametrize("piece", [1, 1 << 20], ids=["dripped", "whole"])
def test_the_gateway_delivers_on_the_connection_that_it_opened(piece):
    pair = Pair(LoginType.SMG, piece).logged_in()
    about = Sequence(SP, 1_121_093_005, 7).packed()

    for token, make in {
        "text": lambda seq: sgip.Deliver(seq, "8613012345678", "10655123", b"TD"),
        "report": lambda seq: sgip.Report(seq, about, "8613012345678", 0),
        "user": lambda seq: sgip.UserRpt(seq, "10655123", "8613012345678", 1),
    }.items():
        pair.client.send(encode(make(pair.client.next_seq)), token, 0.0)
    pair.step()
    asked = [event.pdu for event in pair.at_server]
    for pdu in asked:
        pair.server.answer(pdu)
    pair.step()

    assert [type(pdu) for pdu in asked] == [sgip.Deliver, sgip.Report, sgip.UserRpt]
    assert {Sequence.unpacked(pdu.seq)[:2] for pdu in asked} == {(SMG, STAMP)}
    assert [(event.token, event.status) for event in pair.at_client] == [("text", 0), ("report", 0), ("user", 0)]


@pytest.mark.parametrize("login_type", LoginType)
def test_either_side_may_leave(login_type):
    for leaver, other in (("client", "server"), ("server", "client")):
        pair = Pair(login_type).logged_in()
        getattr(pair, leaver).logout(0.0)
        pair.step()

        assert getattr(pair, f"at_{leaver}")[-1] == Closed(Reason.LEFT)
        assert getattr(pair, f"at_{other}")[-1] == Closed(Reason.PEER_LEFT)


def test_a_refused_login_says_its_result():
    pair = Pair(LoginType.SP)
    pair.client.login(0.0, STAMP)
    pair.step()
    pair.server.admit(Result.BAD_LOGIN, 0.0)
    pair.step()

    assert pair.at_client == [Closed(Reason.REFUSED, 1)]


def test_there_is_no_heartbeat():
    pair = Pair(LoginType.SP).logged_in()

    assert pair.client.next_deadline == float("inf")
    assert pair.client.tick(10_000.0) == []
    assert pair.client.take_out() == b""


@pytest.mark.parametrize("side", ["client", "server"])
def test_a_connection_that_nobody_uses_is_left_after_its_time(side):
    pair = Pair(LoginType.SP, limits=Limits(window=3, answer_timeout_s=100, heartbeat_s=20, idle_s=30)).logged_in()
    session = getattr(pair, side)
    name = Sequence(SP, STAMP, 1).packed()
    pair.client.send(encode(submit(name)), "a", 10.0, name)
    pair.step(10.0)

    pair.client.tick(45.0)  # an answer is still to come
    assert pair.client.state is State.READY
    pair.server.answer(pair.at_server[0].pdu)
    pair.step(50.0)
    heard_at = 50.0 if side == "client" else 10.0
    assert session.next_deadline == heard_at + 30
    session.tick(heard_at + 30)
    pair.step(80.0)

    assert getattr(pair, f"at_{side}")[-1] == Closed(Reason.LEFT)


# --- what a peer should not do -----------------------------------------------------------------------------------------


def answered(session, octets):
    """Events, and the answers as (command, result)."""
    events = session.feed(octets, 0.0)
    out = session.take_out()
    seen = []
    while out:
        length = int.from_bytes(out[:4], "big")
        seen.append((int.from_bytes(out[4:8], "big"), out[20]))
        out = out[length:]
    return events, seen


def raw(command, body=b"", seq=5):
    return (20 + len(body)).to_bytes(4, "big") + command.to_bytes(4, "big") + seq.to_bytes(12, "big") + body


def test_a_request_before_the_login_ends_the_connection():
    session = Session(SgipState(SP, LoginType.SMG), Role.CENTRE, LIMITS, 0.0)

    assert session.feed(encode(sgip.Report(1, 2, "8613012345678", 0)), 0.0)[-1].reason is Reason.WRONG_STATE


def test_a_second_login_is_answered_with_result_2():
    pair = Pair(LoginType.SMG).logged_in()

    events, seen = answered(pair.server, encode(sgip.Bind(9, 2, "unisp", "unipass")))

    assert seen == [(Command.BIND_RESP, Result.REPEATED_LOGIN)]
    assert [type(event) for event in events] == [Unexpected]


@pytest.mark.parametrize(
    ("octets", "command", "result"),
    [
        (encode(submit(9)), Command.SUBMIT_RESP, 7),
        (raw(0x6, bytes(50)), 0x8000_0006, 7),
        (raw(Command.DELIVER, bytes(10)), Command.DELIVER_RESP, 5),
    ],
    ids=["a command of the other side", "a command of other nodes", "a body that is cut short"],
)
def test_what_cannot_be_served_is_answered_and_the_connection_stays(octets, command, result):
    pair = Pair(LoginType.SMG).logged_in()

    events, seen = answered(pair.server, octets)

    assert seen == [(command, result)]
    assert [type(event) for event in events] == [Unexpected]
    assert pair.server.state is State.READY


def test_an_unknown_answer_gets_none():
    pair = Pair(LoginType.SP).logged_in()

    assert answered(pair.client, raw(0x8000_0099, b"\0"))[1] == []


def test_an_answer_without_a_result_leaves_its_submit_unanswered():
    pair = Pair(LoginType.SP).logged_in()
    name = Sequence(SP, STAMP, 1).packed()
    pair.client.send(encode(submit(name)), "a", 0.0, name)

    events, _ = answered(pair.client, raw(Command.SUBMIT_RESP, b"", name))

    assert events[-1].tokens == ("a",)


def test_a_gateway_that_delivers_on_our_own_connection_is_heard():
    pair = Pair(LoginType.SP).logged_in()

    events, _ = answered(pair.client, encode(sgip.Report(9, 2, "8613012345678", 0)))

    assert [type(event) for event in events] == [Asked]
    assert not any(isinstance(event, Answer) for event in events)


def test_a_trace_is_asked_of_the_gateway_and_answered_node_by_node():
    pair = Pair(LoginType.SP).logged_in()
    about = Sequence(SP, 1_121_093_005, 7).packed()
    pair.client.send(encode(sgip.Trace(pair.client.next_seq, about, "8613012345678")), "trace", 0.0)
    pair.step()
    (asked,) = pair.at_server
    node = sgip.TraceNode(0, "101001", "261121093005032+", "")
    pair.server.write(sgip.TraceResp(asked.pdu.seq, (node,)))
    pair.step()

    assert (asked.pdu.submit_sequence_number, asked.pdu.user_number) == (about, "8613012345678")
    (answer,) = pair.at_client
    assert (answer.token, answer.pdu.nodes) == ("trace", (node,))


def test_a_trace_to_the_sp_knows_no_node():
    pair = Pair(LoginType.SMG).logged_in()
    pair.client.send(encode(sgip.Trace(pair.client.next_seq, 7, "8613012345678")), "trace", 0.0)
    pair.step()

    (answer,) = pair.at_client
    assert (answer.token, answer.pdu.nodes) == ("trace", ())
