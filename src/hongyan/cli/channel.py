"""hongyan channel: the ways to carriers. Changes hold at once in every running process."""

from pathlib import Path
from typing import Annotated, Any

import orjson

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Config, Data, Json, Jsonl, Most, ProductName, SecretFile, argument, given, noun, option, verb
from hongyan.cli.out import form, give_one, give_rows, say
from hongyan.cli.secrets import read_secret
from hongyan.cli.store import opened
from hongyan.i18n import value_word
from hongyan.model.channel import (
    Channel,
    ChannelState,
    IdForm,
    OnDoubt,
    Protocol,
    ReceiptsGiven,
    SignaturePlace,
    products_of,
)
from hongyan.services.admin import channels
from hongyan.services.queries import reading

app = noun("channel", "Channels: the ways to carriers.")

SEALED = {Protocol.CMPP2, Protocol.CMPP3, Protocol.HTTP, Protocol.MM7, Protocol.SGIP, Protocol.SMGP, Protocol.SMPP}
"""Protocols with a login."""


Name = Annotated[str, argument("Name of the channel.")]
Host = Annotated[str | None, option("Address of the carrier.", "--host")]
Port = Annotated[int | None, option("Port of the carrier.", "--port", min=1, max=65535)]
User = Annotated[
    str | None, option("Login name: system_id of SMPP, source_addr of CMPP, ClientID of SMGP, Login Name of SGIP.", "--user")
]
Window = Annotated[int | None, option("Requests unanswered on one connection.", "--window", min=1, max=10_000)]
Connections = Annotated[int | None, option("Connections at once.", "--connections", min=1, max=100)]
Rate = Annotated[int | None, option("Segments a second over all connections; 0 for no limit.", "--rate", min=0)]
Access = Annotated[str | None, option("Access number, before extension digits.", "--access")]
AccessMost = Annotated[int | None, option("Digits of access number and extension together.", "--access-most", min=0, max=21)]
Signature = Annotated[SignaturePlace | None, option("Where the signature stands when a message leaves.", "--signature")]
Doubt = Annotated[OnDoubt | None, option("What becomes of a message whose answer never came.", "--on-doubt")]
Receipts = Annotated[ReceiptsGiven | None, option("Of which parts of a long message receipts come.", "--receipts")]
Ids = Annotated[IdForm | None, option("How receipts spell message ids, compared with answers.", "--id-form")]
Reroute = Annotated[
    int | None, option("Seconds after which a dead channel's messages go another way.", "--reroute-after-s", min=1)
]
Patience = Annotated[float | None, option("Seconds to wait for an answer.", "--answer-timeout-s", min=0.1)]
Heartbeat = Annotated[float | None, option("Seconds of silence before a heartbeat.", "--heartbeat-s", min=0.1)]
Cost = Annotated[int | None, option("What the carrier takes for a segment, in 0.0001 CNY.", "--cost-e4", min=0)]
Node = Annotated[str | None, option("Our node number at an SGIP gateway: 3, area code, enterprise code.", "--node")]
ListenPort = Annotated[
    int | None,
    option("Where a carrier of SGIP, MM7 or http connects to deliver; 0 for nowhere.", "--listen-port", min=0, max=65535),
]
AllowIp = Annotated[
    list[str] | None, option("Address or network that may connect there; may be repeated. Else that of --host.", "--allow-ip")
]
Settings = Annotated[
    list[str] | None,
    option(
        "Setting of the protocol, as name=value; may be repeated. Of what it reads:"
        " receipt_zone, alphabet, utf8_coding, guess_header, pad_client_id.",
        "--option",
    ),
]


@verb(
    app,
    "add",
    "Add a channel; it connects at once where a platform runs.",
    "hongyan channel add up1 --protocol smpp --host 192.0.2.7 --port 2775 --user u --window 100",
    "hongyan channel add gd --protocol cmpp2 --host 192.0.2.8 --port 7890 --user 900001 --secret-file f",
)
def add(
    name: Name,
    protocol: Annotated[Protocol, option("What the carrier speaks.", "--protocol")],
    product: Annotated[ProductName | None, option("What it carries, where the protocol carries both.", "--product")] = None,
    host: Host = None,
    port: Port = None,
    user: User = None,
    secret_file: SecretFile = None,
    window: Window = None,
    connections: Connections = None,
    rate: Rate = None,
    access: Access = None,
    access_most: AccessMost = None,
    signature: Signature = None,
    on_doubt: Doubt = None,
    receipts: Receipts = None,
    id_form: Ids = None,
    reroute_after_s: Reroute = None,
    answer_timeout_s: Patience = None,
    heartbeat_s: Heartbeat = None,
    cost_e4: Cost = None,
    node: Node = None,
    listen_port: ListenPort = None,
    allow_ip: AllowIp = None,
    options: Settings = None,
    stopped: Annotated[bool, option("Do not connect yet.", "--stopped")] = False,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    if protocol in SEALED and not (host and port):
        raise Stop(Exit.USAGE, "{protocol} needs --host and --port", protocol=protocol)
    is_open = protocol is Protocol.MM7 and not user  # known by its address
    settings = _pairs(options or []) | _of_sgip(node, listen_port, allow_ip)
    if protocol is Protocol.SGIP and not settings.get("node"):
        raise Stop(Exit.USAGE, "sgip needs --node: 3, area code in four digits, enterprise code in five")
    told = given(
        host=host, port=port, user=user, window=window, connections=connections, rate=rate, access=access,
        access_most=access_most, signature=signature, on_doubt=on_doubt, receipts=receipts, id_form=id_form,
        reroute_after_s=reroute_after_s, answer_timeout_s=answer_timeout_s, heartbeat_s=heartbeat_s, cost_e4=cost_e4,
    )  # fmt: skip
    channel = Channel(
        id=0,
        name=name,
        protocol=protocol,
        product=product.product if product else products_of(protocol)[0],
        secret=read_secret(secret_file, "channel secret") if protocol in SEALED and not is_open else "",
        state=ChannelState.STOPPED if stopped else ChannelState.RUNNING,
        options=settings,
        **told,
    )
    with opened(data, config) as admin:
        channel_id = admin.change(channels.add_channel, channel, admin.sealer)
    give_one({"channel": name, "id": channel_id}, form(as_json))
    if channel.is_deaf:
        warn_of_deafness(name)


@verb(
    app,
    "list",
    "List channels with their connections and what waits for them.",
    "hongyan channel list",
    "hongyan channel list --json",
)
def list_(data: Data = None, config: Config = None, as_json: Json = False, as_jsonl: Jsonl = False) -> None:
    with opened(data, config) as admin:
        rows = admin.read(reading.channels)
    how = form(as_json, as_jsonl)
    give_rows("channels", rows, how, ("name", "protocol", "host", "port", "state", "link", "window", "rate", "queued"))


@verb(
    app, "show", "Show one channel; the secret is never shown.", "hongyan channel show up1", "hongyan channel show up1 --json"
)
def show(name: Name, data: Data = None, config: Config = None, as_json: Json = False) -> None:
    with opened(data, config) as admin:
        found = admin.read(reading.channel, name)
    give_one(found, form(as_json))


@verb(
    app,
    "set",
    "Change a channel; what is not named stays as it is.",
    "hongyan channel set up1 --window 50 --rate 200",
    "hongyan channel set up1 --host 192.0.2.9 --port 2775",
)
def set_(
    name: Name,
    host: Host = None,
    port: Port = None,
    user: User = None,
    window: Window = None,
    connections: Connections = None,
    rate: Rate = None,
    access: Access = None,
    access_most: AccessMost = None,
    signature: Signature = None,
    on_doubt: Doubt = None,
    receipts: Receipts = None,
    id_form: Ids = None,
    reroute_after_s: Reroute = None,
    answer_timeout_s: Patience = None,
    heartbeat_s: Heartbeat = None,
    cost_e4: Cost = None,
    node: Node = None,
    listen_port: ListenPort = None,
    allow_ip: AllowIp = None,
    options: Settings = None,
    data: Data = None,
    config: Config = None,
) -> None:
    changes = given(
        host=host, port=port, user=user, window=window, connections=connections, rate=rate, access=access,
        access_most=access_most, signature=signature, on_doubt=on_doubt, receipts=receipts, id_form=id_form,
        reroute_after_s=reroute_after_s, answer_timeout_ms=_ms(answer_timeout_s), heartbeat_ms=_ms(heartbeat_s),
        cost_e4=cost_e4,
    )  # fmt: skip
    of_sgip = _of_sgip(node, listen_port, allow_ip)
    with opened(data, config) as admin:
        if options is not None or of_sgip:
            others = _pairs(options) if options is not None else orjson.loads(admin.read(reading.channel, name)["options"])
            changes["options"] = orjson.dumps(others | of_sgip).decode()
        admin.change(channels.change_channel, name, changes)
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
    full: Annotated[bool, option("Show phones and texts in clear.", "--full")] = False,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
    as_jsonl: Jsonl = False,
) -> None:
    with opened(data, config) as admin:
        since_ms = admin.now_ms() - round(hours * 3_600_000)
        rows = admin.read(lambda tx: reading.unmatched(tx, since_ms, most, name, full=full))
    how = form(as_json, as_jsonl)
    give_rows("reports", rows, how)


def _move(name: str, state: ChannelState, data: Path | None, config: Path | None) -> None:
    with opened(data, config) as admin:
        admin.change(channels.set_channel_state, name, state)
    say("{name}: {state}", name=name, state=value_word("state", state.name.lower()))


def warn_of_deafness(name: str) -> None:
    say(
        "{name} will get no reports and no replies: its carrier delivers them on connections to us, and no --listen-port is set",
        "yellow",
        name=name,
    )
    say("Set one, and tell the carrier: hongyan channel set {name} --listen-port PORT --allow-ip ADDRESS", "yellow", name=name)


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _of_sgip(node: str | None, listen_port: int | None, allow_ip: list[str] | None) -> dict[str, str]:
    """Settings that have flags of their own, as the channel's options hold them."""
    port = None if listen_port is None else str(listen_port)
    return given(node=node, listen_port=port, allow_ip=",".join(allow_ip) if allow_ip else None)


def _pairs(options: list[str]) -> dict[str, Any]:
    pairs = [one.partition("=") for one in options]
    if wrong := [name for name, equals, _ in pairs if not (name and equals)]:
        raise Stop(Exit.USAGE, "--option wants name=value, not {pair}", pair=wrong[0])
    return {name: value for name, _, value in pairs}
