"""`pull` of reports and replies: what customers are owed, fetched as their own programs would."""

from collections.abc import Callable
from typing import Annotated, TypeVar, cast

import typer

from hongyan.cli.options import Config, Data, Json, Jsonl, Most, option, verb
from hongyan.cli.out import form, print_rows
from hongyan.cli.send import account_named
from hongyan.cli.store import CommandStore, opened
from hongyan.model.act import Act
from hongyan.model.owed import OwedKind, OwedReply, OwedReport
from hongyan.ports.tx import Tx
from hongyan.services.steps import owed

Account = Annotated[str, option("Account whose they are.", "--account")]
Task = Annotated[int | None, option("Only of this task.", "--task")]

Item = TypeVar("Item", OwedReport, OwedReply)


def pull_verb(
    app: typer.Typer, english: str, kind: OwedKind, title: str, row: Callable[[Item], dict[str, object]], *examples: str
) -> None:
    """Declare the command of a noun that fetches what an account is owed.

    title: of what is printed
    row:   makes the row of an item
    """

    @verb(app, "pull", english, *examples)
    def pull(
        account: Account,
        task: Task = None,
        most: Most = 100,
        data: Data = None,
        config: Config = None,
        as_json: Json = False,
        as_jsonl: Jsonl = False,
    ) -> None:
        with opened(data, config) as admin:
            rows = [row(cast("Item", item)) for item in _pull(admin, account, kind, most, task)]
        print_rows(title, rows, form(as_json, as_jsonl))


def _pull(admin: CommandStore, account: str, kind: OwedKind, most: int, task: int | None) -> owed.Items:
    """Hand out what the account is owed. raises: Stop for an unknown account"""
    asked = owed.Pull(account_named(admin.snapshot(), account), kind, most, task)
    return admin.change(_pull_one, asked)


def _pull_one(tx: Tx, act: Act, asked: owed.Pull) -> owed.Items:
    (items,) = owed.pull(tx, [asked], now_ms=act.now_ms)
    return items
