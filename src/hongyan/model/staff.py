"""People who run the platform: their roles, and their sessions in the console."""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import ClassVar

from hongyan.model.fields import FLAG, Change, Customers, said, text, word


class Role(StrEnum):
    """What somebody is there for; policy/permissions.py says what each may do."""

    ADMIN = "admin"
    OPERATIONS = "operations"
    REVIEW = "review"
    FINANCE = "finance"
    SUPPORT = "support"
    READ_ONLY = "read-only"


class Permission(Enum):
    """What one may do. Every page and every call of the admin API names the one that it needs."""

    SEE = auto()  # lists, traces, figures; phones masked, secrets never
    PHONES = auto()  # whole phones
    CUSTOMERS = auto()  # customers, accounts, sites
    SECRETS = auto()  # API secrets, logins at carriers
    CHANNELS = auto()  # channels, routes, codes
    REVIEW = auto()  # signatures, templates, words
    BLACK_LIST = auto()
    TRAFFIC = auto()  # tasks, messages, reports: send, stop, replay
    MONEY = auto()  # top-ups, corrections, credit, prices, and the second person's word on them
    AUDIT = auto()
    STAFF = auto()  # people, their sessions, tokens of the API


@dataclass(frozen=True, slots=True)
class Staff:
    id: int
    name: str  # what one logs in with
    role: Role = Role.READ_ONLY
    title: str = ""
    is_stopped: bool = False
    has_second_factor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffChange(Change):
    """What can be said of one of the staff."""

    thing: ClassVar[type] = Staff

    role: Role | None = said("What the person is there for.", word(Role), customers=Customers.NOTHING)
    title: str | None = said("Name and department, for lists.", text(128), customers=Customers.NOTHING)
    is_stopped: bool | None = said("May not log in.", FLAG, customers=Customers.NOTHING)


class Stage(Enum):
    """How far somebody who showed a password has come."""

    CODE = auto()  # the code of the second factor is still to be shown
    ENROL = auto()  # the role asks for a second factor, and there is none yet
    IN = auto()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from."""

    address: str
    agent: str  # what its browser or program calls itself


@dataclass(frozen=True, slots=True)
class Person:
    """Who makes a request of the console: one of the staff, in a session."""

    staff: Staff
    session_id: int
    stage: Stage
    permissions: frozenset[Permission]

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions
