"""What a door is, and what all doors share."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from hongyan.doors.request import Request
from hongyan.model.owed import OwedKind
from hongyan.model.refusal import Refusal
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Accepted, Admission, Submission
from hongyan.ports.clock import Clock
from hongyan.ports.customer_api import CustomerApi
from hongyan.services.pace import PullPace

Admit = Callable[[ConfigSnapshot, Submission, int], Admission]
"""`services.admit.admit`: ConfigSnapshot, Submission and the present in milliseconds; raises Refusal."""

AdmitInBatches = Callable[[ConfigSnapshot, Submission, int], Awaitable[Admission]]
"""`services.admit.admit_in_batches`: the same, with pauses."""


@dataclass(frozen=True, slots=True)
class DoorContext:
    """The platform as doors see it."""

    api: CustomerApi
    admit: Admit
    admit_in_batches: AdmitInBatches
    now_ms: Clock
    pace: PullPace = field(default_factory=PullPace)
    stamp_hours: int = 24  # how far the stamp of a v2 request may be from the present; 0: it is not looked at

    async def take(self, read: Callable[[int], Submission], *, is_long: bool) -> Accepted:
        """Read what is to be sent, judge it, and have it accepted. raises: Refusal

        read:    gets the present in milliseconds
        is_long: whether it takes more than a moment. Then a thread reads it. It is judged here in batches, since a thread that
                 works for long keeps the interpreter from everybody else
        """
        if is_long:
            now_ms, snapshot = self.now_ms(), self.api.snapshot
            submission = await asyncio.to_thread(read, now_ms)
            return await self.api.accept(await self.admit_in_batches(snapshot, submission, now_ms))
        await asyncio.sleep(0)  # all that came in one turn of the loop are judged one after the other: a fifth less CPU
        return await self.api.accept(self.judge(read))

    def judge(self, read: Callable[[int], Submission]) -> Admission:
        """Read what is to be sent, and judge it. raises: Refusal"""
        now_ms = self.now_ms()
        return self.admit(self.api.snapshot, read(now_ms), now_ms)


@dataclass(frozen=True, slots=True)
class HandedOut:
    """Reports or replies taken for an answer. They are given back if the answer does not leave our write buffer."""

    kind: OwedKind
    owed_ids: list[int]


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes
    handed_out: HandedOut | None = None
    content_type: bytes = b""  # if it differs from the door's
    status: int = 200  # of HTTP; refusals have it too


PLAIN: Mapping[str, str] = {}
"""The names of sms.aspx."""


class Door(Protocol):
    """One path of the customers' platform: reads the parameters, calls the API, answers in its shape."""

    @property
    def name(self) -> str:
        """Returns the name in the path, such as `sms.aspx`."""
        ...

    @property
    def charset(self) -> str:
        """Returns the codec of the parameters; empty if the body is no form and the door reads it itself."""
        ...

    @property
    def content_type(self) -> bytes:
        """Returns the content type of answers that have none of their own."""
        ...

    @property
    def parameters(self) -> Mapping[str, str]:
        """Returns its own names of parameters, by those of sms.aspx; only those that differ."""
        ...

    async def answer(self, request: Request) -> Answer:
        """Do what is asked. raises: Refusal"""
        ...

    def refuse(self, request: Request, refusal: Refusal) -> Answer:
        """Returns the refusal in this door's shape and the customer's dialect."""
        ...
