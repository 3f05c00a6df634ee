"""hongyan template: an account's own texts with gaps, which its programs call by number."""

from typing import Annotated

from hongyan.cli.fields import Flag, options_of
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, argument, noun, verb
from hongyan.cli.out import form, print_one, say
from hongyan.cli.store import opened
from hongyan.model.template import TemplateChange
from hongyan.services.admin import templates
from hongyan.services.queries.lists import rules as lists

app = noun("template", "Templates: texts of an account with gaps {1}, {2}, …, for programs that send templateid and param.")

Name = Annotated[str, argument("Name of the account.")]


@verb(
    app,
    "add",
    "Add a template to an account.",
    "hongyan template add acme '【鸿雁】您的验证码是{1}，{2}分钟内有效。'",
    "hongyan template add acme '【鸿雁】订单{1}已发货。' --number 10086 --json",
)
@options_of(TemplateChange, {"text": Flag("")})
def add(
    account: Name,
    change: TemplateChange,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    with opened(data, config) as admin:
        number = admin.change(templates.add_template, account, change)
    print_one({"account": account, "number": number, "text": change.text}, form(as_json))


@verb(
    app,
    "remove",
    "Take a template away from an account.",
    "hongyan template remove acme 1",
    "hongyan template remove acme 10086 --data d",
)
def remove(
    account: Name,
    number: Annotated[str, argument("Number of the template.")],
    data: Data = None,
    config: Config = None,
) -> None:
    with opened(data, config) as admin:
        admin.change(templates.remove_template, account, number)
    say("template {number} of {account}: removed", number=number, account=account)


list_verb(app, lists.TEMPLATES, "hongyan template list --account acme", "hongyan template list --json")
