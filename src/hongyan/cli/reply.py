"""hongyan reply: replies from handsets that customers are owed."""

from pathlib import Path
from typing import Annotated, Any

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, Jsonl, Most, argument, noun, option, verb
from hongyan.cli.out import form, print_rows
from hongyan.cli.owed import Account, Task, pull
from hongyan.cli.parts import write_parts
from hongyan.cli.store import opened
from hongyan.i18n import china_time
from hongyan.model.owed import OwedKind, OwedReply
from hongyan.model.phone import national, normalise
from hongyan.services.queries.lists.messages import REPLIES
from hongyan.services.queries.reply_media import newest_mms_from

app = noun("reply", "Replies from handsets that customers are owed.")


@verb(
    app,
    "pull",
    "Fetch replies as the customer's program would: what is fetched is not given again.",
    "hongyan reply pull --account demo",
    "hongyan reply pull --account demo --json",
)
def pull_replies(
    account: Account,
    task: Task = None,
    most: Most = 100,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
    as_jsonl: Jsonl = False,
) -> None:
    with opened(data, config) as admin:
        rows = [_reply(item) for item in pull(admin, account, OwedKind.REPLY, most, task)]
    print_rows("replies", rows, form(as_json, as_jsonl))


list_verb(app, REPLIES, "hongyan reply list --account demo", "hongyan reply list --json")


@verb(
    app,
    "media",
    "Write the parts of the newest MMS that a phone sent into a folder.",
    "hongyan reply media 13800138000 --into parts",
    "hongyan reply media 13800138000 --into parts --json",
)
def media(
    phone: Annotated[str, argument("The number, in any usual form.")],
    into: Annotated[Path, option("The folder; nothing that is there is overwritten.", "--into")],
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    number = normalise(phone)
    if number is None:
        raise Stop(Exit.USAGE, "{phone} is no mobile number", phone=phone)
    with opened(data, config) as admin:
        parts = admin.read(newest_mms_from, number)
    write_parts(into, [(part.name, part.data) for part in parts])
    rows = [{"name": part.name, "kind": part.kind, "octets": len(part.data)} for part in parts]
    print_rows("parts", rows, form(as_json))


def _reply(item: Any) -> dict[str, object]:
    assert isinstance(item, OwedReply)
    return {
        "phone": national(item.phone),
        "task_id": item.task_id,
        "text": item.text,
        "at": china_time(item.at_ms),
        "extno": item.extno,
    }
