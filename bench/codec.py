"""How long codecs take: the PDUs that every message needs, both ways, in each protocol; microseconds in CPython."""

import time
from collections.abc import Callable
from functools import partial

from hongyan.wire.cmpp import codec as cmpp_codec
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.cmpp.template import SubmitTemplate as CmppForm
from hongyan.wire.sgip import codec as sgip_codec
from hongyan.wire.sgip import pdu as sgip
from hongyan.wire.sgip.template import SubmitTemplate as SgipForm
from hongyan.wire.smgp import codec as smgp_codec
from hongyan.wire.smgp import pdu as smgp
from hongyan.wire.smgp.template import SubmitTemplate as SmgpForm
from hongyan.wire.smpp import codec as smpp_codec
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.template import SubmitTemplate as SmppForm

ROUNDS = 20_000
_TEXT = "【测试】您的验证码是123456，五分钟内有效。".encode("utf-16-be")
_PHONE, _SOURCE = "13800138000", "10690000123"
_FROM, _TO = _SOURCE.encode(), _PHONE.encode()
Coded = tuple[str, Callable[[], bytes], Callable[[bytes], object]]
"""A name, what makes the octets as a link or a centre makes them, and what reads them."""


def codec_us(rounds: int = ROUNDS) -> dict[str, float]:
    """Microseconds for one PDU: `cmpp3 submit encode` …, the best of three."""
    figures = {}
    for name, encode, decode in _coded():
        octets = encode()
        figures[f"{name} encode µs"] = _best(encode, rounds)
        figures[f"{name} decode µs"] = _best(partial(decode, octets), rounds)
    return figures


def _coded() -> list[Coded]:
    return [*_cmpp(cmpp.Version.V20), *_cmpp(cmpp.Version.V30), *_smpp(), *_smgp(), *_sgip()]


def _cmpp(version: cmpp.Version) -> list[Coded]:
    def decode(octets: bytes) -> object:
        return cmpp_codec.decode(_number(octets, 4), _number(octets, 8), octets[12:], version)

    form = CmppForm(cmpp.Submit(0, "", (), b""), version)
    answer, deliver = cmpp.SubmitResp(7, 1 << 60, 0), cmpp.Deliver(7, 1 << 60, _SOURCE, _PHONE, _TEXT)
    name = f"cmpp{version.name[1]}"
    return [
        (f"{name} answer", lambda: cmpp_codec.encode(answer, version), decode),
        (f"{name} submit", lambda: form.encode(7, 1, 1, 0, 8, _FROM, _TO, _TEXT), decode),
        (f"{name} deliver", lambda: cmpp_codec.encode(deliver, version), decode),
    ]


def _smpp() -> list[Coded]:
    def decode(octets: bytes) -> object:
        return smpp_codec.decode(_number(octets, 4), _number(octets, 8), _number(octets, 12), octets[16:])

    form = SmppForm(smpp.Sm(0, smpp.Command.SUBMIT_SM, "", "", b""))
    answer = smpp.SmResp(7, smpp.Command.SUBMIT_SM_RESP, 0, "1234567890")
    deliver = smpp.Sm(7, smpp.Command.DELIVER_SM, _PHONE, _SOURCE, _TEXT, 8)
    return [
        ("smpp answer", lambda: smpp_codec.encode(answer), decode),
        ("smpp submit", lambda: form.encode(7, 0, 8, _FROM, _TO, _TEXT), decode),
        ("smpp deliver", lambda: smpp_codec.encode(deliver), decode),
    ]


def _smgp() -> list[Coded]:
    version = smgp.Version.V30

    def decode(octets: bytes) -> object:
        return smgp_codec.decode(_number(octets, 4), _number(octets, 8), octets[12:], version)

    form = SmgpForm(smgp.Submit(0, "", (), b""), version)
    answer, deliver = smgp.SubmitResp(7, bytes(10), 0), smgp.Deliver(7, bytes(10), _PHONE, _SOURCE, _TEXT)
    return [
        ("smgp answer", lambda: smgp_codec.encode(answer, version), decode),
        ("smgp submit", lambda: form.encode(7, 1, 1, 0, 8, _FROM, _TO, _TEXT), decode),
        ("smgp deliver", lambda: smgp_codec.encode(deliver, version), decode),
    ]


def _sgip() -> list[Coded]:
    def decode(octets: bytes) -> object:
        return sgip_codec.decode(_number(octets, 4), int.from_bytes(octets[8:20], "big"), octets[20:])

    form = SgipForm(sgip.Submit(0, "", (), b""))
    answer, deliver = sgip.Resp(7, sgip.Command.SUBMIT_RESP, 0), sgip.Deliver(7, _PHONE, _SOURCE, _TEXT)
    return [
        ("sgip answer", lambda: sgip_codec.encode(answer), decode),
        ("sgip submit", lambda: form.encode(7, 0, 8, _FROM, _TO, _TEXT), decode),
        ("sgip deliver", lambda: sgip_codec.encode(deliver), decode),
    ]


def _number(octets: bytes, at: int) -> int:
    return int.from_bytes(octets[at : at + 4], "big")


def _best(once: Callable[[], object], rounds: int) -> float:
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        for _ in range(rounds):
            once()
        best = min(best, time.perf_counter() - began)
    return best / rounds * 1e6
