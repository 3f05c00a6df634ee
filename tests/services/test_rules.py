"""Words, black lists and signatures: changed with an audit row, read into the ConfigSnapshot, and judged by at the doors and at release."""

from dataclasses import replace

import orjson
import pytest
from tests.scene import HOUR_MS, PREFIXES, SEALER, mobiles

from hongyan.model.account import AccountChange, Product, SignatureRule
from hongyan.model.black_list import ListedNumber
from hongyan.model.errors import Conflict, Invalid, NotFound
from hongyan.model.message import MessageState
from hongyan.model.number_list import FOREVER_S
from hongyan.model.refusal import Code, Refusal
from hongyan.model.signature import SignatureChange, SignatureDecision, SignatureState
from hongyan.services import snapshot_rules as rulebook
from hongyan.services.admin import accounts, rules
from hongyan.services.queries.lists.rules import SIGNATURES
from hongyan.services.snapshot import load_snapshot

PHONE, OTHER = 8613800138000, 8613800138001
NUMBER, OTHER_NUMBER = "13800138000", "13800138001"


def act(scene, change, *args):
    """One change by a command, and the ConfigSnapshot that a running process then has."""
    scene.now += 1000
    done = scene.within(lambda tx: change(tx, scene.act(), *args))
    scene.process_state.snapshot = scene.within(lambda tx: load_snapshot(tx, SEALER, PREFIXES, 100_000, last=scene.snapshot))
    return done


def fresh(scene):
    """The ConfigSnapshot of a process that starts now."""
    return scene.within(lambda tx: load_snapshot(tx, SEALER, PREFIXES, 100_000))


def refused(scene, *args, **others):
    with pytest.raises(Refusal) as refusal:
        scene.admission(*args, **others)
    return refusal.value.code


def last_audit(scene):
    row = scene.rows("audit")[-1]
    return row["actor"], row["action"], row["subject"], orjson.loads(row["before"]), orjson.loads(row["after"])


def black(scene, *phones, account="", end_s=FOREVER_S):
    return act(scene, rules.add_listed, [ListedNumber(phone=phone, end_s=end_s, note="") for phone in phones], account)


# --- words -----------------------------------------------------------------------------------------------------------


def test_a_word_refuses_texts_until_it_is_removed(scene):
    assert act(scene, rules.add_words, ["赌博", " VIP "], "") == 2
    assert refused(scene, text="去赌*博") is Code.CONTENT_WORDS
    assert last_audit(scene) == ("system:test", "word.add", "everybody", {}, {"count": 2, "first": ["赌博", "VIP"]})

    assert act(scene, rules.remove_words, ["赌 博", "没有的"], "") == 1
    assert scene.admission(text="去赌*博")
    assert refused(scene, text="ｖip") is Code.CONTENT_WORDS
    assert last_audit(scene)[1] == "word.remove"


def test_a_word_that_is_there_is_not_added_again_and_changes_nothing(scene):
    act(scene, rules.add_words, ["赌博"], "")
    before = scene.everything()

    assert act(scene, rules.add_words, ["赌-博"], "") == 0
    assert act(scene, rules.remove_words, ["别的"], "") == 0

    assert scene.everything() == before


def test_a_word_of_one_account_is_none_of_another(scene):
    act(scene, rules.add_words, ["红包"], "pre")

    assert refused(scene, "pre", text="红包") is Code.CONTENT_WORDS
    assert scene.admission("post", text="红包")
    assert list(scene.within(rules.words)) == [{"word": "红包", "account": "pre"}]


@pytest.mark.parametrize("word", ["", " ", "*·*", "长" * 65, "a\x00b"])
def test_what_can_be_no_word_is_refused(scene, word):
    with pytest.raises(Invalid):
        act(scene, rules.add_words, ["好", word], "")
    assert scene.rows("word") == []


def test_all_words_are_read_page_by_page(scene, monkeypatch):
    monkeypatch.setattr(rulebook, "_PAGE", 2)
    monkeypatch.setattr(rules, "SLICE", 2)
    act(scene, rules.add_words, ["一号", "二号", "三号"], "")
    act(scene, rules.add_words, ["一号", "四号"], "pre")

    assert len(fresh(scene).words) == 4
    assert len(list(scene.within(rules.words))) == 5
    assert {row["word"] for row in scene.within(lambda tx: list(rules.words(tx, "pre")))} == {"一号", "四号"}
    assert len(list(scene.within(lambda tx: list(rules.words(tx, ""))))) == 3


def test_a_change_of_something_else_leaves_the_words_as_they_are(scene):
    act(scene, rules.add_words, ["赌博"], "")
    words, listed = scene.snapshot.words, scene.snapshot.listed

    act(scene, accounts.change_account, "pre", AccountChange(extno="9"))

    assert scene.snapshot.words is words
    assert scene.snapshot.listed is listed


# --- black lists -----------------------------------------------------------------------------------------------------


def test_a_listed_number_is_rejected_and_the_others_are_sent(scene):
    black(scene, PHONE)

    admission = scene.admission(numbers=[NUMBER, OTHER_NUMBER])

    assert (admission.phones, admission.rejected) == ([OTHER], [(NUMBER, Code.NUMBER_LISTED)])
    assert refused(scene, numbers=[NUMBER]) is Code.NUMBER_LISTED
    assert last_audit(scene) == ("system:test", "blacklist.add", "everybody", {}, {"count": 1, "first": [PHONE]})


def test_numbers_with_texts_of_their_own_are_judged_the_same(scene):
    black(scene, PHONE)

    admission = scene.admission(numbers=[NUMBER, OTHER_NUMBER], texts=["a", "b"])

    assert (admission.phones, admission.texts, admission.rejected) == ([OTHER], ["b"], [(NUMBER, Code.NUMBER_LISTED)])


def test_the_list_of_one_account_binds_it_alone(scene):
    black(scene, PHONE, account="pre")

    assert refused(scene, "pre") is Code.NUMBER_LISTED
    assert scene.admission("post")


def test_a_number_that_was_taken_off_may_be_sent_to_and_listed_again(scene):
    black(scene, PHONE, OTHER)

    assert act(scene, rules.remove_listed, [PHONE, 85291234567], "") == 1
    assert scene.admission()
    assert refused(scene, numbers=[OTHER_NUMBER]) is Code.NUMBER_LISTED
    assert fresh(scene).listed[0].has(PHONE, scene.now // 1000) is False
    assert act(scene, rules.remove_listed, [PHONE], "") == 0

    black(scene, PHONE)
    assert refused(scene) is Code.NUMBER_LISTED


def test_an_entry_ends_by_itself(scene):
    black(scene, PHONE, end_s=scene.now // 1000 + 3600)
    assert refused(scene) is Code.NUMBER_LISTED
    assert [row["phone"] for row in scene.within(lambda tx: rules.where_listed(tx, PHONE, scene.now))] == [PHONE]

    scene.now += HOUR_MS

    assert scene.admission()
    assert scene.within(lambda tx: rules.where_listed(tx, PHONE, scene.now)) == []
    assert scene.within(lambda tx: list(rules.listed(tx, scene.now))) == []


def test_a_running_process_and_one_that_starts_know_the_same(scene):
    for step in range(30):  # more changes than are read at once
        black(scene, PHONE + step, account="pre" if step % 3 else "")
    act(scene, rules.remove_listed, [PHONE + 1, PHONE + 2], "pre")
    idle = scene.snapshot

    started = fresh(scene)

    assert idle.listed_version == started.listed_version == 31
    for account_id in (0, scene.account("pre").id):
        for phone in range(PHONE, PHONE + 30):
            assert idle.listed[account_id].has(phone, scene.now // 1000) is started.listed[account_id].has(
                phone, scene.now // 1000
            )


def test_a_process_that_missed_many_changes_reads_on(scene):
    black(scene, PHONE)
    behind = scene.snapshot
    for step in range(1, 50):
        black(scene, PHONE + step)

    caught_up = scene.within(lambda tx: load_snapshot(tx, SEALER, PREFIXES, 100_000, last=behind))

    assert all(caught_up.listed[0].has(PHONE + step, scene.now // 1000) for step in range(50))


def test_lists_are_shown_page_by_page(scene, monkeypatch):
    monkeypatch.setattr(rules, "SLICE", 2)
    monkeypatch.setattr(rulebook, "_PAGE", 2)
    black(scene, *range(PHONE, PHONE + 5))
    black(scene, PHONE, account="pre")

    rows = scene.within(lambda tx: list(rules.listed(tx, scene.now)))

    assert [(row["phone"], row["account"]) for row in rows] == [*((PHONE + n, "") for n in range(5)), (PHONE, "pre")]
    assert len(scene.within(lambda tx: list(rules.listed(tx, scene.now, "pre")))) == 1
    assert len(fresh(scene).listed[0]) == 5


def test_what_ended_long_ago_is_forgotten(scene):
    black(scene, PHONE)
    black(scene, OTHER, end_s=scene.now // 1000 + 10)
    act(scene, rules.remove_listed, [PHONE], "")
    black(scene, OTHER + 1)

    assert scene.within(lambda tx: tx.prune_listed(scene.now // 1000 - 60)) == 0
    assert scene.within(lambda tx: tx.prune_listed(scene.now // 1000 + 60)) == 2

    assert [row["phone"] for row in scene.rows("listed")] == [OTHER + 1]


@pytest.mark.parametrize("account", ["delivered", "pre"])
def test_a_number_that_is_listed_by_the_time_of_its_release_fails_with_a_report(scene, account):
    scene.send(account, [NUMBER, OTHER_NUMBER], send_at_ms=scene.now + HOUR_MS)
    black(scene, PHONE)
    scene.now += HOUR_MS

    released = scene.ask(scene.steps.release)

    assert sorted(scene.states()) == sorted([MessageState.FAILED, MessageState.QUEUED])
    assert [row["code"] for row in scene.rows("message") if row["state"] == MessageState.FAILED] == ["1109"]
    assert released.owed == {scene.account(account).id}
    assert scene.points(account) == (10_000 - 1 if account == "delivered" else 10_000 - 2)
    assert scene.books_balance()


# --- signatures and products -----------------------------------------------------------------------------------------


def test_a_signature_holds_once_it_is_approved(scene):
    act(scene, accounts.change_account, "pre", AccountChange(signature_rule=str(SignatureRule.APPROVED)))
    number = act(scene, rules.add_signature, "pre", SignatureChange(name="【鸿雁】"))

    assert refused(scene, text="您好") is Code.SIGNATURE_MISSING
    assert refused(scene, text="您好【鸿雁】") is Code.SIGNATURE_WRONG

    act(scene, rules.decide_signature, number, SignatureDecision(is_approved=True))
    assert scene.admission(text="您好【鸿雁】")

    act(scene, rules.decide_signature, number, SignatureDecision(is_approved=False, note="no licence"))
    assert refused(scene, text="您好【鸿雁】") is Code.SIGNATURE_WRONG
    assert last_audit(scene)[1] == "signature.decide"
    (row,) = scene.listed(SIGNATURES, account="pre", state=SignatureState.REJECTED)
    assert (row["account"], row["name"], row["note"]) == ("pre", "鸿雁", "no licence")
    assert scene.listed(SIGNATURES, account="post") == []


@pytest.mark.parametrize("name", ["", "雁", "【】", "一" * 21, "a【b】c", "a\nb"])
def test_what_can_be_no_signature_is_refused(scene, name):
    with pytest.raises(Invalid):
        act(scene, rules.add_signature, "pre", SignatureChange(name=name, is_approved=True))


def test_a_signature_stands_once_for_an_account(scene):
    act(scene, rules.add_signature, "pre", SignatureChange(name="鸿雁", is_approved=True))
    act(scene, rules.add_signature, "post", SignatureChange(name="鸿雁", is_approved=True))

    with pytest.raises(Conflict):
        act(scene, rules.add_signature, "pre", SignatureChange(name="鸿雁"))


def test_an_account_sends_only_the_products_it_has(scene):
    act(scene, accounts.change_account, "pre", AccountChange(products=(Product.MMS,)))

    assert refused(scene) is Code.NO_PRODUCT
    assert scene.within(lambda tx: tx.read_wallet(scene.account("pre").id, Product.MMS)).points == 0

    act(scene, accounts.change_account, "pre", AccountChange(products=(Product.SMS, Product.MMS)))
    assert scene.send().balance == 9_999


@pytest.mark.parametrize(
    ("change", "args"),
    [
        (rules.add_words, (["a1"], "nobody")),
        (rules.remove_words, (["a1"], "nobody")),
        (rules.add_listed, ([ListedNumber(phone=PHONE, end_s=FOREVER_S, note="")], "nobody")),
        (rules.remove_listed, ([PHONE], "nobody")),
        (rules.add_signature, ("nobody", SignatureChange(name="鸿雁"))),
        (rules.decide_signature, (99, SignatureDecision(is_approved=True))),
    ],
)
def test_what_is_not_there_is_named(scene, change, args):
    before = scene.everything()

    with pytest.raises(NotFound):
        act(scene, change, *args)

    assert scene.everything() == before


def test_a_slice_of_numbers_twice_is_as_once(scene):
    entries = [ListedNumber(phone=8613800000000 + n, end_s=FOREVER_S, note="") for n in range(600)]
    act(scene, rules.add_listed, entries, "")
    first = scene.rows("listed")

    act(scene, rules.add_listed, [*entries, replace(entries[0], note="again")], "")

    assert [row["phone"] for row in scene.rows("listed")] == [row["phone"] for row in first]
    assert scene.rows("listed")[0]["note"] == "again"
    assert scene.admission(numbers=mobiles(1_000)).phones == [8613800000000 + n for n in range(600, 1_000)]
