"""Submits of one session: read, bounded by window and rate, passed to the platform, answered once it has committed them.

Answers may overtake each other. Every submit is answered: too fast or too many at a time with "slow down"; with "queue full" if
the store is away or full; a refusal with its cause. The submits of one read are usually committed together, and answered in one
write.
"""

import asyncio
from dataclasses import dataclass
from functools import partial

import structlog

from hongyan.adapters.centre import Submit
from hongyan.adapters.server import ServerAdapter
from hongyan.adapters.submissions import place_of, read_submission
from hongyan.model.account import Account
from hongyan.model.customer_session import CustomerSession
from hongyan.model.refusal import Code, Refusal
from hongyan.model.session_settings import SessionAlphabet, SessionProtocol
from hongyan.model.session_submit import PartPlace, Submitted
from hongyan.model.submission import Submission
from hongyan.ports.clock import Clock
from hongyan.ports.customer_sessions import SessionSubmits, SubmitDone
from hongyan.ports.lane import StoreAway
from hongyan.sessions.rate import SubmitRate
from hongyan.sockets.connection import Connection
from hongyan.wire.state import Pdu

log = structlog.get_logger(__name__)


_OURS = frozenset({Code.BUSY, Code.INTERNAL})
"""Refusals that are no faults of the customer."""

CAUSES_MOST = 100
"""Causes that are kept of a session."""


@dataclass(slots=True)
class _Read:
    """Submits of one read that are not answered yet."""

    waiting: int = 0


class Submits:
    def __init__(
        self,
        api: SessionSubmits,
        session: CustomerSession,
        adapter: ServerAdapter,
        connection: Connection,
        rates: SubmitRate,
        clock: Clock,
    ) -> None:
        self._api, self._session, self._adapter, self._connection = api, session, adapter, connection
        self._rates, self._clock = rates, clock
        self._loop = asyncio.get_running_loop()
        self._open_read = _Read()
        self._flushing: asyncio.Handle | None = None
        self.causes: dict[int, str] = {}
        """The causes of the latest refused submits, by sequence, in the words of the registry."""

    def take(self, pdu: Pdu) -> bool:
        """Take a submit; returns False for any other request."""
        submit = self._adapter.read(pdu, "", 0)
        if submit is None:
            return False
        session = self._session
        account, counts = session.account, session.counts
        counts.submits += 1
        if why := self._too_much(account):
            counts.faults += 1
            self._refuse(pdu, self._adapter.throttled, why)
            self._connection.rest()
            return True
        try:
            submission = self.read(submit)
            submission.sequence = pdu.seq
            self._submit(submission, place_of(submit.concat), partial(self._done, pdu, self._open_read))
        except Exception as error:  # noqa: BLE001  one submit that breaks is answered, as one that is refused
            self._refuse_at_once(pdu, _refusal_of(error))
            return True
        counts.waiting_in += 1
        self._open_read.waiting += 1
        return True

    def _too_much(self, account: Account) -> str:
        """Returns why the customer has to slow down; "" if it does not."""
        if self._session.counts.waiting_in >= account.window_in:
            return f"{account.window_in} submits wait for their answers, which is the window"
        return "" if self._rates.take(account) else f"more than {account.session_rate} submits a second, which is the rate"

    def settle(self) -> None:
        """Commit and answer; called after the events of a read."""
        if self._open_read.waiting:
            self._open_read = _Read()

    def read(self, submit: Submit) -> Submission:
        """Read a submit. raises: Refusal EXTNO_BAD, PARAMETER_BAD, TIME_BAD, VALIDITY_BAD"""
        if len(submit.source) > self._adapter.source_most:
            raise Refusal(Code.EXTNO_BAD, most=self._session.account.extno_most)
        reference = self._reference(submit.reference)
        return read_submission(submit, self._session.account, self._alphabet, self._clock(), reference)

    def _submit(self, submission: Submission, place: PartPlace | None, done: SubmitDone) -> None:
        if place is not None:
            self._api.submit_part(self._session, submission, place, done)
        else:
            self._api.submit(self._session, submission, done, names_refused=self._adapter.names_refused)

    @property
    def _alphabet(self) -> str:
        """Returns the alphabet of coding 0. CMPP's is ASCII; it is read as GBK, of which ASCII is a part and which many write."""
        session = self._session
        return SessionAlphabet.GBK if session.protocol is SessionProtocol.CMPP else session.account.session_alphabet

    def _reference(self, reference: str) -> str:
        """Returns the reference of a submit. CMPP's is made of a sequence, and not every client repeats a submit under its
        first sequence.
        """
        session = self._session
        return reference if session.protocol is SessionProtocol.SMPP or session.account.knows_sequence else ""

    def _done(self, pdu: Pdu, read: _Read, submitted: Submitted | Exception) -> None:
        self._session.counts.waiting_in -= 1
        read.waiting -= 1
        if isinstance(submitted, Exception):
            refusal = _refusal_of(submitted)
            self._refuse(pdu, self._adapter.status(refusal.code), refusal.what)
        else:
            self._answer(pdu, submitted)
        if not read.waiting:
            self._connection.flush()
        elif self._flushing is None:
            self._flushing = self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        """Write the answers that are ready although others of their read still wait."""
        self._flushing = None
        self._connection.flush()

    def _answer(self, pdu: Pdu, submitted: Submitted) -> None:
        named = self._adapter.answer(pdu, submitted.message_id, submitted.rejected)
        if named is None:
            self._connection.session.answer(pdu, 0, submitted.message_id)
        else:
            self._connection.session.write(named)

    def _refuse_at_once(self, pdu: Pdu, refusal: Refusal) -> None:
        if refusal.code in _OURS:
            self._connection.rest()
        else:
            self._session.counts.faults += 1
        self._refuse(pdu, self._adapter.status(refusal.code), refusal.what)

    def _refuse(self, pdu: Pdu, status: int, why: str) -> None:
        self._session.counts.refused += 1
        self._connection.session.answer(pdu, status)
        self.causes.pop(pdu.seq, None)
        self.causes[pdu.seq] = why
        if len(self.causes) > CAUSES_MOST:
            del self.causes[next(iter(self.causes))]


def _refusal_of(error: BaseException) -> Refusal:
    """Returns the refusal for an error. An error of ours is logged, and the customer may try again."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, StoreAway):
        return Refusal(Code.BUSY)
    log.error("submit_broke", error=f"{type(error).__name__}: {error}", limit_by=("error",))
    return Refusal(Code.INTERNAL)
