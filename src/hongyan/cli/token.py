"""hongyan token: what programs use the admin API with."""

from typing import Annotated

from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, argument, noun, option, verb
from hongyan.cli.out import form, print_one, say
from hongyan.cli.store import opened
from hongyan.model.staff import Role
from hongyan.services.admin import tokens
from hongyan.services.admin.bearer import new_bearer
from hongyan.services.queries.lists import people as lists

app = noun("token", "Tokens: what programs use the admin API with.")

Name = Annotated[str, argument("Name of the token.")]


@verb(
    app,
    "add",
    "Make a token; it is printed here and nowhere else.",
    "hongyan token add billing --role finance",
    "hongyan token add watch --role read-only --days 365 --json",
)
def add(
    name: Name,
    role: Annotated[Role, option("What the token may do.", "--role")] = Role.READ_ONLY,
    days: Annotated[int, option("For how many days it holds.", "--days", min=1, max=366)] = 90,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    bearer = new_bearer(tokens.PREFIX)
    with opened(data, config) as admin:
        admin.change(tokens.add_token, name, role, days, bearer)
    print_one({"name": name, "role": role.value, "token": bearer.plain}, form(as_json))


list_verb(app, lists.TOKENS, "hongyan token list", "hongyan token list --json")


@verb(
    app, "revoke", "Let a token open nothing any more.", "hongyan token revoke billing", "hongyan token revoke watch --data d"
)
def revoke(name: Name, data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        admin.change(tokens.revoke_token, name)
    say("{name}: revoked", name=name)
