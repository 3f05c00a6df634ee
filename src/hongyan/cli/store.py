"""The store as a command uses it: opened for its short transactions, closed at its end.

`compose` is loaded only by the commands that need it, so that help and the simulators answer at once.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from hongyan.cli.config import read_settings
from hongyan.model.act import Act
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Accepted, Admission
from hongyan.ports.admin import AdminStore, Sealing
from hongyan.ports.tx import Tx

P = ParamSpec("P")
Result = TypeVar("Result")


class CommandStore:
    """The AdminStore for commands, which do one thing after the other: every call waits until it is done."""

    def __init__(self, admin: AdminStore, runner: asyncio.Runner) -> None:
        self.admin, self._runner = admin, runner

    @property
    def sealer(self) -> Sealing:
        return self.admin.sealer

    def now_ms(self) -> int:
        return self.admin.now_ms()

    def snapshot(self) -> ConfigSnapshot:
        return self.run(self.admin.snapshot())

    def change(self, service: Callable[Concatenate[Tx, Act, P], Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        return self.run(self.admin.change(service, *args, **kwargs))

    def read(self, service: Callable[Concatenate[Tx, P], Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        return self.run(self.admin.read(service, *args, **kwargs))

    def accept(self, admission: Admission) -> Accepted:
        return self.run(self.admin.accept(admission))

    def run(self, task: Coroutine[Any, Any, Result]) -> Result:
        return self._runner.run(task)


@contextmanager
def opened(data: Path | None, config: Path | None) -> Iterator[CommandStore]:
    """Open the store of these settings. raises: SettingsInvalid, and the troubles of compose"""
    from hongyan.compose.admin_store import open_admin_store  # noqa: PLC0415  see above

    with open_admin_store(read_settings(data, config).settings) as admin, asyncio.Runner() as runner:
        yield CommandStore(admin, runner)
