"""What a process says of its own recordings, and what it asks others for."""

import asyncio
from types import SimpleNamespace

import pytest
import uvloop

from hongyan.model.recording import AskedRecording, RecordedBy, Recording
from hongyan.ports.lane import StoreAway
from hongyan.services.steps.recordings import OLD_MS
from hongyan.workers import recordings
from hongyan.workers.recordings import Recordings, packed, unpacked

NOW = 1_780_000_000_000
PDUS = [{"at_ms": NOW, "connection": 1, "way": "out", "pdu": "submit_sm", "sequence_number": 7}]
STEPS = SimpleNamespace(ask_recording="ask", answer_recording="answer", take_recording="take", drop_recordings="drop")


class Lane:
    """Answers by step; what is a list is answered one by one, its last again and again."""

    def __init__(self, **answers):
        self.asked, self._answers = [], answers

    async def ask(self, step, item):
        self.asked.append((step, item))
        answers = self._answers.get(step)
        answer = (answers.pop(0) if len(answers) > 1 else answers[0]) if isinstance(answers, list) else answers
        if isinstance(answer, Exception):
            raise answer
        return answer


class Link:
    def pdus(self, *, clear=False):
        return [one | {"clear": clear} for one in PDUS]


WORKER = SimpleNamespace(channel=SimpleNamespace(name="up1"), link=Link())


def made(lane, asked=list, *, is_alone=False):
    return Recordings(
        lane,
        STEPS,
        SimpleNamespace(workers={1: WORKER}),
        lambda number: PDUS if number == 7 else None,
        asked,
        lambda: NOW,
        is_alone=is_alone,
    )


def find(lane, recording, **others):
    return uvloop.run(made(lane, **others).find(recording))


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    for name, value in (("POLL_S", 0.001), ("AGAIN_S", 0.001), ("ANSWER_S", 0.05)):
        monkeypatch.setattr(recordings, name, value)


def test_what_this_process_recorded_is_returned_without_asking():
    lane = Lane()

    assert find(lane, Recording(RecordedBy.LINK, "up1", is_clear=True)) == [PDUS[0] | {"clear": True}]
    assert find(lane, Recording(RecordedBy.SESSION, "7")) == PDUS
    assert lane.asked == []


def test_others_are_asked_until_they_answer():
    lane = Lane(ask=11, take=[None, None, packed(PDUS)])

    assert find(lane, Recording(RecordedBy.LINK, "up2")) == PDUS
    assert [step for step, _ in lane.asked] == ["ask", "take", "take", "take"]


@pytest.mark.parametrize(
    ("lane", "is_alone", "last"),
    [
        (Lane(), True, None),
        (Lane(ask=None), False, ("ask", Recording(RecordedBy.LINK, "up2"))),
        (Lane(ask=11, take=None), False, ("drop", [11])),
        (Lane(ask=StoreAway()), False, ("ask", Recording(RecordedBy.LINK, "up2"))),
    ],
    ids=["nobody else is there", "nobody has it", "nobody answers", "the store is away"],
)
def test_nothing_is_returned_where_nobody_answers_and_no_question_stays(lane, is_alone, last):
    assert find(lane, Recording(RecordedBy.LINK, "up2"), is_alone=is_alone) is None
    assert (lane.asked[-1] if lane.asked else None) == last


def test_others_are_answered_and_old_questions_dropped_also_after_a_failure():
    def row(row_id, name, age_ms=0, *, is_answered=False):
        return AskedRecording(row_id, Recording(RecordedBy.LINK, name), NOW - age_ms, is_answered)

    looks = iter([OSError("away"), [row(1, "up1"), row(2, "up2"), row(3, "up1", OLD_MS + 1), row(4, "up1", is_answered=True)]])

    async def go():
        stopping, lane = asyncio.Event(), Lane()

        def asked():
            look = next(looks, None)
            if look is None:
                stopping.set()
                return []
            if isinstance(look, OSError):
                raise look
            return look

        await made(lane, asked).run(stopping)
        return lane.asked

    answer, drop = uvloop.run(go())
    assert (answer[0], answer[1].id, unpacked(answer[1].pdus)) == ("answer", 1, [PDUS[0] | {"clear": False}])
    assert drop == ("drop", [3])
