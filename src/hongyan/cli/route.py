"""hongyan route: which channel carries whose messages."""

from typing import Annotated

from hongyan.cli.fields import options_of
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, argument, noun, option, verb
from hongyan.cli.out import form, print_one, say
from hongyan.cli.send import account_named
from hongyan.cli.store import opened
from hongyan.model.destination import ANY
from hongyan.model.phone import national
from hongyan.model.route import RouteChange
from hongyan.model.submission import Submission
from hongyan.services import admit
from hongyan.services.admin import channels
from hongyan.services.queries.lists import channels as lists

app = noun("route", "Routes: which channel serves whom.")


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
    row = {
        "phone": national(phone),
        "carrier": str(snapshot.prefixes.carrier(phone)),
        "channel": snapshot.channels[channel_id].name,
    }
    print_one(row | {"segments": segments, "points": admission.total_points}, form(as_json))
