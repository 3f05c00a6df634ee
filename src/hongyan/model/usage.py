"""What accounts have sent already, as far as a limit counts it."""

from typing import NamedTuple


class UsageKey(NamedTuple):
    """One count. Keys are locked in their order."""

    ends_ms: int  # when it is over: the end of the minute or the day that is counted
    account_id: int
    rule: str
    subject: int  # a phone; 0 where the account is counted as a whole
