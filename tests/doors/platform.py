"""A platform behind the doors that remembers its calls, and answers as a test has set it."""

import gc
import hashlib
from datetime import datetime
from urllib.parse import quote

import structlog
from tests.http.wire import Client, run, serving

from hongyan.doors import door_app as app_module
from hongyan.doors.app import customers_app
from hongyan.model.account import Account, Balance, PayMode
from hongyan.model.dialect import DialectName
from hongyan.model.message import MessageState
from hongyan.model.owed import OwedReply, OwedReport
from hongyan.model.secret import Secret
from hongyan.model.site import Site
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Accepted, Admission
from hongyan.model.times import CHINA

NOW = int(datetime(2026, 5, 1, 12, 0, 0, tzinfo=CHINA).timestamp() * 1000)
AT = int(datetime(2011, 12, 2, 22, 12, 11, tzinfo=CHINA).timestamp() * 1000)
TASK = 1504080852350206


def secret(plain):
    return Secret(plain, hashlib.md5(plain.encode()).hexdigest().upper())


ACCOUNTS = (
    Account(1, 12, "demo", secret("abc123")),
    Account(2, 7, "中文", secret("口令")),
    Account(3, 12, "stopped", secret("abc123"), is_stopped=True),
    Account(4, 12, "bound", secret("abc123"), ip_list=("10.0.0.0/8", "203.0.113.9")),
    Account(5, 12, "blind", secret("abc123"), reads_reports=False),
    Account(6, 12, "wl", secret("abc123"), dialect=DialectName.WL),
    Account(7, 12, "wl-en", secret("abc123"), dialect=DialectName.WL_EN),
    Account(8, 12, "ls", secret("abc123"), dialect=DialectName.LS, sid="0" * 31 + "a"),
    Account(9, 12, "ls-stopped", secret("abc123"), sid="b" * 32, is_stopped=True),
    Account(10, 12, "ls-bound", secret("abc123"), sid="c" * 32, ip_list=("10.0.0.0/8",)),
    Account(11, 21, "changed", secret("new-one"), sid="e" * 32, old_secret=secret("old-one")),
    Account(12, 22, "moved", secret("new-one"), sid="9" * 32, former_secret=secret("old-one")),
)
SNAPSHOT = ConfigSnapshot(
    accounts={account.name: account for account in ACCOUNTS},
    accounts_by_id={account.id: account for account in ACCOUNTS},
    templates={(8, "1"): "【腾飞】您的验证码是{1}，{2}分钟内有效，{1}请勿告诉他人", (8, "2"): "【腾飞】欢迎"},
    sites={"": Site(""), "wl.example": Site("wl.example", DialectName.WL_EN)},
)

REPORTS = [
    OwedReport(1, 8615023239810, 1212, "", MessageState.DELIVERED, "DELIVRD", AT, "01", 1),
    OwedReport(2, 8615023239811, 1212, "", MessageState.FAILED, "2", AT, "", 1),
    OwedReport(3, 85291234567, 1212, "", MessageState.UNKNOWN, "UNKNOWN", AT, "", 1),
]
REPLIES = [
    OwedReply(8, 8615023239810, 1212, "你好，<我>不需要", AT, "01", "1069000101"),
    OwedReply(9, 8615023239811, 0, "T", AT, "", "10690001"),
]


class Platform:
    """CustomerApi and admission of one test. `refusal` is raised by `accept`, or whatever else is put there."""

    def __init__(self, snapshot=SNAPSHOT, now=NOW):
        self.snapshot = snapshot
        self.now = now
        self.rejected = []
        self.submissions = []
        self.asked = []
        self.given_back = []
        self.secrets = []
        self.refusal = None
        self.is_repeat = False
        self.pay_mode = PayMode.PREPAID

    def admit(self, snapshot, submission, now_ms):
        assert snapshot is self.snapshot
        assert now_ms == self.now
        self.submissions.append(submission)
        return Admission(submission, [1] * len(submission.numbers), None, [], [], [], [], 0)

    async def admit_in_batches(self, *given):
        return self.admit(*given)

    async def accept(self, admission):
        if self.refusal is not None:
            raise self.refusal
        count = len(admission.phones)
        return Accepted(TASK, "f" * 32, -4, count, count, self.rejected, self.is_repeat)

    async def balance(self, account, product):
        self.asked.append((account.name, product))
        return Balance(self.pay_mode, -4, 100_000)

    async def change_secret(self, account, plain):
        if self.refusal is not None:
            raise self.refusal
        self.secrets.append((account.name, plain))

    async def take_reports(self, account, most, task_id):
        self.asked.append((account.name, most, task_id))
        if self.refusal is not None:
            raise self.refusal
        return REPORTS[:most]

    async def take_again(self, account, most, task_id):
        self.asked.append((account.name, most, task_id, "again"))
        return REPORTS[:most]

    async def take_replies(self, account, most, task_id):
        self.asked.append((account.name, most, task_id))
        return REPLIES[:most]

    async def give_back(self, kind, owed_ids):
        self.given_back.append((kind, list(owed_ids)))

    def app(self, **settings):
        return customers_app(self, self.admit, self.admit_in_batches, lambda: self.now, **settings)


def asking(platform, *requests, **settings):
    """The answers, head and body, to requests on one connection of their own each."""
    answers = []

    async def main():
        app = platform.app()
        async with serving(app, direct=app.direct, **settings) as listener:
            for request in requests:
                client = await Client.to(listener)
                client.write(request)
                answers.append(await client.answer())

    run(main)
    return answers


def garbage_of(platform, request, count=10):
    """How many objects so many requests, one after the other on one connection, leave to the garbage collector."""
    left = []

    async def main():
        app = platform.app()
        async with serving(app, direct=app.direct) as listener:
            client = await Client.to(listener)
            for times in (1, count):
                gc.collect()
                for _ in range(times):
                    client.write(request)
                    await client.answer()
                left.append(gc.collect())

    gc.disable()
    try:
        run(main)
    finally:
        gc.enable()
    return left[-1]


def fields(**given):
    """An urlencoded form; blanks and Chinese escaped in UTF-8, surrogates as the octets that they stand for."""
    return "&".join(f"{name}={quote(value, safe='', errors='surrogateescape')}" for name, value in given.items()).encode()


def overheard(monkeypatch):
    """What the doors log from now on, as a list that grows."""
    capture = structlog.testing.LogCapture()
    monkeypatch.setattr(app_module, "_log", structlog.wrap_logger(None, [capture], structlog.make_filtering_bound_logger(0)))
    return capture.entries


def login(**given):
    return {"account": "demo", "password": "abc123", **given}


def form(path, *headers, **given):
    """A POST as most clients send it."""
    body = fields(**given)
    lines = [
        f"POST {path} HTTP/1.1".encode(),
        b"Host: h",
        b"Content-Type: application/x-www-form-urlencoded",
        b"Content-Length: %d" % len(body),
        *headers,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def snapshot_of(*accounts):
    return ConfigSnapshot(accounts={a.name: a for a in accounts}, accounts_by_id={a.id: a for a in accounts})
