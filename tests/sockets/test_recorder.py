"""What a link keeps of its octets: the last ones, in step, and nothing that names anybody."""

from hongyan.sockets.recorder import PIECE_OCTETS, Recorder
from hongyan.wire.smpp import codec as smpp_codec
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.state import SmppState

STATE = SmppState()
HEARTBEAT = bytes.fromhex("00000010000000150000000000000007")


def recorder(most=1_000):
    return Recorder(lambda: 5, most)


def test_pdus_are_reported_in_order_with_their_way_however_they_were_cut():
    kept = recorder()
    kept.note(1, STATE, True, HEARTBEAT, True)
    kept.note(1, STATE, False, HEARTBEAT[:5], True)
    kept.note(2, STATE, False, HEARTBEAT, True)
    kept.note(1, STATE, False, HEARTBEAT[5:], False)

    seen = kept.pdus()

    assert [(one["connection"], one["way"], one["pdu"]) for one in seen] == [
        (1, "out", "ENQUIRE_LINK"),
        (2, "in", "ENQUIRE_LINK"),
        (1, "in", "ENQUIRE_LINK"),
    ]
    assert seen[0]["at_ms"] == 5


def test_the_oldest_octets_go_and_what_is_left_is_read_from_the_next_whole_pdu():
    kept = recorder(most=40 + 2 * PIECE_OCTETS)
    kept.note(1, STATE, False, HEARTBEAT[:5], True)
    kept.note(1, STATE, False, HEARTBEAT[5:] + HEARTBEAT[:3], False)
    kept.note(1, STATE, False, HEARTBEAT[3:] + HEARTBEAT[:0], False)
    kept.note(1, STATE, False, HEARTBEAT, True)

    assert len(kept.pdus()) == 1


def test_a_peer_that_writes_an_octet_at_a_time_fills_no_more_memory():
    kept = recorder(most=10_000)
    for _ in range(1_000):
        kept.note(1, STATE, False, b"\0", False)

    assert len(kept._pieces) < 100


def test_octets_that_are_no_pdus_are_reported_once():
    kept = recorder()
    kept.note(1, STATE, False, b"\xff" * 64, True)
    kept.note(1, STATE, False, HEARTBEAT, True)

    assert ["unreadable" in one for one in kept.pdus()] == [True]


def test_neither_phone_nor_text_nor_secret_is_reported():
    kept = recorder()
    kept.note(1, STATE, True, smpp_codec.encode(smpp.Bind(1, smpp.Command.BIND_TRANSCEIVER, "u", "hushhush")), True)
    kept.note(1, STATE, True, smpp_codec.encode(smpp.Sm(2, smpp.Command.SUBMIT_SM, "1069", "8613800138000", b"hello", 0)), True)

    seen = str(kept.pdus())

    assert "hushhush" not in seen
    assert "13800138000" not in seen
    assert "hello" not in seen
    assert b"hello".hex() not in seen
