"""hongyan serve: the platform in this process, until it is asked to stop."""

from typing import Annotated

import structlog

from hongyan.cli.config import read_settings
from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Config, Data, alone, option, verb
from hongyan.logs.lines import set_up_logs
from hongyan.settings.sections.log import LogFormat, LogLevel

app = alone()

log = structlog.get_logger(__name__)


Port = Annotated[int | None, option("Port of the customers' doors.", "--port", min=0, max=65535)]
OpsPort = Annotated[int | None, option("Port of metrics and health.", "--ops-port", min=0, max=65535)]
Level = Annotated[LogLevel | None, option("From which level on to log.", "--log-level")]
Format = Annotated[LogFormat | None, option("text, json, or auto: text on a terminal.", "--log-format")]


@verb(
    app,
    "serve",
    "Run the platform: customers' doors, links to carriers, pushes, the clock's jobs.",
    "hongyan serve --data d --port 8080 --ops-port 8081 --held",
    "hongyan serve --data /var/lib/hongyan --processes 2 --log-level warning",
)
def serve(
    data: Data = None,
    config: Config = None,
    host: Annotated[str | None, option("Address of the customers' doors.", "--host")] = None,
    port: Port = None,
    ops_port: OpsPort = None,
    duties: Annotated[str | None, option("Which of api, link, push, clock; by comma.", "--duties")] = None,
    processes: Annotated[
        int | None, option("1, or 2: the doors in a process of their own.", "--processes", min=1, max=2)
    ] = None,
    held: Annotated[bool, option("Pause every channel first, and show what waits: after a restore.", "--held")] = False,
    log_level: Level = None,
    log_format: Format = None,
) -> None:
    from hongyan.compose.serve import serve as run_platform  # noqa: PLC0415  help does without the platform

    flags: dict[str, dict[str, object]] = {
        "listen": {"host": host, "port": port, "ops_port": ops_port},
        "duties": {"run": duties, "processes": processes},
        "log": {"level": log_level, "format": log_format},
    }
    loaded = read_settings(data, config, flags)
    log_settings = loaded.settings.log
    set_up_logs(log_settings.level, log_settings.format, for_good=True)
    for place in loaded.open_to_others():
        log.warning("open_to_others", place=str(place), cure="chmod o=,g-w")
    if not run_platform(loaded, is_held=held):
        raise Stop(Exit.FAILED, "a part of the platform broke, so the whole was stopped", "the log says which; start it again")
