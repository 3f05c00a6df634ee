"""What is delivered to customers over their sessions: reports, replies and intermediate notices."""

from dataclasses import dataclass

from hongyan.model.owed import OwedReply, OwedReport


@dataclass(slots=True)
class SessionReport:
    """A status report to be delivered: once for each of `message_ids`, a part each, as the submits asked."""

    report: OwedReport
    message_ids: tuple[str, ...]
    source: str  # the source address as the customer wrote it
    submitted_ms: int
    service: str = ""  # as the submit said

    @property
    def owed_id(self) -> int:
        return self.report.owed_id


@dataclass(slots=True)
class SessionReply:
    """A text of a handset to be delivered, of any length."""

    reply: OwedReply
    service: str = ""

    @property
    def owed_id(self) -> int:
        return self.reply.owed_id


@dataclass(slots=True)
class SessionNotice:
    """An intermediate notice to be delivered: the message was sent on. `message_ids` are those of the parts that asked for it."""

    owed_id: int
    phone: int
    message_ids: tuple[str, ...]
    source: str
    submitted_ms: int
    service: str = ""


Deliverable = SessionReport | SessionReply | SessionNotice
