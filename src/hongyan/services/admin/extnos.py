"""No two accounts that use one channel, or one access number, have the same extno: a reply to it would be for either.

One may begin with another's: the longest that fits has the reply, and who has the shorter one may not send with the longer
(`policy.extno`).
"""

from typing import Any

from hongyan.model.errors import Conflict
from hongyan.ports.tx.shared import ConfigRowsTx


def check_extno_free(tx: ConfigRowsTx, account_id: int, extno: str) -> None:
    """What is to be the extno of an account. Raises Conflict when another has it on the same channel."""
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
    """After a channel was opened to an account, or has another access number. Raises Conflict when two have one extno there."""
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
    """Which access numbers the accounts use."""

    def __init__(self, tx: ConfigRowsTx) -> None:
        names = {channel["id"]: _number(channel) for channel in tx.rows_of("channel")}
        self._by_account: dict[int | None, set[str]] = {}
        for route in tx.rows_of("route"):
            self._by_account.setdefault(route["account_id"], set()).add(names[route["channel_id"]])

    def of(self, account_id: int | None) -> set[str]:
        """Those of an account; None: those that are open to all."""
        return self._by_account.get(None, set()) | self._by_account.get(account_id, set())


def _number(channel: dict[str, Any]) -> str:
    """The access number, or the name where a channel has none."""
    return str(channel["access"] or channel["name"])


def _taken(name: str, extno: str, number: str) -> Conflict:
    return Conflict("account {name} has the extno {extno} on {number}", name=name, extno=extno, number=number)
