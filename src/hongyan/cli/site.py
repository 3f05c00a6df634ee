"""hongyan site: whose words a host answers to requests that name no known account."""

import re
from typing import Annotated

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Config, Data, Json, Jsonl, argument, given, noun, option, verb
from hongyan.cli.out import form, give_rows, say
from hongyan.cli.store import opened
from hongyan.model.account import CleanText, DialectName
from hongyan.services.admin import sites

app = noun("site", "Sites: whose words a host answers to requests that name no known account.")

EVERY = "any"

Host = Annotated[str, argument("The host as clients write it, without a port; any for all that have no site of their own.")]


@verb(
    app,
    "set",
    "Add a site, or change one; what is not named stays as it is.",
    "hongyan site set sms.example --dialect wl",
    "hongyan site set any --dialect wl-000",
)
def set_(
    host: Host,
    dialect: Annotated[DialectName | None, option("Whose words its answers use.", "--dialect")] = None,
    brand: Annotated[str | None, option("Name that people see.", "--brand")] = None,
    language: Annotated[str | None, option("Language that people see: zh or en.", "--language")] = None,
    clean_text: Annotated[
        CleanText | None,
        option(
            "What checkkeyword says of a text without such words; screened 没有包含屏蔽词, illegal 未包含非法字符, usual: as the dialect.",
            "--clean-text",
        ),
    ] = None,
    data: Data = None,
    config: Config = None,
) -> None:
    if language not in {None, "zh", "en"}:
        raise Stop(Exit.USAGE, "{language} is no language here", "give zh or en", language=language)
    name = _host(host)
    changes = given(
        dialect=str(dialect) if dialect else None,
        brand=brand,
        language=language,
        clean_text=str(clean_text) if clean_text else None,
    )
    with opened(data, config) as admin:
        admin.change(sites.set_site, name, changes)
    say("{host}: set", host=host)


@verb(app, "list", "List sites.", "hongyan site list", "hongyan site list --json")
def list_(data: Data = None, config: Config = None, as_json: Json = False, as_jsonl: Jsonl = False) -> None:
    with opened(data, config) as admin:
        rows = [row | {"host": row["host"] or EVERY} for row in admin.read(sites.sites)]
    give_rows("sites", rows, form(as_json, as_jsonl))


@verb(app, "remove", "Remove a site.", "hongyan site remove sms.example", "hongyan site remove any --data d")
def remove(host: Host, data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        admin.change(sites.drop_site, _host(host))
    say("{host}: removed", host=host)


def _host(told: str) -> str:
    """raises: Stop USAGE for what is no host"""
    if told == EVERY:
        return ""
    if not re.fullmatch(r"[a-z0-9.-]{1,255}", told.lower()):
        raise Stop(Exit.USAGE, "{told} is no host", "give its name without a port, or any", told=told)
    return told.lower()
