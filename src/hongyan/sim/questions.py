"""Answers of a simulated carrier to questions about messages: queries and cancellations, as far as protocols have them."""

from collections.abc import Sequence
from typing import Protocol

from hongyan.adapters.carrier_time import absolute_time
from hongyan.adapters.centre import StatusReport
from hongyan.adapters.sgip.centre import NODE
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.sgip import pdu as sgip
from hongyan.wire.smgp import pdu as smgp
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.report import STATE_OF
from hongyan.wire.state import Pdu

CANCELLED = "DELETED"
_MOST = 10_000
_ENROUTE = STATE_OF["ENROUTE"]


class Totals(Protocol):
    """The counts of the carrier, for protocols with questions about a day."""

    submits: int
    accepted: int
    refused: int
    taken: int


class Questions:
    """Remembers the last messages by the ids in their answers."""

    def __init__(self, totals: Totals) -> None:
        self._totals = totals
        self._reports: dict[str, Sequence[StatusReport]] = {}

    def note(self, message_id: str, reports: Sequence[StatusReport]) -> None:
        self._reports[message_id] = reports
        while len(self._reports) > _MOST:
            del self._reports[next(iter(self._reports))]

    def answer(self, pdu: Pdu) -> Pdu | None:
        """Returns None if it is no question."""
        match pdu:
            case smpp.QuerySm():
                return self._state(pdu)
            case smpp.CancelSm():
                done = self._cancel(pdu.message_id)
                return smpp.Plain(pdu.seq, smpp.Command.CANCEL_SM_RESP, 0 if done else smpp.Status.RCANCELFAIL)
            case cmpp.Cancel():
                return cmpp.CancelResp(pdu.seq, 0 if self._cancel(str(pdu.msg_id)) else 1)
            case cmpp.Query():
                return cmpp.QueryResp(pdu.seq, pdu.time, pdu.query_type, pdu.query_code, self._counts())
            case smgp.Query():
                return smgp.QueryResp(pdu.seq, pdu.query_time, pdu.query_type, pdu.query_code, self._counts())
            case sgip.Trace():
                return self._way(pdu)
            case _:
                return None

    def _way(self, pdu: sgip.Trace) -> sgip.TraceResp:
        """Returns the way of a text. Texts reach handsets through this gateway alone; one is sent when its report is."""
        name = sgip.sequence_name(pdu.submit_sequence_number)
        known = [report for report in self._reports.get(name, ()) if report.number == pdu.user_number]
        if not known:
            return sgip.TraceResp(pdu.seq)
        moment = _to_the_minute(known[-1].submitted_at)
        sent = moment if known[-1].is_out else ""
        return sgip.TraceResp(pdu.seq, (sgip.TraceNode(sgip.Result.OK, str(NODE), moment, sent),))

    def _state(self, pdu: smpp.QuerySm) -> smpp.QuerySmResp:
        reports = self._reports.get(pdu.message_id)
        if reports is None:
            return smpp.QuerySmResp(pdu.seq, smpp.Status.RQUERYFAIL)
        last = reports[-1] if reports else None
        if last is None or not (last.is_out or last.stat == CANCELLED):
            return smpp.QuerySmResp(pdu.seq, 0, pdu.message_id, "", _ENROUTE)
        state = STATE_OF.get(last.stat, STATE_OF["UNDELIV"])
        return smpp.QuerySmResp(pdu.seq, 0, pdu.message_id, _to_the_minute(last.submitted_at), state)

    def _cancel(self, message_id: str) -> bool:
        """Cancel a message. One that was reported can no longer be cancelled; any other is reported as cancelled."""
        waiting = [report for report in self._reports.get(message_id, ()) if not report.is_out]
        for report in waiting:
            report.stat = CANCELLED
        return bool(waiting)

    def _counts(self) -> tuple[int, ...]:
        """Returns MT to one number each, to users, done, waiting, failed; MO done, waiting, failed."""
        totals = self._totals
        return totals.submits, totals.submits, totals.accepted, 0, totals.refused, totals.taken, 0, 0


def _to_the_minute(at_s: float) -> str:
    return absolute_time(int(at_s) // 60 * 60)
