"""What the statistics read. Hours are counted since 1970, UTC."""

from typing import Any, Protocol

from hongyan.ports.tx.shared import ConfigRowsTx


class StatisticsTx(ConfigRowsTx, Protocol):
    def hourly_sums(self, by: str, hours: range, **equal: int) -> list[dict[str, Any]]:
        """Returns messages of these hours by one of account, channel, carrier, product, hour.

        equal:   only of this account_id, channel_id, product
        returns: a row for each group: `of`, the group, and model.hourly.FIGURES
        """
        ...

    def code_sums(self, hours: range, **equal: int) -> list[dict[str, Any]]:
        """Returns how many messages ended and were not delivered, by channel_id, state and code."""
        ...

    def task_codes(self, task_id: int) -> list[dict[str, Any]]:
        """Returns how many messages of a task failed or are unknown, by channel_id, state and code."""
        ...

    def hourly_counted(self, hour: int) -> list[dict[str, Any]]:
        """Returns the counters of an hour, all carriers together."""
        ...

    def codes_counted_of(self, hour: int) -> list[dict[str, Any]]: ...

    def messages_made_in(self, hour: int) -> list[dict[str, Any]]:
        """Counts the messages themselves that were made in an hour. It reads each of them: for checks."""
        ...

    def codes_of_messages_made_in(self, hour: int) -> list[dict[str, Any]]: ...

    def differing_sums(self, day: int) -> list[dict[str, Any]]:
        """Returns figures of the sums of a day since 1970 in China that differ from those of its counters: the key of the sum,
        `figure`, `counted`, the counters', and `summed`, the sum's.
        """
        ...
