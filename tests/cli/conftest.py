"""An installation made by `hongyan init`, and the command line run inside this process."""

import io
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

os.environ["LC_ALL"] = "C.UTF-8"  # help takes its language when it is loaded

from hongyan.cli.app import run


@dataclass
class Done:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return orjson.loads(self.out)


Hongyan = Callable[..., Done]

_ACCOUNT = (
    "account add acme --userid 7 --secret-file - --points 1000000 --callback http://127.0.0.1:9000/cb --format xml"
    " --allow-private-callback"
)
_CHANNEL = "channel add up1 --protocol smpp --host 127.0.0.1 --port 2775 --user u --secret-file - --window 100 --connections 1"
LINES = ((_ACCOUNT, "abc123"), (_CHANNEL, "p"), ("route add --carrier any --channel up1", ""))
"""What scripts depend on, letter by letter, and what they bring on stdin."""


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh installation; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("made") / "d"
    assert run(["init", "--data", str(folder)]) == 0
    return folder


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "d"))


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Hongyan:
    """Runs `hongyan WORDS` with a stdin; nothing of the machine's own configuration is seen."""
    monkeypatch.chdir(tmp_path)
    for name in ("HONGYAN_CONFIG", "HONGYAN_DATA", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def hongyan(*words: str, stdin: str = "") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        capsys.readouterr()
        code = run(list(words))
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return hongyan


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port of loopback that somebody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.fixture
def hongyan(bare: Hongyan, data: Path) -> Hongyan:
    """The same, on the copied installation."""
    return lambda *words, stdin="": bare(*words, "--data", str(data), stdin=stdin)


@pytest.fixture(scope="session")
def made_stocked(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With an account, a channel that leads nowhere and a route, made by the lines that scripts depend on."""
    folder = Path(shutil.copytree(made, tmp_path_factory.mktemp("stocked") / "d"))
    with pytest.MonkeyPatch.context() as patch:
        for line, stdin in LINES:
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            assert run([*line.split(), "--data", str(folder)]) == 0
    return folder


@pytest.fixture
def stocked(made_stocked: Path, data: Path, hongyan: Hongyan) -> Hongyan:
    """`hongyan` on a copy of the stocked installation."""
    shutil.copytree(made_stocked, data, dirs_exist_ok=True)
    return hongyan
