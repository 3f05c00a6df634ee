"""hongyan channel query and cancel: questions to a carrier about messages."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from hongyan.cli import channel as ways
from hongyan.cli.channel import Name
from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Config, Data, Json, option, verb
from hongyan.cli.out import form, print_one
from hongyan.cli.store import opened
from hongyan.model.channel import Channel

app = ways.app
"""The noun `channel`, with these verbs added."""

Source = Annotated[str, option("Number that the message came from.", "--source")]
Dest = Annotated[str, option("Number that the message goes to.", "--to")]


@verb(
    app,
    "query",
    "Ask a carrier for the state of one message, or for a day's numbers; on a connection of its own.",
    "hongyan channel query up1 --id 5F3A9C01",
    "hongyan channel query gd --day 20261125 --json",
)
def query(
    name: Name,
    message_id: Annotated[str, option("The carrier's id of the message, as it answered; SMPP and SGIP.", "--id")] = "",
    day: Annotated[str, option("Day, as YYYYMMDD; CMPP and SMGP.", "--day")] = "",
    source: Source = "",
    dest: Dest = "",
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    if bool(message_id) is bool(day):
        raise Stop(Exit.USAGE, "give --id or --day")
    print_one(_asked(name, data, config, message_id=message_id, day=day, source=source, dest=dest), form(as_json))


@verb(
    app,
    "cancel",
    "Ask a carrier not to deliver a message that it took; the report says what came of it.",
    "hongyan channel cancel up1 --id 5F3A9C01",
    "hongyan channel cancel gd --id 13449404077027430964 --json",
)
def cancel(
    name: Name,
    message_id: Annotated[str, option("The carrier's id of the message, as it answered; CMPP, SMPP and MM7.", "--id")],
    source: Source = "",
    dest: Dest = "",
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    answer = _asked(name, data, config, message_id=message_id, is_cancellation=True, source=source, dest=dest)
    print_one(answer, form(as_json))
    if not answer["cancelled"]:
        raise Stop(
            Exit.FOUND, "the carrier did not cancel it", "it may be delivered, or the id may be another: hongyan channel query"
        )


def _asked(
    name: str,
    data: Path | None,
    config: Path | None,
    *,
    message_id: str = "",
    day: str = "",
    is_cancellation: bool = False,
    source: str = "",
    dest: str = "",
) -> Mapping[str, object]:
    from hongyan.compose.carrier_question import ask_carrier  # noqa: PLC0415  help does without the platform

    channel = _channel(name, data, config)
    return ask_carrier(channel, message_id=message_id, day=day, is_cancellation=is_cancellation, source=source, dest=dest)


def _channel(name: str, data: Path | None, config: Path | None) -> Channel:
    with opened(data, config) as admin:
        channels = admin.snapshot().channels.values()
    found = next((channel for channel in channels if channel.name == name), None)
    if found is None:
        raise Stop(Exit.MISSING, "there is no channel {name}", "hongyan channel list", name=name)
    return found
