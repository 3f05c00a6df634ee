"""hongyan template: an account's own texts with gaps, which its programs call by number."""

from typing import Annotated

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.fields import Flag, options_of
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, argument, noun, option, verb
from hongyan.cli.out import Form, form, print_json, print_one, print_rows, say
from hongyan.cli.store import opened
from hongyan.cli.table_imports import import_verbs
from hongyan.model.template import TemplateChange
from hongyan.services.admin import templates
from hongyan.services.queries.lists import rules as lists
from hongyan.services.queries.template_test import template_test

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
import_verbs(app, "template", "templates")


@verb(
    app,
    "test",
    "Say which templates a text fits, or where it differs from the nearest one. Ends with 6 if it fits none.",
    "hongyan template test '【鸿雁】您的验证码是8271，5分钟内有效。'",
    "hongyan template test '【鸿雁】订单1已发货。' --account acme --json",
)
def try_(
    text: Annotated[str, argument("The text.")],
    account: Annotated[str, option("Only templates of this account.", "--account")] = "",
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    with opened(data, config) as admin:
        found = admin.read(template_test, text, account)
    if as_json:
        print_json(found)
    elif found["matches"]:
        print_rows("matches", found["matches"], Form.TABLE)
    elif found["nearest"]:
        print_one(found["nearest"], Form.TABLE)
    if not found["matches"]:
        raise Stop(Exit.FOUND, "no template fits the text")
