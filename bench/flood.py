"""Load over the sessions of SMPP or CMPP, by a client in C that writes PDUs from templates (`tools/pduflood.c`)."""

import array
import json
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bench.installation import ACCOUNT, SECRET
from bench.tools import BUILD, build
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.cmpp.auth import digest_source
from hongyan.wire.cmpp.codec import encode as encode_cmpp
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.codec import encode as encode_smpp

_STAMP = 1129080000
_TEXT, _NUMBER = b"B00000000 benchmark text", "13800000000"  # the zeros become the tag
_LIMIT_S = 120
_CEILING_TAG = 50_000_000


@dataclass(frozen=True, slots=True)
class ClientProtocol:
    """One protocol as `pduflood` speaks it."""

    name: str
    head_octets: int
    status_at: int  # in the answer to a login, of four octets
    log_in: Callable[[str, str], bytes]
    submit: bytes

    @property
    def login(self) -> bytes:
        return self.log_in(ACCOUNT, SECRET)


def _bind(account: str, secret: str) -> bytes:
    return encode_smpp(smpp.Bind(1, smpp.Command.BIND_TRANSCEIVER, account, secret))


def _connect(account: str, secret: str) -> bytes:
    proof = digest_source(account, secret, _STAMP)
    return encode_cmpp(cmpp.Connect(1, account, proof, cmpp.Version.V30, _STAMP), cmpp.Version.V30)


_SUBMIT = smpp.Sm(1, smpp.Command.SUBMIT_SM, "", _NUMBER, _TEXT, data_coding=0, registered_delivery=1)
SMPP = ClientProtocol("smpp", smpp.HEAD_OCTETS, 8, _bind, encode_smpp(_SUBMIT))
_WITHOUT_RECEIPTS = replace(SMPP, submit=encode_smpp(replace(_SUBMIT, registered_delivery=0)))
CMPP = ClientProtocol(
    "cmpp",
    cmpp.HEAD_OCTETS,
    cmpp.HEAD_OCTETS,
    _connect,
    encode_cmpp(cmpp.Submit(1, "", (_NUMBER,), _TEXT, msg_fmt=0), cmpp.Version.V30),
)


def flood(
    port: int,
    protocol: ClientProtocol,
    messages: int,
    first_tag: int,
    *,
    sessions: int = 1,
    idle: int = 0,
    window: int,
    rate: float = 0,
    reports: int = 1,
    limit_s: int = _LIMIT_S,
    wait_s: int = 30,
    latencies_us: "array.array[int] | None" = None,
) -> dict[str, Any]:
    """What the client saw; returns when its reports have come, or none comes any more.

    reports: waited for, a submit; wait_s: for these, behind the last submit; latencies_us: that of each answer is added
    """
    build()
    with tempfile.NamedTemporaryFile(dir=BUILD) as latencies:
        command = [
            str(BUILD / "pduflood"),
            f"-p{port}",
            f"-H{protocol.head_octets}",
            f"-L{protocol.login.hex()}",
            f"-F{protocol.submit.hex()}",
            f"-c{sessions}",
            f"-i{idle}",
            f"-w{window}",
            f"-n{messages}",
            f"-t{limit_s}",
            f"-W{wait_s}",
            f"-R{reports}",
            f"-s{first_tag}",
            f"-l{latencies.name}",
            *([f"-r{rate}"] if rate else []),
        ]
        seen: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        if latencies_us is not None:
            latencies_us.frombytes(latencies.read())
    return seen


def link_ceiling(port: int, *, messages: int, window: int) -> float:
    """Submits a second that the client reaches at this message centre with this window: the ceiling of a link."""
    seen = flood(port, _WITHOUT_RECEIPTS, messages, _CEILING_TAG, window=window, reports=0)
    return float(seen["ok"] / seen["elapsed"])
