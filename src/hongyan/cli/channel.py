"""hongyan channel: the ways to carriers. Changes take effect at once in every running process."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.fields import Flag, check_named, options_of
from hongyan.cli.lists import Csv, Full, ListOptions, Xlsx, list_verb, print_list
from hongyan.cli.options import Config, Data, Json, Jsonl, Most, SecretFile, argument, noun, option, verb
from hongyan.cli.out import form, print_one, say
from hongyan.cli.secrets import read_secret
from hongyan.cli.store import opened
from hongyan.i18n import value_word
from hongyan.model.channel import ChannelChange, ChannelOpening, ChannelState, check_channel
from hongyan.model.channel_options import ChannelOptions
from hongyan.services.admin import channels
from hongyan.services.queries.channel_details import channel_details
from hongyan.services.queries.lists import channels as lists
from hongyan.services.queries.lists.delivery import UNMATCHED

app = noun("channel", "Channels: the ways to carriers.")


Name = Annotated[str, argument("Name of the channel.")]


def _pairs(options: list[str]) -> dict[str, Any]:
    pairs = [one.partition("=") for one in options]
    if wrong := [name for name, equals, _ in pairs if not (name and equals)]:
        raise Stop(Exit.USAGE, "--option wants name=value, not {pair}", pair=wrong[0])
    return {name: value for name, _, value in pairs}


FLAGS: dict[str, Flag | None] = {
    "state": None,  # start, stop, pause, drain
    "options": Flag("--option", read=_pairs),
}

OPENING_FLAGS: dict[str, Flag | None] = {
    "name": Flag(""),
    "secret": None,  # asked for
}


@verb(
    app,
    "add",
    "Add a channel; it connects at once where a platform runs.",
    "hongyan channel add up1 --protocol smpp --host 192.0.2.7 --port 2775 --user u --window 100",
    "hongyan channel add gd --protocol cmpp2 --host 192.0.2.8 --port 7890 --user 900001 --secret-file f",
)
@options_of(ChannelOpening, OPENING_FLAGS, "opening")
@options_of(ChannelOptions, {}, "named")
@options_of(ChannelChange, FLAGS)
def add(
    opening: ChannelOpening,
    change: ChannelChange,
    named: ChannelOptions,
    secret_file: SecretFile = None,
    stopped: Annotated[bool, option("Do not connect yet.", "--stopped")] = False,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    channel = opening.channel(replace(change, state=ChannelState.STOPPED if stopped else ChannelState.RUNNING), named)
    check_channel(channel)
    if channel.has_secret:
        channel = replace(channel, secret=read_secret(secret_file, "channel secret"))
    with opened(data, config) as admin:
        channel_id = admin.change(channels.add_channel, channel, admin.sealer)
    print_one({"channel": channel.name, "id": channel_id}, form(as_json))
    if channel.lacks_listener:
        warn_without_listener(channel.name)


list_verb(app, lists.CHANNELS, "hongyan channel list", "hongyan channel list --json")


@verb(
    app, "show", "Show one channel; the secret is never shown.", "hongyan channel show up1", "hongyan channel show up1 --json"
)
def show(name: Name, data: Data = None, config: Config = None, as_json: Json = False) -> None:
    with opened(data, config) as admin:
        found = admin.read(channel_details, name)
    print_one(found, form(as_json))


@verb(
    app,
    "set",
    "Change a channel; what is not named stays as it is.",
    "hongyan channel set up1 --window 50 --rate 200",
    "hongyan channel set up1 --host 192.0.2.9 --port 2775",
)
@options_of(ChannelOptions, {}, "named")
@options_of(ChannelChange, FLAGS)
def set_(
    name: Name,
    change: ChannelChange,
    named: ChannelOptions,
    data: Data = None,
    config: Config = None,
) -> None:
    check_named(change, named)
    with opened(data, config) as admin:
        admin.change(channels.change_channel, name, change, named)
    say("{name}: changed", name=name)


@verb(
    app,
    "secret",
    "Give a channel another secret.",
    "hongyan channel secret up1",
    "hongyan channel secret up1 --secret-file - < secret",
)
def secret(name: Name, secret_file: SecretFile = None, data: Data = None, config: Config = None) -> None:
    plain = read_secret(secret_file, "channel secret")
    with opened(data, config) as admin:
        admin.change(channels.change_channel_secret, name, plain, admin.sealer)
    say("{name}: the new secret holds", name=name)


@verb(app, "start", "Connect, send and receive.", "hongyan channel start up1", "hongyan channel start up1 --data d")
def start(name: Name, data: Data = None, config: Config = None) -> None:
    _move(name, ChannelState.RUNNING, data, config)


@verb(
    app,
    "stop",
    "Disconnect; what waits goes another way after a while.",
    "hongyan channel stop up1",
    "hongyan channel stop up1 --data d",
)
def stop(name: Name, data: Data = None, config: Config = None) -> None:
    _move(name, ChannelState.STOPPED, data, config)


@verb(
    app,
    "pause",
    "Stay connected and receive, but send nothing.",
    "hongyan channel pause up1",
    "hongyan channel pause up1 --data d",
)
def pause(name: Name, data: Data = None, config: Config = None) -> None:
    _move(name, ChannelState.PAUSED, data, config)


@verb(
    app, "drain", "Send what is queued and take nothing new.", "hongyan channel drain up1", "hongyan channel drain up1 --data d"
)
def drain(name: Name, data: Data = None, config: Config = None) -> None:
    _move(name, ChannelState.DRAINING, data, config)


@verb(
    app,
    "unmatched",
    "List reports that met no message, or one to another phone, newest first.",
    "hongyan channel unmatched up1",
    "hongyan channel unmatched --hours 2 --json",
)
def unmatched(
    name: Annotated[str | None, argument("Name of the channel; else all.")] = None,
    hours: Annotated[float, option("Of the last so many hours.", "--hours", min=0.01, max=31 * 24)] = 24,
    most: Most = 100,
    full: Full = False,
    csv: Csv = False,
    xlsx: Xlsx = None,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
    as_jsonl: Jsonl = False,
) -> None:
    with opened(data, config) as admin:
        now_ms = admin.now_ms()
        given = {"channel": name, "since_ms": now_ms - round(hours * 3_600_000), "until_ms": now_ms}
        print_list(admin, UNMATCHED, given, ListOptions(form(as_json, as_jsonl), most, is_full=full, csv=csv, xlsx=xlsx))


def _move(name: str, state: ChannelState, data: Path | None, config: Path | None) -> None:
    with opened(data, config) as admin:
        admin.change(channels.set_channel_state, name, state)
    say("{name}: {state}", name=name, state=value_word("state", state.name.lower()))


def warn_without_listener(name: str) -> None:
    say(
        "{name} will get no reports and no replies: its carrier delivers them on connections to us, and no --listen-port is set",
        "yellow",
        name=name,
    )
    say("Set one, and tell the carrier: hongyan channel set {name} --listen-port PORT --allow-ip ADDRESS", "yellow", name=name)
