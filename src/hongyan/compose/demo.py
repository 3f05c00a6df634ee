"""`hongyan demo`: a whole platform in one process, with three carriers and three customers, over real sockets.

The store stays in its folder. Carriers and customer take free ports at each start, and the channels are set to them.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import uvloop

from hongyan.compose.admin_store import make_store, open_admin_store
from hongyan.compose.console.child import ConsoleChild, console_child
from hongyan.compose.demo_customers import LOGINS, PULLS, SECRET, TEXTS, add_missing
from hongyan.compose.demo_listeners import move_listeners, open_listeners
from hongyan.compose.demo_traffic import Traffic
from hongyan.compose.platform import Platform
from hongyan.compose.process_start import clock
from hongyan.compose.serve import until_asked
from hongyan.compose.store_errors import store_troubles
from hongyan.compose.store_start import hold
from hongyan.compose.troubles import StoreNotReady
from hongyan.model.protocol import Protocol
from hongyan.model.session_settings import SessionProtocol
from hongyan.services.admin.bearer import new_bearer
from hongyan.services.admin.passwords import hash_password
from hongyan.services.admin.staff import FIRST, found_staff, store_password
from hongyan.settings.load import Loaded
from hongyan.settings.settings import Settings
from hongyan.sim.carrier import CarrierSim
from hongyan.sim.customer import Customer, Item
from hongyan.sim.script import Rule, Script
from hongyan.store.database import Database
from hongyan.store.sql.tx import SqlTx

REPORT_DELAY_S = 1.0
_SOME_FAIL = Script(
    [
        Rule("fail", to=f"*{prefix}????????", chance=chance, stat=stat)
        for prefix in ("159", "176", "189")
        for stat, chance in (("UNDELIV", 0.03), ("MK:0001", 0.01))
    ]
)
"""Of the numbers that customers send to by themselves these fail; all others are delivered."""


@dataclass(frozen=True, slots=True)
class DemoAddresses:
    """The addresses of all parts, for the welcome."""

    door_port: int
    ops_port: int
    carrier_ports: dict[Protocol, int]
    customer_url: str
    listener_ports: dict[SessionProtocol, int]  # for customers who connect as to a carrier
    password: str = ""  # of the first of the staff; only if it was just set


def demo(loaded: Loaded, welcome: Callable[[DemoAddresses], None], received: Callable[[Item], None]) -> bool:
    """Make what is missing, and run until asked to stop; returns False if a part broke. raises: as serve

    welcome:  called once, when everything runs
    received: called with each report or reply that is pushed to the customer
    """
    with console_child(loaded) as console:
        _look_at_store(loaded.settings)
        make_store(loaded.settings, clock())
        return uvloop.run(_demo(loaded.settings, console, welcome, received))


def _look_at_store(settings: Settings) -> None:
    """Leave a store alone that is served, or is no demo's: the secrets of a demo's accounts are known to everybody.

    raises: AlreadyInUse, StoreNotReady
    """
    database = Database(settings.database_url)
    with store_troubles(database.url):
        hold(database)
        database.release()
        if database.schema() is not None and not database.read(_is_demo):
            raise StoreNotReady("the store in {data} is no demo's", "hongyan demo --data ANOTHER", data=settings.data)


def _is_demo(tx: SqlTx) -> bool:
    return bool(tx.rows_of("account", name=PULLS)) or not tx.rows_of("account")


async def _demo(
    settings: Settings,
    console: ConsoleChild,
    welcome: Callable[[DemoAddresses], None],
    received: Callable[[Item], None],
) -> bool:
    cmpp = CarrierSim("cmpp3", user="901234", secret=SECRET, report_delay_s=REPORT_DELAY_S, script=_SOME_FAIL)
    smpp = CarrierSim("smpp", user="hongyan", secret=SECRET, report_delay_s=REPORT_DELAY_S, script=_SOME_FAIL)
    smgp = CarrierSim("smgp", user="10001", secret=SECRET, report_delay_s=REPORT_DELAY_S, script=_SOME_FAIL)
    customer = Customer(seen=received)
    for part in (cmpp, smpp, smgp, customer):
        await part.start()
    platform = Platform(settings, console)
    try:
        await add_missing(settings, cmpp.port, smpp.port, smgp.port, customer.url)
        listener_ports = await open_listeners(settings)
        password = await _set_first_password(settings)
        await platform.start()
        listener_ports |= await move_listeners(settings, platform)
        traffic = Traffic(f"http://127.0.0.1:{platform.door_port}", LOGINS, TEXTS, smgp)
        traffic.start()
        welcome(
            DemoAddresses(
                door_port=platform.door_port,
                ops_port=platform.ops_port,
                carrier_ports={Protocol.CMPP3: cmpp.port, Protocol.SMPP: smpp.port, Protocol.SMGP: smgp.port},
                customer_url=customer.url,
                listener_ports=listener_ports,
                password=password,
            )
        )
        await until_asked(platform)
        await traffic.stop()
        await platform.stop()
    finally:
        for part in (customer, smgp, smpp, cmpp):
            await part.stop()
    return not platform.failed.is_set()


async def _set_first_password(settings: Settings) -> str:
    """Make the first of the staff, with a random password; returns it, or "" if there is one already."""
    password = secrets.token_urlsafe(9)
    with open_admin_store(settings) as admin:
        if await admin.change(found_staff, new_bearer()) is None:
            return ""
        await admin.change(store_password, FIRST, await asyncio.to_thread(hash_password, FIRST, password))
    return password
