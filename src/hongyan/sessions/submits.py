"""Submits of one session: read, bounded by window and rate, handed to the platform, answered once it has committed them.

Answers may overtake each other. Every submit is answered: too fast and too much at a time with "slow down", a store that is away
or full with "queue full", a refusal with its cause.
"""

from asyncio import Future
from collections.abc import Callable
from functools import partial

import structlog

from hongyan.adapters.centre import Submit
from hongyan.adapters.server import ServerAdapter
from hongyan.adapters.submissions import place_of, read_submission
from hongyan.model.account import SessionAlphabet, SessionProtocol
from hongyan.model.customer_session import CustomerSession, PartPlace, Submitted
from hongyan.model.refusal import Code, Refusal
from hongyan.model.submission import Submission
from hongyan.ports.clock import Clock
from hongyan.ports.customer_sessions import SessionSubmits
from hongyan.ports.lane import StoreAway
from hongyan.sessions.rate import SubmitRate
from hongyan.sockets.connection import Connection
from hongyan.wire.state import Pdu

log = structlog.get_logger(__name__)


class Submits:
    def __init__(
        self, api: SessionSubmits, session: CustomerSession, adapter: ServerAdapter, connection: Connection, rates: SubmitRate,
        clock: Clock, flush: Callable[[], None],
    ) -> None:  # fmt: skip
        """flush: called after answers were given to the session, to write them soon"""
        self._api, self._session, self._adapter, self._connection = api, session, adapter, connection
        self._rates, self._clock, self._flush = rates, clock, flush

    def take(self, pdu: Pdu) -> bool:
        """Returns False for a request that is no submit."""
        submit = self._adapter.read(pdu, "", 0)
        if submit is None:
            return False
        session = self._session
        account, counts = session.account, session.counts
        counts.submits += 1
        if counts.waiting_in >= account.window_in or not self._rates.take(account):
            counts.faults += 1
            self._refuse(pdu, self._adapter.throttled)
            self._connection.rest()
            return True
        try:
            submission = self.read(submit)
            submission.sequence = pdu.seq
            future = self._submit(submission, place_of(submit.concat))
        except Exception as error:  # noqa: BLE001  one submit that breaks is answered, as one that is refused
            counts.faults += 1
            self._refuse(pdu, self._adapter.status(_code_of(error)))
            return True
        counts.waiting_in += 1
        future.add_done_callback(partial(self._done, pdu))
        return True

    def read(self, submit: Submit) -> Submission:
        """raises: Refusal PARAMETER_BAD, TIME_BAD"""
        reference = self._reference(submit.reference)
        return read_submission(submit, self._session.account, self._alphabet, self._clock(), reference)

    def _submit(self, submission: Submission, place: PartPlace | None) -> "Future[Submitted]":
        if place is not None:
            return self._api.submit_part(self._session, submission, place)
        return self._api.submit(self._session, submission, names_refused=self._adapter.names_refused)

    @property
    def _alphabet(self) -> str:
        """CMPP's default is ASCII, which is a part of GBK, and what many write there."""
        session = self._session
        return SessionAlphabet.GBK if session.protocol is SessionProtocol.CMPP else session.account.session_alphabet

    def _reference(self, reference: str) -> str:
        """CMPP's reference is made of a sequence, and not every client repeats a submit under its first sequence."""
        session = self._session
        return reference if session.protocol is SessionProtocol.SMPP or session.account.knows_sequence else ""

    def _done(self, pdu: Pdu, future: "Future[Submitted]") -> None:
        self._session.counts.waiting_in -= 1
        if future.cancelled():
            return
        error = future.exception()
        if error is not None:
            self._refuse(pdu, self._adapter.status(_code_of(error)))
            return
        submitted = future.result()
        named = self._adapter.answer(pdu, submitted.message_id, submitted.rejected)
        if named is None:
            self._connection.session.answer(pdu, 0, submitted.message_id)
        else:
            self._connection.session.write(named)
        self._flush()

    def _refuse(self, pdu: Pdu, status: int) -> None:
        self._session.counts.refused += 1
        self._connection.session.answer(pdu, status)
        self._flush()


def _code_of(error: BaseException) -> Code:
    """What broke on our side is logged, and is worth another try."""
    if isinstance(error, Refusal):
        return error.code
    if isinstance(error, StoreAway):
        return Code.BUSY
    log.error("submit_broke", error=f"{type(error).__name__}: {error}", limit_by=("error",))
    return Code.INTERNAL
