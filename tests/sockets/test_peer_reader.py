"""Whether a peer is read, and what is handled of what it wrote."""

from hongyan.sockets.peer_reader import Pause, PeerReader


def test_a_peer_is_read_once_nothing_waits_and_no_pause_lasts():
    reader = PeerReader()
    assert not reader.is_held

    reader.octets = b"abc"
    assert reader.is_held
    assert reader.take_piece(2) == b"ab"
    assert reader.is_held
    assert reader.take_piece(2) == b"c"
    assert not reader.is_held


def test_nothing_is_handled_while_a_pause_lasts():
    reader = PeerReader()
    reader.octets = b"abc"
    reader.pause(Pause.RESTING, 1.0)
    reader.pause(Pause.STUFFED, 1.0)
    assert (reader.is_ready, reader.take_piece(2)) == (False, b"")

    reader.resume(Pause.RESTING, 2.0)
    assert not reader.is_ready
    reader.resume(Pause.STUFFED, 2.0)
    assert reader.is_ready


def test_a_pause_began_when_it_was_first_asked_for():
    reader = PeerReader()
    reader.pause(Pause.RESTING, 1.0)
    reader.pause(Pause.RESTING, 2.0)
    assert reader.resume(Pause.RESTING, 4.0) == 3.0
    assert reader.resume(Pause.RESTING, 5.0) == 0.0


def test_the_silence_of_a_peer_that_does_not_read_is_its_own():
    reader = PeerReader()
    reader.pause(Pause.STUFFED, 1.0)
    assert not reader.is_silence_ours
    reader.pause(Pause.UNCONFIRMED, 1.0)
    assert reader.is_silence_ours
