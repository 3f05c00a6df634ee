"""How many connections several listeners of a process may have together, so that file descriptors remain for other work."""


class ConnectionBudget:
    """`most` connections at a time; None for any number."""

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self._holders: set[int] = set()

    def __len__(self) -> int:
        return len(self._holders)

    def take(self, holder: object) -> bool:
        """Count a connection in; returns False when the budget is used up."""
        if self.most is None:
            return True
        if len(self._holders) >= self.most:
            return False
        self._holders.add(id(holder))
        return True

    def give_back(self, holder: object) -> None:
        """Count a connection out. Does nothing for one that was not counted in."""
        self._holders.discard(id(holder))
