"""Long texts that customers submit in parts over sessions: stored part by part, judged and accepted as one text with the last
part.
"""

from collections.abc import Sequence

from hongyan.model.refusal import Code, Refusal
from hongyan.model.session_submit import PartPlace, StoredPart, Submitted
from hongyan.model.submission import Submission
from hongyan.policy.segments import MOST_PARTS
from hongyan.ports.lane import Lane
from hongyan.ports.message_names import MessageNames
from hongyan.ports.tx.session_parts import TextKey
from hongyan.services.admit import admit
from hongyan.services.session_texts import joined, stored_part
from hongyan.services.steps.waiting_texts import EARLY_MS, REJECTED, TextFailed
from hongyan.workers.customer_api import LaneCustomerApi
from hongyan.workers.failures import log_failure
from hongyan.workers.process_state import ProcessState
from hongyan.workers.refused_numbers import RefusedNumberReports
from hongyan.workers.signals import Signals
from hongyan.workers.steps import Steps

_LATER = frozenset({Code.BUSY, Code.INTERNAL})
"""Refusals after which the same text may still be accepted, so its parts go on waiting."""


class LongTexts:
    def __init__(
        self,
        process_state: ProcessState,
        lane: Lane,
        steps: Steps,
        signals: Signals,
        api: LaneCustomerApi,
        refused: RefusedNumberReports,
    ) -> None:
        self._process_state, self._lane, self._steps, self._signals, self._api = process_state, lane, steps, signals, api
        self._refused = refused
        self._early: dict[TextKey, int] = {}
        """Texts that are whole with their early parts, and from when on they are accepted with them."""

    async def take(self, submission: Submission, place: PartPlace, names: MessageNames) -> Submitted:
        """Store a part, and accept the text if it is complete. raises: Refusal of the part, or of the text"""
        if place.parts > MOST_PARTS:
            raise Refusal(Code.CONTENT_LONG, segments=place.parts, most=MOST_PARTS)
        part_id, sms_id = await self._api.take_name()
        now_ms = self._process_state.clock()
        part = stored_part(submission, place, part_id, sms_id, names.name(part_id, now_ms), now_ms)
        taken = await self._lane.ask(self._steps.take_parts, part)
        if taken.may_be_whole:
            self._early[part.account_id, part.text_key] = now_ms + EARLY_MS
        if not taken.whole:
            return Submitted(taken.part.message_id, taken.part.task_id, is_repeat=taken.is_repeat)
        return await self._accept(taken.whole, taken.part)

    async def sweep_parts(self) -> None:
        """Send or fail texts that waited long enough for their missing parts."""
        swept = await self._lane.ask(self._steps.sweep_session_parts, None)
        self._signals.owed(swept.owed)
        for parts in swept.to_send:
            await self._accept_late(parts)

    async def accept_early(self) -> None:
        """Accept texts that are whole with their early parts, once these waited long enough for others in their places."""
        now_ms = self._process_state.clock()
        for key in [key for key, due_ms in self._early.items() if due_ms <= now_ms]:
            del self._early[key]
            if parts := await self._lane.ask(self._steps.take_early_parts, key):
                await self._accept_late(parts)

    async def _accept_late(self, parts: Sequence[StoredPart]) -> None:
        """Accept a text whose parts were all answered."""
        try:
            await self._accept(parts, parts[-1], answers_last=False)
        except Refusal as refusal:  # its report is owed, or its parts wait for the next round
            log_failure("text_refused", refusal, code=refusal.code.name)

    async def _accept(self, parts: Sequence[StoredPart], last: StoredPart, *, answers_last: bool = True) -> Submitted:
        """Accept the text that the parts make, as the task that has the last part's id.

        answers_last: a refusal is the answer to the last part, which then has no report of it
        """
        snapshot = self._process_state.snapshot
        try:
            submission = joined(snapshot.accounts_by_id[last.account_id], parts)
            submission.client_ref, submission.client_hash = f" parts {parts[0].id}", b"parts"  # another process may do the same
            admission = admit(snapshot, submission, self._process_state.clock())
            admission.task_id, admission.sms_id = self._api.name_of(last.id)
            self._refused.check(admission.rejected)
            accepted = await self._api.accept(admission)
        except Refusal as refusal:
            if refusal.code not in _LATER:
                failed = TextFailed(parts, REJECTED, last.id if answers_last else 0)
                owed = await self._lane.ask(self._steps.fail_texts, failed)
                self._signals.owed(owed)
            raise
        await self._refused.owe(accepted.task_id, accepted.rejected)  # the answers to the other parts could name none
        return Submitted(last.message_id, accepted.task_id, accepted.count)
