"""hongyan session: the sessions of customers who connect as to a carrier."""

from typing import Annotated

from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, argument, noun, verb
from hongyan.cli.out import form, print_one, say
from hongyan.cli.recorded import OpsPort, print_recorded
from hongyan.cli.store import opened
from hongyan.services.admin import customer_sessions
from hongyan.services.queries.lists.customers import SESSIONS

app = noun("session", "Sessions: logins of customers who connect as to a carrier.")

Number = Annotated[int, argument("Number of the session; `hongyan session list` shows it.")]


list_verb(app, SESSIONS, "hongyan session list", "hongyan session list --account acme --closed --json")


@verb(
    app,
    "show",
    "Show one session with its counts.",
    "hongyan session show 7251893046517760",
    "hongyan session show 7251893046517760 --json",
)
def show(number: Number, data: Data = None, config: Config = None, as_json: Json = False) -> None:
    with opened(data, config) as admin:
        print_one(admin.read(customer_sessions.customer_session, admin.now_ms(), number), form(as_json))


@verb(
    app,
    "kick",
    "Have a session closed within some seconds; its customer may log in again.",
    "hongyan session kick 7251893046517760",
    "hongyan session kick 7251893046517760 --data d",
)
def kick(number: Number, data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        admin.change(customer_sessions.kick, number)
    say("session {number}: is being closed", number=number)


@verb(
    app,
    "pdus",
    "Show the last PDUs of a session: phones masked, texts and secrets left out.",
    "hongyan session pdus 7251893046517760",
    "hongyan session pdus 7251893046517760 --ops-port 8082 --json",
)
def pdus(number: Number, ops_port: OpsPort = None, data: Data = None, config: Config = None, as_json: Json = False) -> None:
    print_recorded(f"sessions/{number}", ops_port, data, config, as_json=as_json)
