"""The extno is digits that the account may add, and no reply to it reaches another account."""

from collections.abc import Iterable

from hongyan.model.account import Account, Product
from hongyan.model.channel import Channel
from hongyan.model.destination import Carrier
from hongyan.model.refusal import Code, Refusal
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.policy.admission.context import AdmissionContext
from hongyan.policy.extno import uses
from hongyan.policy.routing import plan_of


def judge(context: AdmissionContext) -> None:
    """raises: Refusal EXTNO_BAD, EXTNO_TAKEN"""
    submission = context.submission
    if submission.extno:
        check_extno(context.snapshot, submission.account, submission.product, submission.extno)


def check_extno(snapshot: ConfigSnapshot, account: Account, product: Product, extno: str) -> None:
    """Raises Refusal EXTNO_BAD unless it is digits, and no longer than the account may add; EXTNO_TAKEN if a reply would reach
    another account that uses the same channel, or one with the same access number.
    """
    if not (len(extno) <= account.extno_most and extno.isascii() and extno.isdigit()):
        raise Refusal(Code.EXTNO_BAD, most=account.extno_most)
    digits = account.extno + extno
    for length in range(len(digits), len(account.extno), -1):
        owners = snapshot.extno_owners.get(digits[:length])
        if owners is not None and (owner := _first_on(snapshot, owners, _channels(snapshot, account, product))):
            raise Refusal(Code.EXTNO_TAKEN, extno=digits, owner=owner.name)


def _channels(snapshot: ConfigSnapshot, account: Account, product: Product) -> list[Channel]:
    """Returns the channels by which a reply to the account may come: those that it may send by, and those with the same access
    numbers.
    """
    tiers = [tier for carrier in Carrier for tier in plan_of(snapshot, account.id, product, carrier).tiers]
    keys = {key for tier in tiers for key in tier.channel_ids}
    numbers = {snapshot.channels[key].access for key in keys} - {""}
    return [channel for key, channel in snapshot.channels.items() if key in keys or channel.access in numbers]


def _first_on(snapshot: ConfigSnapshot, owners: Iterable[Account], channels: Iterable[Channel]) -> Account | None:
    return next((owner for channel in channels for owner in owners if uses(snapshot, owner, channel)), None)
