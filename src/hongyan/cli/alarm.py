"""hongyan alarm: what is bad, when people are notified, and files for Prometheus and Grafana."""

from importlib import resources
from pathlib import Path
from typing import Annotated

from hongyan.cli.config import read_settings
from hongyan.cli.exits import Exit, Stop
from hongyan.cli.fields import Flag, check_named, options_of
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, argument, noun, option, verb
from hongyan.cli.out import form, print_one, say
from hongyan.cli.store import opened
from hongyan.model.alarm import AlarmKind, AlarmRule, AlarmRuleChange, NoticeResult, SilenceChange
from hongyan.services.admin import alarms
from hongyan.services.queries.lists import running as lists

app = noun("alarm", "Alarms: what is bad, when people hear of it, and how.")

Kind = Annotated[AlarmKind, argument("Which alarm.")]
Of = Annotated[str, option("Only of this channel or account; else of all.", "--of", metavar="NAME")]

FILES = ("hongyan.rules.yml", "hongyan.dashboard.json")


list_verb(app, lists.ALARMS, "hongyan alarm list", "hongyan alarm list --json")


list_verb(app, lists.ALARM_RULES, "hongyan alarm rules", "hongyan alarm rules --json", name="rules")


@verb(
    app,
    "set",
    "Change the rule of an alarm, for all channels or accounts or for one.",
    "hongyan alarm set backlog_old --threshold 600",
    "hongyan alarm set balance_low --of acme --threshold 50000 --duration-s 0",
)
@options_of(AlarmRuleChange, {"is_on": Flag("--on/--off")})
def set_(
    kind: Kind,
    change: AlarmRuleChange,
    of: Of = "",
    usual: Annotated[bool, option("Let the usual rule hold again.", "--usual")] = False,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    if not usual:
        check_named(change)
    with opened(data, config) as admin:
        if usual:
            admin.change(alarms.reset_rule, kind, of)
            say("{kind}: the usual rule holds", kind=kind.value)
            return
        rule: AlarmRule = admin.change(alarms.set_rule, kind, of, change)
    row = {"kind": kind.value, "subject": of or "all", "threshold": rule.threshold, "duration_s": rule.duration_s}
    print_one(row | {"is_on": rule.is_on}, form(as_json))


@verb(
    app,
    "silence",
    "Send no notice of an alarm for some hours; it is shown all the same.",
    "hongyan alarm silence channel_down --of up1 --hours 2 --note 'carrier repairs its line'",
    "hongyan alarm silence channel_down --of up1 --hours 0 --note 'repaired'",
)
@options_of(SilenceChange, {})
def silence(kind: Kind, change: SilenceChange, of: Of = "", data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        admin.change(alarms.silence, kind, of, change)
    say("{kind}: silent for {hours} h", kind=kind.value, hours=f"{change.hours:g}")


@verb(
    app, "test", "Send notice of a sample alarm, to see that it arrives.", "hongyan alarm test", "hongyan alarm test --data d"
)
def try_(data: Data = None, config: Config = None) -> None:
    from hongyan.compose.notices import send_sample  # noqa: PLC0415  help does without the platform

    settings = read_settings(data, config).settings
    with opened(data, config) as admin:
        result = admin.run(send_sample(settings, admin.now_ms()))
    if result is NoticeResult.NOBODY:
        raise Stop(Exit.FOUND, "no address is set", "set alarms.webhook, or alarms.smtp_host and alarms.mail_to")
    if result is NoticeResult.FAILED:
        raise Stop(Exit.UNREACHED, "it could not be sent", "the log above says why")
    say("sent: see that it has arrived")


@verb(
    app,
    "files",
    "Write alarm rules for Prometheus and a dashboard for Grafana into a folder.",
    "hongyan alarm files --into monitoring",
    "hongyan alarm files --into /etc/prometheus/hongyan",
)
def files(into: Annotated[Path, option("The folder; files of these names in it are replaced.", "--into")]) -> None:
    folder = resources.files("hongyan").joinpath("monitoring")
    try:
        into.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            (into / name).write_bytes(folder.joinpath(name).read_bytes())
            say("{file}: written", file=into / name)
    except OSError as error:
        raise Stop(
            Exit.CONFLICT, "cannot write into {folder}: {error}", "name another folder", folder=into, error=error
        ) from error
