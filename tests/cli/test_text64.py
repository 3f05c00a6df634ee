"""hongyan text64: the manual's vector at every step, and each slip of a program named."""

from base64 import b64encode

import pytest
from Crypto.Cipher import DES
from Crypto.Util.Padding import pad
from tests.formats.test_text64 import INSIDE, JSON, SAMPLE

from hongyan.cli.text64_causes import Cause
from hongyan.formats.text64 import encrypt, key_of, proof_of

MANUAL = ("text64", "encode", "--secret-file", "-", "--name", "test", "--stamp", "0414174715", "--to", "15510331875")
LONG = "longsecret"


def sealed(octets):
    return b64encode(octets).decode()


@pytest.fixture
def decode(bare, tmp_path):
    def run(text64, *more, secret="test", stdin=""):
        (tmp_path / "secret.txt").write_text(secret + "\n", encoding="utf-8")
        return bare("text64", "decode", "--secret-file", "secret.txt", text64, *more, stdin=stdin)

    return run


def test_the_vector_of_the_manual_is_shown_step_by_step(bare):
    done = bare(*MANUAL, "--text", INSIDE.text, "--json", stdin="test\n")

    assert done.code == 0
    assert done.json["secret"] == INSIDE.secret
    assert done.json["json"] == JSON
    assert done.json["json_octets"] == JSON.encode().hex(" ").upper()
    assert done.json["key_and_iv"] == "74 65 73 74 00 00 00 00"
    assert done.json["padding"] == "6 octets, PKCS7"
    assert done.json["text64"] == SAMPLE
    assert "%2B" in done.json["url_encoded"]
    assert "+" not in done.json["url_encoded"]


def test_a_moment_is_typed_as_everywhere_and_written_as_the_manual_has_it(bare):
    done = bare(*MANUAL, "--text", INSIDE.text, "--at", "2026/11/29 10:00", "--json", stdin="test\n")
    assert '"2026-11-29 10:00:00"' in done.json["json"]

    wrong = bare(*MANUAL, "--text", INSIDE.text, "--at", "tomorrow", stdin="test\n")
    assert "--at is no moment" in wrong.err


def test_for_people_every_step_is_a_line_that_can_be_copied(bare):
    lines = bare(*MANUAL, "--text", INSIDE.text, stdin="test\n").out.splitlines()

    assert [line for line in lines if line.endswith(SAMPLE)] == [f"text64         {SAMPLE}"]


def test_what_was_encoded_is_decoded(bare, decode):
    encoded = bare(*MANUAL[:6], "--to", "13800138000", "--to", "13800138001", "--text", "您好", "--json", stdin="test").json[
        "text64"
    ]
    done = decode(encoded, "--json")

    assert (done.code, done.err) == (0, "")
    assert (done.json["user_name"], done.json["mobile"], done.json["text"]) == ("test", "13800138000,13800138001", "您好")


def test_an_old_stamp_is_reported_and_no_failure(decode):
    done = decode("-", "--json", stdin=SAMPLE + "\n")

    assert done.code == 0
    assert done.json["secret"] == done.json["secret_wanted"] == INSIDE.secret
    assert "1010" in done.err


def test_a_secret_is_no_argument_and_not_beside_a_text64_on_stdin(bare):
    assert bare("text64", "decode", "--secret-file", "-", "-", stdin="test").code == 2


ECB = DES.new(key_of("test"), DES.MODE_ECB).encrypt(pad(JSON.encode(), 8))
ZERO_IV = DES.new(key_of("test"), DES.MODE_CBC, iv=bytes(8)).encrypt(pad(JSON.encode(), 8))
ZERO_FILLED = DES.new(key_of("test"), DES.MODE_CBC, iv=key_of("test")).encrypt(JSON.encode() + bytes(6))
PLAIN = JSON.encode()


@pytest.mark.parametrize(
    ("text64", "secret", "step", "cause"),
    [
        ("!!" + SAMPLE, "test", "Base64", Cause.CHARACTERS),
        (SAMPLE[:-4], "test", "blocks", Cause.CUT),
        (encrypt(PLAIN, key_of("test")).hex(), "test", "key", Cause.HEX),
        (sealed(encrypt(PLAIN, key_of("098F6BCD4621D373"))), "test", "key", Cause.MD5_KEY),
        (sealed(encrypt(PLAIN, key_of("098f6bcd4621d373"))), "test", "key", Cause.MD5_KEY),
        (sealed(encrypt(PLAIN, bytes.fromhex("098F6BCD4621D373"))), "test", "key", Cause.MD5_KEY),
        (sealed(encrypt(PLAIN, key_of("TEST"))), "test", "key", Cause.CASE),
        (sealed(encrypt(PLAIN, b"test0000")), "test", "key", Cause.FILL),
        (sealed(encrypt(PLAIN, key_of("test\n"))), "test", "key", Cause.LINE),
        (sealed(encrypt(PLAIN, key_of("other"))), "test", "key", Cause.OTHER_KEY),
        (sealed(ECB), "test", "key", Cause.ECB),
        (sealed(ZERO_IV), "test", "key", Cause.IV),
        (sealed(ZERO_FILLED), "test", "key", Cause.PADDING),
        (sealed(encrypt(JSON.encode("gbk"), key_of("test"))), "test", "JSON", Cause.GBK),
        (sealed(encrypt(b'{"UserName":["test"]}', key_of("test"))), "test", "JSON", Cause.NO_JSON),
    ],
)
def test_a_slip_is_named_with_its_step(decode, text64, secret, step, cause):
    done = decode(text64, secret=secret)

    assert done.code == 6
    assert f"{step}: {cause.words}" in done.err
    assert done.out.startswith("text64 ")


@pytest.mark.parametrize(
    ("proof", "cause"),
    [
        (proof_of("0414174715", LONG), Cause.PROOF_ORDER),
        (proof_of("C0FDA89C6D0C8A28B8EF9E31B4C9C4C1", "0414174715"), Cause.PROOF),
        (proof_of("", LONG), Cause.PROOF_ALONE),
        (proof_of(proof_of("", LONG), "0414174715"), Cause.PROOF_OF_MD5),
        (proof_of(proof_of("", LONG).lower(), "0414174715"), Cause.PROOF_OF_MD5),
        ("", Cause.PROOF),
    ],
)
def test_a_slip_in_the_secret_is_named(decode, proof, cause):
    done = decode(sealed(encrypt(JSON.replace(INSIDE.secret, proof).encode(), key_of(LONG))), secret=LONG)

    assert done.code == 6
    assert f"Secret: {cause.words}" in done.err


def test_a_stamp_that_is_no_time_is_named(decode):
    plain = JSON.replace("0414174715", "now").replace(INSIDE.secret, proof_of("test", "now"))
    done = decode(sealed(encrypt(plain.encode(), key_of("test"))))

    assert done.code == 6
    assert f"Stamp: {Cause.STAMP.words}" in done.err


def test_causes_are_reported_in_chinese_where_the_person_is(decode, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    assert Cause.OTHER_KEY.value[1] in decode(sealed(encrypt(PLAIN, key_of("other")))).err
