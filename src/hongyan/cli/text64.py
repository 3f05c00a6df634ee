"""hongyan text64: the encryption of ensms.ashx step by step, for people who write or debug a program."""

import sys
import time
from base64 import b64encode
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from hongyan.cli.exits import Exit, Stop
from hongyan.cli.options import Json, SecretFile, argument, noun, option, verb
from hongyan.cli.out import say
from hongyan.cli.secrets import read_secret
from hongyan.cli.steps import hexadecimal, print_steps
from hongyan.cli.text64_causes import Cause, cause_of, cause_of_proof
from hongyan.formats.octets64 import BadBase64, read_base64
from hongyan.formats.sendtime import china_text
from hongyan.formats.text64 import (
    BadText64,
    Contents,
    decrypt,
    encrypt,
    key_of,
    off_ms,
    proof_of,
    read_json,
    read_octets,
    stamp_at,
    write_json,
)
from hongyan.model.times import moment_ms

app = noun("text64", "The encryption of ensms.ashx, step by step.")

STAMP_MS = 5 * 60_000

_SAMPLE = (
    "0DqKGm9MWnsFM2wlYEW65VXylBxJGBiuZzP5dTp1ALdK7QaTgx0cR5GftknjiNJBOd46tdJp+6J3OYAoukEBOKlfsExTaFYC7X514PyLC+NrwhDLKYOvFAb7"
    "gBo+dqkslvVJklz4qm7/gUHrHAT2d7hEcQxhDMD+Ij8NIy1kvHqU3noZTqjlC1PaaFYy6zifBr5ND+V4UK0xM7scF/avfVKW/0k16qqVzDDJocRkTz0jqvtJ"
    "Yfo1liuI2+h2fRkK"
)  # manual 001, 1.5; its secret is `test`


@verb(
    app,
    "encode",
    "Encrypt a submission, and show every step from the JSON to the value of the form.",
    "hongyan text64 encode --secret-file secret.txt --name test --stamp 0414174715 --to 15510331875"
    ' --text "我的验证码是：7890。【奥创时代】"',
    'hongyan text64 encode --secret-file - --name demo --to 13800138000 --to 13800138001 --text "您好【鸿雁】" --json',
)
def encode(
    name: Annotated[str, option("Account that sends and pays.", "--name")],
    to: Annotated[list[str], option("Number; may be repeated.", "--to")],
    text: Annotated[str, option("The text.", "--text")],
    extno: Annotated[str, option("Extension digits.", "--extno")] = "",
    at: Annotated[str, option("When, China's time, as in 2026-11-29 10:00; now if not said.", "--at")] = "",
    stamp: Annotated[str, option("Stamp, MMddHHmmss in China's time; now if not said.", "--stamp")] = "",
    secret_file: SecretFile = None,
    as_json: Json = False,
) -> None:
    secret = read_secret(secret_file, "API secret")
    stamp, send_time = stamp or stamp_at(_now_ms()), china_text(moment_ms(at, "--at")) if at else ""
    plain = write_json(
        Contents(
            user_name=name,
            secret=proof_of(secret, stamp),
            stamp=stamp,
            mobile=",".join(to),
            text=text,
            ext=extno,
            send_time=send_time,
        )
    )
    key = key_of(secret)
    cipher = encrypt(plain, key)
    text64 = b64encode(cipher).decode()
    steps = {
        "stamp": stamp,
        "secret": proof_of(secret, stamp),
        "json": plain.decode(),
        "json_octets": hexadecimal(plain),
        "key_and_iv": hexadecimal(key),
        "padding": f"{len(cipher) - len(plain)} octets, PKCS7",
        "cipher_octets": hexadecimal(cipher),
        "text64": text64,
        "url_encoded": quote(text64, safe=""),
    }
    print_steps(steps, as_json=as_json)


@verb(
    app,
    "decode",
    "Decrypt a Text64 step by step; where it fails, name the step and the likely cause.",
    f"hongyan text64 decode --secret-file secret.txt {_SAMPLE}",
    "hongyan text64 decode --secret-file secret.txt - --json",
)
def decode(
    text64: Annotated[str, argument("The Text64; - reads it from stdin.")],
    secret_file: SecretFile = None,
    as_json: Json = False,
) -> None:
    if text64 == "-" and secret_file == Path("-"):
        raise Stop(Exit.USAGE, "the secret and the Text64 cannot both come from stdin", "put the secret into a file")
    secret = read_secret(secret_file, "API secret")
    steps: dict[str, str] = {}
    trouble = _decoded(sys.stdin.read().strip("\r\n") if text64 == "-" else text64, secret, steps)
    print_steps(steps, as_json=as_json)
    if trouble is not None:
        step, cause = trouble
        raise Stop(Exit.FOUND, "{step}: {cause}", "hongyan text64 encode shows how it is made", step=step, cause=cause.words)


def _decoded(text64: str, secret: str, steps: dict[str, str]) -> tuple[str, Cause] | None:
    """Fill in the steps as far as they go; returns the failed one and why."""
    octets = _octets_of(text64)
    steps["text64"] = text64
    try:
        steps["cipher_octets"] = hexadecimal(read_octets(text64))
        steps["key_and_iv"] = hexadecimal(key_of(secret))
        plain = decrypt(octets, key_of(secret))
        steps["json_octets"] = hexadecimal(plain)
        contents = read_json(plain)
    except BadText64 as fault:
        return fault.step.value, cause_of(fault.step, text64, octets, secret)
    steps |= {
        "user_name": contents.user_name,
        "mobile": contents.mobile,
        "text": contents.text,
        "ext": contents.ext,
        "send_time": contents.send_time,
        "stamp": contents.stamp,
        "secret": contents.secret,
        "secret_wanted": proof_of(secret, contents.stamp),
    }
    cause = cause_of_proof(contents, secret)
    if cause is not None:
        return "Secret", cause
    off = off_ms(contents.stamp, _now_ms())
    if off is None:
        return "Stamp", Cause.STAMP
    if off > STAMP_MS:
        say(Cause.OLD.words)
    return None


def _octets_of(text64: str) -> bytes:
    try:
        return read_base64(text64)
    except BadBase64:
        return b""


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
