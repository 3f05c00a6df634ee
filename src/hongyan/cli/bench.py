"""hongyan bench: load on a running platform, one number a request, from the customer's side.

The figures are rough: the load shares the machine. `make bench` measures from outside, beside other products.
"""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated

import aiohttp

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Json, SecretFile, alone, option, verb
from hongyan.cli.out import form, print_one, say
from hongyan.cli.secrets import read_secret

app = alone()


FIRST_NUMBER = 13_800_000_000
_ANSWER_S = 30.0


@dataclass(slots=True)
class Tally:
    """The answers: seconds of each, and how many of each kind."""

    took_s: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    sent: int = 0


@verb(
    app,
    "bench",
    "Load a running platform with requests of one number each, and time its answers.",
    "hongyan bench --url http://127.0.0.1:8080 --account demo --userid 12 --seconds 10",
    "hongyan bench --account demo --userid 12 --secret-file - --connections 32 --json < secret",
)
def bench(
    account: Annotated[str, option("Account that sends and pays.", "--account")],
    userid: Annotated[int, option("Number of its customer: the userid of the interfaces.", "--userid")],
    url: Annotated[str, option("Address of the customers' doors.", "--url")] = "http://127.0.0.1:8080",
    secret_file: SecretFile = None,
    connections: Annotated[int, option("Connections at once.", "--connections", min=1, max=1_000)] = 16,
    seconds: Annotated[float, option("How long.", "--seconds", min=0.1)] = 10.0,
    as_json: Json = False,
) -> None:
    fields = {
        "action": "send",
        "userid": str(userid),
        "account": account,
        "password": read_secret(secret_file, "API secret"),
        "content": "hongyan bench【鸿雁】",
    }
    started = time.perf_counter()
    tally = asyncio.run(_load(f"{url.rstrip('/')}/smsJson.aspx", fields, connections, seconds))
    if not tally.took_s:
        raise Stop(Exit.UNREACHED, "{url} did not answer", "is `hongyan serve` running there?", url=url)
    _report(tally, time.perf_counter() - started, as_json)


async def _load(url: str, fields: dict[str, str], connections: int, seconds: float) -> Tally:
    tally = Tally()
    end = time.perf_counter() + seconds
    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(_ANSWER_S)) as session:
        await asyncio.gather(*(_ask_until(end, session, url, fields, tally) for _ in range(connections)))
    return tally


async def _ask_until(end: float, session: aiohttp.ClientSession, url: str, fields: dict[str, str], tally: Tally) -> None:
    """Send one connection's requests, one after the other; end when nobody answers."""
    while (now := time.perf_counter()) < end:
        tally.sent += 1
        form_fields = fields | {"mobile": str(FIRST_NUMBER + tally.sent % 10**8)}
        try:
            async with session.post(url, data=form_fields) as answer:
                body = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            tally.answers[type(error).__name__] += 1
            return
        tally.took_s.append(time.perf_counter() - now)
        tally.answers["Success" if body.get("returnstatus") == "Success" else str(body.get("message"))] += 1


def _report(tally: Tally, took_s: float, as_json: bool) -> None:
    times = sorted(tally.took_s)
    accepted = tally.answers.pop("Success", 0)
    row = {
        "requests": len(times),
        "accepted": accepted,
        "seconds": round(took_s, 2),
        "accepted_per_s": round(accepted / took_s),
        "p50_ms": round(times[len(times) // 2] * 1000, 2),
        "p99_ms": round(times[len(times) * 99 // 100] * 1000, 2),
    }
    print_one(row, form(as_json))
    for answer, count in tally.answers.most_common(5):
        say("{count} × {answer}", count=count, answer=answer)
    if tally.answers:
        raise Stop(Exit.FAILED, "{count} of {all} requests were not accepted", count=tally.answers.total(), all=tally.sent)
