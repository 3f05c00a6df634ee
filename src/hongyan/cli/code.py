"""hongyan code: what the codes of reports and answers mean, and which nobody has explained yet."""

from typing import Annotated

from hongyan.cli.options import Config, Data, Json, Jsonl, argument, noun, option, verb
from hongyan.cli.out import form, give_rows, say
from hongyan.cli.store import opened
from hongyan.model.meaning import CodeClass, CodeRule, Points
from hongyan.services.admin import codes

app = noun("code", "Codes: what carriers' reports and answers mean.")

Code = Annotated[str, argument("The code as the carrier writes it, such as MK:0011.")]
Channel = Annotated[str | None, option("Only on this channel; else on every channel.", "--channel")]


@verb(
    app,
    "list",
    "List codes: what you said of them first, then what comes with Hongyan.",
    "hongyan code list --channel gd",
    "hongyan code list --class number --json",
)
def list_(
    channel: Channel = None,
    kind: Annotated[CodeClass | None, option("Only of this class.", "--class")] = None,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
    as_jsonl: Jsonl = False,
) -> None:
    with opened(data, config) as admin:
        rows = admin.read(codes.known_codes, channel)
    give_rows("codes", [row for row in rows if kind in {None, row["class"]}], form(as_json, as_jsonl))


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


@verb(
    app,
    "unknown",
    "List codes that ended messages and that nobody has explained, the most frequent first.",
    "hongyan code unknown",
    "hongyan code unknown --json",
)
def unknown(data: Data = None, config: Config = None, as_json: Json = False, as_jsonl: Jsonl = False) -> None:
    with opened(data, config) as admin:
        rows = admin.read(codes.unknown_codes)
    give_rows("codes", rows, form(as_json, as_jsonl))
