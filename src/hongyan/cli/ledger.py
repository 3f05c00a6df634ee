"""hongyan ledger: the proof that the money adds up."""

from dataclasses import asdict
from typing import Annotated

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, noun, option, verb
from hongyan.cli.out import Form, form, print_json, print_one, print_rows, say
from hongyan.cli.store import opened
from hongyan.services.admin import billing, refunds
from hongyan.services.admin.refunds import Refunded
from hongyan.services.queries.lists import money as lists

app = noun("ledger", "The ledger: points, who changed them by hand, and the proof that they add up.")


list_verb(app, lists.ENTRIES, "hongyan ledger list acme", "hongyan ledger list acme --most 20 --json")
list_verb(app, lists.BALANCES, "hongyan ledger balances", "hongyan ledger balances --csv", name="balances")


@verb(
    app,
    "refund",
    "Give back what a message cost, or those of a task that have ended; what came back already does not come back again.",
    "hongyan ledger refund --task 2611210000000001 --note 'sent twice by mistake'",
    "hongyan ledger refund --message 805990878412812288 --note complaint --json",
)
def refund(
    note: Annotated[str, option("Why; the ledger keeps it.", "--note")],
    task: Annotated[int | None, option("The task's 16 digits.", "--task")] = None,
    message: Annotated[int | None, option("The message's id, as trace shows it.", "--message")] = None,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    if (task is None) is (message is None):
        raise Stop(Exit.USAGE, "give --task or --message, one of them")
    with opened(data, config) as admin:
        if message is not None:
            refunded = Refunded(1, admin.change(refunds.refund_message, message, note))
        else:
            refunded = admin.run(refunds.refund_task(admin.admin, task or 0, note))
    print_one({"messages": refunded.messages, "points": refunded.points}, form(as_json))


@verb(
    app,
    "verify",
    "Recompute every wallet from its entries and name those that differ.",
    "hongyan ledger verify",
    "hongyan ledger verify --data d --json",
)
def verify(data: Data = None, config: Config = None, as_json: Json = False) -> None:
    with opened(data, config) as admin:
        wallets, differing = admin.read(billing.verify)
    rows = [asdict(one) for one in differing]
    if form(as_json) is Form.JSON:
        print_json({"wallets": wallets, "differences": len(rows), "differing": rows})
    elif rows:
        print_rows("differing", rows, Form.TABLE)
    if rows:
        raise Stop(
            Exit.FOUND,
            "{count} of {wallets} wallets differ from their entries",
            "stop changes and keep a copy of the store",
            count=len(rows),
            wallets=wallets,
        )
    say("{wallets:wallet|wallets}, 0 differences", wallets=wallets)
