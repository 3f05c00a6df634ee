"""Whether a number is black-listed: for everybody, or for the account that sends."""

from collections.abc import Sequence

from hongyan.model.listed import NumberList
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.words import EVERYBODY


def lists_for(snapshot: ConfigSnapshot, account_id: int) -> Sequence[NumberList]:
    """The lists that stand in the way of an account's messages; usually none."""
    if not snapshot.listed:
        return ()
    return [found for key in (EVERYBODY, account_id) if (found := snapshot.listed.get(key)) is not None]


def is_listed(lists: Sequence[NumberList], phone: int, now_s: int) -> bool:
    """phone: E.164; now_s: whole seconds since 1970, since an entry may end"""
    return any(one.has(phone, now_s) for one in lists)
