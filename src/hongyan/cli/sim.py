"""hongyan sim: simulated carriers and customers, for trials on one machine."""

import asyncio
import signal
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

from hongyan.adapters.centre import Submit
from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import SecretFile, noun, option, verb
from hongyan.cli.out import print_json, say
from hongyan.cli.secrets import read_secret
from hongyan.sim.carrier import CarrierSim
from hongyan.sim.customer import Answer, Customer, facts_of
from hongyan.sim.relay import RelaySim
from hongyan.sim.script import Script, read_script
from hongyan.sim.session import SessionSim
from hongyan.sim.steps import Step, read_steps
from hongyan.sim.tables import TableError
from hongyan.wire.mm7.pdu import SubmitReq
from hongyan.wire.url import in_url

_PORT_MOST = 65_535

Read = TypeVar("Read")

app = noun("sim", "Simulators: a carrier and a customer for trials, on loopback.")

Port = Annotated[int, option("Port to listen on; 0 takes a free one.", "--port", min=0, max=65535)]
Verbose = Annotated[bool, option("Print what comes in, a JSON object a line.", "--jsonl")]


class SimProtocol(StrEnum):
    """What a simulated carrier speaks."""

    CMPP2 = "cmpp2"
    CMPP3 = "cmpp3"
    MM7 = "mm7"
    SGIP = "sgip"
    SMGP = "smgp"
    SMPP = "smpp"


class SimSessionProtocol(StrEnum):
    """What a simulated customer speaks."""

    CMPP2 = "cmpp2"
    CMPP3 = "cmpp3"
    SMPP = "smpp"


@verb(
    app,
    "carrier",
    "A message centre that takes submits and sends status reports; a script makes it misbehave.",
    "hongyan sim carrier --protocol smpp --port 2775 --report-delay 1",
    "hongyan sim carrier --protocol cmpp3 --port 7890 --script faults.toml --jsonl",
)
def carrier(
    protocol: Annotated[SimProtocol, option("What it speaks.", "--protocol")],
    port: Port,
    report_delay: Annotated[float, option("Seconds from a submit to its report.", "--report-delay", min=0)] = 0.0,
    script: Annotated[Path | None, option("File of faults, TOML or JSON.", "--script")] = None,
    user: Annotated[str, option("Who may log in; without it everybody.", "--user")] = "",
    secret_file: SecretFile = None,
    deliver_to: Annotated[
        str, option("Where the client listens for deliveries of SGIP or MM7: host:port.", "--deliver-to")
    ] = "",
    tls_cert: Annotated[Path | None, option("Certificate, and TLS alone.", "--tls-cert")] = None,
    tls_key: Annotated[Path | None, option("Key of the certificate.", "--tls-key")] = None,
    as_jsonl: Verbose = False,
) -> None:
    secret = read_secret(secret_file, "carrier secret") if user else ""
    if protocol is SimProtocol.MM7:
        _relay(RelaySim(port, user, secret, report_delay_s=report_delay), _script(script), _place(deliver_to), as_jsonl)
        return

    sim = CarrierSim(
        protocol,
        port,
        user=user,
        secret=secret,
        report_delay_s=report_delay,
        script=_script(script),
        hear=_print_submit if as_jsonl else None,
        deliver_to=_place(deliver_to),
        tls=_tls(tls_cert, tls_key),
    )
    asyncio.run(
        _run(sim.start, sim.stop, lambda: say("{protocol} carrier on 127.0.0.1:{port}", protocol=protocol, port=sim.port))
    )
    say("{submits} submits, {delivered} reports and texts", submits=sim.counts.submits, delivered=sim.counts.delivered)


def _print_submit(submit: Submit) -> None:
    row = {
        "id": submit.message_id,
        "source": submit.source,
        "numbers": submit.numbers,
        "text": submit.text,
        "coding": submit.coding,
        "flash": submit.is_flash,
        "header": submit.header.hex().upper(),
        "status": submit.status,
    }
    print_json(row)


def _relay(sim: RelaySim, script: Script | None, deliver_to: tuple[str, int] | None, as_jsonl: bool) -> None:
    """Run the simulated carrier of MMS, which speaks HTTP and so is a simulator of its own."""

    def hear(submit: SubmitReq) -> None:
        parts = [{"name": part.name, "kind": part.kind, "octets": len(part.data)} for part in submit.parts]
        row = {"id": submit.transaction_id, "source": submit.sender, "numbers": submit.recipients, "subject": submit.subject}
        print_json(row | {"parts": parts})

    sim.script = script or sim.script
    sim.hear = hear if as_jsonl else None
    if deliver_to:
        host, port = deliver_to
        sim.report_to = f"http://{in_url(host)}:{port}{sim.path}"
    asyncio.run(_run(sim.start, sim.stop, lambda: say("{protocol} carrier on 127.0.0.1:{port}", protocol="mm7", port=sim.port)))
    say("{submits} submits, {delivered} reports and texts", submits=sim.counts.submits, delivered=sim.counts.delivered)


@verb(
    app,
    "customer",
    "A customer's address that receives reports and replies, and answers as it is set.",
    "hongyan sim customer --port 9000 --answer 1",
    "hongyan sim customer --port 9000 --answer error --jsonl",
)
def customer(
    port: Port,
    answer: Annotated[Answer, option("What it answers.", "--answer")] = Answer.TAKEN,
    as_jsonl: Verbose = False,
) -> None:
    sim = Customer(port, answer, seen=(lambda item: print_json(facts_of(item, answer))) if as_jsonl else None)
    asyncio.run(_run(sim.start, sim.stop, lambda: say("customer on {url}", url=sim.url)))
    say(
        "{pushes} posts with {items} items, {unreadable} unreadable",
        pushes=sim.pushes,
        items=sim.items,
        unreadable=sim.unreadable,
    )


@verb(
    app,
    "session",
    "A customer that connects by SMPP or CMPP as to a carrier, submits, and misbehaves as a file of steps says.",
    "hongyan sim session --protocol smpp --port 2775 --user 900017 --secret-file secret",
    "hongyan sim session --protocol cmpp3 --port 7890 --user 900017 --secret-file secret --steps steps.toml",
)
def session(
    protocol: Annotated[SimSessionProtocol, option("What it speaks.", "--protocol")],
    port: Annotated[int, option("Port of the listener.", "--port", min=1, max=_PORT_MOST)],
    user: Annotated[str, option("Its system_id or Source_Addr.", "--user")],
    secret_file: SecretFile = None,
    host: Annotated[str, option("Address of the listener.", "--host")] = "127.0.0.1",
    steps: Annotated[Path | None, option("File of steps, TOML or JSON; without it ten texts are submitted.", "--steps")] = None,
    window: Annotated[int, option("Submits that wait for their answers.", "--window", min=1)] = 16,
) -> None:
    sim = SessionSim(protocol, host, port, user, read_secret(secret_file, "API secret"), window=window)
    try:
        counts = asyncio.run(sim.run(_steps(steps)))
    except OSError as error:
        raise Stop(Exit.FAILED, "cannot connect to {host}:{port}: {reason}", host=host, port=port, reason=error) from error
    say(
        "{logins} logins, {accepted} of {submits} submits accepted, {refused} refused, {delivered} deliveries, {ends} times cut off",
        **asdict(counts),
    )


def _steps(path: Path | None) -> list[Step]:
    if path is None:
        return [Step("submit", count=10), Step("wait")]
    return _read_file(path, read_steps)


async def _run(start: Callable[[], Awaitable[None]], stop: Callable[[], Awaitable[None]], report: Callable[[], None]) -> None:
    """Run until somebody asks to stop."""
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    try:
        await start()
    except OSError as error:
        raise Stop(Exit.CONFLICT, "cannot listen: {reason}", "choose another --port", reason=error) from error
    report()
    await over.wait()
    await stop()


def _place(text: str) -> tuple[str, int] | None:
    if not text:
        return None
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isdecimal() and 0 < int(port) <= _PORT_MOST):
        raise Stop(Exit.USAGE, "--deliver-to wants host:port, not {text}", text=text)
    return host.strip("[]"), int(port)


def _tls(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:  # also raised for a file that is no certificate
        raise Stop(
            Exit.USAGE,
            "cannot use {certificate}: {error}",
            "name a certificate and its key, in PEM",
            certificate=certificate,
            error=error,
        ) from error
    return context


def _script(path: Path | None) -> Script | None:
    return None if path is None else _read_file(path, read_script)


def _read_file(path: Path, read: Callable[[str], Read]) -> Read:
    """raises: Stop for a file that cannot be read, or makes no sense"""
    try:
        return read(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise Stop(Exit.USAGE, "cannot read {path}: {reason}", path=path, reason=error) from error
    except TableError as error:
        raise Stop(Exit.USAGE, "{path}: {error}", path=path, error=error) from error
