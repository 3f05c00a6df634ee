"""What a hostile request costs before it is refused: CPU, and memory beyond the octets that were read.

Each goes to the running platform over HTTP. Memory is the most that was resident since the request began, less what was
resident before and the octets of the body: what the allocator keeps for later counts too.
"""

import gzip
import http.client
import io
import statistics
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import quote

from bench.doors import LOGIN, batch
from bench.installation import Installation
from hongyan.formats.zipbatch import write_content

MIB = 1024 * 1024
ROUNDS = 5
NAMES = (
    "zip bomb",
    "gzip bomb",
    "zlib bomb",
    "100,001 lines",
    "260,000 keys",
    "a million empty keys",
    "deep XML",
    "XML entities",
    "100 MB declared",
)
_FORM, _XML = "application/x-www-form-urlencoded", "text/xml; charset=utf-8"
_LOGIN = "&".join(f"{name}={value}" for name, value in LOGIN.items())


@dataclass(frozen=True, slots=True)
class Hostile:
    """A request that has to be refused.

    declared: what it says of its length, where that is not the truth
    refusal:  what the answer holds
    """

    name: str
    path: str
    body: bytes
    refusal: bytes
    kind: str = _FORM
    declared: int = 0


def hostile_requests() -> Iterator[Hostile]:
    """One of each of NAMES."""
    zeros = bytes(64 * MIB)
    for name, octets in (("zip", _zip(zeros)), ("gzip", gzip.compress(zeros)), ("zlib", zlib.compress(zeros))):
        yield Hostile(f"{name} bomb", "/BatchSms.ashx", _batch(octets), "参数错误".encode())
    many = batch([(f"{13_800_000_000 + number}", "您好【测试】") for number in range(100_001)])
    yield Hostile("100,001 lines", "/BatchSms.ashx", many, b"Faild")
    keys = f"action=send&{_LOGIN}&" + "&".join(map(str, range(260_000)))
    yield Hostile("260,000 keys", "/sms.aspx", keys.encode(), b"Faild")
    yield Hostile("a million empty keys", "/sms.aspx", b"&" * 1_000_000, b"Faild")
    yield Hostile("deep XML", "/WebService.asmx", b"<a>" * 300_000, b"Fault", _XML)
    yield Hostile("XML entities", "/WebService.asmx", _laughs(), b"Fault", _XML)
    yield Hostile("100 MB declared", "/sms.aspx", b"", b"", declared=100_000_000)


def costs(installation: Installation) -> dict[str, float]:
    """CPU ms, the median of some, and MiB, the most of them, by request. raises: RuntimeError when one was not refused"""
    figures: dict[str, float] = {}
    for request in hostile_requests():
        costs_of_it = [_once(installation, request) for _ in range(ROUNDS)]
        figures[f"{request.name} CPU ms"] = statistics.median(ms for ms, _ in costs_of_it)
        figures[f"{request.name} MiB"] = max(mib for _, mib in costs_of_it)
    return figures


def _once(installation: Installation, request: Hostile) -> tuple[float, float]:
    installation.forget_the_most()
    cpu, resident = installation.cpu_s(), installation.resident_mib()
    answer = _ask(installation.port, request)
    if request.refusal not in answer or b"Success" in answer:
        raise RuntimeError(f"{request.name}: not refused: {answer[:200]!r}")
    beyond = installation.most_resident_mib() - resident - len(request.body) / MIB
    return (installation.cpu_s() - cpu) * 1e3, max(0.0, beyond)


def _ask(port: int, request: Hostile) -> bytes:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as line:
        line.putrequest("POST", request.path)
        line.putheader("Content-Type", request.kind)
        line.putheader("Content-Length", str(request.declared or len(request.body)))
        line.endheaders(request.body)
        return line.getresponse().read()


def _batch(octets: bytes) -> bytes:
    return f"{_LOGIN}&content={quote(write_content(octets), safe='')}".encode()


def _zip(octets: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        writer.writestr("1.txt", octets)
    return archive.getvalue()


def _laughs() -> bytes:
    """Entities of entities: three gigabytes, were they written out."""
    levels = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "lol">{levels}]><l>&l9;</l>'.encode()
