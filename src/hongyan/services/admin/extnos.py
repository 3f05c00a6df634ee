"""Two accounts that use one channel, or one access number, cannot have the same extno: a reply to it could be for either.

One extno may begin with another. Then a reply goes to the account with the longest extno that fits, and the account with the
shorter one may not send with the longer (`policy.extno`).
"""

from typing import Any

from hongyan.model.errors import Conflict
from hongyan.ports.tx.shared import ConfigRowsTx


def check_extno_free(tx: ConfigRowsTx, account_id: int, extno: str) -> None:
    """Raises Conflict if another account on the same channel has this extno."""
    if not extno:
        return
    others = [row for row in tx.rows_of("account", extno=extno) if row["id"] != account_id]
    if not others:
        return
    numbers = _Numbers(tx)
    for other in others:
        if shared := (numbers.of(account_id) & numbers.of(other["id"])):
            raise _taken(other["name"], extno, min(shared))


def check_extnos_apart(tx: ConfigRowsTx, channel_id: int) -> None:
    """Raises Conflict if two accounts have the same extno on a channel. Asked after its routes or its access number changed."""
    [channel] = tx.rows_of("channel", id=channel_id)
    numbers, number = _Numbers(tx), _number(channel)
    names: dict[str, str] = {}
    for account in tx.rows_of("account"):
        extno = account["extno"]
        if extno and number in numbers.of(account["id"]):
            if extno in names:
                raise _taken(names[extno], extno, number)
            names[extno] = account["name"]


class _Numbers:
    """The access numbers that accounts use."""

    def __init__(self, tx: ConfigRowsTx) -> None:
        names = {channel["id"]: _number(channel) for channel in tx.rows_of("channel")}
        self._by_account: dict[int | None, set[str]] = {}
        for route in tx.rows_of("route"):
            self._by_account.setdefault(route["account_id"], set()).add(names[route["channel_id"]])

    def of(self, account_id: int | None) -> set[str]:
        """Returns the access numbers of an account; None: those that are open to all."""
        return self._by_account.get(None, set()) | self._by_account.get(account_id, set())


def _number(channel: dict[str, Any]) -> str:
    """Returns the access number of a channel, or its name if it has none."""
    return str(channel["access"] or channel["name"])


def _taken(name: str, extno: str, number: str) -> Conflict:
    return Conflict("account {name} has the extno {extno} on {number}", name=name, extno=extno, number=number)
