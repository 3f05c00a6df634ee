"""Staff: the people who run the platform, their roles, and their sessions in the console."""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import ClassVar

from hongyan.model.fields import Change, Customers, described
from hongyan.model.kinds import FLAG, text, word


class Role(StrEnum):
    """The role of one of the staff; policy/permissions.py says what each may do."""

    ADMIN = "admin"
    OPERATIONS = "operations"
    REVIEW = "review"
    FINANCE = "finance"
    SUPPORT = "support"
    READ_ONLY = "read-only"


class Permission(Enum):
    """One thing that a role may do. Every page and every call of the admin API names the one that it needs."""

    SEE = auto()  # lists, traces and figures, with masked phones and without secrets
    PHONES = auto()  # whole phones
    CUSTOMERS = auto()  # customers, accounts, sites
    SECRETS = auto()  # API secrets and logins at carriers
    CHANNELS = auto()  # channels, routes, codes
    REVIEW = auto()  # signatures, templates, words
    BLACK_LIST = auto()
    TRAFFIC = auto()  # tasks, messages, reports: send, stop, replay
    MONEY = auto()  # top-ups, corrections, credit, prices, and approving them as the second person
    AUDIT = auto()
    STAFF = auto()  # staff, their sessions, and tokens of the API


@dataclass(frozen=True, slots=True)
class Staff:
    id: int
    name: str  # the name to log in with
    role: Role = Role.READ_ONLY
    title: str = ""
    is_stopped: bool = False
    has_second_factor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffChange(Change):
    """The fields of one of the staff that can be set."""

    thing: ClassVar[type] = Staff

    role: Role | None = described("What the person is there for.", word(Role), customers=Customers.NOTHING)
    title: str | None = described("Name and department, for lists.", text(128), customers=Customers.NOTHING)
    is_stopped: bool | None = described("May not log in.", FLAG, customers=Customers.NOTHING)


class Stage(Enum):
    """How far a login has come after the password was shown."""

    CODE = auto()  # the code of the second factor is still missing
    ENROL = auto()  # the role requires a second factor, and none is set up yet
    IN = auto()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from."""

    address: str
    agent: str  # the User-Agent of the browser or program


@dataclass(frozen=True, slots=True)
class Person:
    """One of the staff in a session, who makes a request."""

    staff: Staff
    session_id: int
    stage: Stage
    permissions: frozenset[Permission]

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions
