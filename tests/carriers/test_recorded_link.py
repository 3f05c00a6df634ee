"""Which octets a link passes to its recorder."""

import asyncio


def test_a_link_keeps_its_login_and_its_last_submits(trial, wait, some):
    async def go():
        async with trial("cmpp3") as t:
            t.link.offer(some(2))
            await wait(lambda: len(t.events.answers) == 2)
            await wait(lambda: len(t.events.receipts) == 2)

            seen = [(one["way"], one["pdu"]) for one in t.link.recorder.pdus()]

            assert seen[:2] == [("out", "Connect"), ("in", "ConnectResp")]
            assert seen.count(("out", "Submit")) == seen.count(("in", "SubmitResp")) == 2
            assert ("in", "Deliver") in seen

    asyncio.run(go())
