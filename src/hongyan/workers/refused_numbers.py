"""Reports of numbers that were refused while others of their submit were accepted, if its answer cannot name them."""

from collections.abc import Sequence

from hongyan.model.refusal import Code, Refusal
from hongyan.ports.lane import Lane
from hongyan.services.steps.refused_numbers import RefusedNumbers, phone_of_refused
from hongyan.workers.signals import Signals
from hongyan.workers.steps import Steps


class RefusedNumberReports:
    def __init__(self, lane: Lane, steps: Steps, signals: Signals) -> None:
        self._lane, self._steps, self._signals = lane, steps, signals

    def check(self, rejected: Sequence[tuple[str, Code]]) -> None:
        """Raises Refusal NUMBER_BAD if a report could not name one of them; then the whole submit is refused."""
        if any(phone_of_refused(written) is None for written, _ in rejected):
            raise Refusal(Code.NUMBER_BAD)

    async def owe(self, task_id: int, rejected: Sequence[tuple[str, Code]]) -> None:
        """Owe a report for each. A repeat changes nothing."""
        if rejected:
            owed = await self._lane.ask(self._steps.refuse_numbers, RefusedNumbers(task_id, rejected))
            self._signals.owed(owed)
