"""hongyan code: what the codes of reports and answers mean, and which nobody has explained yet."""

from typing import Annotated

from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, argument, noun, option, verb
from hongyan.cli.out import say
from hongyan.cli.store import opened
from hongyan.model.meaning import CodeClass, CodeRule, Points
from hongyan.services.admin import codes
from hongyan.services.queries.lists import channels as lists

app = noun("code", "Codes: what carriers' reports and answers mean.")

Code = Annotated[str, argument("The code as the carrier writes it, such as MK:0011.")]
Channel = Annotated[str | None, option("Only on this channel; else on every channel.", "--channel")]


list_verb(app, lists.CODES, "hongyan code list --channel gd", "hongyan code list --class number --json")


@verb(
    app,
    "set",
    "Say what a code means; reports that come from now on are judged by it.",
    "hongyan code set MK:0099 --class network --text 'switch overloaded' --channel gd",
    "hongyan code set 0x401 --class throttled",
)
def set_(
    code: Code,
    kind: Annotated[CodeClass, option("Its class, which says whose fault it is.", "--class")],
    channel: Channel = None,
    points: Annotated[
        Points | None, option("What becomes of the points: by the account's rule, back, or kept.", "--points")
    ] = None,
    may_resend: Annotated[
        bool | None, option("Whether another channel may try, where the account asks for that.", "--resend/--no-resend")
    ] = None,
    text: Annotated[str, option("Its meaning in English.", "--text")] = "",
    text_zh: Annotated[str, option("Its meaning in Chinese.", "--text-zh")] = "",
    data: Data = None,
    config: Config = None,
) -> None:
    rule = CodeRule(code, kind, points, may_resend, text, text_zh)
    with opened(data, config) as admin:
        admin.change(codes.set_code, rule, channel)
    say("{code}: {kind}", code=code, kind=kind)


@verb(app, "unset", "Take back what you said of a code.", "hongyan code unset MK:0099 --channel gd", "hongyan code unset 0x401")
def unset(code: Code, channel: Channel = None, data: Data = None, config: Config = None) -> None:
    with opened(data, config) as admin:
        admin.change(codes.unset_code, code, channel)
    say("{code}: as it comes with Hongyan", code=code)


list_verb(app, lists.UNKNOWN_CODES, "hongyan code unknown", "hongyan code unknown --json", name="unknown")
