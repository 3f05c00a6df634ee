"""hongyan listener: ports to which customers connect as to a carrier. Changes take effect at once in every running process."""

from typing import Annotated

from hongyan.cli.fields import Flag, check_named, options_of
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, argument, noun, verb
from hongyan.cli.out import form, print_one, say
from hongyan.cli.store import opened
from hongyan.model.listener import ListenerChange, ListenerOpening
from hongyan.services.admin import listeners
from hongyan.services.queries.lists.customers import LISTENERS

app = noun("listener", "Listeners: where customers connect as to a carrier.")

FLAGS: dict[str, Flag | None] = {"ip_list": Flag("--ip"), "is_stopped": Flag("--stopped/--open")}

Name = Annotated[str, argument("Name of the listener.")]


@verb(
    app,
    "add",
    "Add a listener; customers can connect at once where a platform runs.",
    "hongyan listener add smpp --protocol smpp --port 2775",
    "hongyan listener add cmpp --protocol cmpp --port 7890 --ip 203.0.113.0/24",
)
@options_of(ListenerOpening, {"name": Flag("")}, "opening")
@options_of(ListenerChange, FLAGS)
def add(
    opening: ListenerOpening,
    change: ListenerChange,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    name, protocol = opening.values()["name"], opening.values()["protocol"]
    with opened(data, config) as admin:
        listener_id = admin.change(listeners.add_listener, name, protocol, change)
    print_one({"listener": name, "id": listener_id}, form(as_json))


list_verb(app, LISTENERS, "hongyan listener list", "hongyan listener list --json")


@verb(
    app,
    "set",
    "Change a listener; what is not named stays as it is.",
    "hongyan listener set smpp --connections-most 200",
    "hongyan listener set smpp --stopped",
)
@options_of(ListenerChange, FLAGS)
def set_(name: Name, change: ListenerChange, data: Data = None, config: Config = None) -> None:
    check_named(change)
    with opened(data, config) as admin:
        admin.change(listeners.change_listener, name, change)
    say("{name}: changed", name=name)


@verb(
    app,
    "remove",
    "Remove a listener; its connections are closed.",
    "hongyan listener remove smpp",
    "hongyan listener remove smpp --data d",
)
def remove(name: Name, data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        admin.change(listeners.drop_listener, name)
    say("{name}: removed", name=name)
