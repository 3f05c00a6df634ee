"""hongyan report: status reports that customers are owed."""

from typing import Any

from hongyan.cli.options import Config, Data, Json, Jsonl, Most, noun, verb
from hongyan.cli.out import form, print_rows
from hongyan.cli.owed import Account, Task, pull
from hongyan.cli.store import opened
from hongyan.i18n import china_time
from hongyan.model.owed import OwedKind, OwedReport
from hongyan.model.phone import national

app = noun("report", "Status reports that customers are owed.")


@verb(
    app,
    "pull",
    "Fetch reports as the customer's program would: what is fetched is not given again.",
    "hongyan report pull --account demo",
    "hongyan report pull --account demo --most 100 --jsonl",
)
def pull_reports(
    account: Account,
    task: Task = None,
    most: Most = 100,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
    as_jsonl: Jsonl = False,
) -> None:
    with opened(data, config) as admin:
        rows = [_report(item) for item in pull(admin, account, OwedKind.REPORT, most, task)]
    print_rows("reports", rows, form(as_json, as_jsonl))


def _report(item: Any) -> dict[str, object]:
    assert isinstance(item, OwedReport)
    return {
        "phone": national(item.phone),
        "task_id": item.task_id,
        "state": item.state.name.lower(),
        "code": item.code,
        "at": china_time(item.at_ms),
        "extno": item.extno,
        "segments": item.segments,
    }
