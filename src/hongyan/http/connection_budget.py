"""Connections that several listeners of a process may have together, so that descriptors remain for the others."""


class Places:
    """So many at most; None for any number."""

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self._taken: set[int] = set()

    def __len__(self) -> int:
        return len(self._taken)

    def take(self, guest: object) -> bool:
        """Whether there is room for one more; then it has a place until it gives it back."""
        if self.most is None:
            return True
        if len(self._taken) >= self.most:
            return False
        self._taken.add(id(guest))
        return True

    def give_back(self, guest: object) -> None:
        """One that has no place gives back none."""
        self._taken.discard(id(guest))
