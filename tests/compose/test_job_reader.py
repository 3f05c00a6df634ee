"""The process that reads for jobs: it has only idle cores, ends with its console, and what goes wrong in it is told as it was."""

import os
import pickle
import signal
import threading
from pathlib import Path

import orjson
import pytest
from tests.compose.claims import until
from tests.survive.installations import InlineInstallation

from hongyan.compose.console.job_reader import _answer
from hongyan.model.errors import NotFound
from hongyan.ports.lane import StoreAway


def child(pid: int, name: str) -> int:
    """The child of a process that is called so."""

    def found() -> list[str]:
        threads = Path(f"/proc/{pid}/task").glob("*/children")
        pids = [one for thread in threads for one in thread.read_text().split()]
        return [one for one in pids if Path(f"/proc/{one}/comm").read_text() == f"{name}\n"]

    return int(until(found)[0])


def export(installation: InlineInstallation) -> None:
    """Have the words of all accounts exported; returns once that is done."""
    number = str(orjson.loads(installation.command("job", "export", "words", "--json"))["job"])
    until(lambda: orjson.loads(installation.command("job", "show", number, "--json"))["state"] == "done")


WORDS = 60_000  # so many slices that the reader is killed between two of them


def test_a_job_goes_on_though_its_reader_is_killed(tmp_path):
    with InlineInstallation(tmp_path / "data") as installation:
        (tmp_path / "words.txt").write_text("".join(f"word{number}\n" for number in range(WORDS)), encoding="utf-8")
        installation.command("word", "import", str(tmp_path / "words.txt"))
        installation.start()
        (server,) = [one.pid for one in installation._children.values()]
        reader = child(child(server, "hongyan-console"), "hongyan-jobs")
        number = str(orjson.loads(installation.command("job", "export", "words", "--json"))["job"])

        def job():
            return orjson.loads(installation.command("job", "show", number, "--json"))

        assert until(lambda: (found := job())["done"] and found)["state"] == "running"
        os.kill(reader, signal.SIGKILL)
        ended = until(lambda: (found := job())["state"] != "running" and found)

        assert (ended["state"], ended["done"]) == ("done", WORDS)


def test_jobs_are_read_by_a_process_for_idle_cores_which_comes_back_with_its_console(tmp_path):
    with InlineInstallation(tmp_path / "data") as installation:
        installation.start()
        (server,) = [child.pid for child in installation._children.values()]
        console = child(server, "hongyan-console")
        reader = child(console, "hongyan-jobs")
        assert os.sched_getscheduler(reader) == os.SCHED_IDLE
        assert os.sched_getscheduler(console) == os.SCHED_BATCH
        export(installation)

        os.kill(reader, signal.SIGKILL)
        until(lambda: child(server, "hongyan-console") != console)
        export(installation)

        console = child(server, "hongyan-console")
        reader = child(console, "hongyan-jobs")
        os.kill(console, signal.SIGKILL)
        until(lambda: not Path(f"/proc/{reader}").exists())


class Failing:
    """A reader of a store."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, _):
        raise self._error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (NotFound("there is no account {name}", "look at `account list`", name="up1"), NotFound),
        (StoreAway("no disk"), StoreAway),
        (ValueError(threading.Lock()), RuntimeError),  # nothing that can be sent
    ],
)
def test_what_went_wrong_is_told_as_it_was(error, kind):
    told = pickle.loads(_answer(Failing(error), None, 0))

    assert type(told) is kind
    assert str(error) in str(told)
    assert getattr(told, "facts", None) == getattr(error, "facts", None)
