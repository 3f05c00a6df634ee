"""A worker that commits at once: it drives a link as the real one does, and keeps what the link reports."""

import asyncio
import time

from hongyan.model.traffic import OutSegment


class Worker:
    """Implements ports.LinkEvents; `link` is to be set before the link is opened."""

    def __init__(self):
        self.link = None
        self.answers = []
        self.receipts = []
        self.replies = []

    def answered(self, answers):
        self.answers += answers
        asyncio.get_running_loop().call_soon(self.link.settled, len(answers))

    def received(self, receipts, confirm):
        self.receipts += receipts
        confirm(True)

    def answer_lost(self, parts):
        """They may come once more; nothing here minds."""

    def replied(self, parts, confirm):
        self.replies += parts
        confirm(True)

    def ready(self):
        pass

    def changed(self):
        pass

    async def until(self, claim, within_s=15):
        end = time.monotonic() + within_s
        while not claim() and time.monotonic() < end:  # noqa: ASYNC110  any claim: no event stands for all
            await asyncio.sleep(0.005)
        return claim()


def segments(texts, first_phone=8613800138000, first_id=1):
    """One segment for each text, each to a number of its own."""
    return [
        OutSegment(first_id + index, 1, 1, first_phone + index, text, "10690000123", parcel_id=1)
        for index, text in enumerate(texts)
    ]


def long_message(parts, phone=8613800138000, message_id=77):
    return [
        OutSegment(message_id, number, len(parts), phone, text, "10690000123", parcel_id=1)
        for number, text in enumerate(parts, 1)
    ]
