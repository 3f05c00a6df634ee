"""Two sessions joined by a pretended wire, and one session alone with whatever a peer may send."""

import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.cmpp.auth import BAD_SECRET, is_authentic
from hongyan.wire.cmpp.pdu import Version
from hongyan.wire.cmpp.state import CmppState
from hongyan.wire.events import Answer, Asked, Closed, Heartbeat, LoggedIn, LoginAsked, Reason, Unanswered, Unexpected
from hongyan.wire.session import Limits, Session, State
from hongyan.wire.smgp import auth as smgp_auth
from hongyan.wire.smgp import pdu as smgp
from hongyan.wire.smgp.state import SmgpState
from hongyan.wire.smpp import codec as smpp_codec
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.pdu import Command, Tag
from hongyan.wire.smpp.state import SmppState
from hongyan.wire.state import Fault, Role

SECRET = "s3cr3t"
LIMITS = Limits(window=3, answer_timeout_s=60, heartbeat_s=30, login_timeout_s=10, leave_timeout_s=5)
STAMP = 301_000_000  # March 1st: its ten digits begin with a zero


def bind(command=Command.BIND_TRANSCEIVER, version=0x34):
    return smpp.Bind(0, command, "esme01", SECRET, interface_version=version)


def cmpp_client(version):
    return lambda: CmppState(version, "901234", SECRET)


DIALECTS = {
    "cmpp2": (cmpp_client(Version.V20), lambda: CmppState(Version.V20)),
    "cmpp3": (cmpp_client(Version.V30), lambda: CmppState(Version.V30)),
    "cmpp2 at a centre of 3.0": (cmpp_client(Version.V21), lambda: CmppState(Version.V30)),
    "smgp": (lambda: SmgpState(smgp.Version.V30, "10691234", SECRET), SmgpState),
    "smgp 1.3 at a gateway of 3.0": (lambda: SmgpState(smgp.Version.V13, "10691234", SECRET), SmgpState),
    "smpp": (lambda: SmppState(bind()), lambda: SmppState(system_id="smsc01")),
    "smpp 3.3": (lambda: SmppState(bind(version=0x33)), lambda: SmppState(system_id="smsc01")),
}


class Pair:
    """A client and a message centre; `step` carries every octet across, in pieces of `piece` octets."""

    def __init__(self, name, piece=1 << 20):
        client, centre = DIALECTS[name]
        self.now = 0.0
        self.piece = piece
        self.client = Session(client(), Role.CLIENT, LIMITS, self.now)
        self.centre = Session(centre(), Role.CENTRE, LIMITS, self.now)
        self.at_client, self.at_centre = [], []

    def step(self):
        while True:
            up, down = self.client.take_out(), self.centre.take_out()
            if not up and not down:
                return self
            self.at_centre += self.cross(up, self.centre)
            self.at_client += self.cross(down, self.client)

    def cross(self, octets, receiver):
        for at in range(0, len(octets), self.piece):
            yield from receiver.feed(octets[at : at + self.piece], self.now)

    def logged_in(self):
        self.client.login(self.now, STAMP)
        self.step()
        (asked,) = self.at_centre
        assert isinstance(asked, LoginAsked)
        if isinstance(asked.login, cmpp.Connect):
            assert is_authentic(asked.login, SECRET)
        if isinstance(asked.login, smgp.Login):
            assert smgp_auth.is_authentic(asked.login, SECRET)
        self.at_centre += self.centre.admit(0, self.now, SECRET)
        self.step()
        assert (self.at_client, self.at_centre[1:]) == ([LoggedIn()], [LoggedIn()])
        self.at_client, self.at_centre = [], []
        return self

    def submit(self, token):
        self.client.send(self.client.protocol_state.encode(submit(self.client)), token, self.now)

    def deliver(self, token):
        self.centre.send(self.centre.protocol_state.encode(deliver(self.centre)), token, self.now)


def submit(session, seq=None):
    seq = seq or session.next_seq
    if isinstance(session.protocol_state, CmppState):
        return cmpp.Submit(seq, "10690000123", ("13800138000",), b"\x4f\x60")
    if isinstance(session.protocol_state, SmgpState):
        return smgp.Submit(seq, "10690000123", ("18900001111",), b"\x4f\x60")
    return smpp.Sm(seq, Command.SUBMIT_SM, "10690000123", "8613800138000", b"\x4f\x60")


def deliver(session, seq=None):
    seq = seq or session.next_seq
    if isinstance(session.protocol_state, CmppState):
        return cmpp.Deliver(seq, 77, "10690000123", "13800138000", b"\x4f\x60")
    if isinstance(session.protocol_state, SmgpState):
        return smgp.Deliver(seq, bytes(10), "18900001111", "10690000123", b"\x4f\x60")
    tlvs = {Tag.RECEIPTED_MESSAGE_ID: b"1\0"}
    return smpp.Sm(seq, Command.DELIVER_SM, "8613800138000", "10690000123", b"\x4f\x60", tlvs=tlvs)


@pytest.fixture(params=DIALECTS)
def pair(request):
    return Pair(request.param)


@pytest.mark.parametrize("piece", [1, 1 << 20], ids=["dripped", "whole"])
@pytest.mark.parametrize("name", DIALECTS)
def test_a_whole_dialogue(name, piece):
    pair = Pair(name, piece).logged_in()

    pair.submit("a")
    pair.submit("b")
    pair.deliver("c")
    pair.step()
    first, second = (event.pdu for event in pair.at_centre)
    (delivered,) = (event.pdu for event in pair.at_client)
    pair.centre.answer(second, 0, "22")  # in another order than asked
    pair.centre.answer(first, 8, "")
    pair.client.answer(delivered)
    pair.at_client.clear()
    pair.at_centre.clear()
    pair.step()

    ids = {event.token: (event.status, event.message_id.lstrip("0")) for event in pair.at_client}
    assert ids["b"] == (0, "22")
    assert ids["a"][0] == 8
    assert [(event.token, event.status) for event in pair.at_centre] == [("c", 0)]

    pair.client.logout(pair.now)
    pair.step()
    assert pair.at_client[-1] == Closed(Reason.LEFT)
    assert pair.at_centre[-1] == Closed(Reason.PEER_LEFT)


def test_a_refused_login_ends_both_sides_and_nothing_more_may_be_sent(pair):
    pair.client.login(pair.now, STAMP)
    pair.step()

    pair.at_centre += pair.centre.admit(BAD_SECRET, pair.now)
    pair.step()

    assert pair.at_client == [Closed(Reason.REFUSED, BAD_SECRET)]
    assert pair.at_centre[-1] == Closed(Reason.REFUSED, BAD_SECRET)
    assert pair.client.free == 0
    with pytest.raises(AssertionError):
        pair.submit("a")


def test_a_login_without_an_answer_times_out(pair):
    pair.client.login(0.0, STAMP)

    assert pair.client.next_deadline == 10
    assert pair.client.tick(9.9) == []
    assert pair.client.tick(10) == [Closed(Reason.LOGIN_TIMEOUT)]


def test_a_client_that_never_logs_in_is_closed_by_the_centre(pair):
    assert pair.centre.tick(9.9) == []
    assert pair.centre.tick(10) == [Closed(Reason.LOGIN_TIMEOUT)]


def test_a_verdict_on_a_login_that_comes_too_late_opens_nothing(pair):
    pair.client.login(0.0, STAMP)
    pair.step()
    assert pair.centre.tick(10) == [Closed(Reason.LOGIN_TIMEOUT)]

    assert pair.centre.admit(0, 10.0, SECRET) == []
    assert (pair.centre.state, pair.centre.take_out()) == (State.CLOSED, b"")


def test_the_window_counts_what_has_no_answer(pair):
    pair.logged_in()
    assert pair.client.free == 3
    for token in "abc":
        pair.submit(token)

    assert (pair.client.free, pair.client.pending) == (0, 3)

    pair.step()
    pair.centre.answer(pair.at_centre[0].pdu, 0, "1")
    pair.step()
    assert (pair.client.free, pair.client.pending) == (1, 2)


def test_what_has_no_answer_in_time_comes_back_and_its_late_answer_is_odd(pair):
    pair.logged_in()
    pair.submit("a")
    pair.step()
    pair.now = 20.0
    pair.submit("b")
    assert pair.client.next_deadline == 30  # the heartbeat comes first
    pair.client.tick(30)

    assert pair.client.feed(b"", 59.0) == []
    assert pair.client.next_deadline == 60
    assert pair.client.tick(59.9) == []
    assert pair.client.tick(60) == [Unanswered(("a",))]
    assert pair.client.free == 2

    pair.centre.answer(pair.at_centre[0].pdu, 0, "1")
    pair.step()
    assert [type(event) for event in pair.at_client] == [Unexpected, Heartbeat]


def test_a_heartbeat_follows_silence_and_is_answered(pair):
    pair.logged_in()

    assert pair.client.tick(29.9) == []
    assert pair.client.take_out() == b""
    assert pair.client.tick(30) == []
    pair.now = 30.0
    heartbeat = pair.client.take_out()
    assert pair.centre.feed(heartbeat, 30.0) == [Heartbeat()]
    assert pair.client.feed(pair.centre.take_out(), 31.0) == [Heartbeat()]
    assert pair.client.next_deadline == 61


@pytest.mark.parametrize(("name", "beats"), [("cmpp2", 3), ("smpp", 1)])
def test_a_peer_without_any_sign_of_life_is_dead_after_so_many_heartbeats(name, beats):
    pair = Pair(name).logged_in()

    for heartbeat in range(1, beats + 1):
        assert pair.client.next_deadline == 30 * heartbeat
        assert pair.client.tick(30 * heartbeat) == []
        assert pair.client.take_out()
    (event,) = pair.client.tick(30 * beats + 30)

    assert event.reason is Reason.PEER_DEAD


def test_time_in_which_nobody_listened_does_not_count(pair):
    pair.logged_in()
    pair.submit("a")
    pair.client.ignore_silence(50)

    assert pair.client.next_deadline == 80  # the heartbeat
    assert pair.client.tick(79) == []
    pair.client.feed(b"", 90.0)
    assert pair.client.next_deadline == 110  # the answer


def test_silence_that_did_not_count_shortens_and_lengthens_no_later_time(pair):
    pair.logged_in()
    pair.client.ignore_silence(50)
    pair.submit("a")
    pair.client.feed(b"", 59.0)
    assert pair.client.tick(59.9) == []
    assert pair.client.tick(60.0) == [Unanswered(("a",))]


def test_a_pause_costs_the_same_however_many_requests_wait(pair):
    """A customer who is made to wait makes many pauses a second, and may leave ten thousand deliveries unanswered."""
    pair.logged_in()
    pair.submit("a")
    waiting = dict(pair.client._window.waiting)
    pair.client.ignore_silence(50)

    assert pair.client._window.waiting == waiting


def test_a_peer_can_be_given_up(pair):
    pair.logged_in()
    pair.submit("a")

    assert pair.client.give_up("it sleeps") == [Closed(Reason.PEER_DEAD, 0, "it sleeps", ("a",))]


def test_requests_without_an_answer_come_back_when_the_peer_leaves(pair):
    pair.logged_in()
    pair.submit("a")
    pair.submit("b")
    pair.centre.logout(0.0)
    pair.step()

    assert pair.at_client == [Closed(Reason.PEER_LEFT, unanswered=("a", "b"))]


def test_requests_without_an_answer_come_back_once_when_the_transport_is_lost(pair):
    pair.logged_in()
    pair.submit("a")

    assert pair.client.lost() == [Closed(Reason.LOST, unanswered=("a",))]
    assert pair.client.lost() == []
    assert pair.client.feed(b"\0" * 64, 1.0) == []
    assert pair.client.next_deadline == float("inf")


def test_a_logout_that_nobody_answers_ends_after_its_time(pair):
    pair.logged_in()
    assert pair.client.logout(1.0) == []
    assert pair.client.next_deadline == 6
    assert pair.client.tick(6) == [Closed(Reason.LEFT)]


def test_answers_still_count_between_logout_and_its_answer(pair):
    pair.logged_in()
    pair.submit("a")
    pair.step()
    pair.client.logout(0.0)
    pair.centre.answer(pair.at_centre[0].pdu, 0, "5")

    [answer] = pair.client.feed(pair.centre.take_out(), 0.0)
    assert (answer.token, answer.status, answer.message_id.lstrip("0")) == ("a", 0, "5")


def test_a_logout_before_the_login_just_ends(pair):
    assert pair.client.logout(0.0) == [Closed(Reason.LEFT)]


def test_sequences_wrap_to_1():
    pair = Pair("smpp").logged_in()
    pair.client._window.next_seq = 0x7FFF_FFFF
    pair.submit("a")
    pair.submit("b")
    pair.step()

    assert [event.pdu.seq for event in pair.at_centre] == [0x7FFF_FFFF, 1]


def test_the_lower_version_of_cmpp_is_settled_by_the_login():
    pair = Pair("cmpp2 at a centre of 3.0").logged_in()

    assert pair.centre.protocol_state.version == Version.V20


def test_a_peer_of_smpp_3_3_gets_no_optional_parameters():
    pair = Pair("smpp 3.3").logged_in()
    pair.deliver("a")
    pair.step()

    assert pair.at_client[0].pdu.tlvs == {}


def test_the_digest_of_another_gateway_is_odd_and_no_obstacle():
    pair = Pair("cmpp3")
    pair.client.login(0.0, STAMP)
    pair.step()
    pair.centre.admit(0, 0.0, "another secret")
    pair.step()

    assert pair.at_client == [LoggedIn(), Unexpected("the gateway's digest is wrong")]


# --- what a peer should not do -----------------------------------------------------------------------------------------


def smpp_pdu(command, status=0, seq=9, body=b""):
    return struct.pack(">IIII", 16 + len(body), command, status, seq) + body


def cmpp_pdu(command, seq=9, body=b""):
    return struct.pack(">III", 12 + len(body), command, seq) + body


def smpp_answers(octets):
    found = []
    while octets:
        length, command, status, seq = struct.unpack_from(">IIII", octets)
        found.append((command, status, seq))
        octets = octets[length:]
    return found


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (Command.SUBMIT_SM, 0x8000_0004),
        (Command.QUERY_SM, 0x8000_0003),
        (Command.OUTBIND, 0x8000_0000),
        (Command.DELIVER_SM, 0x8000_0005),
        (0x99, 0x8000_0000),
    ],
)
def test_smpp_requests_before_the_bind_are_refused_and_end_the_connection(command, answer):
    centre = Pair("smpp").centre

    (event,) = centre.feed(smpp_pdu(command) + smpp_pdu(Command.ENQUIRE_LINK), 0.0)

    assert smpp_answers(centre.take_out()) == [(answer, 4, 9)]
    assert event.reason is Reason.WRONG_STATE


def test_a_heartbeat_before_the_bind_is_answered():
    centre = Pair("smpp").centre

    (event,) = centre.feed(smpp_pdu(Command.ENQUIRE_LINK), 0.0)

    assert smpp_answers(centre.take_out()) == [(0x8000_0015, 0, 9)]
    assert (event, centre.state) == (Heartbeat(), State.OPEN)


@pytest.mark.parametrize(
    ("pdu", "answer"),
    [
        (cmpp_pdu(cmpp.Command.SUBMIT, body=bytes(150)), cmpp_pdu(cmpp.Command.SUBMIT_RESP, body=bytes(8) + b"\2")),
        (cmpp_pdu(cmpp.Command.ACTIVE_TEST), b""),
        (cmpp_pdu(0x99), b""),
    ],
)
def test_cmpp_requests_before_the_login_end_the_connection_and_a_submit_is_refused(pdu, answer):
    centre = Pair("cmpp2").centre

    (event,) = centre.feed(pdu, 0.0)

    assert event.reason is Reason.WRONG_STATE
    assert centre.take_out() == answer


def test_what_comes_behind_a_login_before_its_answer_is_refused_and_the_login_goes_on():
    centre = Pair("smpp").centre
    eager = smpp_pdu(Command.SUBMIT_SM) + smpp_pdu(Command.ENQUIRE_LINK) + smpp_pdu(Command.BIND_RECEIVER)

    login, _, heartbeat, _ = centre.feed(smpp_codec.encode(bind(Command.BIND_TRANSCEIVER)) + eager, 0.0)
    assert isinstance(login, LoginAsked)
    assert heartbeat == Heartbeat()
    assert smpp_answers(centre.take_out()) == [(0x8000_0004, 4, 9), (0x8000_0015, 0, 9), (0x8000_0001, 5, 9)]

    centre.admit(0, 0.0)
    assert [answer[:2] for answer in smpp_answers(centre.take_out())] == [(0x8000_0009, 0)]
    assert centre.state is State.READY


def test_so_it_is_over_cmpp():
    pair = Pair("cmpp2")
    pair.client.login(0.0)
    centre = pair.centre

    login, heartbeat = centre.feed(pair.client.take_out() + cmpp_pdu(cmpp.Command.ACTIVE_TEST), 0.0)

    assert (type(login), heartbeat) == (LoginAsked, Heartbeat())
    assert centre.take_out() == cmpp_pdu(cmpp.Command.ACTIVE_TEST_RESP, body=b"\0")


@pytest.mark.parametrize(
    ("command", "client_gets", "centre_gets"),
    [
        (Command.BIND_TRANSMITTER, 4, 0),
        (Command.BIND_RECEIVER, 0, 4),
        (Command.BIND_TRANSCEIVER, 0, 0),
    ],
)
def test_smpp_bind_mode_decides_what_may_come(command, client_gets, centre_gets):
    pair = Pair("smpp")
    pair.client = Session(SmppState(bind(command)), Role.CLIENT, LIMITS, 0.0)
    pair.logged_in()
    pair.client.feed(smpp_codec.encode(deliver(pair.client, seq=9)), 0.0)
    pair.centre.feed(smpp_codec.encode(submit(pair.centre, seq=9)), 0.0)

    refused = [(0x8000_0005, 4, 9)] if client_gets else []
    assert smpp_answers(pair.client.take_out()) == refused
    refused = [(0x8000_0004, 4, 9)] if centre_gets else []
    assert smpp_answers(pair.centre.take_out()) == refused
    centre: Any = pair.centre.protocol_state
    assert centre.delivers is (command is not Command.BIND_TRANSMITTER)


def test_a_second_bind_is_refused_and_the_session_lives():
    pair = Pair("smpp").logged_in()
    pair.centre.feed(smpp_codec.encode(smpp.Bind(5, Command.BIND_RECEIVER, "x", "y")), 0.0)

    assert smpp_answers(pair.centre.take_out()) == [(0x8000_0001, 5, 5)]
    assert pair.centre.state is State.READY


def test_a_second_connect_is_refused_and_the_session_lives():
    pair = Pair("cmpp3").logged_in()
    connect = cmpp.Connect(5, "901234", bytes(16), 0x30, STAMP)
    pair.centre.feed(pair.client.protocol_state.encode(connect), 0.0)

    assert pair.centre.take_out()[:16] == struct.pack(">IIII", 33, 0x8000_0001, 5, 5)
    assert pair.centre.state is State.READY


@pytest.mark.parametrize(("name", "head"), [("smpp", 16), ("cmpp2", 12)])
@pytest.mark.parametrize("length", [0, 11, 1 << 30])
def test_a_stream_out_of_step_ends_with_what_was_unanswered(name, head, length):
    pair = Pair(name).logged_in()
    pair.submit("a")
    pair.client.take_out()

    (event,) = pair.client.feed(struct.pack(">I", length) + bytes(head), 0.0)

    assert (event.reason, event.unanswered) == (Reason.OUT_OF_STEP, ("a",))
    assert pair.client.take_out() == (smpp_pdu(Command.GENERIC_NACK, 2, 0) if name == "smpp" else b"")


def test_unknown_commands_are_nacked_in_smpp_and_passed_over_in_cmpp():
    for name, pdu, answer in (
        ("smpp", smpp_pdu(0x99), smpp_pdu(Command.GENERIC_NACK, 3)),
        ("cmpp2", cmpp_pdu(0x99), b""),
    ):
        pair = Pair(name).logged_in()
        assert [type(event) for event in pair.client.feed(pdu, 0.0)] == [Unexpected]
        assert pair.client.take_out() == answer
        assert pair.client.state is State.READY


def test_a_nack_answers_the_request_that_it_names():
    pair = Pair("smpp").logged_in()
    pair.submit("a")
    seq = pair.client.next_seq - 1

    assert pair.client.feed(smpp_pdu(Command.GENERIC_NACK, 3, seq), 0.0) == [Answer("a", 3, "")]
    assert [type(event) for event in pair.client.feed(smpp_pdu(Command.GENERIC_NACK, 3, seq), 0.0)] == [Unexpected]


def test_a_nack_refuses_the_login():
    client = Pair("smpp").client
    client.login(0.0)

    assert client.feed(smpp_pdu(Command.GENERIC_NACK, 3, 1), 0.0) == [Closed(Reason.REFUSED, 3)]


@pytest.mark.parametrize(
    ("name", "pdu", "answer"),
    [
        ("smpp", smpp_pdu(Command.DELIVER_SM, body=b"\0\0\0123"), smpp_pdu(Command.DELIVER_SM_RESP, 2)),
        (
            "cmpp2",
            cmpp_pdu(cmpp.Command.DELIVER, body=b"12345678" + bytes(12)),
            cmpp_pdu(cmpp.Command.DELIVER_RESP, body=b"12345678\1"),
        ),
        (
            "cmpp3",
            cmpp_pdu(cmpp.Command.DELIVER, body=bytes(76) + b"\xff" + bytes(20)),
            cmpp_pdu(cmpp.Command.DELIVER_RESP, body=bytes(8) + b"\0\0\0\1"),
        ),
    ],
)
def test_an_unreadable_request_is_refused_and_the_session_lives(name, pdu, answer):
    pair = Pair(name).logged_in()

    assert [type(event) for event in pair.client.feed(pdu, 0.0)] == [Unexpected]
    assert pair.client.take_out() == answer
    assert pair.client.state is State.READY


def test_what_cannot_be_read_is_answered_with_the_id_that_it_has():
    refused = CmppState(cmpp.Version.V20).refuse(cmpp.Command.QUERY, 1, Fault.UNREADABLE, b"2026")
    assert refused == cmpp_pdu(cmpp.Command.QUERY_RESP, 1, bytes(51))
    refused = SmgpState().refuse(smgp.Command.DELIVER, 1, Fault.UNREADABLE, b"0123456789" + bytes(3))
    assert refused[12:22] == b"0123456789"


def test_an_unreadable_answer_returns_its_request():
    pair = Pair("cmpp2").logged_in()
    pair.submit("a")
    seq = pair.client.next_seq - 1

    odd, unanswered = pair.client.feed(cmpp_pdu(cmpp.Command.SUBMIT_RESP, seq, b"\0\0"), 0.0)

    assert isinstance(odd, Unexpected)
    assert unanswered == Unanswered(("a",))


@pytest.mark.parametrize(("result", "octets"), [(8, 12), (0, 12), (8, 9), (0, 9)])
@pytest.mark.parametrize("name", ["cmpp2", "cmpp3"])
def test_the_result_of_a_submit_is_read_by_the_length_of_its_answer(name, result, octets):
    pair = Pair(name).logged_in()
    pair.submit("a")
    body = struct.pack(">Q", 5) + result.to_bytes(octets - 8, "big")

    assert pair.client.feed(cmpp_pdu(cmpp.Command.SUBMIT_RESP, pair.client.next_seq - 1, body), 0.0) == [
        Answer("a", result, "5")
    ]


def test_an_active_test_answer_without_its_octet_is_as_good():
    pair = Pair("cmpp2").logged_in()
    pair.client.tick(30)

    assert pair.client.feed(cmpp_pdu(cmpp.Command.ACTIVE_TEST_RESP), 31.0) == [Heartbeat()]
    assert pair.client.next_deadline == 61


def test_queries_and_cancellations_bring_their_whole_answer():
    pair = Pair("smpp").logged_in()
    pair.client.send(pair.client.protocol_state.encode(smpp.QuerySm(pair.client.next_seq, "1", "10690")), "q", 0.0)
    pair.client.send(pair.client.protocol_state.encode(smpp.CancelSm(pair.client.next_seq, "1", "10690", "86138")), "c", 0.0)
    pair.step()
    query, cancel = (event.pdu for event in pair.at_centre)
    pair.centre.write(smpp.QuerySmResp(query.seq, 0, "1", "", 2, 0))
    pair.centre.answer(cancel, 0x11)
    pair.step()

    answers = [(event.token, event.status) for event in pair.at_client]
    assert answers == [("q", 0), ("c", 0x11)]
    assert pair.at_client[0].pdu.message_state == 2


def test_an_alert_is_passed_on_and_never_answered():
    pair = Pair("smpp").logged_in()

    assert [type(event) for event in pair.client.feed(smpp_pdu(Command.ALERT_NOTIFICATION, body=bytes(8)), 0.0)] == [Asked]
    assert pair.client.take_out() == b""


def test_an_outbind_is_refused_by_a_centre():
    """Centres alone send it."""
    pair = Pair("smpp").logged_in()

    assert [type(event) for event in pair.centre.feed(smpp_pdu(Command.OUTBIND, body=bytes(2)), 0.0)] == [Unexpected]
    assert smpp_answers(pair.centre.take_out()) == [(0x8000_0000, 4, 9)]


COMMANDS = st.sampled_from([*(int(c) for c in Command), *(int(c) for c in cmpp.Command), 0x99, 0xFFFF_FFFF])


@st.composite
def nonsense(draw, head):
    """Frames whose heads are sound and whose bodies are anything, and sometimes no frames at all."""
    pieces = []
    for command, seq, body in draw(st.lists(st.tuples(COMMANDS, st.integers(0, 5), st.binary(max_size=200)), max_size=8)):
        pieces.append(smpp_pdu(command, draw(st.integers(0, 255)), seq, body) if head == 16 else cmpp_pdu(command, seq, body))
    pieces.append(draw(st.binary(max_size=20)))
    return b"".join(pieces)


@pytest.mark.parametrize("name", ["cmpp2", "cmpp3", "smpp"])
@given(data=st.data())
@settings(max_examples=150)
def test_no_octets_of_a_peer_raise_and_every_request_comes_back_exactly_once(name, data):
    pair = Pair(name)
    head = pair.client.protocol_state.head_octets
    if data.draw(st.booleans()):
        pair.logged_in()
    else:
        pair.client.login(0.0, STAMP)
    tokens, events = [], []
    for session in (pair.client, pair.centre):
        for token in range(data.draw(st.integers(0, session.free))):
            session.send(b"", token, 0.0)
            tokens.append((session.role, token))
    for session in (pair.client, pair.centre):
        seen = session.feed(data.draw(nonsense(head)), 1.0)
        session.take_out()
        seen += session.tick(100.0) + session.lost()
        events += [(session.role, event) for event in seen]

    back = [(role, event.token) for role, event in events if isinstance(event, Answer)]
    back += [(role, token) for role, event in events if isinstance(event, Unanswered | Closed) for token in reported_by(event)]
    assert sorted(back, key=repr) == sorted(tokens, key=repr)
    for session in (pair.client, pair.centre):
        ends = [event for role, event in events if role is session.role and isinstance(event, Closed)]
        assert len(ends) == 1


def reported_by(event):
    return event.tokens if isinstance(event, Unanswered) else event.unanswered
