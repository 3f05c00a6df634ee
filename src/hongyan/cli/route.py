"""hongyan route: which channel serves whom."""

from typing import Annotated

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, argument, noun, option, verb
from hongyan.cli.out import form, give_one, say
from hongyan.cli.send import account_named
from hongyan.cli.store import opened
from hongyan.model.act import Act
from hongyan.model.channel import Carrier, read_destination
from hongyan.model.phone import national
from hongyan.model.submission import Submission
from hongyan.ports.tx import Tx
from hongyan.services import admit
from hongyan.services.admin import accounts, channels
from hongyan.services.queries.lists import channels as lists

app = noun("route", "Routes: which channel serves whom.")

ANY = "any"


@verb(
    app,
    "add",
    "Send the messages of a carrier, and of an account if named, by a channel.",
    "hongyan route add --carrier any --channel up1",
    "hongyan route add --carrier +852 --account acme --channel hk --tier 1 --weight 3",
)
def add(
    channel: Annotated[str, option("Name of the channel.", "--channel")],
    carrier: Annotated[
        str, option("Carrier of the number, + and a country's code, or any.", "--carrier", metavar="CARRIER")
    ] = ANY,
    account: Annotated[str | None, option("Only for this account.", "--account")] = None,
    tier: Annotated[int, option("The lowest tier with a usable channel wins.", "--tier", min=0, max=100)] = 0,
    weight: Annotated[int, option("Share of the traffic within its tier.", "--weight", min=1, max=10_000)] = 1,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    served = destination(carrier)
    with opened(data, config) as admin:
        route_id = admin.change(_add, channel, served, account, tier, weight)
    give_one({"id": route_id, "carrier": carrier, "account": account or "", "channel": channel}, form(as_json))


def _add(tx: Tx, act: Act, channel: str, carrier: str | None, account: str | None, tier: int, weight: int) -> int:
    account_id = accounts.find_account(tx, account)["id"] if account else None
    return channels.add_route(tx, act, channel, carrier, account_id, tier, weight)


def destination(named: str) -> str | None:
    """raises: Stop USAGE"""
    if named == ANY:
        return None
    try:
        return read_destination(named)
    except ValueError as error:
        names = ", ".join([ANY, *Carrier])
        raise Stop(Exit.USAGE, "--carrier is one of {names}, or + and a country's code such as +852", names=names) from error


list_verb(app, lists.ROUTES, "hongyan route list", "hongyan route list --json")


@verb(app, "remove", "Remove a route by its number.", "hongyan route remove 3", "hongyan route remove 3 --data d")
def remove(number: Annotated[int, argument("Number of the route.")], data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        admin.change(channels.drop_route, number)
    say("route {number}: removed", number=number)


@verb(
    app,
    "test",
    "Say where a number would go now and what it would cost; nothing is sent.",
    "hongyan route test 13800138000 --account acme",
    "hongyan route test 13800138000 --account acme --json",
)
def try_(
    number: Annotated[str, argument("The number, in any usual form.")],
    account: Annotated[str, option("Account that would send.", "--account")],
    text: Annotated[str, option("Text that would be sent.", "--text")] = "test",
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    with opened(data, config) as admin:
        snapshot, now = admin.snapshot(), admin.now_ms()
    admission = admit.admit(snapshot, Submission(account_named(snapshot, account), [number], text), now)
    (phone,), (channel_id,), (segments,) = admission.phones, admission.channels, admission.segments
    told = {
        "number": national(phone),
        "carrier": str(snapshot.prefixes.carrier(phone)),
        "channel": snapshot.channels[channel_id].name,
    }
    give_one(told | {"segments": segments, "points": admission.total_points}, form(as_json))
