"""Kannel on the same machine, in the same run: the measure by which a figure of another machine can be read.

It does the nearest that it can: a GET accepted into a file store that is never synced, receipts matched in memory, one
callback a receipt. Debian has it as `kannel`; without it the line says so.
"""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from bench import processes
from bench.tools import MessageCentre, end, free_ports, wait_listening

_WINDOW = 100
_START_S = 10.0

_CONFIGURATION = """
group = core
admin-port = {admin}
admin-password = bench
smsbox-port = {box}
admin-allow-ip = "127.0.0.1"
box-allow-ip = "127.0.0.1"
log-file = "{folder}/bearerbox.log"
log-level = 4
dlr-storage = internal
store-type = file
store-location = "{folder}/store"

group = smsc
smsc = smpp
smsc-id = centre
host = 127.0.0.1
port = {centre}
transceiver-mode = true
smsc-username = u
smsc-password = p
system-type = ""
max-pending-submits = {window}
my-number = 1069

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {box}
sendsms-port = {port}
log-file = "{folder}/smsbox.log"
log-level = 4
http-request-retry = 0

group = sendsms-user
username = acme
password = abc123
"""


_DAEMONS = ("bearerbox", "smsbox")


class NoKannelError(RuntimeError):
    """Kannel is not installed on this machine."""


def is_installed() -> bool:
    return all(map(shutil.which, _DAEMONS))


class Kannel:
    """Its two daemons, connected to a message centre of the benchmark; `port` takes what customers send."""

    def __init__(self, port: int, daemons: Sequence[subprocess.Popen[bytes]], request: str) -> None:
        self.port, self.request, self._daemons = port, request, daemons

    def cpu_s(self) -> float:
        return processes.cpu_s(daemon.pid for daemon in self._daemons)


@contextlib.contextmanager
def kannel(folder: Path, centre: MessageCentre) -> Iterator[Kannel]:
    """Started and connected; ended with the block. raises: NoKannelError"""
    if not is_installed():
        raise NoKannelError("Kannel is not installed (on Debian: apt install kannel)")
    folder.mkdir(parents=True, exist_ok=True)
    admin, box, port = free_ports(3)
    settings = folder / "kannel.conf"
    settings.write_text(
        _CONFIGURATION.format(folder=folder, admin=admin, box=box, port=port, centre=centre.port, window=_WINDOW),
        encoding="utf-8",
    )
    with contextlib.ExitStack() as running:
        daemons = []
        for program, listens in zip(_DAEMONS, (box, port), strict=True):
            daemons.append(subprocess.Popen([program, str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            running.callback(end, daemons[-1])
            wait_listening(listens, _START_S)
        yield Kannel(port, daemons, _request(centre.sink))
    shutil.rmtree(folder)


def _request(sink: str) -> str:
    callback = quote(f"{sink}k?tag=", safe="") + "{TAG}"
    target = (
        "/cgi-bin/sendsms?username=acme&password=abc123&from=1069&to=138{TAG}&text=B{TAG}+{TS}%E3%80%90%E6%B5%8B%E8%AF%95%E3%80%91"
        f"&coding=2&charset=UTF-8&dlr-mask=3&dlr-url={callback}"
    )
    return f"GET {target} HTTP/1.1\nHost: 127.0.0.1\n\n"
