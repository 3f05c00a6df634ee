"""hongyan report: status reports that customers are owed."""

from hongyan.cli.options import noun
from hongyan.cli.owed import pull_verb
from hongyan.i18n import N_, china_time
from hongyan.model.owed import OwedKind, OwedReport
from hongyan.model.phone import national

app = noun("report", "Status reports that customers are owed.")


def _row(item: OwedReport) -> dict[str, object]:
    return {
        "phone": national(item.phone),
        "task_id": item.task_id,
        "state": item.state.name.lower(),
        "code": item.code,
        "at": china_time(item.at_ms),
        "extno": item.extno,
        "segments": item.segments,
    }


pull_verb(
    app,
    N_("Fetch reports as the customer's program would: what is fetched is not given again."),
    OwedKind.REPORT,
    "reports",
    _row,
    "hongyan report pull --account demo",
    "hongyan report pull --account demo --most 100 --jsonl",
)
