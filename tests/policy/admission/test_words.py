from dataclasses import replace

import pytest

from hongyan.model.account import Account, WordCheck
from hongyan.model.refusal import Code, Refusal
from hongyan.model.secret import Secret
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Submission
from hongyan.model.words import EVERYBODY, Hit, Word, WordTable, plain
from hongyan.policy.admission import words
from hongyan.policy.admission.context import AdmissionContext
from hongyan.policy.admission.words import SHOWN_MOST, words_in

ACCOUNT = Account(1, 12, "demo", Secret("", ""))
WORDS = ["赌博", "发票", "VIP", *(f"词{n:02}号" for n in range(20))]
SNAPSHOT = ConfigSnapshot(words=WordTable.of(1, [Word(EVERYBODY, plain(word), word) for word in WORDS]))


def refusal_of(text, snapshot=SNAPSHOT, account=ACCOUNT, *, is_asked=False):
    try:
        words.judge(AdmissionContext(snapshot, Submission(account, [], text, asks_word_check=is_asked), 0, []))
    except Refusal as refusal:
        return refusal
    return None


def test_a_refusal_names_the_words_as_they_were_entered_each_once():
    refusal = refusal_of("开发-票 找我，ｖｉｐ赌 博发票")

    assert (refusal.code, refusal.facts) == (Code.CONTENT_WORDS, {"words": "发票、VIP、赌博"})


def test_it_names_no_more_than_a_few():
    assert refusal_of("".join(WORDS)).facts["words"].count("、") == SHOWN_MOST - 1


def test_a_text_without_them_passes_and_so_does_every_text_without_a_table():
    assert refusal_of("您的验证码是1234") is None
    assert refusal_of("赌博", snapshot=ConfigSnapshot()) is None


@pytest.mark.parametrize(
    ("check", "is_asked", "is_refused"),
    [
        (WordCheck.ALWAYS, False, True),
        (WordCheck.ALWAYS, True, True),
        (WordCheck.ASKED, False, False),
        (WordCheck.ASKED, True, True),
    ],
)
def test_some_accounts_texts_are_looked_through_only_when_they_ask(check, is_asked, is_refused):
    account = replace(ACCOUNT, word_check=check)

    assert (refusal_of("赌博", account=account, is_asked=is_asked) is not None) is is_refused


def test_where_words_stand_is_reported_for_any_account():
    assert words_in(SNAPSHOT, 0, "a 赌*博") == [Hit("赌博", 2, 5)]
    assert words_in(ConfigSnapshot(), 0, "赌博") == []
