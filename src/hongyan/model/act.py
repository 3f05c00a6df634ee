"""Who changes something and when: one value that goes with every change of configuration or money."""

from dataclasses import dataclass
from enum import StrEnum

from hongyan.model.ids import IdSource


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes configuration or money: goes into the audit row of the same transaction."""

    kind: str  # cli, staff, token, customer, system
    name: str

    def __str__(self) -> str:
        """The actor as rows hold it."""
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Act:
    """One change, or several in one transaction."""

    actor: Actor
    now_ms: int
    ids: IdSource

    def new_id(self) -> int:
        """Returns an id of the moment of the act."""
        return self.ids.one(self.now_ms)


class AuditAction(StrEnum):
    """Every action that the audit may have, as its rows name it."""

    CUSTOMER_ADD = "customer.add"
    CUSTOMER_CHANGE = "customer.change"
    ACCOUNT_ADD = "account.add"
    ACCOUNT_CHANGE = "account.change"
    ACCOUNT_SECRET = "account.secret"  # noqa: S105  what is changed, not the value
    ACCOUNT_PROTOCOL_SECRET = "account.protocol_secret"  # noqa: S105  what is changed, not the value
    WALLET_TOPUP = "wallet.topup"
    WALLET_ADJUST = "wallet.adjust"
    WALLET_CREDIT = "wallet.credit"
    PRICE_SET = "price.set"
    CHANNEL_ADD = "channel.add"
    CHANNEL_CHANGE = "channel.change"
    CHANNEL_SECRET = "channel.secret"  # noqa: S105  what is changed, not the value
    ROUTE_ADD = "route.add"
    ROUTE_CHANGE = "route.change"
    ROUTE_DROP = "route.drop"
    LISTENER_ADD = "listener.add"
    LISTENER_CHANGE = "listener.change"
    LISTENER_DROP = "listener.drop"
    SITE_SET = "site.set"
    SITE_DROP = "site.drop"
    WORD_ADD = "word.add"
    WORD_REMOVE = "word.remove"
    BLACKLIST_ADD = "blacklist.add"
    BLACKLIST_REMOVE = "blacklist.remove"
    SIGNATURE_ADD = "signature.add"
    SIGNATURE_DECIDE = "signature.decide"
    SIGNATURE_REMOVE = "signature.remove"
    TEMPLATE_ADD = "template.add"
    TEMPLATE_CHANGE = "template.change"
    TEMPLATE_REMOVE = "template.remove"
    CODE_SET = "code.set"
    CODE_UNSET = "code.unset"
    MESSAGE_CANCEL = "message.cancel"
    MESSAGE_REFUND = "message.refund"
    TASK_CANCEL = "task.cancel"
    TASK_PAUSE = "task.pause"
    TASK_RESUME = "task.resume"
    TASK_REFUND = "task.refund"
    TASK_REPLACE = "task.replace"
    OWED_REPLAY = "owed.replay"
    JOB_ASK = "job.ask"
    JOB_CANCEL = "job.cancel"
    LIST_DOWNLOAD = "list.download"
    ALARM_SET = "alarm.set"
    ALARM_RESET = "alarm.reset"
    ALARM_SILENCE = "alarm.silence"
    APPROVAL_ADD = "approval.add"
    APPROVAL_APPROVED = "approval.approved"
    APPROVAL_REJECTED = "approval.rejected"
    STAFF_ADD = "staff.add"
    STAFF_CHANGE = "staff.change"
    STAFF_INVITE = "staff.invite"
    STAFF_PASSWORD = "staff.password"  # noqa: S105  what is changed, not the value
    STAFF_SECOND_FACTOR = "staff.second_factor"
    STAFF_RECOVERY_CODE = "staff.recovery_code"
    STAFF_RESET_2FA = "staff.reset_2fa"
    SESSION_OPEN = "session.open"
    SESSION_END = "session.end"
    SESSION_KICK = "session.kick"
    TOKEN_ADD = "token.add"  # noqa: S105  what is changed, not the value
    TOKEN_REVOKE = "token.revoke"  # noqa: S105  what is changed, not the value
