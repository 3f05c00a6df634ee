"""The store as those who administer it use it: the command line, pages and the JSON API call the same services through it."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from hongyan.model.account import Actor
from hongyan.model.act import Act
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Accepted, Admission
from hongyan.ports.tx import Tx

P = ParamSpec("P")
Result = TypeVar("Result")


class Sealing(Protocol):
    """Makes secrets unreadable for who has the store without its key."""

    def seal(self, secret: str, owner: str) -> bytes:
        """owner: the row that the secret belongs to; in another one it does not open"""
        ...

    def open(self, sealed: bytes, owner: str) -> str:
        """raises: AdminError where the key is another one"""
        ...


class AdminStore(Protocol):
    """Acts of one actor. Every change is a transaction of its own, committed when the call returns."""

    @property
    def sealer(self) -> Sealing: ...

    def now_ms(self) -> int: ...

    def acting(self, actor: Actor) -> "AdminStore":
        """The same store, for acts of somebody else."""
        ...

    async def snapshot(self) -> ConfigSnapshot:
        """Today's configuration, freshly read."""
        ...

    async def change(self, service: Callable[Concatenate[Tx, Act, P], Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        """Run a service in one transaction and commit it. raises: what the service raises, and nothing is changed"""
        ...

    async def read(self, service: Callable[Concatenate[Tx, P], Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        """Run a service over one snapshot of the store, which it cannot change."""
        ...

    async def accept(self, admission: Admission) -> Accepted:
        """raises: Refusal"""
        ...
