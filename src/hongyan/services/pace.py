"""How often accounts pull, counted in this process."""

from hongyan.model.account import Account
from hongyan.model.owed import OwedKind
from hongyan.model.refusal import Code, Refusal
from hongyan.policy.pace import MinuteCount, counted


class PullPace:
    """Counts pulls. most: pulls of one account and kind in a minute; 0 for no limit."""

    def __init__(self, most: int = 0) -> None:
        self._most = most
        self._minutes: dict[tuple[int, OwedKind], MinuteCount] = {}  # for each account and kind that pulls

    def check(self, account: Account, kind: OwedKind, now_ms: int) -> None:
        """Count one pull. raises: Refusal PULLED_OFTEN"""
        if not self._most:
            return
        key = account.id, kind
        minute = self._minutes[key] = counted(self._minutes.get(key), now_ms)
        if minute.times > self._most:
            raise Refusal(Code.PULLED_OFTEN, account=account.name, most=self._most)
