"""hongyan conformance: every documented call asked of any server; each answer is compared with the manuals octet by octet."""

import asyncio
from collections import Counter
from enum import StrEnum
from typing import Annotated

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Json, SecretFile, alone, option, verb
from hongyan.cli.out import Form, form, print_json, print_text, say
from hongyan.cli.secrets import read_secret
from hongyan.conformance.case import RunContext
from hongyan.conformance.catalog import CASES, EXTRAS
from hongyan.conformance.http_client import Unreachable
from hongyan.conformance.push_listener import PushListener
from hongyan.conformance.run import Outcome, Verdict, run
from hongyan.i18n import _, claim_words

app = alone()


class Words(StrEnum):
    """The dialect of the account's answers."""

    HX = "hx"  # manual 001
    WL = "wl"  # manual 000
    WL_EN = "wl-en"
    WL_000 = "wl-000"  # its page letter by letter


@verb(
    app,
    "conformance",
    "Ask a server every documented call and hold its answers to the manuals; it sends real messages and fetches reports.",
    "hongyan conformance --url http://127.0.0.1:8080 --account demo --userid 12 --secret-file - < secret",
    "hongyan conformance --account demo --userid 12 --with sid=0123456789abcdef0123456789abcdef --with stopped=old --json",
)
def conformance(
    account: Annotated[str, option("Account that sends and pays.", "--account")],
    userid: Annotated[int, option("Number of its customer: the userid of the interfaces.", "--userid")] = 0,
    url: Annotated[str, option("Address of the customers' doors.", "--url")] = "http://127.0.0.1:8080",
    secret_file: SecretFile = None,
    dialect: Annotated[Words, option("Whose words its answers use.", "--dialect")] = Words.HX,
    mobile: Annotated[str, option("Number that messages are sent to.", "--mobile")] = "13800138000",
    mobile2: Annotated[str, option("Another such number.", "--mobile2")] = "13900139000",
    extra: Annotated[
        list[str] | None, option("NAME=VALUE that some cases need, such as stopped=ACCOUNT; may be repeated.", "--with")
    ] = None,
    callback_port: Annotated[
        int | None,
        option(
            "Port of this machine to which `pushed` and `pushed_json` have reports posted.",
            "--callback-port",
            min=1,
            max=65_535,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    secret = read_secret(secret_file, "API secret")
    context = RunContext(account, secret, str(userid), mobile, mobile2, dict(_named(text) for text in extra or ()))
    verdicts = asyncio.run(_collect(url, dialect, context, callback_port, form(as_json)))
    counts = Counter(verdict.outcome for verdict in verdicts)
    if as_json:
        print_json({**{str(outcome): counts[outcome] for outcome in Outcome}, "cases": [_row(verdict) for verdict in verdicts]})
    else:
        print_text(
            _("{passed} passed, {failed} failed, {skipped} skipped", **{str(outcome): counts[outcome] for outcome in Outcome})
        )
    if counts[Outcome.FAILED]:
        raise Stop(
            Exit.FOUND, "{count} of {all} answers are not those of the manuals", count=counts[Outcome.FAILED], all=len(verdicts)
        )


def _named(text: str) -> tuple[str, str]:
    name, is_there, value = text.partition("=")
    if not is_there or name not in EXTRAS:
        raise Stop(
            Exit.USAGE,
            "{text} names nothing that a case needs",
            "write NAME=VALUE; the names are {names}",
            text=text,
            names=", ".join(EXTRAS),
        )
    return name, value


async def _collect(url: str, dialect: str, context: RunContext, callback_port: int | None, how: Form) -> list[Verdict]:
    """Run all cases; in a table each line appears when it is known."""
    verdicts: list[Verdict] = []
    push_listener = None if callback_port is None else await _listening(callback_port)
    try:
        async for verdict in run(url, CASES[dialect], context, push_listener):
            verdicts.append(verdict)
            if how is Form.TABLE:
                _report(verdict)
    except Unreachable as error:
        raise Stop(Exit.UNREACHED, "{error}", "is a server running there?", error=error) from error
    finally:
        if push_listener is not None:
            push_listener.close()
    return verdicts


async def _listening(port: int) -> PushListener:
    push_listener = PushListener()
    try:
        await push_listener.listen(port)
    except OSError as error:
        raise Stop(Exit.CONFLICT, "port {port} is not free", "choose another with --callback-port", port=port) from error
    return push_listener


def _report(verdict: Verdict) -> None:
    case = verdict.case
    print_text(f"{verdict.outcome:<8}{case.clause:<24}{claim_words(case.claim)}" + (f": {verdict.why}" if verdict.why else ""))
    if verdict.outcome is Outcome.FAILED:
        say("        expected {expected!r}", expected=verdict.expected)
        say("        seen     {seen!r}", seen=verdict.seen)


def _row(verdict: Verdict) -> dict[str, object]:
    row = {"clause": verdict.case.clause, "claim": verdict.case.claim, "outcome": str(verdict.outcome), "why": verdict.why}
    if verdict.outcome is Outcome.FAILED:
        row |= {"expected": verdict.expected, "seen": verdict.seen}
    return dict(row)
