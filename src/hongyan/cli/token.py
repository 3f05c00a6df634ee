"""hongyan token: tokens with which programs use the admin API."""

from typing import Annotated

from hongyan.cli.fields import Flag, options_of
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, argument, noun, verb
from hongyan.cli.out import form, print_one, say
from hongyan.cli.store import opened
from hongyan.model.token import TokenChange
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
@options_of(TokenChange, {"name": Flag("")})
def add(change: TokenChange, data: Data = None, config: Config = None, as_json: Json = False) -> None:
    bearer = new_bearer(tokens.PREFIX)
    with opened(data, config) as admin:
        token = admin.change(tokens.add_token, change, bearer)
    print_one({"name": token.name, "role": token.role.value, "token": bearer.plain}, form(as_json))


list_verb(app, lists.TOKENS, "hongyan token list", "hongyan token list --json")


@verb(
    app, "revoke", "Let a token open nothing any more.", "hongyan token revoke billing", "hongyan token revoke watch --data d"
)
def revoke(name: Name, data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        admin.change(tokens.revoke_token, name)
    say("{name}: revoked", name=name)
