"""A platform of our own interfaces, played by a test, and the link to it."""

import asyncio
from urllib.parse import parse_qs

import aiohttp
import structlog
from aiohttp import web

from hongyan.model.traffic import OutSegment

NO_BOX = b"<returnsms></returnsms>"
STATUS = (
    "<returnsms><statusbox><mobile>13800000001</mobile><taskid>{0}</taskid><status>{1}</status>"
    "<receivetime>2026-11-21 09:31:00</receivetime><errorcode>{2}</errorcode><extno></extno></statusbox></returnsms>"
)


def sent(status="Success", message="操作成功", task="2611250000000001"):
    return (
        f"<returnsms><returnstatus>{status}</returnstatus><message>{message}</message><remainpoint>1</remainpoint>"
        f"<taskID>{task}</taskID><successCounts>1</successCounts></returnsms>"
    ).encode()


class Upstream:
    """A platform: `answers` are used up one a submission, the last one stays; a number is an HTTP status, None hangs."""

    def __init__(self):
        self.answers, self.pulls = [sent()], []
        self.balance = b"<returnsms><returnstatus>Sucess</returnstatus><message/><overage>1</overage></returnsms>"
        self.submissions, self.at_once, self.most_at_once = [], 0, 0
        self.by_mobile = {}  # what a number is always answered
        self.questions, self.said_again = [], {}  # pulls by task; what they are answered, as above
        self.gate = asyncio.Event()
        self.gate.set()

    async def start(self, port=0):
        app = web.Application()
        app.router.add_post("/{page}", self._take)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05, handler_cancellation=True)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", port).start()
        self.port = self.runner.addresses[0][1]

    async def _take(self, request):
        form = {name: values[0] for name, values in parse_qs((await request.read()).decode()).items()}
        if form["action"] == "overage":
            return _response(self.balance)
        if "taskid" in form:
            self.questions.append((form["taskid"], form["again"]))
            answer = self.said_again.get(form["taskid"], NO_BOX)
            if answer is None:
                await asyncio.sleep(60)
            return _response(answer)
        if form["action"] == "query":
            return web.Response(body=self.pulls.pop(0) if self.pulls and request.path.startswith("/status") else NO_BOX)
        self.submissions.append(form)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.gate.wait()
        self.at_once -= 1
        answer = self.by_mobile.get(form["mobile"]) or (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        if answer is None:
            await asyncio.sleep(60)
        return _response(answer)


def _response(answer):
    return web.Response(status=answer) if isinstance(answer, int) else web.Response(body=answer)


class UpstreamTrial:
    def __init__(self, up, link, events):
        self.up, self.link, self.events = up, link, events

    def offer(self, count, first=1):
        self.link.offer(
            [
                OutSegment(n, 1, 1, 8613800000000 + n, "您好" * 100, "10655812", 1, ticket=1000 + n)
                for n in range(first, first + count)
            ]
        )


def captured(monkeypatch, module):
    """What a module logs from now on."""
    capture = structlog.testing.LogCapture()
    monkeypatch.setattr(module, "log", structlog.wrap_logger(None, [capture], structlog.make_filtering_bound_logger(0)))
    return capture.entries


async def post(port, path, body):
    async with aiohttp.ClientSession() as session, session.post(f"http://127.0.0.1:{port}{path}", data=body) as answer:
        return answer.status, await answer.text()
