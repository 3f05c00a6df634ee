"""Who takes part in `hongyan demo`: its customers with their accounts, and the channels and routes that their messages take."""

import asyncio

from hongyan.compose.admin_store import open_admin_store
from hongyan.compose.demo_history import Texts, make_history
from hongyan.model.account import AccountChange, Product
from hongyan.model.channel import Channel, ChannelChange
from hongyan.model.destination import Carrier
from hongyan.model.protocol import Protocol
from hongyan.ports.admin import AdminStore
from hongyan.services.admin import accounts, billing, channels
from hongyan.settings.settings import Settings

SECRET = "abc123"  # noqa: S105 printed on the screen: the demo's numbers are nobody's
POINTS, MMS_POINTS, SENDERS_POINTS = 100_000, 1_000, 5_000_000
PULLS, PUSHED, TRIAL, SHOP, BANK, CONNECTS = "demo", "demo-push", "demo-trial", "demo-shop", "demo-bank", "demo-session"
SESSION_LOGIN = "900017"
"""The system_id and Source_Addr of the account that connects as to a carrier."""
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
_CMPP, _SMPP, _SMGP, _MMS, _LOOPBACK = "demo-cmpp", "demo-smpp", "demo-smgp", "demo-mms", "demo-loopback"


async def add_missing(settings: Settings, cmpp_port: int, smpp_port: int, smgp_port: int, customer_url: str) -> None:
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


async def _add_senders(admin: AdminStore) -> None:
    """Add two customers that send by themselves, and a channel for China Telecom's numbers whose carrier goes away now and
    then.
    """
    for name, customer_id in _SENDERS.items():
        await add_account(admin, name, customer_id, points=0)
    channel = Channel(0, _SMGP, Protocol.SMGP, host="127.0.0.1", port=1, user="10001", secret=SECRET, access="10690005")
    await admin.change(channels.add_channel, channel, admin.sealer)
    await admin.change(channels.add_route, _SMGP, Carrier.TELECOM, None, 0, 1)


_SENDERS = {SHOP: 15, BANK: 16}
LOGINS = {name: {"userid": str(customer_id), "account": name, "password": SECRET} for name, customer_id in _SENDERS.items()}


async def _add_accounts(admin: AdminStore) -> None:
    for name, customer_id, is_private in ((PULLS, 12, False), (PUSHED, 13, True)):
        account_id = await add_account(admin, name, customer_id, is_private=is_private)
        await admin.change(accounts.add_product, name, Product.MMS)
        await admin.change(billing.top_up, account_id, MMS_POINTS, Product.MMS)


async def add_account(admin: AdminStore, name: str, customer_id: int, *, is_private: bool = False, points: int = POINTS) -> int:
    new = accounts.NewAccount(name, customer_id, SECRET, AccountChange(extno=str(customer_id), push_private=is_private))
    account_id = await admin.change(accounts.add_account, new, admin.sealer)
    if points:
        await admin.change(billing.top_up, account_id, points)
    return account_id


async def _add_trial(admin: AdminStore) -> None:
    """Add an account whose numbers decide what becomes of a message; also to a folder that an older demo made."""
    await add_account(admin, TRIAL, 14)
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
