"""`hongyan demo`: a whole addresses in one process: the platform, two carriers and a customer's server, over real sockets.

The store stays in its folder; carriers and customer take free ports at each start, and the channels are told.
"""

from collections.abc import Callable
from dataclasses import dataclass

import uvloop

from hongyan.compose.admin_store import make_store, open_admin_store
from hongyan.compose.platform import Platform, clock
from hongyan.compose.serve import until_asked
from hongyan.model.account import AccountChange, Product
from hongyan.model.channel import Carrier, Channel, ChannelChange, Protocol
from hongyan.ports.admin import AdminStore
from hongyan.services.admin import accounts, billing, channels
from hongyan.services.admin.bearer import Bearer, new_bearer
from hongyan.services.admin.staff import found_staff
from hongyan.settings import Settings
from hongyan.sim.carrier import CarrierSim
from hongyan.sim.customer import Customer, Item

SECRET = "abc123"  # noqa: S105 printed on the screen: the demo's numbers are nobody's
POINTS, MMS_POINTS = 100_000, 1_000
PULLS, PUSHED, TRIAL = "demo", "demo-push", "demo-trial"
REPORT_DELAY_S = 1.0
_CMPP, _SMPP, _MMS, _LOOPBACK = "demo-cmpp", "demo-smpp", "demo-mms", "demo-loopback"


@dataclass(frozen=True, slots=True)
class DemoAddresses:
    """Where everything is, for the welcome."""

    door_port: int
    ops_port: int
    cmpp_port: int
    smpp_port: int
    customer_url: str
    invitation: Bearer | None = None  # opens the console for the first of the staff; None once the password is set


def demo(settings: Settings, welcome: Callable[[DemoAddresses], None], received: Callable[[Item], None]) -> bool:
    """Make what is missing, run until asked to stop; returns False if a part broke. raises: as serve

    welcome:  called once, when everything runs
    received: called with each report or reply that the customer is pushed
    """
    make_store(settings, clock())
    return uvloop.run(_demo(settings, welcome, received))


async def _demo(settings: Settings, welcome: Callable[[DemoAddresses], None], received: Callable[[Item], None]) -> bool:
    cmpp = CarrierSim("cmpp3", user="901234", secret=SECRET, report_delay_s=REPORT_DELAY_S)
    smpp = CarrierSim("smpp", user="hongyan", secret=SECRET, report_delay_s=REPORT_DELAY_S)
    customer = Customer(seen=received)
    for part in (cmpp, smpp, customer):
        await part.start()
    platform = Platform(settings)
    try:
        await _furnish(settings, cmpp.port, smpp.port, customer.url)
        invitation = await _invite_first(settings)
        await platform.start()
        welcome(DemoAddresses(platform.door_port, platform.ops_port, cmpp.port, smpp.port, customer.url, invitation))
        await until_asked(platform)
        await platform.stop()
    finally:
        for part in (customer, smpp, cmpp):
            await part.stop()
    return not platform.failed.is_set()


async def _furnish(settings: Settings, cmpp_port: int, smpp_port: int, customer_url: str) -> None:
    """Accounts, channels and routes where they are missing; today's ports in any case."""
    with open_admin_store(settings) as admin:
        if not await admin.read(lambda tx: tx.rows_of("account", name=PULLS)):
            await _add_accounts(admin)
            await _add_channels(admin)
        if not await admin.read(lambda tx: tx.rows_of("account", name=TRIAL)):
            await _add_trial(admin)
        for name, port in ((_CMPP, cmpp_port), (_SMPP, smpp_port)):
            await admin.change(channels.change_channel, name, ChannelChange(port=port))
        await admin.change(accounts.change_account, PUSHED, AccountChange(push_url=customer_url))


async def _invite_first(settings: Settings) -> Bearer | None:
    """The link that sets the password of the first of the staff, until it is set."""
    invitation = new_bearer()
    with open_admin_store(settings) as admin:
        name = await admin.change(found_staff, invitation)
    return invitation if name is not None else None


async def _add_accounts(admin: AdminStore) -> None:
    for name, customer_id, is_private in ((PULLS, 12, False), (PUSHED, 13, True)):
        account_id = await _add_account(admin, name, customer_id, is_private=is_private)
        await admin.change(accounts.add_product, name, Product.MMS)
        await admin.change(billing.top_up, account_id, MMS_POINTS, Product.MMS)


async def _add_account(admin: AdminStore, name: str, customer_id: int, *, is_private: bool = False) -> int:
    new = accounts.NewAccount(name, customer_id, SECRET, AccountChange(extno=str(customer_id), push_private=is_private))
    account_id = await admin.change(accounts.add_account, new, admin.sealer)
    await admin.change(billing.top_up, account_id, POINTS)
    return account_id


async def _add_trial(admin: AdminStore) -> None:
    """An account whose numbers decide what becomes of a message; a folder that an older demo made gets it too."""
    account_id = await _add_account(admin, TRIAL, 14)
    channel = Channel(0, _LOOPBACK, Protocol.LOOPBACK, access="10690004")
    await admin.change(channels.add_channel, channel, admin.sealer)
    await admin.change(channels.add_route, _LOOPBACK, None, account_id, 0, 1)


async def _add_channels(admin: AdminStore) -> None:
    """China Mobile's numbers leave by CMPP, all others by SMPP; each stands in for the other. MMS have a channel of their own."""
    for channel in (
        Channel(
            id=0,
            name=_CMPP,
            protocol=Protocol.CMPP3,
            host="127.0.0.1",
            port=1,
            user="901234",
            secret=SECRET,
            window=32,
            connections=2,
            access="10690001",
        ),
        Channel(
            id=0,
            name=_SMPP,
            protocol=Protocol.SMPP,
            host="127.0.0.1",
            port=1,
            user="hongyan",
            secret=SECRET,
            window=100,
            access="10690002",
        ),
        Channel(0, _MMS, Protocol.LOOPBACK, product=Product.MMS, access="10690003"),
    ):
        await admin.change(channels.add_channel, channel, admin.sealer)
    for name, carrier, tier in ((_CMPP, Carrier.MOBILE, 0), (_SMPP, None, 1), (_CMPP, None, 2), (_MMS, None, 0)):
        await admin.change(channels.add_route, name, carrier, None, tier, 1)
