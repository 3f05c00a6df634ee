"""hongyan sign: signatures 【…】 of accounts, and whether they may be used."""

from typing import Annotated

from hongyan.cli.fields import Flag, options_of
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, argument, noun, option, verb
from hongyan.cli.out import form, print_one, say
from hongyan.cli.store import opened
from hongyan.cli.table_imports import import_verbs
from hongyan.model.signature import SignatureChange, SignatureDecision, SignatureState
from hongyan.services.admin import rules
from hongyan.services.queries.lists import rules as lists

app = noun("sign", "Signatures of accounts; they bind where an account is set to approved.")

Number = Annotated[int, argument("Number of the signature.")]
Note = Annotated[str, option("Why.", "--note")]


@verb(
    app,
    "add",
    "Enter a signature of an account, to be decided or approved at once.",
    "hongyan sign add acme 鸿雁科技",
    "hongyan sign add acme 鸿雁科技 --approved --json",
)
@options_of(SignatureChange, {"name": Flag(""), "is_approved": Flag("--approved")})
def add(
    account: Annotated[str, argument("Name of the account.")],
    change: SignatureChange,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    with opened(data, config) as admin:
        number = admin.change(rules.add_signature, account, change)
    state = SignatureState.APPROVED if change.is_approved else SignatureState.PENDING
    print_one({"id": number, "account": account, "state": state}, form(as_json))


@verb(app, "approve", "Let a signature be used.", "hongyan sign approve 3", "hongyan sign approve 3 --note 'licence seen'")
def approve(number: Number, note: Note = "", data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        account, name = admin.change(rules.decide_signature, number, SignatureDecision(is_approved=True, note=note))
    say("the signature 【{name}】 of {account}: approved", name=name, account=account)


@verb(
    app,
    "reject",
    "Let a signature not be used, or no more.",
    "hongyan sign reject 3 --note 'no licence'",
    "hongyan sign reject 3 --data d",
)
def reject(number: Number, note: Note = "", data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        account, name = admin.change(rules.decide_signature, number, SignatureDecision(is_approved=False, note=note))
    say("the signature 【{name}】 of {account}: rejected", name=name, account=account)


list_verb(app, lists.SIGNATURES, "hongyan sign list --state pending", "hongyan sign list --account acme --json")
import_verbs(app, "sign", "signatures")
