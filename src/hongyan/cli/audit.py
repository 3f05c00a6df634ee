"""hongyan audit: who changed what."""

from typing import Annotated, Any

from hongyan.cli.options import Config, Data, Json, Jsonl, Most, noun, option, verb
from hongyan.cli.out import Form, form, give_rows
from hongyan.cli.store import opened
from hongyan.services.queries.pages import NEWEST, Page, audit_page

app = noun("audit", "The audit: who changed what.")


@verb(app, "list", "List who changed what, before and after, newest first.",
      "hongyan audit list --most 20", "hongyan audit list --actor staff:nightshift --action account.change --json")  # fmt: skip
def list_(
    actor: Annotated[str, option("Only by this one, as kind:name.", "--actor")] = "",
    action: Annotated[str, option("Only this action, such as account.change.", "--action")] = "",
    subject: Annotated[str, option("Only of this one.", "--subject")] = "",
    before: Annotated[int, option("Only rows before this id, for the next page.", "--before", min=1, max=NEWEST)] = NEWEST,
    most: Most = 50,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
    as_jsonl: Jsonl = False,
) -> None:
    with opened(data, config) as admin:
        rows = admin.read(audit_page, Page(before, most), actor, action, subject)
    how = form(as_json, as_jsonl)
    give_rows("audit", rows if how is not Form.TABLE else [_short(row) for row in rows], how)


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """What a table shows: of what was changed only what differs."""
    before, after = row["before"], row["after"]
    if isinstance(before, dict) and isinstance(after, dict):
        changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        before, after = ({name: side[name] for name in side if name in changed} for side in (before, after))
    return {name: row[name] for name in ("id", "at_ms", "actor", "action", "subject")} | {"before": before, "after": after}
