"""The sessions of this process as the report step sees them. Some take reports at once, without a claim of their own."""

from collections.abc import Sequence
from typing import Protocol

from hongyan.model.session_delivery import Deliverable


class Receiver(Protocol):
    """A session that takes deliveries. Its values may be read in any thread."""

    @property
    def room(self) -> int:
        """Returns how many items it takes at once; 0 while older ones may wait for it in the store, so that none is overtaken."""
        ...

    @property
    def answer_ms(self) -> int:
        """Returns for how long nobody else gets what it took; after that it is due again."""
        ...

    def take(self, items: Sequence[Deliverable]) -> None:
        """Deliver these, which are stored as claimed. Called on the event loop, after the commit."""
        ...


class Receivers(Protocol):
    def receivers(self, account_id: int) -> Sequence[Receiver]:
        """Returns the sessions of this process that take deliveries of an account, those with the most room first."""
        ...
