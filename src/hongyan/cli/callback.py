"""hongyan callback: posts of reports and replies to customers' addresses."""

import asyncio
from typing import Annotated

from hongyan.cli.config import read_settings
from hongyan.cli.exits import Exit, Stop
from hongyan.cli.fields import Flag, options_of
from hongyan.cli.job import AsJob, ask
from hongyan.cli.lists import list_verb
from hongyan.cli.options import Config, Data, Json, argument, noun, verb
from hongyan.cli.out import form, print_one
from hongyan.cli.send import account_named
from hongyan.cli.store import opened
from hongyan.i18n import N_
from hongyan.model.job import JobKind
from hongyan.model.kinds import word_of
from hongyan.model.masking import without_password
from hongyan.model.owed import PushOutcome
from hongyan.model.replay import Replay
from hongyan.services.queries.lists.delivery import OWED, PUSHES
from hongyan.services.steps import owed

app = noun("callback", "Posts of reports and replies to customers' addresses.")


@verb(
    app,
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


list_verb(app, OWED, "hongyan callback waiting", "hongyan callback waiting --json", name="waiting")


list_verb(app, PUSHES, "hongyan callback list acme", "hongyan callback list acme --most 10 --json")


@verb(
    app,
    "replay",
    "Owe again what was handed out, pushed or parked within some hours, or in a span; ids stay the same.",
    "hongyan callback replay acme --hours 2",
    "hongyan callback replay acme --since '2026-11-29 10:00' --until '2026-11-29 11:30' --json",
)
@options_of(Replay, {"since_ms": Flag("--since"), "until_ms": Flag("--until")})
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
