import asyncio

import pytest

from hongyan.carriers.factory import link_maker
from hongyan.carriers.loopback import MMS_ROOM, LoopbackLink
from hongyan.model.account import Product
from hongyan.model.channel import Channel, ChannelState
from hongyan.model.message import ReceiptState, SegmentResult
from hongyan.model.mms import NO_MEDIA, Media
from hongyan.model.protocol import Protocol
from hongyan.model.traffic import OutSegment

ACCEPTED, REFUSED = SegmentResult.ACCEPTED, SegmentResult.REFUSED


def segment(tail, message_id=1):
    return OutSegment(message_id, 1, 1, 8610000000000 + tail, "你好", "1069000012", 1)


def opened(recorded_events, now_ms, **options):
    events = recorded_events()
    channel = Channel(7, "trial", Protocol.LOOPBACK, options={"report_delay_s": "0.01"} | options)
    events.link = link_maker(now_ms)(channel, events)
    return events, events.link


@pytest.mark.parametrize(
    ("tail", "result", "code", "receipts"),
    [
        (0, ACCEPTED, "", [(ReceiptState.DELIVERED, "DELIVRD")]),
        (1234, ACCEPTED, "", [(ReceiptState.DELIVERED, "DELIVRD")]),
        (1, ACCEPTED, "", [(ReceiptState.FAILED, "UNDELIV")]),
        (2, ACCEPTED, "", [(ReceiptState.FAILED, "EXPIRED")]),
        (9, REFUSED, "REJECTD", []),
        (10, ACCEPTED, "", [(ReceiptState.DELIVERED, "DELIVRD")] * 2),
    ],
)
def test_the_last_four_digits_decide(recorded_events, now_ms, wait, tail, result, code, receipts):
    async def go():
        events, link = opened(recorded_events, now_ms)
        await link.open()
        link.offer([segment(tail), segment(5555, 2)])
        await wait(lambda: len(events.receipts) > len(receipts))

        assert [(a.result, a.code) for a in events.answers] == [(result, code), (ACCEPTED, "")]
        mine = [r for r in events.receipts if r.phone == 8610000000000 + tail]
        assert [(r.state, r.code) for r in mine] == receipts
        assert {r.carrier_ids for r in mine} == ({(events.answers[0].carrier_id,)} if receipts else set())
        await link.close(0)

    asyncio.run(go())


@pytest.mark.parametrize(("tail", "words"), [(7, "你好，我不需要"), (8, "TD")])
def test_some_numbers_write_back(recorded_events, now_ms, wait, tail, words):
    async def go():
        events, link = opened(recorded_events, now_ms)
        await link.open()
        link.offer([segment(tail)])
        await wait(lambda: events.parts)

        (part,) = events.parts
        assert (part.body.decode("utf-16-be"), part.dest, part.phone) == (words, "1069000012", 8610000000000 + tail)
        assert len(events.receipts) == 1
        await link.close(0)

    asyncio.run(go())


def test_a_receipt_may_come_before_its_answer(recorded_events, now_ms, wait):
    async def go():
        events, link = opened(recorded_events, now_ms, report_delay_s="60")
        order = []
        events.received = lambda receipts, confirm: order.append("receipt")
        events.answered = lambda answers: order.append("answer")
        await link.open()
        link.offer([segment(5)])
        await wait(lambda: len(order) == 2)

        assert order == ["receipt", "answer"]
        await link.close(0)

    asyncio.run(go())


def test_numbers_that_get_no_receipt_soon(recorded_events, now_ms, wait):
    async def go():
        events, link = opened(recorded_events, now_ms)
        await link.open()
        link.offer([segment(3), segment(4, 2), segment(0, 3)])
        await wait(lambda: events.receipts)
        await asyncio.sleep(0.03)

        assert [r.phone % 10_000 for r in events.receipts] == [0]
        await link.close(0)

    asyncio.run(go())


def test_a_receipt_that_could_not_be_stored_comes_again(recorded_events, now_ms, wait):
    async def go():
        events, link = opened(recorded_events, now_ms)
        await link.open()
        events.stores = False
        link.offer([segment(0)])
        await wait(lambda: events.receipts)
        events.stores = True
        await wait(lambda: len(events.receipts) == 2)

        assert events.receipts[0] == events.receipts[1]
        await link.close(0)

    asyncio.run(go())


def test_a_paused_loopback_keeps_its_queue_and_returns_it(recorded_events, now_ms, wait):
    async def go():
        events, link = opened(recorded_events, now_ms)
        await link.open()
        link.retune(Channel(7, "trial", Protocol.LOOPBACK, state=ChannelState.PAUSED))
        offered = [segment(0), segment(1, 2)]
        link.offer(offered)
        await asyncio.sleep(0.02)

        assert events.answers == []
        assert link.withdraw() == offered
        link.offer(offered)
        link.retune(Channel(7, "trial", Protocol.LOOPBACK))
        await wait(lambda: len(events.answers) == 2)
        await link.close(0)

    asyncio.run(go())


def test_uncommitted_answers_take_up_room(recorded_events, now_ms, wait):
    async def go():
        events, link = opened(recorded_events, now_ms)
        assert link.room == 0
        await link.open()
        events.settles = False
        full = link.room
        link.offer([segment(3, n) for n in range(100)])
        assert link.room == full - 100
        await wait(lambda: len(events.answers) == 100)
        assert link.room == full - 100
        link.settled(100)
        assert link.room == full
        await link.close(0)

    asyncio.run(go())


def test_a_delay_that_is_no_number_is_two_seconds(recorded_events, now_ms):
    async def go():
        for seen in ("soon", ""):
            _, link = opened(recorded_events, now_ms, report_delay_s=seen)
            assert isinstance(link, LoopbackLink)
            assert link._delay_s() == 2.0

    asyncio.run(go())


def test_an_mms_is_delivered_and_one_whose_media_are_gone_is_refused(recorded_events, now_ms, wait):
    async def go():
        events = recorded_events()
        channel = Channel(7, "trial", Protocol.LOOPBACK, product=Product.MMS, options={"report_delay_s": "0"})
        events.link = link = link_maker(now_ms)(channel, events)
        await link.open()
        whole, gone = segment(0), segment(1234, 2)
        whole.media, gone.media = (Media("1.txt", "text/plain", b"hi"),), (Media("1.txt", "text/plain", b"", b"digest"),)
        assert link.room == MMS_ROOM
        link.offer([whole, gone, segment(5, 3)])
        await wait(lambda: events.receipts)

        assert [(a.result, a.code) for a in events.answers] == [(ACCEPTED, ""), (REFUSED, NO_MEDIA), (REFUSED, NO_MEDIA)]
        await link.close(0)

    asyncio.run(go())
