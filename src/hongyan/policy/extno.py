"""Extension digits: a message shows access number, the account's extno and the request's, and a reply comes back to them."""

from hongyan.model.account import Account
from hongyan.model.channel import Channel
from hongyan.model.session_settings import SourceRule
from hongyan.model.snapshot import ConfigSnapshot


def source_number(channel: Channel, account: Account, extno: str) -> str:
    """Returns the number that the handset sees, cut to what the carrier allows."""
    return f"{channel.access}{account.extno}{extno}"[: channel.access_most]


def owner_by_extno(snapshot: ConfigSnapshot, channel: Channel, dest: str) -> tuple[Account, str] | None:
    """Returns the account that a reply is for, by the digits to which the handset wrote.

    dest:    access number with extension digits, as the carrier delivered it; with or without 86
    returns: the account with the longest extno that these digits begin with, and the digits after it; None if no account
             has one, or if two that use this channel share it
    """
    digits = extension(channel, dest)
    for length in range(len(digits), 0, -1):
        owners = [account for account in snapshot.extno_owners.get(digits[:length], ()) if uses(snapshot, account, channel)]
        if owners:
            return (owners[0], digits[length:]) if len(owners) == 1 else None
    return None


def extension(channel: Channel, dest: str) -> str:
    """Returns the digits behind the access number; none if it does not begin there."""
    plain = dest.removeprefix("+")
    for access in (channel.access, f"86{channel.access}"):
        if plain.startswith(access):
            return plain[len(access) : len(access) + channel.access_most]
    return ""


def extno_of_source(snapshot: ConfigSnapshot, account: Account, source: str) -> str:
    """Returns the request's extno in the source address of a submit, by the account's rule.

    A whole number begins with the access number of a channel and the account's extno. Any other is the extno itself.
    """
    digits = source.removeprefix("+")
    if account.source_rule is SourceRule.IGNORE or not digits.isascii() or not digits.isdecimal():
        return ""
    if account.source_rule is SourceRule.EXTNO:
        return digits
    own = [f"{channel.access}{account.extno}" for channel in snapshot.channels.values() if uses(snapshot, account, channel)]
    beginning = max((one for one in own if one and digits.startswith(one)), key=len, default="")
    return digits[len(beginning) :]


def uses(snapshot: ConfigSnapshot, account: Account, channel: Channel) -> bool:
    """Returns whether messages of the account may leave by the channel."""
    return any(route.channel_id == channel.id and route.account_id in {None, account.id} for route in snapshot.routes)
