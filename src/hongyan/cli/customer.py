"""hongyan customer: the enterprises; their number is the userid of the interfaces."""

from typing import Annotated

from hongyan.cli.fields import Flag, check_named, options_of
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, argument, noun, option, verb
from hongyan.cli.out import form, print_one, say
from hongyan.cli.store import opened
from hongyan.model.customer import CustomerChange
from hongyan.services.admin import accounts
from hongyan.services.queries.lists import customers as lists

app = noun("customer", "Customers: the enterprises that accounts belong to.")


FLAGS: dict[str, Flag | None] = {"parent_id": Flag("--parent")}

Number = Annotated[int, argument("Its number: the userid of the interfaces.", min=0)]


@verb(
    app, "add", "Add a customer.", 'hongyan customer add 7 --name "Acme Ltd"', "hongyan customer add 8 --name 宏大 --parent 7"
)
def add(
    number: Number,
    name: Annotated[str, option("Name of the enterprise.", "--name")],
    parent: Annotated[int | None, option("Number of the reseller it belongs to.", "--parent")] = None,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    with opened(data, config) as admin:
        admin.change(accounts.add_customer, number, name, parent)
    print_one({"customer": number, "name": name}, form(as_json))


@verb(
    app,
    "set",
    "Change a customer; what is not named stays as it is.",
    'hongyan customer set 7 --name "Acme Group"',
    "hongyan customer set 8 --parent 7",
)
@options_of(CustomerChange, FLAGS)
def set_(number: Number, change: CustomerChange, data: Data = None, config: Config = None) -> None:
    check_named(change)
    with opened(data, config) as admin:
        admin.change(accounts.change_customer, number, change)
    say("{number}: changed", number=number)


list_verb(app, lists.CUSTOMERS, "hongyan customer list", "hongyan customer list --json")
