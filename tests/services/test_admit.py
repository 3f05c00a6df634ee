import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.i18n import reason
from hongyan.model.account import Account, Product, SignatureRule
from hongyan.model.channel import Channel, SignaturePlace
from hongyan.model.destination import Carrier
from hongyan.model.number_list import FOREVER_S, NumberList
from hongyan.model.prefixes import PrefixTable
from hongyan.model.protocol import Protocol
from hongyan.model.refusal import Code, Refusal
from hongyan.model.route import Route
from hongyan.model.secret import Secret
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Submission
from hongyan.model.words import EVERYBODY, Word, WordTable
from hongyan.policy.admission.sending_time import FURTHEST_MS
from hongyan.policy.admission.table import halves_for
from hongyan.services import admit as admit_module
from hongyan.services.admit import MOST_SHOWN, admit, admit_in_batches

NOW = 1_700_000_000_000
ACCOUNT = Account(1, 12, "demo", Secret("", ""))
MOBILE, UNICOM, TELECOM = "13800138000", "13000130000", "13300133000"
M, U, T = 8613800138000, 8613000130000, 8613300133000
PREFIXES = PrefixTable.of({"138": Carrier.MOBILE, "130": Carrier.UNICOM, "133": Carrier.TELECOM})
SNAPSHOT = ConfigSnapshot(
    accounts_by_id={1: ACCOUNT},
    channels={n: Channel(n, f"c{n}", Protocol.LOOPBACK) for n in (1, 2)},
    routes=(Route(1, 1, carrier=Carrier.MOBILE), Route(2, 2, carrier=Carrier.UNICOM)),
    prices={(1, Product.SMS, Carrier.UNICOM): 3},
    prefixes=PREFIXES,
    numbers_most=5,
)
NOWHERE = replace(SNAPSHOT, routes=())


STRICT = replace(
    SNAPSHOT,
    words=WordTable.of(1, [Word(EVERYBODY, "赌博", "赌博")]),
    listed={EVERYBODY: NumberList.of([(M, FOREVER_S)])},
    signatures={1: frozenset({"鸿雁"})},
)
STRICT_ACCOUNT = replace(ACCOUNT, signature_rule=SignatureRule.APPROVED)


def submitted(*numbers, text="您好", **others):
    return Submission(ACCOUNT, list(numbers), text, **others)


def refused(submission, snapshot=SNAPSHOT):
    with pytest.raises(Refusal) as refusal:
        admit(snapshot, submission, NOW)
    return refusal.value


def test_each_number_gets_its_channel_segments_and_points():
    admission = admit(SNAPSHOT, submitted(MOBILE, UNICOM, text="一" * 71), NOW)

    assert admission.phones == [M, U]
    assert admission.channels == [1, 2]
    assert admission.segments == [2, 2]
    assert admission.points == [2, 6]
    assert admission.total_points == 8
    assert admission.rejected == []
    assert admission.texts is None


def test_repeats_are_removed_and_the_order_is_kept():
    admission = admit(SNAPSHOT, submitted(UNICOM, MOBILE, f"+86{UNICOM}", MOBILE), NOW)
    assert admission.phones == [U, M]


def test_numbers_that_fail_are_listed_as_written_in_their_order_and_the_rest_goes_on():
    admission = admit(SNAPSHOT, submitted(TELECOM, "12345", MOBILE, f"86{TELECOM}", "１２"), NOW)

    assert admission.phones == [M]
    assert admission.total_points == 1
    assert admission.rejected == [(TELECOM, Code.NUMBER_NO_CHANNEL), ("12345", Code.NUMBER_BAD), ("１２", Code.NUMBER_BAD)]


def test_blank_entries_between_separators_are_no_numbers():
    admission = admit(SNAPSHOT, submitted("", MOBILE, " ", "\t"), NOW)
    assert (admission.phones, admission.rejected) == ([M], [])


def test_what_is_kept_of_a_wrong_number_is_bounded():
    admission = admit(SNAPSHOT, submitted("9" * 1_000, MOBILE), NOW)
    assert admission.rejected == [("9" * MOST_SHOWN, Code.NUMBER_BAD)]


@pytest.mark.parametrize(
    ("numbers", "snapshot", "cause"),
    [
        (["12345", TELECOM], SNAPSHOT, Code.NUMBER_BAD),
        ([TELECOM, "12345"], SNAPSHOT, Code.NUMBER_NO_CHANNEL),
        ([MOBILE], NOWHERE, Code.NO_CHANNEL),
        (["+85298765432"], SNAPSHOT, Code.NUMBER_NO_CHANNEL),
    ],
)
def test_when_no_number_is_left_the_first_ones_cause_is_the_answer(numbers, snapshot, cause):
    assert refused(submitted(*numbers), snapshot).code is cause


@pytest.mark.parametrize(
    ("numbers", "others", "cause"),
    [
        ([], {}, Code.NUMBER_EMPTY),
        (["", " "] * 3, {}, Code.NUMBER_EMPTY),
        ([MOBILE] * 6, {}, Code.NUMBERS_MANY),
        ([MOBILE], {"text": " "}, Code.CONTENT_EMPTY),
        ([MOBILE], {"text": "a\x00"}, Code.PARAMETER_BAD),
        ([MOBILE], {"text": "一" * 671}, Code.CONTENT_LONG),
        ([MOBILE], {"extno": "x"}, Code.EXTNO_BAD),
        ([MOBILE], {"extno": "123456"}, Code.EXTNO_BAD),
        ([MOBILE], {"send_at_ms": NOW + FURTHEST_MS + 1}, Code.TIME_BAD),
    ],
)
def test_a_submission_that_is_wrong_as_a_whole_is_refused(numbers, others, cause):
    assert refused(submitted(*numbers, **others)).code is cause


def test_the_first_check_that_fails_is_the_answer():
    wrong = {"text": "", "extno": "x", "send_at_ms": NOW * 2}
    in_order = []
    for numbers, mended in [
        ([], {}),
        (["1"] * 6, {}),
        (["1"], {}),
        (["1"], {"text": "您好"}),
        (["1"], {"text": "您好", "extno": ""}),
        (["1"], {"text": "您好", "extno": "", "send_at_ms": 0}),
    ]:
        in_order.append(refused(submitted(*numbers, **wrong | mended)).code)
    assert in_order == [
        Code.NUMBER_EMPTY,
        Code.NUMBERS_MANY,
        Code.CONTENT_EMPTY,
        Code.EXTNO_BAD,
        Code.TIME_BAD,
        Code.NUMBER_BAD,
    ]


def test_the_rules_of_an_account_are_judged_in_their_order():
    wrong = {"product": Product.MMS, "text": "'; drop table a 赌博【别家】", "refuses_sql": True}
    in_order = []
    for mended in [
        {},
        {"product": Product.SMS},
        {"product": Product.SMS, "text": "赌博【别家】"},
        {"product": Product.SMS, "text": "您好"},
        {"product": Product.SMS, "text": "您好【别家】"},
        {"product": Product.SMS, "text": "您好【鸿雁】"},
    ]:
        submission = replace(submitted(MOBILE, **wrong | mended), account=STRICT_ACCOUNT)
        in_order.append(refused(submission, STRICT).code)
    assert in_order == [
        Code.NO_PRODUCT,
        Code.CONTENT_SQL,
        Code.CONTENT_WORDS,
        Code.SIGNATURE_MISSING,
        Code.SIGNATURE_WRONG,
        Code.NUMBER_LISTED,
    ]


def test_a_listed_number_is_rejected_as_written_once_and_the_rest_goes_on():
    admission = admit(STRICT, submitted(f"+86{MOBILE}", UNICOM, MOBILE, TELECOM, text="您好"), NOW)

    assert admission.phones == [U]
    assert admission.rejected == [(f"+86{MOBILE}", Code.NUMBER_LISTED), (TELECOM, Code.NUMBER_NO_CHANNEL)]


def test_of_a_text_that_is_too_long_nothing_else_is_said():
    pairs = submitted(MOBILE, UNICOM, texts=["赌博" * 400, "您好"])

    assert admit(STRICT, pairs, NOW).rejected == [(MOBILE, Code.CONTENT_LONG)]


def test_each_text_of_a_batch_is_judged_by_itself():
    account = replace(ACCOUNT, signature_rule=SignatureRule.REQUIRED)
    pairs = submitted("13800000001", "13800000002", UNICOM, texts=["赌博【鸿雁】", "您好", "您好【鸿雁】"])

    admission = admit(STRICT, replace(pairs, account=account), NOW)

    assert (admission.phones, admission.texts) == ([U], ["您好【鸿雁】"])
    assert [cause for _, cause in admission.rejected] == [Code.CONTENT_WORDS, Code.SIGNATURE_MISSING]


@pytest.mark.parametrize("send_at_ms", [0, NOW - 1, NOW, NOW + FURTHEST_MS])
def test_any_time_up_to_a_year_ahead_is_admitted(send_at_ms):
    assert admit(SNAPSHOT, submitted(MOBILE, send_at_ms=send_at_ms), NOW).submission.send_at_ms == send_at_ms


def test_the_text_that_goes_on_is_the_clean_one_and_the_submission_is_left_alone():
    submission = submitted(MOBILE, text="您\x01好", client_ref="r1")
    admission = admit(SNAPSHOT, submission, NOW)

    assert (admission.submission.text, admission.submission.client_ref) == ("您好", "r1")
    assert submission.text == "您\x01好"


def test_segments_are_those_of_the_text_as_its_channel_sends_it():
    text = "好" + "😀" * 64 + "【华信通】"  # 134 units; with the signature in front a pair would be cut at 67
    front = replace(SNAPSHOT.channels[1], signature=SignaturePlace.FRONT)
    snapshot = replace(SNAPSHOT, channels={1: front, 2: SNAPSHOT.channels[2]})

    assert admit(SNAPSHOT, submitted(MOBILE, text=text), NOW).segments == [2]
    assert admit(snapshot, submitted(MOBILE, UNICOM, text=text), NOW).segments == [3, 2]


def test_each_number_may_have_its_own_text():
    pairs = submitted(MOBILE, UNICOM, texts=["一" * 71, "二\x02"])
    admission = admit(SNAPSHOT, pairs, NOW)

    assert admission.texts == ["一" * 71, "二"]
    assert admission.segments == [2, 1]
    assert admission.points == [2, 3]


def test_a_wrong_text_rejects_its_number_alone():
    texts = ["a", " ", "a\x00", "一" * 671, "b"]
    admission = admit(SNAPSHOT, submitted("1", "13800000001", "13800000002", "13800000003", MOBILE, texts=texts), NOW)

    assert (admission.phones, admission.texts) == ([M], ["b"])
    assert admission.rejected == [
        ("1", Code.NUMBER_BAD),
        ("13800000001", Code.CONTENT_EMPTY),
        ("13800000002", Code.PARAMETER_BAD),
        ("13800000003", Code.CONTENT_LONG),
    ]


@pytest.mark.parametrize("first_text", ["a", " "])
def test_a_number_that_stands_twice_with_texts_of_its_own_refuses_the_batch(first_text):
    assert refused(submitted(MOBILE, f"+86{MOBILE}", texts=[first_text, "b"])).code is Code.NUMBER_REPEATED


def test_no_refusal_names_the_number_or_the_text():
    for submission in [submitted(TELECOM), submitted("1381234"), submitted(MOBILE, text="秘密" * 400)]:
        seen = reason(refused(submission), "en")
        assert not any(part in seen for part in (TELECOM, "1381234", "秘密"))


@given(
    st.lists(st.one_of(st.text(max_size=15), st.sampled_from([MOBILE, UNICOM, TELECOM, f"+86{MOBILE}"])), max_size=5),
    st.text(max_size=80),
)
def test_every_number_is_accepted_once_or_rejected(numbers, text):
    try:
        admission = admit(SNAPSHOT, submitted(*numbers, text=text), NOW)
    except Refusal:
        return
    kept = (admission.phones, admission.channels, admission.segments, admission.points)
    assert {len(entries) for entries in kept} == {len(admission.phones)}
    assert len(set(admission.phones)) == len(admission.phones) <= len(numbers)
    assert set(admission.phones) <= {M, U}
    assert admission.total_points == sum(admission.points) > 0
    assert {written for written, _ in admission.rejected} <= set(numbers)


WRITTEN = st.one_of(
    st.text(max_size=15), st.sampled_from([MOBILE, UNICOM, TELECOM, f"+86{MOBILE}", f"0{UNICOM}", " ", "12345"])
)
TEXT = st.one_of(st.text(max_size=80), st.sampled_from(["您好", " ", "a\x00", "一" * 671]))


@given(st.lists(st.tuples(WRITTEN, TEXT), max_size=9), TEXT, st.booleans(), st.sampled_from([SNAPSHOT, STRICT]))
def test_what_is_judged_in_bites_is_judged_alike(pairs, text, has_texts, snapshot):
    snapshot = replace(snapshot, numbers_most=8)
    texts = [own for _, own in pairs] if has_texts else None
    submission = submitted(*(number for number, _ in pairs), text=text, texts=texts)

    def outcome_of(judge):
        try:
            return judge(snapshot, submission, NOW)
        except Refusal as refusal:
            return refusal.code, refusal.facts, refusal.rejected

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(admit_module, "BATCH", 2)
        assert outcome_of(lambda *given: asyncio.run(admit_in_batches(*given))) == outcome_of(admit)


def test_others_have_their_turn_between_two_batches():
    turns = []

    async def main():
        judged = asyncio.create_task(admit_in_batches(snapshot, submitted(*numbers), NOW))
        while not judged.done():
            turns.append(None)
            await asyncio.sleep(0)
        return await judged

    snapshot = replace(SNAPSHOT, numbers_most=10_000)
    numbers = [str(13_800_000_000 + number) for number in range(10_000)]

    assert len(asyncio.run(main()).phones) == 10_000
    assert len(turns) > 10_000 // admit_module.BATCH_MOST


@pytest.mark.parametrize(
    ("others_s", "sizes", "rests"),
    [(0.0, [250, 500, 1_000, 2_000, 2_000, 250], []), (0.004, [250] * 24, [0.006] * 24)],
)
def test_many_numbers_are_judged_in_small_batches_with_rests_where_others_are_served(others_s, sizes, rests, monkeypatch):
    """A batch takes 3 ms here; a turn of the loop takes what others need in it."""
    now, rested, judged_at_once = [0.0], [], []

    async def sleep(seconds):
        if seconds:
            rested.append(round(seconds, 6))
        now[0] += seconds or others_s

    def judged(batch):
        now[0] += 0.003
        judged_at_once.append(len(batch.phones))

    def and_judged(submission):
        about_all, about_numbers = halves_for(submission)
        return about_all, (*about_numbers, judged)

    monkeypatch.setattr(admit_module, "thread_time", lambda: now[0])
    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(admit_module, "halves_for", and_judged)
    numbers = [str(13_800_000_000 + number) for number in range(6_000)]

    asyncio.run(admit_in_batches(replace(SNAPSHOT, numbers_most=10_000), submitted(*numbers), NOW))

    assert (judged_at_once, rested) == (sizes, rests)
