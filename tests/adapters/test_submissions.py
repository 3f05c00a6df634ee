"""What a customer's submit asks for: alphabets, headers, times, priority, reports, references."""

import pytest

from hongyan.adapters.carrier_time import moment_of
from hongyan.adapters.cmpp.server import CmppServer
from hongyan.adapters.smpp.refusals import status_of
from hongyan.adapters.smpp.server import SmppServer
from hongyan.adapters.submissions import place_of, read_submission
from hongyan.model.account import Account
from hongyan.model.refusal import Code, Refusal
from hongyan.model.secret import Secret
from hongyan.model.session_submit import PartOctets, PartPlace, ReportsWanted
from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.pdu import Tag

NOW = 1_790_000_000_000
ACCOUNT = Account(1, 7, "one", Secret("s", "S"))
HOUR_MS = 3_600_000


def by_smpp(content=b"", alphabet="gsm", reference="", kind=smpp.Sm, **fields):
    if kind is smpp.Sm:
        pdu = smpp.Sm(1, smpp.Command.SUBMIT_SM, "10690", "8613800138000", content, **({"data_coding": 0} | fields))
    else:
        pdu = smpp.DataSm(1, "10690", "8613800138000", **fields)
    submit = SmppServer().read(pdu, "", 0)
    return read_submission(submit, ACCOUNT, alphabet, NOW, reference), place_of(submit.concat)


def by_cmpp(content=b"", reference="", **fields):
    submit = CmppServer().read(cmpp.Submit(1, "10690", ("13800138000",), content, **fields), "", 0)
    return read_submission(submit, ACCOUNT, "gbk", NOW, reference), place_of(submit.concat)


def concat(reference, total, number, wide=False):
    if wide:
        return bytes((6, 8, 4, reference >> 8, reference & 255, total, number))
    return bytes((5, 0, 3, reference, total, number))


@pytest.mark.parametrize(
    ("content", "coding", "alphabet", "text"),
    [
        (b"Hello \x02 \x1b\x65", 0, "gsm", "Hello $ €"),
        (bytes.fromhex("c8329bfd06"), 0, "gsm-packed", "Hello"),
        (b"caf\xe9", 0, "latin1", "café"),
        ("你好".encode("gbk"), 0, "gbk", "你好"),
        ("你好".encode(), 0, "utf8", "你好"),
        (b"plain", 1, "gsm", "plain"),
        (b"caf\xe9", 3, "gsm", "café"),
        ("你好😀".encode("utf-16-be"), 8, "gsm", "你好😀"),
        (b"\xff\xfe" + "你好".encode("utf-16-le"), 8, "gsm", "你好"),
        ("你好".encode("gb18030"), 15, "gsm", "你好"),
        ("闪".encode("utf-16-be"), 0x18, "gsm", "闪"),
        (b"flash", 0x10, "gsm", "flash"),
    ],
)
def test_octets_become_the_text_that_was_meant(content, coding, alphabet, text):
    assert by_smpp(content, alphabet, data_coding=coding)[0].text == text


@pytest.mark.parametrize(
    ("content", "coding", "alphabet"),
    [(b"\xe9t\xe9", 0, "gsm"), (b"\x81", 0, "gbk"), (b"\xff", 0, "utf8"), (b"\xe9", 0, "ascii"), (b"\x4f\x60\x4f", 8, "gsm")],
)
def test_what_cannot_be_read_is_refused_and_never_sent_with_gaps(content, coding, alphabet):
    with pytest.raises(Refusal) as raised:
        by_smpp(content, alphabet, data_coding=coding)

    assert raised.value.code is Code.PARAMETER_BAD


def test_the_default_of_cmpp_is_ascii_and_what_many_write_there():
    assert by_cmpp(b"abc", msg_fmt=0)[0].text == "abc"
    assert by_cmpp("你好".encode("gbk"), msg_fmt=0)[0].text == "你好"
    assert by_cmpp("你好".encode("gbk"), msg_fmt=15)[0].text == "你好"


def test_binary_data_keeps_its_header_less_the_place_of_the_part():
    header = bytes((11, 5, 4, 0x0B, 0x84, 0x23, 0xF0, 0, 3, 7, 2, 1))
    submission, place = by_smpp(header + b"\x01\x02", data_coding=4, esm_class=smpp.UDHI)

    assert (submission.binary.octets, submission.binary.header) == (b"\x01\x02", bytes((6, 5, 4, 0x0B, 0x84, 0x23, 0xF0)))
    assert place == PartPlace(7, 1, 2)
    assert by_cmpp(header + b"\x01", msg_fmt=4, tp_udhi=1)[0].binary.header == bytes((6, 5, 4, 0x0B, 0x84, 0x23, 0xF0))


@pytest.mark.parametrize(
    ("content", "fields", "place"),
    [
        (concat(9, 3, 2) + b"x", {"esm_class": smpp.UDHI}, PartPlace(9, 2, 3)),
        (concat(9, 3, 2, wide=True) + b"x", {"esm_class": smpp.UDHI}, PartPlace(1 << 16 | 9, 2, 3)),
        (
            b"x",
            {"tlvs": {Tag.SAR_MSG_REF_NUM: b"\0\x09", Tag.SAR_TOTAL_SEGMENTS: b"\3", Tag.SAR_SEGMENT_SEQNUM: b"\2"}},
            PartPlace(2 << 16 | 9, 2, 3),
        ),
        (concat(9, 1, 1) + b"x", {"esm_class": smpp.UDHI}, None),
        (b"x", {}, None),
    ],
)
def test_a_part_says_its_place_by_header_or_by_parameters(content, fields, place):
    submission, found = by_smpp(content, **fields)

    assert (submission.text, found) == ("x", place)


@pytest.mark.parametrize("header", [concat(9, 2, 0), concat(9, 0, 0), concat(9, 2, 3), concat(9, 2, 0, wide=True)])
def test_a_header_that_names_no_part_is_no_text(header):
    """The handset would show it as letters, and the customer would pay for them."""
    for submit in (
        lambda: by_smpp(header + b"x", esm_class=smpp.UDHI),
        lambda: by_cmpp(header + "您".encode("utf-16-be"), tp_udhi=1),
    ):
        with pytest.raises(Refusal) as raised:
            submit()
        assert (raised.value.code, raised.value.facts["name"]) == (Code.PARAMETER_BAD, "user_data_header")
    assert by_smpp(b"plain", esm_class=smpp.UDHI)[0].text == "plain"  # some clients set the mark whatever they send


def test_cmpp_says_the_place_of_a_part_by_header_or_by_count():
    assert by_cmpp(concat(9, 2, 1) + "您".encode("utf-16-be"), tp_udhi=1)[1] == PartPlace(9, 1, 2)
    assert by_cmpp("您".encode("utf-16-be"), pk_total=2, pk_number=2)[1] == PartPlace(0, 2, 2)


def test_half_a_pair_stays_in_its_part():
    halves = "😀".encode("utf-16-be")
    texts = [
        by_smpp(concat(1, 2, n + 1) + halves[2 * n : 2 * n + 2], data_coding=8, esm_class=smpp.UDHI)[0].text for n in (0, 1)
    ]

    assert "".join(texts).encode("utf-16-be", "surrogatepass") == halves


@pytest.mark.parametrize(("alphabet", "codec", "coding"), [("utf8", "utf-8", 0), ("gbk", "gb18030", 0), ("gsm", "gb18030", 15)])
def test_a_part_whose_characters_may_be_cut_stays_octets(alphabet, codec, coding):
    octets = "您".encode(codec)[:1]
    submission, place = by_smpp(concat(1, 2, 1) + octets, alphabet, data_coding=coding, esm_class=smpp.UDHI)

    assert (submission.part_octets, submission.text, place) == (PartOctets(codec, octets), "", PartPlace(1, 1, 2))


def test_a_payload_and_data_sm_bring_the_whole_text():
    payload = {Tag.MESSAGE_PAYLOAD: ("长" * 200).encode("utf-16-be")}

    assert by_smpp(tlvs=payload, data_coding=8)[0].text == "长" * 200
    assert by_smpp(kind=smpp.DataSm, tlvs=payload, data_coding=8)[0].text == "长" * 200


@pytest.mark.parametrize(
    ("written", "moment_ms"),
    [
        ("000001000000000R", NOW + 24 * HOUR_MS),
        ("000000013000000R", NOW + HOUR_MS * 3 // 2),
        ("260921221320032+", NOW),
        ("260921141320000+", NOW),
        ("260921091320020-", NOW),
        ("260921221320", NOW),
    ],
)
def test_times_are_relative_or_absolute(written, moment_ms):
    assert moment_of(written, NOW) == moment_ms


YEAR_MS = 365 * 24 * HOUR_MS


@pytest.mark.parametrize("fields", [
    {"validity_period": "990000000000000R"}, {"validity_period": "991231235959032+"},
    {"kind": smpp.DataSm, "tlvs": {Tag.MESSAGE_PAYLOAD: b"x", Tag.QOS_TIME_TO_LIVE: b"\xff" * 4}},
])  # fmt: skip
def test_a_text_is_valid_for_a_year_at_most(fields):
    """A carrier reads the year in two digits: an end in a hundred years would have passed."""
    assert by_smpp(**fields)[0].valid_until_ms == NOW + YEAR_MS


@pytest.mark.parametrize("octets", [b"\1" * 5, b"\xff" * 2_000, b""])
def test_parameters_that_are_no_numbers_say_nothing(octets):
    """No column of the store holds them."""
    numbers = (
        Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM, Tag.QOS_TIME_TO_LIVE, Tag.USER_MESSAGE_REFERENCE,
    )  # fmt: skip
    submission, place = by_smpp(b"x", tlvs=dict.fromkeys(numbers, octets))

    assert (submission.text, submission.valid_until_ms, submission.client_ref, place) == ("x", 0, "", None)


@pytest.mark.parametrize(("reference", "total"), [(b"\1\0\0", b"\3"), (b"\0\1", b"\1\0")])
def test_a_part_of_more_than_a_text_has_is_no_part(reference, total):
    tlvs = {Tag.SAR_MSG_REF_NUM: reference, Tag.SAR_TOTAL_SEGMENTS: total, Tag.SAR_SEGMENT_SEQNUM: b"\2"}

    assert by_smpp(b"x", tlvs=tlvs)[1] is None


@pytest.mark.parametrize("written", ["tomorrow", "269921221320032+", "2609212213200", "000001000000000", "260921221320032R"])
@pytest.mark.parametrize(
    ("field", "code", "status"),
    [("schedule_delivery_time", Code.TIME_BAD, 0x61), ("validity_period", Code.VALIDITY_BAD, 0x62)],
)
def test_what_is_no_time_is_refused(written, field, code, status):
    with pytest.raises(Refusal) as raised:
        by_smpp(b"x", **{field: written})

    assert (raised.value.code, status_of(raised.value.code)) == (code, status)


def test_a_submit_says_when_how_urgently_and_with_which_reports():
    submission, _ = by_smpp(
        b"x",
        schedule_delivery_time="000000010000000R",
        validity_period="000000020000000R",
        priority_flag=3,
        registered_delivery=2,
        data_coding=0x10,
        service_type="OTP",
    )

    assert (submission.send_at_ms, submission.valid_until_ms) == (NOW + HOUR_MS, NOW + 3 * HOUR_MS)
    assert (submission.is_urgent, submission.is_flash, submission.service) == (True, True, "OTP")
    assert submission.wants_reports == ReportsWanted.FAILURES
    assert by_smpp(b"x")[0].wants_reports == ReportsWanted.NONE
    assert by_smpp(b"x", registered_delivery=0x11)[0].wants_reports == ReportsWanted.ALL
    assert by_smpp(b"x", registered_delivery=0x1F)[0].wants_reports == ReportsWanted.SUCCESSES
    plain, _ = by_cmpp(b"x", msg_fmt=0, registered_delivery=0, msg_level=9, valid_time="260922221320032+")
    assert (plain.is_urgent, plain.wants_reports, plain.valid_until_ms) == (True, ReportsWanted.NONE, NOW + 24 * HOUR_MS)
    assert by_smpp(kind=smpp.DataSm, tlvs={Tag.MESSAGE_PAYLOAD: b"x", Tag.QOS_TIME_TO_LIVE: b"\0\0\0\x3c"})[
        0
    ].valid_until_ms == (NOW + 60_000)


@pytest.mark.parametrize(
    ("addr", "ton", "number"),
    [("8613800138000", 1, "8613800138000"), ("14155550123", 1, "+14155550123"), ("13800138000", 0, "13800138000")],
)
def test_a_number_that_is_said_to_begin_with_its_country_is_none_of_the_mainland(addr, ton, number):
    pdu = smpp.Sm(1, smpp.Command.SUBMIT_SM, "10690", addr, b"x", dest_addr_ton=ton)

    assert list(SmppServer().read(pdu, "", 0).numbers) == [number]


def test_a_repeat_is_known_by_reference_and_contents():
    first, again, other = (by_smpp(one, reference="7")[0] for one in (b"x", b"x", b"y"))

    assert first.client_ref == "7"
    assert first.client_hash == again.client_hash != other.client_hash
    assert not by_smpp(b"x")[0].client_hash
    pdu = smpp.Sm(1, smpp.Command.SUBMIT_SM, "10690", "13800138000", b"x", tlvs={Tag.USER_MESSAGE_REFERENCE: b"\0\x07"})
    assert SmppServer().read(pdu, "", 0).reference == "7"


def test_an_answer_to_submit_multi_names_the_numbers_that_were_not_taken():
    dests = tuple(smpp.Address(one, 1, 1) for one in ("8613800138000", "4420", "8613900139000"))
    pdu = smpp.SubmitMulti(3, "10690", dests, b"x")

    answer = SmppServer().answer(pdu, "77", [("+4420", Code.NUMBER_BAD)])

    assert answer == smpp.SubmitMultiResp(3, 0, "77", (smpp.Unsuccess("4420", 1, 1, smpp.Status.RINVDSTADR),))
    assert SmppServer().answer(pdu, "77", []) is None
