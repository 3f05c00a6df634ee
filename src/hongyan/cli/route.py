"""hongyan route: which channel carries whose messages."""

from typing import Annotated

from hongyan.cli.fields import check_named, options_of
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, argument, noun, option, verb
from hongyan.cli.out import form, print_one, say
from hongyan.cli.send import account_named
from hongyan.cli.store import opened
from hongyan.model.destination import ANY
from hongyan.model.phone import national
from hongyan.model.route import RouteChange, RouteMove
from hongyan.model.submission import Submission
from hongyan.services import admit
from hongyan.services.admin import channels
from hongyan.services.queries.lists import channels as lists

app = noun("route", "Routes: which channel serves whom.")

Number = Annotated[int, argument("Number of the route.")]


@verb(
    app,
    "add",
    "Send the messages of a carrier, and of an account if named, by a channel.",
    "hongyan route add --carrier any --channel up1",
    "hongyan route add --carrier +852 --account acme --channel hk --tier 1 --weight 3",
)
@options_of(RouteChange, {})
def add(
    channel: Annotated[str, option("Name of the channel.", "--channel")],
    change: RouteChange,
    account: Annotated[str, option("Only for this account.", "--account")] = "",
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    with opened(data, config) as admin:
        route_id = admin.change(channels.add_route, channel, change.carrier, account, change.tier or 0, change.weight or 1)
    print_one({"id": route_id, "carrier": change.carrier or ANY, "account": account, "channel": channel}, form(as_json))


list_verb(app, lists.ROUTES, "hongyan route list", "hongyan route list --json")


@verb(
    app,
    "set",
    "Change a route; what is not named stays as it is.",
    "hongyan route set 3 --tier 1 --weight 3",
    "hongyan route set 3 --channel up2",
)
@options_of(RouteChange, {})
def set_(
    number: Number,
    change: RouteChange,
    channel: Annotated[str, option("Name of the channel that it leads to from now on.", "--channel")] = "",
    data: Data = None,
    config: Config = None,
) -> None:
    if not channel:
        check_named(change)
    with opened(data, config) as admin:
        admin.change(channels.change_route, number, change, channel)
    say("route {number}: changed", number=number)


@verb(
    app,
    "move",
    "Let a route be tried before the one that comes before it, or after the one that comes after it.",
    "hongyan route move 3 up",
    "hongyan route move 3 down --data d",
)
def move(
    number: Number,
    to: Annotated[RouteMove, argument("up: to be tried earlier.")],
    data: Data = None,
    config: Config = None,
) -> None:
    with opened(data, config) as admin:
        admin.change(channels.move_route, number, to)
    say("route {number}: moved", number=number)


@verb(app, "remove", "Remove a route by its number.", "hongyan route remove 3", "hongyan route remove 3 --data d")
def remove(number: Number, data: Data = None, config: Config = None) -> None:
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
    row = {
        "phone": national(phone),
        "carrier": str(snapshot.prefixes.carrier(phone)),
        "channel": snapshot.channels[channel_id].name,
    }
    print_one(row | {"segments": segments, "points": admission.total_points}, form(as_json))
