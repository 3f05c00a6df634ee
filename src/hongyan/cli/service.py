"""hongyan service: run by the system's service manager."""

import sys
import sysconfig
from pathlib import Path
from typing import Annotated

from hongyan.cli.config import read_settings
from hongyan.cli.exits import Exit
from hongyan.cli.options import Config, noun, option, verb
from hongyan.cli.out import print_exact
from hongyan.compose.descriptors import connections_of
from hongyan.settings.kinds import SQLITE
from hongyan.settings.sections.limits import Limits
from hongyan.settings.settings import Settings

app = noun("service", "Run Hongyan as a service of the system.")

_LEAST_DESCRIPTORS = 65_536
_WAITS = 6
"""A stop waits at most so often for `drain_s`: for three listeners, and for each channel for its claim, its answers, and their
record.
"""
_SPARE_S = 20  # for the store
_HOMES = (Path("/home"), Path("/root"), Path("/run/user"))


@verb(
    app,
    "print",
    "Print a hardened systemd unit that serves this folder; nothing is installed.",
    "hongyan service print --user hongyan --data /var/lib/hongyan > /etc/systemd/system/hongyan.service",
    "hongyan service print --data /srv/sms --config /etc/hongyan/hongyan.toml --low-ports",
)
def print_(
    user: Annotated[str, option("User that it runs as; owns the data folder.", "--user")] = "hongyan",
    data: Annotated[Path, option("The data folder.", "--data")] = Path("/var/lib/hongyan"),
    config: Config = None,
    low_ports: Annotated[bool, option("Let it listen on ports below 1024.", "--low-ports")] = False,
) -> None:
    settings = read_settings(data, config).settings
    print_exact(_unit(settings, user, data.absolute(), config and config.absolute(), has_low_ports=low_ports))


def _unit(settings: Settings, user: str, data: Path, config: Path | None, *, has_low_ports: bool) -> str:
    limits, url = settings.limits, settings.database_url
    is_sqlite = url.startswith(SQLITE)
    written = dict.fromkeys([data, Path(url.removeprefix(SQLITE)).absolute().parent if is_sqlite else data])
    program = _program()
    serve = [*program, "serve", "--data", data, *(["--config", config] if config else [])]
    is_at_home = any(path.is_relative_to(home) for path in (Path(program[0]), config or data, *written) for home in _HOMES)
    return f"""\
[Unit]
Description=Hongyan SMS platform
Wants=network-online.target
After=network-online.target{"" if is_sqlite else " postgresql.service"}
StartLimitIntervalSec=0

[Service]
Type=exec
User={user}
ExecStart={" ".join(map(_word, serve)).replace("$", "$$")}
ExecReload=/bin/kill -HUP $MAINPID
KillMode=mixed
Restart=on-failure
RestartSec=5
RestartPreventExitStatus={Exit.USAGE:d} {Exit.SETTINGS:d}
TimeoutStopSec={_stop_s(limits):.0f}
LimitNOFILE={max(_LEAST_DESCRIPTORS, 2 * sum(connections_of(limits)))}
UMask=0077

ProtectSystem=strict
ReadWritePaths={" ".join(map(_word, written))}
ProtectHome={"read-only" if is_at_home else "yes"}
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
NoNewPrivileges=yes
CapabilityBoundingSet={"CAP_NET_BIND_SERVICE" if has_low_ports else ""}
AmbientCapabilities={"CAP_NET_BIND_SERVICE" if has_low_ports else ""}
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target"""


def _stop_s(limits: Limits) -> float:
    return _WAITS * limits.drain_s + limits.push_total_s + _SPARE_S


def _program() -> list[str]:
    """Returns our whole command: the script beside this Python, or the module if there is none."""
    script = Path(sysconfig.get_path("scripts"), "hongyan")
    return [str(script)] if script.exists() else [sys.executable, "-m", "hongyan"]


def _word(word: object) -> str:
    """Returns a path as a unit writes it."""
    text = str(word).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{text}"' if " " in text else text
