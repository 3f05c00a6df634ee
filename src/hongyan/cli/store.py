"""The store as a command uses it: opened for its short transactions, closed at its end.

`compose` is loaded only by the commands that need it, so that help and the simulators answer at once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from hongyan.cli.config import read_settings
from hongyan.model.act import Act
from hongyan.model.ids import IdSource
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Accepted, Admission
from hongyan.services.admin.sealing import Sealer

P = ParamSpec("P")
Result = TypeVar("Result")

Tx = Any
"""A transaction. Commands hand it on to services, which know what it can do."""


class AdminStore(Protocol):
    @property
    def sealer(self) -> Sealer: ...

    @property
    def ids(self) -> IdSource: ...

    def now_ms(self) -> int: ...

    def snapshot(self) -> ConfigSnapshot:
        """Today's configuration, freshly read."""
        ...

    def change(self, step: Callable[Concatenate[Tx, Act, P], Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        """Run a service in one transaction, as an act of the person who commands, and commit it."""
        ...

    def read(self, step: Callable[Concatenate[Tx, P], Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        """Run a service over one snapshot that it cannot change."""
        ...

    def accept(self, admission: Admission) -> Accepted:
        """raises: Refusal"""
        ...


@contextmanager
def opened(data: Path | None, config: Path | None) -> Iterator[AdminStore]:
    """The store of these settings. raises: SettingsInvalid, and the troubles of compose"""
    from hongyan.compose.admin_store import open_admin_store  # noqa: PLC0415  see above

    with open_admin_store(read_settings(data, config).settings) as admin:
        yield admin
