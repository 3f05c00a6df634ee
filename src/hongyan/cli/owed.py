"""hongyan report, reply and callback: what customers are owed, fetched as their programs would, or pushed again."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

from hongyan.cli.config import read_settings
from hongyan.cli.exits import Exit, Stop
from hongyan.cli.fields import options_of
from hongyan.cli.job import AsJob, ask
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, Jsonl, Most, argument, noun, option, verb
from hongyan.cli.out import form, print_one, print_rows
from hongyan.cli.parts import write_parts
from hongyan.cli.send import account_named
from hongyan.cli.store import CommandStore, opened
from hongyan.i18n import N_, china_time
from hongyan.model.act import Act
from hongyan.model.job import JobKind
from hongyan.model.kinds import word_of
from hongyan.model.masking import without_password
from hongyan.model.owed import OwedKind, OwedReply, OwedReport, PushOutcome
from hongyan.model.phone import national, normalise
from hongyan.model.replay import Replay
from hongyan.ports.tx import Tx
from hongyan.services.queries import details
from hongyan.services.queries.lists.delivery import OWED, PUSHES
from hongyan.services.queries.lists.messages import REPLIES
from hongyan.services.steps import owed

report_app = noun("report", "Status reports that customers are owed.")
reply_app = noun("reply", "Replies from handsets that customers are owed.")
callback_app = noun("callback", "Posts of reports and replies to customers' addresses.")

Account = Annotated[str, option("Account whose they are.", "--account")]
Task = Annotated[int | None, option("Only of this task.", "--task")]


@verb(
    report_app,
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
        rows = [_report(item) for item in _pull(admin, account, OwedKind.REPORT, most, task)]
    print_rows("reports", rows, form(as_json, as_jsonl))


@verb(
    reply_app,
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
        rows = [_reply(item) for item in _pull(admin, account, OwedKind.REPLY, most, task)]
    print_rows("replies", rows, form(as_json, as_jsonl))


list_verb(reply_app, REPLIES, "hongyan reply list --account demo", "hongyan reply list --json")


@verb(
    reply_app,
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
        parts = admin.read(details.mms_from, number)
    write_parts(into, [(part.name, part.data) for part in parts])
    rows = [{"name": part.name, "kind": part.kind, "octets": len(part.data)} for part in parts]
    print_rows("parts", rows, form(as_json))


def _pull(admin: CommandStore, account: str, kind: OwedKind, most: int, task: int | None) -> owed.Items:
    asked = owed.Pull(account_named(admin.snapshot(), account), kind, most, task)
    return admin.change(_pull_one, asked)


def _pull_one(tx: Tx, act: Act, asked: owed.Pull) -> owed.Items:
    (items,) = owed.pull(tx, [asked], now_ms=act.now_ms)
    return items


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


def _reply(item: Any) -> dict[str, object]:
    assert isinstance(item, OwedReply)
    return {
        "phone": national(item.phone),
        "task_id": item.task_id,
        "text": item.text,
        "at": china_time(item.at_ms),
        "extno": item.extno,
    }


@verb(
    callback_app,
    "test",
    "Post one sample report to a customer's address and show what is answered; nothing is stored.",
    "hongyan callback test acme",
    "hongyan callback test acme --data d --json",
)
def try_(
    account: Annotated[str, argument("Name of the account.")], data: Data = None, config: Config = None, as_json: Json = False
) -> None:
    from hongyan.compose.sample import post_sample  # noqa: PLC0415  help does without the platform

    limits = read_settings(data, config).settings.limits
    with opened(data, config) as admin:
        customer = account_named(admin.snapshot(), account)
    if not customer.push_url:
        raise Stop(
            Exit.FOUND,
            "{account} has no address for posts",
            "hongyan account set {account} --callback https://…",
            account=account,
        )
    pushed = asyncio.run(post_sample(customer, limits))
    facts = {"url": without_password(customer.push_url), "outcome": pushed.outcome.name.lower(), "status": pushed.status}
    print_one(facts | {"took_ms": pushed.took_ms, "answer": pushed.answer}, form(as_json))
    if pushed.outcome is not PushOutcome.TAKEN:
        raise Stop(Exit.FOUND, _VERDICTS[pushed.outcome], "what was answered stands above")


_VERDICTS = {
    PushOutcome.REFUSED: N_("the customer refused it: it would be posted again, then parked"),
    PushOutcome.UNREACHED: N_("the customer was not reached: it would be posted again, then parked"),
}


list_verb(callback_app, OWED, "hongyan callback waiting", "hongyan callback waiting --json", name="waiting")


list_verb(callback_app, PUSHES, "hongyan callback list acme", "hongyan callback list acme --most 10 --json")


@verb(
    callback_app,
    "replay",
    "Owe again what was handed out, pushed or parked within some hours; ids stay the same.",
    "hongyan callback replay acme --hours 2",
    "hongyan callback replay acme --kind reply --hours 24 --json",
)
@options_of(Replay, {"since_ms": None, "until_ms": None})
def replay(
    account: Annotated[str, argument("Name of the account.")],
    change: Replay,
    as_job: AsJob = False,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    with opened(data, config) as admin:
        if as_job:
            ask(admin, JobKind.REPLAY, {"account": account} | change.facts(admin.now_ms()), form(as_json))
            return
        count = admin.change(owed.replay, account, change)
    print_one({"account": account, "kind": word_of(change.owed), "count": count}, form(as_json))
