"""hongyan channel test and channel pdus: what a link sends and receives."""

import dataclasses
from typing import Annotated, Any
from urllib.parse import quote

import typer

from hongyan.cli import question
from hongyan.cli.channel import Name, warn_without_listener
from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Config, Data, Json, option, verb
from hongyan.cli.out import form, print_json, print_one, say
from hongyan.cli.recorded import OpsPort, print_pdu, print_recorded
from hongyan.cli.store import opened
from hongyan.i18n import _, column_head, language, translated
from hongyan.model.phone import normalise
from hongyan.services.admin import channels
from hongyan.services.queries.lists.cells import written

app = question.app
"""The noun `channel`, with these verbs added to those."""


@verb(
    app,
    "test",
    "Log in as the channel would, send one text if a phone is named, and show what came back; nothing is stored.",
    "hongyan channel test up1",
    "hongyan channel test up1 --to 13800138000 --text 'test【鸿雁】' --json",
)
def try_(
    name: Name,
    to: Annotated[str | None, option("Phone that gets a text. The carrier charges for it.", "--to")] = None,
    text: Annotated[str, option("The text.", "--text")] = "hongyan channel test【鸿雁】",
    report_s: Annotated[float, option("Seconds to wait for its report.", "--report-s", min=0, max=600)] = 30.0,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    from hongyan.compose.trial import try_channel  # noqa: PLC0415  see cli.store

    phone = normalise(to) if to else None
    if to and phone is None:
        raise Stop(Exit.USAGE, "{to} is no phone number", to=to)
    with opened(data, config) as admin:
        tried = admin.run(try_channel(admin.admin, name, phone, text, report_s))
    if tried.beside:
        say("{beside} is connected: the carrier may refuse a second login, or send the report there", beside=tried.beside)
    if tried.is_deaf:
        warn_without_listener(name)
    if as_json:
        print_json(dataclasses.asdict(tried))
    else:
        _print(tried)
    if not tried.is_good:
        raise typer.Exit(Exit.FOUND)


def _print(tried: Any) -> None:
    for pdu in tried.pdus:
        print_pdu(pdu, f"+{pdu['ms']:>6} ms")
    steps = {
        "login": f"{_('done') if tried.login == 'ok' else translated(tried.login)} ({tried.login_ms} ms)",
        "answer": _line(tried.answer),
        "report": _line(tried.report),
    }
    print_one({step: facts for step, facts in steps.items() if facts}, form(as_json=False))


def _line(facts: dict[str, Any]) -> str:
    """Returns the answer, with the meaning of its code in the person's language."""
    left_out = "meaning" if language() == "zh" else "chinese"
    return ", ".join(f"{column_head(name)}: {written(name, value)}" for name, value in facts.items() if name != left_out)


@verb(
    app,
    "pdus",
    "Show the last PDUs of a running server's link: phones masked, texts and secrets left out.",
    "hongyan channel pdus up1",
    "hongyan channel pdus up1 --ops-port 8082 --json",
)
def pdus(name: Name, ops_port: OpsPort = None, data: Data = None, config: Config = None, as_json: Json = False) -> None:
    with opened(data, config) as admin:
        admin.read(channels.check_has_pdus, name)
    print_recorded(f"channels/{quote(name, safe='')}", ops_port, data, config, as_json=as_json)
