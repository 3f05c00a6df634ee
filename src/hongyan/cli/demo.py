"""hongyan demo: a whole platform for trial, with commands to try it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rich.cells import cell_len, set_cell_size

from hongyan.cli.config import read_settings
from hongyan.cli.exits import Exit, Stop
from hongyan.cli.init import write_installation
from hongyan.cli.options import alone, option, verb
from hongyan.cli.out import print_exact, say
from hongyan.cli.serve import Format, Level, OpsPort, Port
from hongyan.i18n import _, value_word
from hongyan.logs.lines import set_up_logs
from hongyan.logs.masking import mask_phone
from hongyan.model.protocol import PROTOCOL_NAMES
from hongyan.services.admin.staff import FIRST
from hongyan.settings.files import FILE_NAME
from hongyan.settings.sections.console import Environment
from hongyan.settings.sections.log import LogLevel
from hongyan.sim.customer import Item

if TYPE_CHECKING:
    from hongyan.compose.demo import DemoAddresses

app = alone()


LOOPBACK = "127.0.0.1"
"""The demo's secrets are printed on the screen, so it listens on this machine only."""


@verb(
    app,
    "demo",
    "Run a whole platform for trial: accounts, simulated carriers and a simulated customer included.",
    "hongyan demo",
    "hongyan demo --data demo-data --port 8080 --ops-port 8081",
)
def demo(
    data: Annotated[Path, option("The folder; made where it is new.", "--data")] = Path("demo-data"),
    port: Port = None,
    ops_port: OpsPort = None,
    log_level: Level = LogLevel.WARNING,
    log_format: Format = None,
) -> None:
    from hongyan.compose.demo import demo as run_world  # noqa: PLC0415  help does without the platform

    if not (data / FILE_NAME).exists():
        write_installation(data)
    flags: dict[str, dict[str, object]] = {
        "listen": {"host": LOOPBACK, "port": port, "ops_host": LOOPBACK, "ops_port": ops_port},
        "log": {"level": log_level, "format": log_format},
        "console": {
            "environment": Environment.DEMO,
            "second_factor": False,  # one may look around alone, with a password
            "alone_prices": True,
        },
    }
    loaded = read_settings(data, data / FILE_NAME, flags)
    set_up_logs(loaded.settings.log.level, loaded.settings.log.format, for_good=True)
    if not run_world(loaded, lambda addresses: print_exact(welcome(addresses, data)), _received):
        raise Stop(Exit.FAILED, "a part of the platform broke, so the whole was stopped", "the log says which; start it again")


def welcome(addresses: "DemoAddresses", data: Path) -> str:
    """Returns the addresses, and commands to paste."""
    return "\n".join(
        [
            _("Hongyan 鸿雁 runs. Ctrl-C ends it; what it stored stays in {data}.", data=data),
            "",
            *_rows(_places(addresses)),
            "",
            *_rows(_accounts()),
            "",
            *_rows(_tails(), "      …"),
            "",
            _("Send a text, fetch its report after some seconds, send one that fails, and one whose report is posted:"),
            "",
            *_calls(f"http://{LOOPBACK}:{addresses.door_port}"),
        ]
    )


def _places(addresses: "DemoAddresses") -> dict[str, str]:
    ops = f"http://{LOOPBACK}:{addresses.ops_port}"
    return {
        _("console"): f"{ops}   {_console_login(addresses.password)}",
        _("customers' doors"): f"http://{LOOPBACK}:{addresses.door_port}",
        _("metrics and health"): f"{ops}/metrics   {ops}/readyz",
        _("simulated carriers"): ", ".join(
            f"{PROTOCOL_NAMES[protocol]} {LOOPBACK}:{port}" for protocol, port in addresses.carrier_ports.items()
        ),
        _("simulated customer"): addresses.customer_url,
        _("customers' sessions"): ", ".join(
            f"{protocol.upper()} {LOOPBACK}:{port}" for protocol, port in addresses.listener_ports.items()
        ),
    }


def _accounts() -> dict[str, str]:
    return {
        "account demo       userid 12  password abc123": _("fetches its reports"),
        "account demo-push  userid 13  password abc123": _("gets them posted"),
        "account demo-trial userid 14  password abc123": _(
            "sends by a channel that leads nowhere: the last four digits decide"
        ),
        "account demo-session login 900017 password abc123": _("connects by SMPP or CMPP as to a carrier"),
    }


def _tails() -> dict[str, str]:
    """Returns the last digits of a number, and what becomes of a message to it."""
    return {
        "0001, 0002": _("fails: UNDELIV, EXPIRED"),
        "0003": _("no report"),
        "0004": _("reported after a minute"),
        "0007, 0008": _("delivered, then a reply comes"),
        "0009": _("refused by the carrier"),
        "0010": _("reported twice"),
    }


def _calls(doors: str) -> list[str]:
    """Returns calls to paste, each with an empty line behind it."""
    send, mine = f"curl '{doors}/sms.aspx' -d 'action=send&", "password=abc123"
    calls = [
        f"{send}userid=12&account=demo&{mine}&mobile=13800138000&content=验证码1234【鸿雁】'",
        f"curl '{doors}/statusApi.aspx' -d 'action=query&userid=12&account=demo&{mine}'",
        f"{send}userid=14&account=demo-trial&{mine}&mobile=13800130001&content=Hello【鸿雁】'",
        f"{send}userid=13&account=demo-push&{mine}&mobile=13000130000&content=Hello【鸿雁】'",
    ]
    return [line for call in calls for line in (f"  {call}", "")]


def _console_login(password: str) -> str:
    """Returns how to log in; the password is shown once, when it is set."""
    if not password:
        return _("log in as {name}; forgotten the password: hongyan staff passwd {name}", name=FIRST)
    return _("log in as {name} with the password {password} (shown this once)", name=FIRST, password=password)


def _rows(rows: dict[str, str], indent: str = "  ") -> list[str]:
    width = max(map(cell_len, rows))
    return [f"{indent}{set_cell_size(name, width)}  {what}" for name, what in rows.items()]


def _received(item: Item) -> None:
    what = f"{item.status} {item.code}" if item.kind == "report" else item.text
    say(
        "customer received: {kind} of {phone}, task {task_id}: {what}",
        kind=value_word("kind", item.kind),
        phone=mask_phone(item.mobile),
        task_id=item.taskid,
        what=what,
    )
