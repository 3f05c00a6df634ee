"""What is the same for every link: its queue, its windows, its answers, without any protocol."""

import asyncio

import pytest

from hongyan.adapters.answers import AnswerFault
from hongyan.carriers.deferrals import Deferral
from hongyan.carriers.queued_link import EXPIRED, QueuedLink
from hongyan.model.channel import Channel, ChannelState, OnDoubt
from hongyan.model.message import ReceiptState, SegmentResult
from hongyan.model.protocol import Protocol
from hongyan.model.traffic import Answered, Receipt

pytestmark = pytest.mark.interpreted

ACCEPTED, REFUSED, UNANSWERED = SegmentResult.ACCEPTED, SegmentResult.REFUSED, SegmentResult.UNANSWERED


class PlainLink(QueuedLink):
    """Writes into a list; a test answers."""

    def __init__(self, events, clock, **settings):
        super().__init__(Channel(7, "up", Protocol.CMPP3, **settings), events, clock)
        self.written = []
        self.is_connected = True

    @property
    def in_air(self):
        return len(self.written)

    def _free(self):
        return 100 if self.is_connected else 0

    def _write(self, segments, now):
        for segment in segments:
            segment.submitted_ms = self._clock()
        self.written += segments

    def take(self, count):
        taken, self.written = self.written[:count], self.written[count:]
        return taken

    def accept(self, count=1):
        now_ms = self._clock()
        self._answered([Answered(one, ACCEPTED, f"id-{one.message_id}", "", now_ms) for one in self.take(count)])

    def defer(self, fault, count=1):
        return self._defer([Deferral(one, fault, "8") for one in self.take(count)])

    def silence(self, count=1):
        return self._take_unanswered(self.take(count))


def play(recorded_events, now_ms, scene, **settings):
    """The scene's link has a window of 2 and an events that commits nothing."""

    async def go():
        events = recorded_events()
        events.settles = False
        events.link = link = PlainLink(events, now_ms, **({"window": 2} | settings))
        await scene(link, events)
        link._stop_sending()

    asyncio.run(go())


def ids(segments):
    return [one.message_id for one in segments]


def test_what_is_in_the_air_and_what_is_not_committed_are_two_windows_at_the_most(recorded_events, now_ms, some):
    async def scene(link, events):
        link.offer(some(9))
        assert ids(link.written) == [1, 2]
        link.accept(2)
        link._pump()
        assert ids(link.written) == [3, 4]
        link.accept(2)
        link._pump()
        assert link.written == []
        link.settled(3)
        assert ids(link.written) == [5, 6]

    play(recorded_events, now_ms, scene)


def test_nothing_leaves_while_the_channel_or_its_link_may_not_send(recorded_events, now_ms, some):
    async def scene(link, events):
        link.offer(some(2))
        link.is_connected = True
        link._pump()
        assert link.written == []
        link._adopt(Channel(7, "up", Protocol.CMPP3, window=2))
        link._pump()
        assert ids(link.written) == [1, 2]

    play(recorded_events, now_ms, scene, state=ChannelState.PAUSED)


def test_what_may_be_at_the_carrier_is_not_withdrawn(recorded_events, now_ms, some):
    async def scene(link, events):
        link.offer(some(3))
        link.is_connected = False
        assert link.silence() == 1
        assert ids(link.withdraw()) == [3]
        assert link.counts.resubmits == 1
        link.is_connected = True
        link._pump()
        assert ids(link.written) == [2, 1]

    play(recorded_events, now_ms, scene)


def test_a_channel_that_holds_gives_up_what_has_no_answer(recorded_events, now_ms, some):
    async def scene(link, events):
        link.offer(some(1))
        assert link.silence() == 0
        assert [(one.result, one.carrier_id) for one in events.answers] == [(UNANSWERED, "")]
        assert link.counts.unanswered == 1

    play(recorded_events, now_ms, scene, on_doubt=OnDoubt.HOLD)


def test_a_message_too_old_is_refused_unless_it_has_left_before(recorded_events, now_ms, some):
    async def scene(link, events):
        late, again = some(2)
        link.offer([again])
        assert link.silence() == 1
        late.valid_until_ms = again.valid_until_ms = now_ms() - 1
        link.offer([late])
        assert ids(link.written) == [again.message_id]
        assert [(one.segment.message_id, one.code) for one in events.answers] == [(late.message_id, EXPIRED)]

    play(recorded_events, now_ms, scene)


def test_what_all_are_refused_for_goes_back_to_the_front_and_is_returned(recorded_events, now_ms, some):
    async def scene(link, events):
        link.offer(some(4))
        link.is_connected = False
        assert link.defer(AnswerFault.CHANNEL, 2) == {AnswerFault.CHANNEL: "8"}
        link.is_connected = True
        link._pump()
        assert ids(link.written) == [1, 2]
        assert link.defer(AnswerFault.CONGESTION, 2) == {}
        assert link.counts.throttled == 2
        link._pump()
        assert link.written == []  # a pause after "too fast"

    play(recorded_events, now_ms, scene)


def test_every_link_times_its_reports(recorded_events, now_ms, some):
    async def scene(link, events):
        link.offer(some(1))
        link.accept()
        link.counts.note_receipts([Receipt(7, ("id-1",), 0, ReceiptState.DELIVERED, "DELIVRD", 0, now_ms())])
        assert sum(link.counts.delays.histogram.counts) == 1

    play(recorded_events, now_ms, scene)
