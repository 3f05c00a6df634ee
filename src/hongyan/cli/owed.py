"""What customers are owed, fetched as their own programs would."""

from typing import Annotated

from hongyan.cli.options import option
from hongyan.cli.send import account_named
from hongyan.cli.store import CommandStore
from hongyan.model.act import Act
from hongyan.model.owed import OwedKind
from hongyan.ports.tx import Tx
from hongyan.services.steps import owed

Account = Annotated[str, option("Account whose they are.", "--account")]
Task = Annotated[int | None, option("Only of this task.", "--task")]


def pull(admin: CommandStore, account: str, kind: OwedKind, most: int, task: int | None) -> owed.Items:
    """Hand out what the account is owed. raises: Stop for an unknown account"""
    asked = owed.Pull(account_named(admin.snapshot(), account), kind, most, task)
    return admin.change(_pull_one, asked)


def _pull_one(tx: Tx, act: Act, asked: owed.Pull) -> owed.Items:
    (items,) = owed.pull(tx, [asked], now_ms=act.now_ms)
    return items
