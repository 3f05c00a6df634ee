"""hongyan code: the meaning of codes in reports and answers, and codes without a rule."""

from typing import Annotated

from hongyan.cli.fields import Flag, options_of
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, argument, noun, option, verb
from hongyan.cli.out import say
from hongyan.cli.store import opened
from hongyan.cli.table_imports import import_verbs
from hongyan.model.meaning import CodeRuleChange
from hongyan.services.admin import codes
from hongyan.services.queries.lists import channels as lists

app = noun("code", "Codes: what carriers' reports and answers mean.")

Code = Annotated[str, argument("The code as the carrier writes it, such as MK:0011.")]
FLAGS = {
    "code": Flag(""),
    "kind": Flag("--class"),
    "may_resend": Flag("--resend/--no-resend"),
    "english": Flag("--text"),
    "chinese": Flag("--text-zh"),
}
Channel = Annotated[str | None, option("Only on this channel; else on every channel.", "--channel")]


list_verb(app, lists.CODES, "hongyan code list --channel gd", "hongyan code list --class number --json")


@verb(
    app,
    "set",
    "Say what a code means; reports that come from now on are judged by it.",
    "hongyan code set MK:0099 --class network --text 'switch overloaded' --channel gd",
    "hongyan code set 0x401 --class throttled",
)
@options_of(CodeRuleChange, FLAGS)
def set_(
    change: CodeRuleChange,
    channel: Channel = None,
    data: Data = None,
    config: Config = None,
) -> None:
    with opened(data, config) as admin:
        admin.change(codes.set_code, change, channel)
    say("{code}: {kind}", code=change.code, kind=change.kind)


@verb(app, "unset", "Take back what you said of a code.", "hongyan code unset MK:0099 --channel gd", "hongyan code unset 0x401")
def unset(code: Code, channel: Channel = None, data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        admin.change(codes.unset_code, code, channel)
    say("{code}: as it comes with Hongyan", code=code)


list_verb(app, lists.UNKNOWN_CODES, "hongyan code unknown", "hongyan code unknown --json", name="unknown")
import_verbs(app, "code", "codes")
