"""The table of steps: each with its name, its rank in a lane's batch, and the service that runs it.

Ranks follow a message through its life, one step a rank. Both lanes of a process run the steps of a batch in this order, so
that they lock tables in the same order.
"""

from collections.abc import Sequence
from typing import TypedDict

from hongyan.model.account import Balance
from hongyan.model.act import Act, Actor
from hongyan.model.alarm import Observation
from hongyan.model.customer_session import CustomerSession
from hongyan.model.ids import IdSource
from hongyan.model.job import Job
from hongyan.model.owed import OwedKind
from hongyan.model.recording import Recording
from hongyan.model.rows import PageCursor
from hongyan.model.session_delivery import Deliverable
from hongyan.model.session_question import MessageCounts
from hongyan.model.session_submit import StoredPart
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Accepted, Admission
from hongyan.model.traffic import OutSegment, Receipt, ReplyPart
from hongyan.ports.lane import Step
from hongyan.ports.tx.session_parts import TextKey
from hongyan.services.admin import accounts, billing
from hongyan.services.jobs import running
from hongyan.services.steps import (
    accept,
    alarming,
    cancelled,
    cancelling,
    closing,
    customer_sessions,
    dispatch,
    inbound,
    leases,
    link_figures,
    lost_answers,
    owed,
    pausing,
    pruning,
    recordings,
    refused_numbers,
    release,
    report,
    report_sweeps,
    reroute,
    retention,
    session_cancelling,
    session_notices,
    session_owed,
    session_parts,
    session_queries,
    session_replace,
    sums,
    waiting_texts,
)
from hongyan.services.submitted_texts import PartTaken
from hongyan.workers.process_state import ProcessState
from hongyan.workers.task_numbers import TASK_BLOCK


class _Sending(TypedDict):
    """What a service needs that may queue messages."""

    snapshot: ConfigSnapshot
    ids: IdSource
    now_ms: int
    parcel_messages: int


class Steps:
    """Built once for a process. The ConfigSnapshot is replaced while it runs, so each run reads it anew from the ProcessState."""

    def __init__(self, state: ProcessState) -> None:
        self._state = state
        self._holding(state)
        self._asking_others(state)
        self._accepting(state)
        self._dispatching(state)
        self._reporting(state)
        self._receiving(state)
        self._delivering(state)
        self._logging_in(state)
        self._joining_texts(state)
        self._delivering_to_sessions(state)
        self._answering_sessions(state)
        self._keeping(state)
        self._working(state)

    def _sending(self) -> _Sending:
        state = self._state
        return {
            "snapshot": state.snapshot,
            "ids": state.ids,
            "now_ms": state.clock(),
            "parcel_messages": state.parcel_messages,
        }

    def _holding(self, state: ProcessState) -> None:
        """Node numbers and leases of a process, and secrets that customers change."""
        self.task_block: Step[str, int] = Step(
            "task_block",
            0,
            lambda tx, days: [tx.take_count(f"task:{day}", TASK_BLOCK) - TASK_BLOCK for day in days],
            is_awaited=True,
        )
        self.hold_channels: Step[leases.ChannelHold, leases.HeldLeases] = Step("hold_channels", 1, leases.hold_channels)
        self.keep_link_figures: Step[link_figures.Figures, None] = Step(
            "keep_link_figures", 3, lambda tx, items: link_figures.keep_link_figures(tx, items, now_ms=state.clock())
        )
        self.hold_node: Step[leases.NodeHold, int | None] = Step("hold_node", 4, leases.hold_node)
        self.change_secrets: Step[accounts.SecretChange, int] = Step(
            "change_secrets",
            2,
            lambda tx, items: [accounts.store_secret(tx, _by_customer(state, one.account), one) for one in items],
            is_awaited=True,
        )

    def _asking_others(self, state: ProcessState) -> None:
        """What one process asks of another that recorded it."""
        self.ask_recording: Step[Recording, int | None] = Step(
            "ask_recording", 5, lambda tx, items: recordings.ask_recordings(tx, items, ids=state.ids, now_ms=state.clock())
        )
        self.answer_recording: Step[recordings.RecordingAnswer, None] = Step(
            "answer_recording", 6, recordings.answer_recordings
        )
        self.take_recording: Step[int, bytes | None] = Step("take_recording", 7, recordings.take_recordings)
        self.drop_recordings: Step[Sequence[int], None] = Step("drop_recordings", 8, recordings.drop_recordings)

    def _accepting(self, state: ProcessState) -> None:
        """Accepting customers' requests."""
        self.accept: Step[Admission, Accepted] = Step(
            "accept",
            10,
            lambda tx, items: accept.accept(
                tx,
                items,
                now_ms=state.clock(),
                ids=state.ids,
                snapshot=state.snapshot,
                parcel_messages=state.parcel_messages,
                outlets=state.signals,
                media_octets=state.media_octets,
            ),
            is_awaited=True,
        )
        self.take_parts: Step[StoredPart, PartTaken] = Step(
            "take_parts",
            12,
            lambda tx, items: session_parts.take_parts(tx, items, is_cut_off=state.signals.is_cut_off, now_ms=state.clock()),
            is_awaited=True,
        )
        self.lost_answers: Step[lost_answers.AnswerLost, Accepted | None] = Step(
            "lost_answers", 21, lost_answers.lost_answers, is_awaited=True
        )
        self.balances: Step[billing.BalanceAsked, Balance] = Step("balances", 11, billing.balances, is_awaited=True)
        self.release: Step[None, release.Released] = Step(
            "release", 20, lambda tx, items: release.release(tx, items, **self._sending(), outlets=state.signals)
        )

    def _dispatching(self, state: ProcessState) -> None:
        """Sending to carriers, and taking back what was not sent."""
        self.claim: Step[dispatch.Claim, list[OutSegment] | None] = Step(
            "claim",
            30,
            lambda tx, items: dispatch.claim(tx, items, snapshot=state.snapshot, ids=state.ids, now_ms=state.clock()),
        )
        self.strays: Step[dispatch.StrayParcels, int] = Step(
            "strays", 31, lambda tx, items: dispatch.give_back_strays(tx, items, now_ms=state.clock())
        )
        self.record: Step[dispatch.Record, dispatch.Recorded] = Step(
            "record", 40, lambda tx, items: dispatch.record(tx, items, **self._sending(), receivers=state.signals)
        )
        self.reroute: Step[reroute.Reroute, reroute.Rerouted] = Step(
            "reroute", 41, lambda tx, items: reroute.reroute(tx, items, **self._sending())
        )
        self.hand_over: Step[reroute.HandOver, reroute.HandedOver] = Step(
            "hand_over", 42, lambda tx, items: reroute.hand_over(tx, items, **self._sending())
        )
        self.cancelling: Step[None, list[int]] = Step("cancelling", 43, cancelling.cancelling)
        self.cancel: Step[cancelled.CancelPage, cancelled.Cancelled] = Step(
            "cancel",
            44,
            lambda tx, items: cancelling.cancel(tx, items, snapshot=state.snapshot, ids=state.ids, now_ms=state.clock()),
        )
        self.unfinished_pauses: Step[None, list[pausing.PausePage]] = Step("unfinished_pauses", 45, pausing.unfinished)
        self.pause: Step[pausing.PausePage, pausing.PauseResult] = Step(
            "pause", 46, lambda tx, items: pausing.pause_or_resume(tx, items, ids=state.ids, now_ms=state.clock())
        )

    def _reporting(self, state: ProcessState) -> None:
        """Receipts, and what was missed or never came."""
        self.receipts: Step[Sequence[Receipt], set[int]] = Step(
            "receipts", 50, lambda tx, items: report.take_receipts(tx, items, **self._sending(), receivers=state.signals)
        )
        self.slipped: Step[report_sweeps.OpenPage, report_sweeps.SweepResult] = Step(
            "slipped", 52, lambda tx, items: report_sweeps.sweep_slipped(tx, items, **self._sending())
        )
        self.silent: Step[None, tuple[int, set[int]]] = Step(
            "silent", 53, lambda tx, items: report_sweeps.sweep_silent(tx, items, snapshot=state.snapshot, now_ms=state.clock())
        )
        self.parked: Step[tuple[int, int], set[int]] = Step(
            "parked", 54, lambda tx, items: report_sweeps.sweep_parked(tx, items, **self._sending())
        )
        self.unreported: Step[report_sweeps.UnreportedPage, tuple[list[str], PageCursor | None]] = Step(
            "unreported", 55, report_sweeps.unreported
        )

    def _receiving(self, state: ProcessState) -> None:
        """Replies, and parts of replies."""
        self.replies: Step[Sequence[ReplyPart], set[int]] = Step(
            "replies",
            60,
            lambda tx, items: inbound.take_replies(
                tx, items, snapshot=state.snapshot, ids=state.ids, now_ms=state.clock(), media_octets=state.media_octets
            ),
        )
        self.parts: Step[None, set[int]] = Step(
            "parts",
            61,
            lambda tx, items: inbound.sweep_parts(tx, items, snapshot=state.snapshot, ids=state.ids, now_ms=state.clock()),
        )

    def _delivering(self, state: ProcessState) -> None:
        """Handing out what customers are owed."""
        self.pull: Step[owed.Pull, owed.Items] = Step(
            "pull", 70, lambda tx, items: owed.pull(tx, items, now_ms=state.clock()), is_awaited=True
        )
        self.give_back: Step[owed.GiveBack, None] = Step(
            "give_back", 71, lambda tx, items: owed.give_back(tx, items, now_ms=state.clock())
        )
        self.record_push: Step[owed.PushRecord, int] = Step(
            "record_push",
            72,
            lambda tx, items: owed.record_push(tx, items, now_ms=state.clock(), delays_ms=state.push_delays_ms),
        )
        self.claim_push: Step[owed.PushClaim, owed.Items] = Step(
            "claim_push", 73, lambda tx, items: owed.claim_push(tx, items, now_ms=state.clock(), delays_ms=state.push_delays_ms)
        )
        self.due: Step[Sequence[int], list[tuple[int, OwedKind]]] = Step(
            "due", 74, lambda tx, items: owed.due(tx, items, now_ms=state.clock(), delays_ms=state.push_delays_ms)
        )

    def _logging_in(self, state: ProcessState) -> None:
        """Logins of customers who connect as to a carrier."""
        self.open_sessions: Step[customer_sessions.OpenSession, int] = Step(
            "open_sessions",
            13,
            lambda tx, items: customer_sessions.open_sessions(tx, items, ids=state.ids, now_ms=state.clock()),
            is_awaited=True,
        )
        self.see_sessions: Step[Sequence[CustomerSession], set[int]] = Step(
            "see_sessions", 14, lambda tx, items: customer_sessions.see_sessions(tx, items, now_ms=state.clock())
        )
        self.close_sessions: Step[customer_sessions.ClosedSession, None] = Step(
            "close_sessions", 15, lambda tx, items: customer_sessions.close_sessions(tx, items, now_ms=state.clock())
        )
        self.close_lost: Step[int, int] = Step("close_lost", 16, customer_sessions.close_lost)
        self.without_session: Step[Sequence[int], set[int]] = Step(
            "without_session", 17, lambda tx, items: customer_sessions.without_session(tx, items, now_ms=state.clock())
        )

    def _joining_texts(self, state: ProcessState) -> None:
        """Submits over sessions: refused numbers, and texts in parts."""
        self.refuse_numbers: Step[refused_numbers.RefusedNumbers, set[int]] = Step(
            "refuse_numbers",
            58,
            lambda tx, items: refused_numbers.refuse_numbers(
                tx, items, snapshot=state.snapshot, ids=state.ids, now_ms=state.clock()
            ),
            is_awaited=True,
        )
        self.cancel_parts: Step[waiting_texts.PartAsked, set[int]] = Step(
            "cancel_parts",
            64,
            lambda tx, items: waiting_texts.cancel_parts(
                tx, items, snapshot=state.snapshot, ids=state.ids, now_ms=state.clock()
            ),
        )
        self.sweep_session_parts: Step[None, waiting_texts.PartsSweepResult] = Step(
            "sweep_session_parts",
            56,
            lambda tx, items: waiting_texts.sweep_session_parts(
                tx, items, snapshot=state.snapshot, ids=state.ids, now_ms=state.clock()
            ),
        )
        self.take_early_parts: Step[TextKey, list[StoredPart]] = Step("take_early_parts", 67, waiting_texts.take_early_parts)
        self.fail_texts: Step[waiting_texts.TextFailed, set[int]] = Step(
            "fail_texts",
            57,
            lambda tx, items: waiting_texts.fail_texts(tx, items, snapshot=state.snapshot, ids=state.ids, now_ms=state.clock()),
        )

    def _delivering_to_sessions(self, state: ProcessState) -> None:
        """Delivering over sessions what customers are owed."""
        self.claim_session: Step[session_owed.SessionClaim, list[Deliverable]] = Step(
            "claim_session", 75, lambda tx, items: session_owed.claim_session(tx, items, now_ms=state.clock())
        )
        self.end_session_items: Step[session_owed.SessionResult, None] = Step(
            "end_session_items", 76, lambda tx, items: session_owed.end_session_items(tx, items, now_ms=state.clock())
        )
        self.due_for_sessions: Step[Sequence[int], set[int]] = Step(
            "due_for_sessions", 77, lambda tx, items: session_owed.due_for_sessions(tx, items, now_ms=state.clock())
        )
        self.owe_notices: Step[session_notices.NoticePage, session_notices.NoticesOwed] = Step(
            "owe_notices", 59, lambda tx, items: session_notices.owe_notices(tx, items, ids=state.ids, now_ms=state.clock())
        )

    def _answering_sessions(self, state: ProcessState) -> None:
        """Questions, replacements and cancellations over sessions."""
        self.begin_cancel: Step[session_cancelling.CancelAsked, bool] = Step(
            "begin_cancel", 18, session_cancelling.begin_cancel
        )
        self.replaceable_coding: Step[session_replace.CodingAsked, int | None] = Step(
            "replaceable_coding", 62, session_replace.replaceable_coding
        )
        self.replace_texts: Step[session_replace.ReplaceAsked, bool] = Step(
            "replace_texts", 63, lambda tx, items: session_replace.replace_texts(tx, items, **self._sending())
        )
        self.begin_cancel_waiting: Step[session_cancelling.WaitingAsked, session_cancelling.WaitingFound] = Step(
            "begin_cancel_waiting", 19, session_cancelling.begin_cancel_waiting
        )
        self.cancel_by_addresses: Step[session_cancelling.CancelByAddressesAsked, cancelled.Cancelled] = Step(
            "cancel_by_addresses",
            65,
            lambda tx, items: session_cancelling.cancel_by_addresses(tx, items, snapshot=state.snapshot, now_ms=state.clock()),
        )
        self.find_messages: Step[session_queries.MessageAsked, session_queries.MessageFound | None] = Step(
            "find_messages", 78, session_queries.find_messages
        )
        self.names_of_tasks: Step[int, str] = Step("names_of_tasks", 79, session_queries.names_of_tasks, is_awaited=True)
        self.count_messages: Step[session_queries.CountAsked, MessageCounts] = Step(
            "count_messages", 66, session_queries.count_messages
        )

    def _keeping(self, state: ProcessState) -> None:
        """Dropping what is over, closing days, and summing counters up."""
        self.prune: Step[pruning.Prune, int] = Step("prune", 80, pruning.prune)
        self.prune_refs: Step[pruning.PruneRefs, pruning.RefKey | None] = Step("prune_refs", 81, pruning.prune_refs)
        self.forget: Step[retention.RetentionBatch, int] = Step(
            "forget", 82, lambda tx, items: retention.forget(tx, items, ids=state.ids, now_ms=state.clock())
        )
        self.close_days: Step[None, int] = Step(
            "close_days", 83, lambda tx, items: closing.close_days(tx, items, now_ms=state.clock())
        )
        self.sum_up: Step[None, int] = Step("sum_up", 84, lambda tx, items: sums.sum_up(tx, items, now_ms=state.clock()))

    def _working(self, state: ProcessState) -> None:
        """Jobs and alarms."""
        self.take_job: Step[running.TakeJob, Job | None] = Step(
            "take_job", 90, lambda tx, items: running.take_jobs(tx, items, now_ms=state.clock())
        )
        self.run_job: Step[running.JobSlice, Job | None] = Step(
            "run_job", 91, lambda tx, items: running.run_slices(tx, items, ids=state.ids, now_ms=state.clock())
        )
        self.fail_job: Step[running.JobFailed, None] = Step(
            "fail_job", 92, lambda tx, items: running.fail_jobs(tx, items, now_ms=state.clock())
        )
        self.judge_alarms: Step[Sequence[Observation], alarming.Judged] = Step(
            "judge_alarms", 93, lambda tx, items: alarming.judge(tx, items, now_ms=state.clock())
        )
        self.alarm_notified: Step[alarming.Notified, None] = Step("alarm_notified", 94, alarming.note_notified)


def _by_customer(state: ProcessState, account: str) -> Act:
    return Act(Actor("customer", account), state.clock(), state.ids)
