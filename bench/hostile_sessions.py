"""Others over SMPP, CMPP or HTTP beside who keeps no bounds, kind by kind: how long their answers take, and what more of a core is used.

The program that keeps no bounds is as busy as what it is measured beside, on the same cores. So there are two measures in turn:
beside the same program with a peer of its own, its *twin*, and beside it at our port. What it costs others is the second over the
first.

The machine swings by more than what is looked for. So each round is compared with the mean of the two around it, which are of the
other measure, and the median of many such ratios is taken, with the range in which it lies with 95 % certainty. Rounds of the twin
are compared in the same way with those of the twin around them: that is the control, which has to be 100 %.
"""

import array
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import floor, sqrt
from pathlib import Path
from statistics import mean, median

from bench import hostile_customer
from bench.flood import CMPP, SMPP, ClientProtocol, flood
from bench.hostile_customer import HTTP
from bench.installation import ACCOUNT, SINGLE, Measured
from bench.plan import Figures
from bench.tools import MessageCentre, build, free_ports, loading

WINDOW, SESSIONS, CONNECTIONS = 100, 4, 16
RATE, ROUND_S = 1_000, 4.0
SETTLED_S = 1.5
"""After the program began."""

KINDS = {
    f"{protocol.name}:{kind}": (protocol, kind)
    for protocol in (SMPP, CMPP, HTTP)
    for kind in (hostile_customer.AT_DOORS if protocol is HTTP else hostile_customer.KINDS)
}


@dataclass(slots=True)
class Round:
    """latencies_us: of each answer to the others. cores: that the platform used. taken: messages a second of who keeps no bounds"""

    latencies_us: "array.array[int]" = field(repr=False)
    cores: float
    taken: float

    def quantile_ms(self, share: float) -> float:
        return quantile_ms(self.latencies_us, share)


def quantile_ms(latencies_us: Sequence[int], share: float) -> float:
    return sorted(latencies_us)[floor(share * len(latencies_us))] / 1e3


def beside_each_kind(folder: Path, kinds: Sequence[str], pairs: int) -> Figures:
    """kinds: some of KINDS; none: all"""
    return {
        f"{kind}: {name}": value
        for kind in kinds or KINDS
        for name, value in compared(beside_hostile(folder, *KINDS[kind], pairs)).items()
    }


def compared(rounds: Sequence[Round]) -> Figures:
    """rounds: beside the twin and beside it at our port in turn; the first and the last one are beside the twin"""
    twins, besides = rounds[::2], rounds[1::2]
    found = {"p99 ms of the twin": median(one.quantile_ms(0.99) for one in twins)}
    for name, share in (("p50", 0.50), ("p99", 0.99)):
        figures = [one.quantile_ms(share) for one in rounds]
        found |= _ranged(f"{name} %", _ratios(figures)[::2])
        found |= _ranged(f"{name} % of the control", _ratios(figures[::2]))
    pooled = [quantile_ms([us for one in some for us in one.latencies_us], 0.99) for some in (besides, twins)]
    return found | {
        "p99 % of all answers": 100 * pooled[0] / pooled[1],
        "more of a core": mean(one.cores for one in besides) - mean(one.cores for one in twins),
        "messages taken a second": mean(one.taken for one in besides),
    }


def _ratios(figures: Sequence[float]) -> list[float]:
    """Each but the first and the last one, in % of the mean of the two around it."""
    return [100 * one / mean((before, after)) for before, one, after in zip(figures, figures[1:], figures[2:], strict=False)]


def _ranged(name: str, values: Sequence[float]) -> Figures:
    """The median, and the order statistics between which it lies with 95 % certainty."""
    ordered = sorted(values)
    outside = max(0, floor((len(ordered) - 1.96 * sqrt(len(ordered))) / 2))
    return {name: median(ordered), f"{name}, at least": ordered[outside], f"{name}, at most": ordered[-1 - outside]}


def beside_hostile(folder: Path, protocol: ClientProtocol, kind: str, pairs: int) -> list[Round]:
    """Returns rounds beside the twin and beside it at our port in turn: so many of the second, and one more of the first.

    raises: RuntimeError if a message of the others was not accepted
    """
    build()
    with MessageCentre() as centre, _served(folder, protocol, centre) as (installation, port):
        _measure(installation, port, protocol)  # warm
        rounds = []
        for number in range(2 * pairs + 1):
            with _hostile(port if number % 2 else 0, protocol, kind):
                rounds.append(_measure(installation, port, protocol))
        return rounds


@contextmanager
def _served(folder: Path, protocol: ClientProtocol, centre: MessageCentre) -> Iterator[tuple[Measured, int]]:
    shutil.rmtree(folder / "data", ignore_errors=True)
    (port,) = free_ports(1)
    with Measured(folder / "data", centre=centre) as installation:
        added = f"account add {hostile_customer.ACCOUNT} --userid 8 --secret-file - --points 1000000000"
        installation.command(*added.split(), stdin=hostile_customer.SECRET)
        if protocol is not HTTP:
            _listen(installation, port, protocol)
        installation.start()
        yield installation, installation.port if protocol is HTTP else port
        installation.stop()
    shutil.rmtree(folder / "data", ignore_errors=True)


def _listen(installation: Measured, port: int, protocol: ClientProtocol) -> None:
    where = f"--address 127.0.0.1 --port {port} --connections-most 2000"
    installation.command(*f"listener add in --protocol {protocol.name} {where}".split())
    for account in (ACCOUNT, hostile_customer.ACCOUNT):
        installation.command(*f"account set {account} --protocol {protocol.name} --sessions-most 50".split())


@contextmanager
def _hostile(port: int, protocol: ClientProtocol, kind: str) -> Iterator[None]:
    command = [sys.executable, "-m", "bench.hostile_customer", str(port), protocol.name, kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as program:
        time.sleep(SETTLED_S)
        yield
        if program.poll() is not None:
            raise RuntimeError(f"{kind} ended with {program.returncode}")
        assert program.stdin is not None
        program.stdin.close()


_tags = iter(range(1, 10**8, round(RATE * ROUND_S)))


def _measure(installation: Measured, port: int, protocol: ClientProtocol) -> Round:
    messages, cpu, began = round(RATE * ROUND_S), installation.cpu_s(), time.monotonic()
    sent = installation.centre.stats()["submits"]
    accepted, latencies_us = _over_http(port, messages) if protocol is HTTP else _over_sessions(protocol, port, messages)
    if accepted != messages:
        raise RuntimeError(f"{messages - accepted} of {messages} messages were not accepted")
    took_s = time.monotonic() - began
    taken = installation.centre.stats()["submits"] - sent - messages
    return Round(latencies_us, (installation.cpu_s() - cpu) / took_s, taken / took_s)


def _over_sessions(protocol: ClientProtocol, port: int, messages: int) -> tuple[int, "array.array[int]"]:
    """Returns how many were accepted, and how long each answer took."""
    latencies_us = array.array("I")
    seen = flood(port, protocol, messages, next(_tags), sessions=SESSIONS, window=WINDOW, rate=RATE, latencies_us=latencies_us)
    return seen["ok"], latencies_us


def _over_http(port: int, messages: int) -> tuple[int, "array.array[int]"]:
    """The same."""
    with loading(port, SINGLE, messages=messages, first_tag=next(_tags), connections=CONNECTIONS, rate=RATE) as load:
        seen = load.result()
    return seen.accepted, array.array("I", seen.latencies_us)
