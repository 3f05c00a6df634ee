"""PDUs that one process asks another for, by rows that live for seconds."""

import pytest
from tests.scene import ME, UP1

from hongyan.model.customer_session import SessionLogin
from hongyan.model.recording import RecordedBy, Recording
from hongyan.model.session_settings import SessionProtocol
from hongyan.services.steps.customer_sessions import OpenSession
from hongyan.services.steps.recordings import ASKED_MOST, RecordingAnswer, asked_recordings

OF_LINK = Recording(RecordedBy.LINK, "up1")


@pytest.fixture
def owned(scene):
    scene.own(UP1)
    return scene


def ask(scene, recording=OF_LINK):
    return scene.ask(scene.steps.ask_recording, recording)


def take(scene, row_id):
    return scene.ask(scene.steps.take_recording, row_id)


def asked(scene):
    return scene.within(asked_recordings)


def test_what_is_asked_is_answered_once_and_taken_away(owned):
    row_id = ask(owned, Recording(RecordedBy.LINK, "up1", is_clear=True))

    (seen,) = asked(owned)
    assert (seen.id, seen.recording, seen.asked_ms) == (row_id, Recording(RecordedBy.LINK, "up1", is_clear=True), owned.now)
    assert take(owned, row_id) is None
    for answer in (b"first", b"again"):
        owned.ask(owned.steps.answer_recording, RecordingAnswer(row_id, answer))
    assert [one.is_answered for one in asked(owned)] == [True]
    assert take(owned, row_id) == b"first"
    assert take(owned, row_id) is None
    owned.ask(owned.steps.answer_recording, RecordingAnswer(row_id, b"late"))
    assert owned.rows("recording") == []


def test_nobody_is_asked_for_what_no_process_has(scene):
    assert ask(scene) is None
    assert ask(scene, Recording(RecordedBy.LINK, "nobody's")) is None
    assert ask(scene, Recording(RecordedBy.SESSION, "7")) is None


def test_a_session_is_asked_for_while_it_is_up(scene):
    login = SessionLogin(
        protocol=SessionProtocol.SMPP, version="3.4", address="127.0.0.1", listener_id=1, owner=ME, receives=True
    )
    session_id = scene.ask(scene.steps.open_sessions, OpenSession(scene.account("pre"), login))
    recording = Recording(RecordedBy.SESSION, str(session_id))

    assert ask(scene, recording) is not None
    scene.within(lambda tx: tx.close_session(session_id, "left", scene.now))
    assert ask(scene, recording) is None


def test_so_many_may_be_asked_for_at_once(owned):
    rows = [ask(owned) for _ in range(ASKED_MOST)]

    assert ask(owned) is None
    owned.ask(owned.steps.drop_recordings, rows[:1])
    assert ask(owned) is not None
