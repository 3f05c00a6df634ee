"""Submits over sessions: judged, named and handed to the lane, as submissions at the doors are."""

import asyncio
from asyncio import Future
from collections.abc import Mapping
from hashlib import blake2b

from hongyan.model.account import SessionProtocol
from hongyan.model.customer_session import CustomerSession, PartPlace, Submitted
from hongyan.model.submission import Submission
from hongyan.policy.extno import extno_of_source
from hongyan.ports.lane import Lane
from hongyan.ports.message_names import MessageNames
from hongyan.services.admit import admit
from hongyan.workers.customer_api import LaneCustomerApi
from hongyan.workers.long_texts import LongTexts
from hongyan.workers.process_state import ProcessState
from hongyan.workers.steps import Steps


class LaneSessionSubmits:
    """Implements ports.customer_sessions.SessionSubmits."""

    def __init__(
        self,
        process_state: ProcessState,
        lane: Lane,
        steps: Steps,
        api: LaneCustomerApi,
        texts: LongTexts,
        names: Mapping[SessionProtocol, MessageNames],
    ) -> None:
        self._process_state, self._lane, self._steps, self._api = process_state, lane, steps, api
        self._texts, self._names = texts, names

    def submit(self, session: CustomerSession, submission: Submission) -> "Future[Submitted]":
        return asyncio.ensure_future(self._submit(session, submission))

    async def _submit(self, session: CustomerSession, submission: Submission) -> Submitted:
        names = self._names[session.protocol]
        self._fill(session, submission)
        admission = admit(self._process_state.snapshot, submission, self._process_state.clock())
        admission.task_id, admission.sms_id = await self._api.next_name()
        message_id = names.name(admission.task_id, self._process_state.clock())
        admission.submission.customer_message_id = message_id
        accepted = await self._api.accept(admission)
        if accepted.is_repeat:
            message_id = await self._lane.ask(self._steps.names_of_tasks, accepted.task_id)
        return Submitted(message_id, accepted.task_id, accepted.count, accepted.is_repeat, accepted.rejected)

    def submit_part(self, session: CustomerSession, submission: Submission, place: PartPlace) -> "Future[Submitted]":
        self._fill(session, submission)
        return asyncio.ensure_future(self._texts.take(submission, place, self._names[session.protocol]))

    def _fill(self, session: CustomerSession, submission: Submission) -> None:
        submission.source, submission.address, submission.session_id = str(session.protocol), session.address, session.id
        submission.extno = extno_of_source(self._process_state.snapshot, session.account, submission.source_number)
        if submission.client_ref:
            told = submission.client_ref.encode() + submission.client_hash
            submission.client_ref = f" {session.protocol} {blake2b(told, digest_size=16).hexdigest()}"
