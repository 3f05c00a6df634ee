from dataclasses import replace

import pytest

from hongyan.model.account import Account, SignatureRule
from hongyan.model.refusal import Code, Refusal
from hongyan.model.secret import Secret
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Submission
from hongyan.policy.admission import signature
from hongyan.policy.admission.context import AdmissionContext

SNAPSHOT = ConfigSnapshot(signatures={1: frozenset({"鸿雁", "一个很长很长的企业全称"}), 2: frozenset({"别家"})})
ACCOUNT = Account(1, 12, "demo", Secret("", ""))


def verdict(rule, text, snapshot=SNAPSHOT):
    try:
        signature.judge(AdmissionContext(snapshot, Submission(replace(ACCOUNT, signature_rule=rule), [], text), 0, []))
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize("text", ["您好", "您好【鸿雁】", "【】您好"])
def test_a_free_account_signs_as_it_likes(text):
    assert verdict(SignatureRule.FREE, text) is None


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("您好【鸿雁】", None),
        ("【鸿雁】您好", None),
        (" 【鸿雁】您好", None),
        ("您好【鸿雁】\n", None),
        ("您好【一二三四五六七八】", None),
        ("【验】您好【鸿雁】", None),
        ("您好", Code.SIGNATURE_MISSING),
        ("您【鸿雁】好", Code.SIGNATURE_MISSING),
        ("您好[鸿雁]", Code.SIGNATURE_MISSING),
        ("您好【鸿", Code.SIGNATURE_MISSING),
        ("您好【】", Code.SIGNATURE_WRONG),
        ("您好【鸿】", Code.SIGNATURE_WRONG),
        ("您好【一二三四五六七八九】", Code.SIGNATURE_WRONG),
    ],
)
def test_a_signature_of_2_to_8_characters_stands_at_the_start_or_the_end(text, cause):
    assert verdict(SignatureRule.REQUIRED, text) is cause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("您好【鸿雁】", None),
        ("【鸿雁】您好", None),
        ("【验证码】您好【鸿雁】", None),
        ("【一个很长很长的企业全称】您好", None),
        ("您好", Code.SIGNATURE_MISSING),
        ("您好【别家】", Code.SIGNATURE_WRONG),
        ("您好【鸿 雁】", Code.SIGNATURE_WRONG),
    ],
)
def test_only_approved_signatures_of_the_account_will_do(text, cause):
    assert verdict(SignatureRule.APPROVED, text) is cause


def test_an_account_without_approved_signatures_can_send_nothing():
    assert verdict(SignatureRule.APPROVED, "您好【鸿雁】", ConfigSnapshot()) is Code.SIGNATURE_WRONG
