"""hongyan approval: changes of money that wait for a second person, who may be an operator of the command line."""

from typing import Annotated

from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, argument, noun, option, verb
from hongyan.cli.out import say
from hongyan.cli.store import opened
from hongyan.model.approval import ApprovalState
from hongyan.model.kinds import GREATEST
from hongyan.services.admin import approvals
from hongyan.services.queries.lists import money as lists

app = noun("approval", "Changes of money that wait for a second person.")

Number = Annotated[int, argument("Number of the change.", min=1, max=GREATEST)]


list_verb(
    app,
    lists.APPROVALS,
    "hongyan approval list",
    "hongyan approval list --state approved --json",
    usual={"state": ApprovalState.WAITING},
)


@verb(
    app,
    "approve",
    "Make a change that waits.",
    "hongyan approval approve 7270123456789",
    "hongyan approval approve 7270123456789 --data d",
)
def approve(number: Number, data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        admin.change(approvals.approve, number)
    say("{number}: approved and made", number=number)


@verb(
    app,
    "reject",
    "Let a change that waits not be made.",
    "hongyan approval reject 7270123456789 --reason typo",
    "hongyan approval reject 7270123456789 --reason x",
)
def reject(
    number: Number,
    reason: Annotated[str, option("Why; it is kept.", "--reason")],
    data: Data = None,
    config: Config = None,
) -> None:
    with opened(data, config) as admin:
        admin.change(approvals.reject, number, reason)
    say("{number}: rejected", number=number)
