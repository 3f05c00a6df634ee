"""hongyan sign: signatures 【…】 of accounts, and whether they may be used."""

from enum import StrEnum
from typing import Annotated

from hongyan.cli.options import Config, Data, Json, Jsonl, argument, noun, option, verb
from hongyan.cli.out import form, give_one, give_rows, say
from hongyan.cli.store import opened
from hongyan.i18n import china_time
from hongyan.services.admin import rules

app = noun("sign", "Signatures of accounts; they bind where an account is set to approved.")

Number = Annotated[int, argument("Number of the signature.")]
Note = Annotated[str, option("Why.", "--note")]


class State(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@verb(
    app,
    "add",
    "Enter a signature of an account, to be decided or approved at once.",
    "hongyan sign add acme 鸿雁科技",
    "hongyan sign add acme 鸿雁科技 --approved --json",
)
def add(
    account: Annotated[str, argument("Name of the account.")],
    name: Annotated[str, argument("What stands in 【】, 2 to 20 characters.")],
    approved: Annotated[bool, option("It may be used at once.", "--approved")] = False,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    with opened(data, config) as admin:
        number = admin.change(rules.add_signature, account, name, approved)
    give_one({"id": number, "account": account, "state": State.APPROVED if approved else State.PENDING}, form(as_json))


@verb(app, "approve", "Let a signature be used.", "hongyan sign approve 3", "hongyan sign approve 3 --note 'licence seen'")
def approve(number: Number, note: Note = "", data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        admin.change(rules.decide_signature, number, True, note)
    say("signature {number}: approved", number=number)


@verb(
    app,
    "reject",
    "Let a signature not be used, or no more.",
    "hongyan sign reject 3 --note 'no licence'",
    "hongyan sign reject 3 --data d",
)
def reject(number: Number, note: Note = "", data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        admin.change(rules.decide_signature, number, False, note)
    say("signature {number}: rejected", number=number)


@verb(app, "list", "List signatures.", "hongyan sign list --state pending", "hongyan sign list --account acme --json")
def list_(
    account: Annotated[str | None, option("Only of this account.", "--account")] = None,
    state: Annotated[State | None, option("Only pending, approved or rejected ones.", "--state")] = None,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
    as_jsonl: Jsonl = False,
) -> None:
    with opened(data, config) as admin:
        rows = admin.read(rules.signatures, account, str(state) if state else None)
    shown = [
        {
            "id": row["id"], "account": row["account"], "name": row["name"], "state": row["state"], "note": row["note"],
            "since": china_time(row["made_ms"]), "decided": china_time(row["decided_ms"]),
        }
        for row in rows
    ]  # fmt: skip
    give_rows("signatures", shown, form(as_json, as_jsonl))
