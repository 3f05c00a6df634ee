"""The permissions of each role in one table, and which roles require a second factor."""

from hongyan.model.staff import Permission, Role, Staff, Stage

P = Permission

ROLES: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.OPERATIONS: frozenset({
        P.SEE, P.PHONES, P.CUSTOMERS, P.SECRETS, P.CHANNELS, P.REVIEW, P.BLACK_LIST, P.TRAFFIC, P.AUDIT,
    }),
    Role.REVIEW: frozenset({P.SEE, P.REVIEW, P.BLACK_LIST}),
    Role.FINANCE: frozenset({P.SEE, P.MONEY, P.AUDIT}),
    Role.SUPPORT: frozenset({P.SEE, P.BLACK_LIST}),
    Role.READ_ONLY: frozenset({P.SEE}),
}  # fmt: skip

_TOUCHY = {P.MONEY, P.SECRETS, P.STAFF}


def asks_second_factor(role: Role) -> bool:
    """Returns whether the role may change money, secrets or people."""
    return not ROLES[role].isdisjoint(_TOUCHY)


def stage_of(staff: Staff, *, is_proved: bool, asks: bool) -> Stage:
    """Returns how far a session has come.

    is_proved: whether a second factor was shown in it
    asks:      whether this installation requires one if the role does
    """
    if is_proved:
        return Stage.IN
    if staff.has_second_factor:
        return Stage.CODE
    return Stage.ENROL if asks and asks_second_factor(staff.role) else Stage.IN


def permissions_of(role: Role, stage: Stage) -> frozenset[Permission]:
    """Returns what a person may do now; nothing before the last stage."""
    return ROLES[role] if stage is Stage.IN else frozenset()
