"""What an MMS costs at the door besides what a text costs: reading the form, Base64, TMS, SMIL, checks and digests.

By KB of the request that the door reads, and by KB of the MMS in it: Base64 makes a third more of it, escapes a twentieth again.
"""

import os
import time
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

from hongyan.doors.mms import read_mms
from hongyan.doors.request import Request
from hongyan.formats.form import read_form
from hongyan.formats.tms import Element, pack
from hongyan.model.account import Account
from hongyan.model.mms import MmsLimits
from hongyan.model.secret import Secret
from hongyan.policy.admission.mms import check_mms

PICTURE_OCTETS = 190 * 1024
ROUNDS = 50
_SHOW = b'<smil><body><par><text src="1.txt"/><img src="2.jpg"/></par></body></smil>'
_HEAD = "action=send&userid=12&account=a&password=b&mobile=13800138000&subject=MMS&content="
_FORM, _MULTIPART = b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=b"
_ACCOUNT = Account(1, 12, "a", Secret("b", ""))


def door_us() -> dict[str, float]:
    """Microseconds a KB, of the request and of the MMS, by how the client writes the form; the best of many."""
    tms = pack(
        [Element("1.txt", b"hello"), Element("2.jpg", b"\xff\xd8\xff" + os.urandom(PICTURE_OCTETS)), Element("s", _SHOW)]
    )
    content = b64encode(tms).decode()
    parts = "".join(f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in _fields(content)) + "--b--"
    bodies = {
        "multipart": (parts.encode(), _MULTIPART),
        "not escaped": ((_HEAD + content).encode(), _FORM),
        "escaped": ((_HEAD + quote(content, safe="")).encode(), _FORM),
    }
    figures: dict[str, float] = {}
    for name, (body, content_type) in bodies.items():
        took_us = _best(partial(_take, body, content_type))
        figures |= {f"{name} µs/KB": took_us * 1024 / len(body), f"{name} µs/KB of MMS": took_us * 1024 / len(tms)}
    return figures


def _fields(content: str) -> list[tuple[str, str]]:
    named = [pair.partition("=") for pair in _HEAD.split("&")]
    return [(name, value or content) for name, _, value in named]


def _take(body: bytes, content_type: bytes) -> None:
    submission = read_mms(Request(read_form(b"", body, content_type, "utf-8"), ""), _ACCOUNT, "mms.aspx", 0)
    assert submission.mms is not None
    check_mms(submission.mms, MmsLimits())


def _best(once: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        once()
        best = min(best, time.process_time() - began)
    return best * 1e6
