"""Extension digits: a message shows access number, the account's extno and the request's; a reply comes back to them."""

from collections.abc import Iterable

from hongyan.model.account import Account, Product
from hongyan.model.channel import Carrier, Channel
from hongyan.model.refusal import Code, Refusal
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.policy.routing import way_of


def check_extno(snapshot: ConfigSnapshot, account: Account, product: Product, extno: str) -> None:
    """Judge the extno of a request.

    raises: Refusal EXTNO_BAD unless it is empty, or digits and no longer than the account may add; EXTNO_TAKEN where a reply would
            go to another account, one that uses the same channel or another with its access number
    """
    if not extno:
        return
    if not (len(extno) <= account.extno_most and extno.isascii() and extno.isdigit()):
        raise Refusal(Code.EXTNO_BAD, most=account.extno_most)
    digits = account.extno + extno
    for length in range(len(digits), len(account.extno), -1):
        owners = snapshot.extno_owners.get(digits[:length])
        if owners is not None and (owner := _first_on(snapshot, owners, _channels(snapshot, account, product))):
            raise Refusal(Code.EXTNO_TAKEN, extno=digits, owner=owner.name)


def _channels(snapshot: ConfigSnapshot, account: Account, product: Product) -> list[Channel]:
    """By which a reply to the account may come: those that it may send by, and those with their access numbers."""
    tiers = [tier for carrier in Carrier for tier in way_of(snapshot, account.id, product, carrier).tiers]
    keys = {key for tier in tiers for key in tier.channel_ids}
    numbers = {snapshot.channels[key].access for key in keys} - {""}
    return [channel for key, channel in snapshot.channels.items() if key in keys or channel.access in numbers]


def _first_on(snapshot: ConfigSnapshot, owners: Iterable[Account], channels: Iterable[Channel]) -> Account | None:
    return next((owner for channel in channels for owner in owners if _uses(snapshot, owner, channel)), None)


def source_number(channel: Channel, account: Account, extno: str) -> str:
    """The number that the handset sees, cut at what the carrier allows."""
    return f"{channel.access}{account.extno}{extno}"[: channel.access_most]


def owner_by_extno(snapshot: ConfigSnapshot, channel: Channel, dest: str) -> tuple[Account, str] | None:
    """Whom a reply is for, told by the digits that the handset wrote to.

    dest:    access number with extension digits, as the carrier delivered it; with or without 86
    returns: the account with the longest extno that these digits begin with, and the digits after it; None when no account
             has one, or when two that use this channel share it
    """
    digits = extension(channel, dest)
    for length in range(len(digits), 0, -1):
        owners = [account for account in snapshot.extno_owners.get(digits[:length], ()) if _uses(snapshot, account, channel)]
        if owners:
            return (owners[0], digits[length:]) if len(owners) == 1 else None
    return None


def extension(channel: Channel, dest: str) -> str:
    """The digits behind the access number; none if it does not begin there."""
    plain = dest.removeprefix("+")
    for access in (channel.access, f"86{channel.access}"):
        if plain.startswith(access):
            return plain[len(access) : len(access) + channel.access_most]
    return ""


def _uses(snapshot: ConfigSnapshot, account: Account, channel: Channel) -> bool:
    return any(route.channel_id == channel.id and route.account_id in {None, account.id} for route in snapshot.routes)
