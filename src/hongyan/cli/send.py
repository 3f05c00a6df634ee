"""hongyan send: one text, or octets for a program on the handset, to some numbers, charged to a customer's account."""

import time
from typing import Annotated

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Config, Data, Json, alone, option, verb
from hongyan.cli.out import Form, form, print_one
from hongyan.cli.store import CommandStore, opened
from hongyan.cli.trace import print_traces
from hongyan.model.account import Account
from hongyan.model.binary import Binary
from hongyan.model.errors import NotFound
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Accepted, Submission
from hongyan.model.times import moment_ms
from hongyan.services import admit
from hongyan.services.queries import trace

app = alone()


POLL_S = 0.5
FINAL = {"delivered", "failed", "unknown", "cancelled"}


@verb(
    app,
    "send",
    "Send a text, or binary data, to one number or several; charged like any other message.",
    'hongyan send --account demo --to 13800138000 --to 13800138001 --text "您的验证码是1234【鸿雁】" --wait 30',
    "hongyan send --account demo --to 13800138000 --hex 01066170706C --udh 0605040B8423F0",
)
def send(
    account: Annotated[str, option("Account that sends and pays.", "--account")],
    to: Annotated[list[str], option("Number; may be repeated.", "--to")],
    text: Annotated[str | None, option("The text.", "--text")] = None,
    octets: Annotated[str | None, option("8-bit data in hexadecimal digits, instead of a text.", "--hex")] = None,
    udh: Annotated[
        str, option("Its user data header, ports for example, with the length octet; hexadecimal digits.", "--udh")
    ] = "",
    flash: Annotated[bool, option("Shown at once and not kept by the handset (message class 0).", "--flash")] = False,
    at: Annotated[str, option("When, China's time, as in 2026-11-29 10:00; now if not said.", "--at")] = "",
    extno: Annotated[str, option("Extension digits.", "--extno")] = "",
    wait: Annotated[float, option("Wait so many seconds for the end, and print the trace.", "--wait", min=0)] = 0,
    data: Data = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    send_at_ms, binary = moment_ms(at, "--at") if at else 0, _binary(text, octets, udh)
    if flash and binary is not None:
        raise Stop(Exit.USAGE, "--flash goes with --text")
    with opened(data, config) as admin:
        snapshot = admin.snapshot()
        sender = account_named(snapshot, account)
        submission = Submission(
            sender, to, text or "", extno=extno, send_at_ms=send_at_ms, source="cli", binary=binary, is_flash=flash
        )
        accepted = admin.accept(admit.admit(snapshot, submission, admin.now_ms()))
        if wait:
            _follow(admin, accepted, wait, form(as_json))
            return
    rejected = [f"{number} {cause.words.number}" for number, cause in accepted.rejected]
    row = {"task_id": accepted.task_id, "count": accepted.count, "points": accepted.points_held, "balance": accepted.balance}
    print_one(row | {"rejected": rejected}, form(as_json))


def account_named(snapshot: ConfigSnapshot, name: str) -> Account:
    found = snapshot.accounts.get(name)
    if found is None:
        raise NotFound("there is no account {name}", name=name)
    return found


def _binary(text: str | None, octets: str | None, udh: str) -> Binary | None:
    if (text is None) is (octets is None):
        raise Stop(Exit.USAGE, "give --text or --hex, one of them")
    if octets is None:
        if udh:
            raise Stop(Exit.USAGE, "--udh goes with --hex")
        return None
    try:
        return Binary(bytes.fromhex(octets), bytes.fromhex(udh))
    except ValueError as error:
        raise Stop(Exit.USAGE, "--hex and --udh want pairs of hexadecimal digits") from error


def _follow(admin: CommandStore, accepted: Accepted, wait_s: float, how: Form) -> None:
    """Print the trace once every message has ended, or the time is over."""
    end = time.monotonic() + wait_s
    while True:
        sought = trace.TraceQuery(str(accepted.task_id), admin.now_ms(), most=accepted.count)
        traces = admin.read(trace.trace, sought)
        is_over = all(one.state in FINAL for one in traces)
        if is_over or time.monotonic() > end:
            break
        time.sleep(POLL_S)
    print_traces(traces, how)
    if not is_over:
        raise Stop(
            Exit.FAILED,
            "task {task_id} has not ended after {seconds:g} s",
            "hongyan trace {task_id}",
            task_id=accepted.task_id,
            seconds=wait_s,
        )
