"""How much accounts have sent already, as far as a limit counts it."""

from typing import NamedTuple


class UsageKey(NamedTuple):
    """The key of one count. Keys are locked in their order."""

    ends_ms: int  # the end of the minute or day that is counted
    account_id: int
    rule: str
    subject: int  # a phone; 0 if the account is counted as a whole
