"""`hongyan demo`: a whole platform in one process, with three carriers and three customers, over real sockets.

The store stays in its folder. Carriers and customer take free ports at each start, and the channels are set to them.
"""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import uvloop

from hongyan.compose.admin_store import make_store, open_admin_store
from hongyan.compose.console.child import ConsoleChild, console_child
from hongyan.compose.demo_history import Texts, make_history
from hongyan.compose.demo_traffic import Traffic
from hongyan.compose.platform import Platform
from hongyan.compose.process_start import clock
from hongyan.compose.serve import until_asked
from hongyan.compose.store_errors import store_troubles
from hongyan.compose.store_start import hold
from hongyan.compose.troubles import StoreNotReady
from hongyan.model.account import AccountChange, Product, SessionProtocol
from hongyan.model.channel import Channel, ChannelChange
from hongyan.model.destination import Carrier
from hongyan.model.listener import ListenerChange
from hongyan.model.protocol import Protocol
from hongyan.ports.admin import AdminStore
from hongyan.services.admin import accounts, billing, channels, listeners
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

SECRET = "abc123"  # noqa: S105 printed on the screen: the demo's numbers are nobody's
POINTS, MMS_POINTS, SENDERS_POINTS = 100_000, 1_000, 5_000_000
PULLS, PUSHED, TRIAL, SHOP, BANK, CONNECTS = "demo", "demo-push", "demo-trial", "demo-shop", "demo-bank", "demo-session"
SESSION_LOGIN = "900017"
"""The system_id and Source_Addr of the account that connects as to a carrier."""
_USUAL_PORTS = {SessionProtocol.SMPP: 2775, SessionProtocol.CMPP: 7890}
TEXTS: Texts = {
    SHOP: (
        "您的验证码是 482913，5 分钟内有效，请勿告诉他人。【云杉商城】",
        "您购买的商品已发货，快递单号 SF1402837781，预计明天送达。【云杉商城】",
        "周末满 200 减 30，会员再享九折，详情见店铺首页，回 TD 退订。【云杉商城】",
    ),
    BANK: (
        "您尾号 8271 的账户于今日收到转账 1,200.00 元。【江城银行】",
        "动态密码 739204，用于登录手机银行，切勿泄露。【江城银行】",
    ),
}
"""The texts of the customers that send by themselves."""
REPORT_DELAY_S = 1.0
_CMPP, _SMPP, _SMGP, _MMS, _LOOPBACK = "demo-cmpp", "demo-smpp", "demo-smgp", "demo-mms", "demo-loopback"
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
        await _add_missing(settings, cmpp.port, smpp.port, smgp.port, customer.url)
        listener_ports = await _open_listeners(settings)
        password = await _set_first_password(settings)
        await platform.start()
        listener_ports |= await _move_listeners(settings, platform)
        traffic = Traffic(f"http://127.0.0.1:{platform.door_port}", _LOGINS, TEXTS, smgp)
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


async def _add_missing(settings: Settings, cmpp_port: int, smpp_port: int, smgp_port: int, customer_url: str) -> None:
    """Add accounts, channels and routes that are missing, and set today's ports."""
    with open_admin_store(settings) as admin:
        if not await admin.read(lambda tx: tx.rows_of("account", name=PULLS)):
            await _add_accounts(admin)
            await _add_channels(admin)
        if not await admin.read(lambda tx: tx.rows_of("account", name=TRIAL)):
            await _add_trial(admin)
        if not await admin.read(lambda tx: tx.rows_of("account", name=SHOP)):
            await _add_senders(admin)
            await asyncio.to_thread(make_history, settings, admin.database, admin.sealer, TEXTS, SENDERS_POINTS, admin.now_ms())
        for name, port in ((_CMPP, cmpp_port), (_SMPP, smpp_port), (_SMGP, smgp_port)):
            await admin.change(channels.change_channel, name, ChannelChange(port=port))
        await admin.change(accounts.change_account, PUSHED, AccountChange(push_url=customer_url))


async def _open_listeners(settings: Settings) -> dict[SessionProtocol, int]:
    """Add a listener of each protocol, at the usual port if that is free, and an account that may use them."""
    ports = {protocol: _free_port(usual) for protocol, usual in _USUAL_PORTS.items()}
    with open_admin_store(settings) as admin:
        known = {row["name"] for row in await admin.read(lambda tx: tx.rows_of("listener"))}
        for protocol, port in ports.items():
            name, change = f"demo-{protocol}", ListenerChange(address="127.0.0.1", port=port)
            if name in known:
                await admin.change(listeners.change_listener, name, change)
            else:
                await admin.change(listeners.add_listener, name, protocol, change)
        if not await admin.read(lambda tx: tx.rows_of("account", name=CONNECTS)):
            await _add_account(admin, CONNECTS, 17)
            may = AccountChange(protocols=tuple(SessionProtocol), protocol_login=SESSION_LOGIN)
            await admin.change(accounts.change_account, CONNECTS, may)
    return ports


async def _move_listeners(settings: Settings, platform: Platform) -> dict[SessionProtocol, int]:
    """Give a listener another port if another program, perhaps a demo, took its port before it was opened."""
    closed = (
        [one.listener for one in platform.session_server.listeners.values() if one.trouble] if platform.session_server else []
    )
    ports = {listener.protocol: _free_port(0) for listener in closed}
    if ports:
        await asyncio.to_thread(asyncio.run, _change_ports(settings, {one.name: ports[one.protocol] for one in closed}))
    return ports


async def _change_ports(settings: Settings, ports: Mapping[str, int]) -> None:
    """Change the ports, on a loop of its own: leaving the store waits for the loop, and a turn on the platform's loop may be
    paused with the store open.
    """
    with open_admin_store(settings) as admin:
        for name, port in ports.items():
            await admin.change(listeners.change_listener, name, ListenerChange(port=port))


def _free_port(usual: int) -> int:
    """Returns the usual port, or any free one if that is taken."""
    for port in (usual, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    return usual


async def _set_first_password(settings: Settings) -> str:
    """Make the first of the staff, with a random password; returns it, or "" if there is one already."""
    password = secrets.token_urlsafe(9)
    with open_admin_store(settings) as admin:
        if await admin.change(found_staff, new_bearer()) is None:
            return ""
        await admin.change(store_password, FIRST, await asyncio.to_thread(hash_password, FIRST, password))
    return password


async def _add_senders(admin: AdminStore) -> None:
    """Add two customers that send by themselves, and a channel for China Telecom's numbers whose carrier goes away now and
    then.
    """
    for name, customer_id in _SENDERS.items():
        await _add_account(admin, name, customer_id, points=0)
    channel = Channel(0, _SMGP, Protocol.SMGP, host="127.0.0.1", port=1, user="10001", secret=SECRET, access="10690005")
    await admin.change(channels.add_channel, channel, admin.sealer)
    await admin.change(channels.add_route, _SMGP, Carrier.TELECOM, None, 0, 1)


_SENDERS = {SHOP: 15, BANK: 16}
_LOGINS = {name: {"userid": str(customer_id), "account": name, "password": SECRET} for name, customer_id in _SENDERS.items()}


async def _add_accounts(admin: AdminStore) -> None:
    for name, customer_id, is_private in ((PULLS, 12, False), (PUSHED, 13, True)):
        account_id = await _add_account(admin, name, customer_id, is_private=is_private)
        await admin.change(accounts.add_product, name, Product.MMS)
        await admin.change(billing.top_up, account_id, MMS_POINTS, Product.MMS)


async def _add_account(
    admin: AdminStore, name: str, customer_id: int, *, is_private: bool = False, points: int = POINTS
) -> int:
    new = accounts.NewAccount(name, customer_id, SECRET, AccountChange(extno=str(customer_id), push_private=is_private))
    account_id = await admin.change(accounts.add_account, new, admin.sealer)
    if points:
        await admin.change(billing.top_up, account_id, points)
    return account_id


async def _add_trial(admin: AdminStore) -> None:
    """Add an account whose numbers decide what becomes of a message; also to a folder that an older demo made."""
    await _add_account(admin, TRIAL, 14)
    channel = Channel(0, _LOOPBACK, Protocol.LOOPBACK, access="10690004")
    await admin.change(channels.add_channel, channel, admin.sealer)
    await admin.change(channels.add_route, _LOOPBACK, None, TRIAL, 0, 1)


async def _add_channels(admin: AdminStore) -> None:
    """Add channels. China Mobile's numbers leave by CMPP, all others by SMPP; each replaces the other. MMS have a channel of
    their own.
    """
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
