"""A Hongyan installation under load: a data folder set up by the command line alone, and its `serve` processes."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import hongyan
from bench import processes
from bench.tools import MessageCentre, end, free_ports

ACCOUNT, CUSTOMER_ID, SECRET = "acme", 7, "abc123"
POINTS = 1_000_000_000
ALL_DUTIES = ("",)
API_AND_LINK = ("api,push,clock", "link")  # two processes on one PostgreSQL
_START_S = 120.0
_STOP_S = 30.0

SINGLE = f"""POST /sms.aspx HTTP/1.1
Host: 127.0.0.1
Content-Type: application/x-www-form-urlencoded;charset=UTF-8
Content-Length: {{LEN}}

action=send&userid={CUSTOMER_ID}&account={ACCOUNT}&password={SECRET}&mobile=138{{TAG}}&content=B{{TAG}}+{{TS}}\
%E3%80%90%E6%B5%8B%E8%AF%95%E3%80%91&sendTime=&extno="""
"""One number and one text a request; the last eight digits of the number and of the text's first word are the tag."""


class CommandError(RuntimeError):
    """A `hongyan` command ended with an exit code other than 0; the text is what it wrote to stderr."""


@dataclass
class Installation:
    """A data folder and its `serve` processes: started, stopped and killed as often as wanted, ended with the `with` block.

    folder:      does not exist yet; lies on the disk that is to be measured
    database:    URI of a PostgreSQL, or "" for SQLite in the folder
    duties:      one `serve` process for each; "" is all duties
    environment: added to that of `serve`
    python:      that runs all of it
    """

    folder: Path
    database: str = ""
    duties: Sequence[str] = ALL_DUTIES
    environment: Mapping[str, str] = field(default_factory=dict)
    python: str = sys.executable
    port: int = 0
    _ops_ports: list[int] = field(default_factory=list)
    _children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)  # by duties

    def __enter__(self) -> Self:
        self.port, *self._ops_ports = free_ports(1 + len(self.duties))
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self.prepare()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for child in self._children.values():
            end(child)

    def prepare(self) -> None:
        """Make the data folder and what it is to hold before the first start."""
        self.command("init", *(["--database", self.database] if self.database else []))

    def command(self, *words: str, stdin: str = "") -> str:
        """Run `hongyan WORDS --data FOLDER`; returns what it printed. raises: CommandError"""
        done = subprocess.run(
            [self.python, "-m", "hongyan", *words, "--data", self.folder],
            check=False,
            capture_output=True,
            env=_environment(),
            input=stdin.encode(),
            timeout=120,
        )
        if done.returncode:
            raise CommandError(f"hongyan {' '.join(words)}: exit code {done.returncode}\n{done.stderr.decode()}")
        return done.stdout.decode()

    def start(self) -> None:
        """Start what does not run; return when all processes are ready; raises TimeoutError."""
        for duties, ops_port in zip(self.duties, self._ops_ports, strict=True):
            if duties not in self._children:
                self._children[duties] = self._serve(duties, ops_port)
        self._wait(self._is_ready)

    def _wait(self, claim: Callable[[], bool]) -> None:
        limit = time.monotonic() + _START_S
        while not claim():
            gone = [child.returncode for child in self._children.values() if child.poll() is not None]
            if gone or time.monotonic() > limit:
                raise TimeoutError(f"hongyan serve is not ready; exit codes {gone}; its log is {self.log}")
            time.sleep(0.05)

    @property
    def console_url(self) -> str:
        """The console of the first process."""
        return f"http://127.0.0.1:{self._ops_ports[0]}"

    @property
    def log(self) -> Path:
        return self.folder.with_suffix(".log")

    def _serve(self, duties: str, ops_port: int) -> subprocess.Popen[bytes]:
        command = [self.python, "-m", "hongyan", "serve", "--data", str(self.folder)]
        command += ["--port", str(self.port), "--ops-port", str(ops_port), *(["--duties", duties] if duties else [])]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, env=_environment() | dict(self.environment))

    def _is_ready(self) -> bool:
        """Also the console, whose start would else be counted with the messages."""
        urls = [f"http://127.0.0.1:{port}" for port in self._ops_ports]
        return all(_status(f"{url}/readyz") == 200 and _status(f"{url}/login") for url in urls)

    def stop(self) -> None:
        """Ask the processes to stop and wait until they have; raises TimeoutExpired, or RuntimeError for an unclean end."""
        for child in self._children.values():
            child.send_signal(signal.SIGTERM)
        codes = [child.wait(_STOP_S) for child in self._children.values()]
        self._children.clear()
        if any(codes):
            raise RuntimeError(f"hongyan serve ended with {codes}; its log is {self.log}")

    def kill(self, *duties: str) -> None:
        """`kill -9` the processes with these duties at once; all, when none is named."""
        gone = [self._children.pop(name) for name in duties or tuple(self._children)]
        for child in gone:
            child.send_signal(signal.SIGKILL)
        for child in gone:
            child.wait()

    def lose_power(self) -> None:
        """Kill all processes with all that they have forked: none writes on, as one that outlives its parent would."""
        everybody = processes.family(child.pid for child in self._children.values())
        for pid in everybody:
            os.kill(pid, signal.SIGKILL)
        self.kill()
        while any(processes.is_running(pid) for pid in everybody):
            time.sleep(0.01)

    def sealing_key(self) -> bytes:
        return bytes.fromhex((self.folder / "hongyan.key").read_text(encoding="ascii"))

    def cpu_s(self) -> float:
        return processes.cpu_s(child.pid for child in self._children.values())

    def kill_named(self, name: str) -> None:
        """`kill -9` the process that is called so, which another of ours has forked and forks again; wait for it to be there first."""
        self._wait(lambda: bool(self._named(name)))
        for pid in self._named(name):
            os.kill(pid, signal.SIGKILL)

    def _named(self, name: str) -> set[int]:
        return processes.named((child.pid for child in self._children.values()), name)

    def cpu_s_of(self, name: str) -> float:
        """Of the processes that are called so."""
        return processes.cpu_s_of((child.pid for child in self._children.values()), name)

    def resident_mib(self) -> float:
        return processes.resident_octets(child.pid for child in self._children.values()) / (1 << 20)

    def console_mib(self) -> float:
        """By how much the console makes the platform larger: the memory that its process shares with nobody, and gives back at its end.

        Pages that it has in common with the process that forked it would be there without it, so neither they nor a part of them count.
        """
        return processes.own_octets((child.pid for child in self._children.values()), "hongyan-console") / (1 << 20)

    def forget_the_most(self) -> None:
        for child in self._children.values():
            processes.forget_the_most(child.pid)

    def most_resident_mib(self) -> float:
        """Since that was forgotten."""
        return sum(processes.most_resident_octets(child.pid) for child in self._children.values()) / (1 << 20)


@dataclass
class Measured(Installation):
    """One account with a callback address and one SMPP channel, both at a message centre of the benchmark."""

    centre: MessageCentre = field(kw_only=True)
    window: int = field(default=100, kw_only=True)
    connections: int = field(default=1, kw_only=True)

    def prepare(self) -> None:
        super().prepare()
        pushed = f"--callback {self.centre.sink} --format xml --allow-private-callback"
        money = f"--userid {CUSTOMER_ID} --points {POINTS}"
        self.command(*f"account add {ACCOUNT} --secret-file - {money} {pushed}".split(), stdin=SECRET)
        where = f"--protocol smpp --host 127.0.0.1 --port {self.centre.port} --user u --secret-file -"
        room = f"--window {self.window} --connections {self.connections}"
        self.command(*f"channel add up1 {where} {room}".split(), stdin="p")
        self.command("route", "add", "--carrier", "any", "--channel", "up1")

    def start(self) -> None:
        """Also wait until a link process that was started is connected."""
        is_new = bool({"", "link"} & (set(self.duties) - set(self._children)))
        binds = self.centre.stats()["binds"] + (self.connections if is_new else 0)
        super().start()
        self._wait(lambda: self.centre.stats()["binds"] >= binds)


def _status(url: str) -> int:
    """0 for no answer."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def _environment() -> dict[str, str]:
    """Ours, with the `hongyan` first that this process has, so that a checkout measures itself."""
    path = os.pathsep.join([str(Path(hongyan.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])])
    return os.environ | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
