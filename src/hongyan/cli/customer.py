"""hongyan customer: the enterprises; their number is the userid of the interfaces."""

from typing import Annotated

from hongyan.cli.options import Config, Data, Json, Jsonl, argument, noun, option, verb
from hongyan.cli.out import form, give_one, give_rows
from hongyan.cli.store import opened
from hongyan.services.admin import accounts
from hongyan.services.queries import reading

app = noun("customer", "Customers: the enterprises that accounts belong to.")


@verb(
    app, "add", "Add a customer.", 'hongyan customer add 7 --name "Acme Ltd"', "hongyan customer add 8 --name 宏大 --parent 7"
)
def add(
    number: Annotated[int, argument("Its number: the userid of the interfaces.", min=0)],
    name: Annotated[str, option("Name of the enterprise.", "--name")],
    parent: Annotated[int | None, option("Number of the reseller it belongs to.", "--parent")] = None,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    with opened(data, config) as admin:
        admin.change(accounts.add_customer, number, name, parent)
    give_one({"customer": number, "name": name}, form(as_json))


@verb(app, "list", "List customers.", "hongyan customer list", "hongyan customer list --json")
def list_(data: Data = None, config: Config = None, as_json: Json = False, as_jsonl: Jsonl = False) -> None:
    with opened(data, config) as admin:
        rows = admin.read(reading.customers)
    give_rows("customers", rows, form(as_json, as_jsonl), ("id", "name", "parent_id"))
