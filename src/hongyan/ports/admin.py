"""The store for administration: command line, pages and admin API call the same services through it."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from hongyan.model.act import Act, Actor
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Accepted, Admission
from hongyan.ports.tx import Tx

P = ParamSpec("P")
Result = TypeVar("Result")


class Sealing(Protocol):
    """Seals secrets, so that the store alone, without its key, does not show them."""

    def seal(self, secret: str, owner: str) -> bytes:
        """Seal a secret. owner: the row that it belongs to; in another row it does not open"""
        ...

    def open(self, sealed: bytes, owner: str) -> str:
        """Open a sealed secret. raises: AdminError if the key is another one"""
        ...


class AdminStore(Protocol):
    """The store as one actor uses it. Every change is a transaction of its own, committed when the call returns."""

    @property
    def sealer(self) -> Sealing: ...

    def now_ms(self) -> int: ...

    def acting(self, actor: Actor) -> "AdminStore":
        """Returns the same store for another actor."""
        ...

    async def snapshot(self) -> ConfigSnapshot:
        """Returns the configuration, freshly read."""
        ...

    async def change(self, service: Callable[Concatenate[Tx, Act, P], Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        """Run a service in one transaction and commit it. Raises what the service raises; then nothing is changed."""
        ...

    async def read(self, service: Callable[Concatenate[Tx, P], Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        """Run a service on one snapshot of the store, which it cannot change."""
        ...

    async def accept(self, admission: Admission) -> Accepted:
        """Accept a submission. raises: Refusal"""
        ...
