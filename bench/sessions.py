"""Customers who connect as to a carrier: the whole way by SMPP or CMPP, the reports back over the same sessions."""

import contextlib
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.installation import ACCOUNT, SECRET, Measured
from bench.tools import BUILD, MessageCentre, build, free_ports
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.cmpp.auth import digest_source
from hongyan.wire.cmpp.codec import encode as encode_cmpp
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.codec import encode as encode_smpp

SESSIONS, WINDOW = 4, 100
ASLEEP = 190
"""Sessions that do nothing, beside ten that work at half load."""

_BUSY = 10
_STAMP = 1129080000
_TEXT, _NUMBER = b"B00000000 benchmark text", "13800000000"  # the zeros become the tag
_LIMIT_S = 120

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One protocol as `pduflood` speaks it."""

    name: str
    head_octets: int
    login: bytes
    submit: bytes


SMPP = Spoken(
    "smpp",
    smpp.HEAD_OCTETS,
    encode_smpp(smpp.Bind(1, smpp.Command.BIND_TRANSCEIVER, ACCOUNT, SECRET)),
    encode_smpp(smpp.Sm(1, smpp.Command.SUBMIT_SM, "", _NUMBER, _TEXT, data_coding=0, registered_delivery=1)),
)
CMPP = Spoken(
    "cmpp",
    cmpp.HEAD_OCTETS,
    encode_cmpp(cmpp.Connect(1, ACCOUNT, digest_source(ACCOUNT, SECRET, _STAMP), cmpp.Version.V30, _STAMP), cmpp.Version.V30),
    encode_cmpp(cmpp.Submit(1, "", (_NUMBER,), _TEXT, msg_fmt=0), cmpp.Version.V30),
)


@contextlib.contextmanager
def _served(folder: Path, spoken: Spoken, centre: MessageCentre, window: int) -> Iterator[tuple[Measured, int]]:
    """A fresh installation with one listener, and its port."""
    shutil.rmtree(folder / "data", ignore_errors=True)
    (port,) = free_ports(1)
    with Measured(folder / "data", centre=centre, window=window) as house:
        house.command(
            "listener", "add", "in", "--protocol", spoken.name, "--address", "127.0.0.1", "--port", str(port),
            "--connections-most", "2000",
        )  # fmt: skip
        house.command(
            "account", "set", ACCOUNT, "--protocol", spoken.name, "--sessions-most", "1000", "--window-in", str(WINDOW),
            "--window-out", str(WINDOW),
        )  # fmt: skip
        house.start()
        yield house, port
        house.stop()
    shutil.rmtree(folder / "data", ignore_errors=True)


def _flood(
    port: int, spoken: Spoken, messages: int, first_tag: int, *, sessions: int = SESSIONS, idle: int = 0, rate: float = 0,
) -> dict[str, Any]:  # fmt: skip
    """What the customer saw; returns when its reports have come, or none comes any more."""
    with tempfile.NamedTemporaryFile(dir=BUILD) as tags:
        command = [
            str(BUILD / "pduflood"), f"-p{port}", f"-H{spoken.head_octets}", f"-L{spoken.login.hex()}", f"-F{spoken.submit.hex()}",
            f"-c{sessions}", f"-i{idle}", f"-w{WINDOW}", f"-n{messages}", f"-t{_LIMIT_S}", "-R1", f"-s{first_tag}", f"-o{tags.name}",
            *([f"-r{rate}"] if rate else []),
        ]  # fmt: skip
        told: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return told


def by_sessions(folder: Path, spoken: Spoken, messages: int, half_rate: float, rate_s: float, window: int) -> Figures:
    """As fast as the answers come, then at half load beside sessions that sleep."""
    build()
    with MessageCentre() as centre, _served(folder, spoken, centre, window) as (house, port):
        _flood(port, spoken, 500, 60_000_000)
        centre.reset()
        cpu, began = house.cpu_s(), time.monotonic()
        full = _flood(port, spoken, messages, 1)
        spent = house.cpu_s() - cpu
        stats = centre.stats()
        arrived = centre.arrived(1, messages)
        before = house.resident_mib()
        half = _flood(port, spoken, int(half_rate * rate_s), messages + 1, sessions=_BUSY, idle=ASLEEP, rate=half_rate)
        grown = house.resident_mib() - before
    return {
        "accepted/s": full["ok"] / full["elapsed"],
        "sent/s": stats["submits"] / (stats["last_us"] / 1e6 - began),
        "reported/s": full["reports"] / full["reports_s"] if full["reports_s"] else 0.0,
        "CPU µs/message": spent / max(1, full["ok"]) * 1e6,
        "accept p50 ms": full["p50_us"] / 1e3,
        "accept p99 ms": full["p99_us"] / 1e3,
        "not accepted": full["err"],
        "missing": sum(1 for times in arrived if not times),
        "doubled": stats["dup"],
        "not reported": full["ok"] - full["reports"],
        f"half load beside {ASLEEP} asleep: p50 ms": half["p50_us"] / 1e3,
        f"half load beside {ASLEEP} asleep: p99 ms": half["p99_us"] / 1e3,
        f"{ASLEEP + _BUSY} binds s": half["binds_s"],
        "MiB grown by them": grown,
    }
