"""hongyan reply: replies from handsets that customers are owed."""

from pathlib import Path
from typing import Annotated

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, argument, noun, option, verb
from hongyan.cli.out import form, print_rows
from hongyan.cli.owed import pull_verb
from hongyan.cli.parts import write_parts
from hongyan.cli.store import opened
from hongyan.i18n import N_, china_time
from hongyan.model.owed import OwedKind, OwedReply
from hongyan.model.phone import national, normalise
from hongyan.services.queries.lists.messages import REPLIES
from hongyan.services.queries.reply_media import newest_mms_from

app = noun("reply", "Replies from handsets that customers are owed.")


def _row(item: OwedReply) -> dict[str, object]:
    return {
        "phone": national(item.phone),
        "task_id": item.task_id,
        "text": item.text,
        "at": china_time(item.at_ms),
        "extno": item.extno,
    }


pull_verb(
    app,
    N_("Fetch replies as the customer's program would: what is fetched is not given again."),
    OwedKind.REPLY,
    "replies",
    _row,
    "hongyan reply pull --account demo",
    "hongyan reply pull --account demo --json",
)
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
