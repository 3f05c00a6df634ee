"""The C tools under `tools/`: compiled once into `build/bench`, run on free ports of loopback, ended by their own ids."""

import array
import contextlib
import http.client
import json
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "bench"
_SOURCES = Path(__file__).resolve().parent / "tools"
_PORTS = range(10_000, 32_768)
"""Below those of outgoing connections on Linux (`ip_local_port_range`)."""

_GRACE_S = 5.0  # between a polite signal and a hard one


class NoCompilerError(RuntimeError):
    """There is no `cc` on this machine."""


def build() -> None:
    """Compile what is older than its source; raises NoCompilerError, or CalledProcessError after the compiler's own words."""
    BUILD.mkdir(parents=True, exist_ok=True)
    newest = max(path.stat().st_mtime for path in _SOURCES.iterdir())
    for source in sorted(_SOURCES.glob("*.c")):
        made = BUILD / source.stem
        if made.exists() and made.stat().st_mtime > newest:
            continue
        if shutil.which("cc") is None:
            raise NoCompilerError("the benchmark's tools are written in C: install a compiler (on Debian: apt install gcc)")
        fresh = made.with_suffix(".new")
        subprocess.run(["cc", "-O2", "-o", fresh, source], check=True)
        fresh.replace(made)


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on now, all different, and that the system gives to no outgoing connection meanwhile."""
    free: list[int] = []
    while len(free) < count:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("", port))
            free += [] if port in free else [port]
    return free


def free_port() -> int:
    return free_ports(1)[0]


def end(process: subprocess.Popen[bytes]) -> None:
    """End a child politely, then hard; returns when it is gone."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


class MessageCentre:
    """`smppsim`: an SMPP message centre that counts by tag, and the customer's callback address at `sink`."""

    def __init__(self, *, answer_ms: int = 0, report_ms: int = 0, ports: Sequence[int] | None = None) -> None:
        self.port, self.control_port = ports or free_ports(2)
        self._options = [f"-r{answer_ms}", f"-D{report_ms}", "-d", f"-p{self.port}", f"-c{self.control_port}"]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def sink(self) -> str:
        return f"http://127.0.0.1:{self.control_port}/cb"

    def __enter__(self) -> Self:
        build()
        self._process = subprocess.Popen([BUILD / "smppsim", *self._options])
        wait_listening(self.control_port, 5)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None:
            end(self._process)

    def stats(self) -> dict[str, int]:
        """What it saw so far; times are microseconds of the monotonic clock."""
        found: dict[str, int] = json.loads(self._ask("/stats"))
        return found

    def configure(self, **options: int) -> None:
        """dlr: 0 or 1; delay, resp: milliseconds; window: receipts unanswered at a time, 0 for no limit."""
        self._ask("/cfg?" + "&".join(f"{name}={value}" for name, value in options.items()))

    def reset(self) -> None:
        """Forget all counts; connections and settings stay."""
        self._ask("/reset")

    def arrived(self, first: int, count: int) -> bytes:
        """How often each tag from `first` on arrived as a submit: one octet a tag."""
        return self._ask(f"/seen?from={first}&n={count}")

    def called_back(self, first: int, count: int) -> bytes:
        """How often each tag from `first` on was named in a callback: one octet a tag."""
        return self._ask(f"/cb?from={first}&n={count}")

    def _ask(self, path: str) -> bytes:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.control_port, timeout=30)) as line:
            line.request("GET", path)
            return line.getresponse().read()


def wait_listening(port: int, within_s: float) -> None:
    """Return when somebody accepts connections there; raises TimeoutError."""
    limit = time.monotonic() + within_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > limit:
                raise TimeoutError(f"nobody listens on port {port}") from None
            time.sleep(0.02)
        else:
            return


@dataclass(frozen=True, slots=True)
class Load:
    """What `httpload` was answered; times in microseconds, latency from the planned start where a rate was given."""

    sent: int
    accepted: int  # answers with the word of success
    refused: int  # all others, and broken connections
    elapsed_s: float
    p50_us: int
    p99_us: int
    max_us: int
    tags: Sequence[int] = field(repr=False)  # of the accepted
    latencies_us: Sequence[int] = field(repr=False)  # of all answers

    @property
    def rate(self) -> float:
        return self.accepted / self.elapsed_s if self.elapsed_s else 0.0


@dataclass(slots=True)
class Loading:
    """A load under way."""

    process: subprocess.Popen[bytes]
    printed: Path
    tag_file: Path
    latency_file: Path
    limit_s: float

    def finish(self) -> None:
        """Begin no request any more; then `result` has all that were answered."""
        self.process.send_signal(signal.SIGTERM)

    def result(self) -> Load:
        """Wait for its end and read what it printed; raises TimeoutExpired when it outlives its own limit."""
        self.process.wait(self.limit_s + 30)
        found: dict[str, Any] = json.loads(self.printed.read_bytes())
        tags, latencies = (array.array("I", file.read_bytes()) for file in (self.tag_file, self.latency_file))
        latency = found["p50_us"], found["p99_us"], found["max_us"]
        return Load(found["sent"], found["ok"], found["err"], found["elapsed"], *latency, tags, latencies)


@contextlib.contextmanager
def loading(
    port: int,
    request: str | Sequence[bytes],
    *,
    messages: int,
    first_tag: int = 1,
    connections: int = 16,
    rate: float = 0,
    limit_s: float = 120,
    survives: bool = False,
    success: str = "Success",
) -> Iterator[Loading]:
    """Start a load of `messages` requests; ended with the block if it has not ended before.

    request:  a template of all, or each as it is, in the order of their tags
    rate:     requests a second on a fixed timetable; 0 is as fast as they are answered
    survives: goes on through broken connections
    success:  what the body of an answer holds when the request was accepted
    """
    build()
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        names = ("request.txt", "printed.json", "tags.bin", "latencies.bin")
        template, printed, tag_file, latency_file = (Path(folder, name) for name in names)
        template.write_bytes(
            request.encode() if isinstance(request, str) else b"".join(b"%d\n%b" % (len(r), r) for r in request)
        )
        command: list[str | Path] = [
            *(BUILD / "httpload", "-f", template, "-o", tag_file, "-l", latency_file),
            *(f"-p{port}", f"-c{connections}", f"-n{messages}", f"-t{limit_s}", f"-s{first_tag}", f"-S{success}"),
        ]
        command += [f"-r{rate}"] if rate else []
        command += ["-k"] if survives else []
        command += [] if isinstance(request, str) else ["-m"]
        with printed.open("wb") as out:
            process = subprocess.Popen(command, stdout=out)
        try:
            yield Loading(process, printed, tag_file, latency_file, limit_s)
        finally:
            end(process)
