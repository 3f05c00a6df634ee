"""Submits over sessions: judged, named and handed to the lane, as submissions at the doors are."""

import asyncio
from asyncio import Future
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Any

from hongyan.model.customer_session import CustomerSession
from hongyan.model.session_settings import SessionProtocol
from hongyan.model.session_submit import PartPlace, Submitted
from hongyan.model.submission import Accepted, Admission, Submission
from hongyan.policy.extno import extno_of_source
from hongyan.ports.customer_sessions import SubmitDone
from hongyan.ports.lane import Lane
from hongyan.ports.message_names import MessageNames
from hongyan.services.admit import admit
from hongyan.workers.customer_api import LaneCustomerApi
from hongyan.workers.long_texts import LongTexts
from hongyan.workers.process_state import ProcessState
from hongyan.workers.refused_numbers import RefusedNumberReports
from hongyan.workers.steps import Steps


@dataclass(slots=True)
class _Asked:
    """A submit that is not answered yet."""

    admission: Admission
    names: MessageNames
    owes_refused: bool  # whether reports of refused numbers are owed
    done: SubmitDone
    message_id: str = ""


class LaneSessionSubmits:
    """Implements ports.customer_sessions.SessionSubmits."""

    def __init__(
        self,
        process_state: ProcessState,
        lane: Lane,
        steps: Steps,
        api: LaneCustomerApi,
        texts: LongTexts,
        refused: RefusedNumberReports,
        names: Mapping[SessionProtocol, MessageNames],
    ) -> None:
        self._process_state, self._lane, self._steps, self._api = process_state, lane, steps, api
        self._texts, self._refused, self._names = texts, refused, names
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, session: CustomerSession, submission: Submission, done: SubmitDone, *, names_refused: bool) -> None:
        self._fill(session, submission)
        admission = admit(self._process_state.snapshot, submission, self._process_state.clock())
        owes_refused = not names_refused and bool(admission.rejected)
        if owes_refused:
            self._refused.check(admission.rejected)
        asked = _Asked(admission, self._names[session.protocol], owes_refused, done)
        name = self._api.next_name()
        if name is None:
            self._start(self._name_later(asked))
        else:
            self._accept(asked, *name)

    async def _name_later(self, asked: _Asked) -> None:
        """Give it an id that must be waited for: the first of a process, or of a day."""
        try:
            self._accept(asked, *await self._api.take_name())
        except Exception as error:
            asked.done(error)

    def _accept(self, asked: _Asked, task_id: int, sms_id: str) -> None:
        admission = asked.admission
        admission.task_id, admission.sms_id = task_id, sms_id
        asked.message_id = asked.names.name(task_id, self._process_state.clock())
        admission.submission.customer_message_id = asked.message_id
        self._api.accept(admission).add_done_callback(partial(self._accepted, asked))

    def _accepted(self, asked: _Asked, done: "Future[Accepted]") -> None:
        """Answer at once, unless the store must be asked once more."""
        if done.cancelled():  # the process ends
            return
        error = done.exception()
        if isinstance(error, Exception):
            asked.done(error)
        elif done.result().is_repeat or asked.owes_refused:
            self._start(self._finish(asked, done.result()))
        else:
            asked.done(_submitted(asked.message_id, done.result()))

    async def _finish(self, asked: _Asked, accepted: Accepted) -> None:
        asked.done(await _caught(self._finished(asked, accepted)))

    async def _finished(self, asked: _Asked, accepted: Accepted) -> Submitted:
        if asked.owes_refused:
            await self._refused.owe(accepted.task_id, accepted.rejected)
        message_id = asked.message_id
        if accepted.is_repeat:
            message_id = await self._lane.ask(self._steps.names_of_tasks, accepted.task_id)
        return _submitted(message_id, accepted)

    def submit_part(self, session: CustomerSession, submission: Submission, place: PartPlace, done: SubmitDone) -> None:
        self._fill(session, submission)
        self._start(self._take_part(submission, place, self._names[session.protocol], done))

    async def _take_part(self, submission: Submission, place: PartPlace, names: MessageNames, done: SubmitDone) -> None:
        done(await _caught(self._texts.take(submission, place, names)))

    def _fill(self, session: CustomerSession, submission: Submission) -> None:
        submission.source, submission.address, submission.session_id = str(session.protocol), session.address, session.id
        submission.extno = extno_of_source(self._process_state.snapshot, session.account, submission.source_number)
        if submission.client_ref:
            reference = submission.client_ref.encode() + submission.client_hash
            submission.client_ref = f" {session.protocol} {blake2b(reference, digest_size=16).hexdigest()}"

    def _start(self, step: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(step)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _caught(submitting: Coroutine[Any, Any, Submitted]) -> Submitted | Exception:
    try:
        return await submitting
    except Exception as error:
        return error


def _submitted(message_id: str, accepted: Accepted) -> Submitted:
    return Submitted(message_id, accepted.task_id, accepted.count, accepted.is_repeat, accepted.rejected)
