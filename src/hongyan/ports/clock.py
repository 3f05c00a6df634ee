from typing import Protocol


class Clock(Protocol):
    """Milliseconds since 1970, UTC."""

    def __call__(self) -> int: ...
