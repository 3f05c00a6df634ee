"""Replies: parts become whole texts in any order, find their account by the digits written to or by the last message."""

from dataclasses import replace

import pytest
from tests.scene import HOUR_MS, UP1, UP2, mobiles

from hongyan.model.owed import OwedKind
from hongyan.services.steps.inbound import COMPLETE_WITHIN_MS, LOOK_BACK_MS

PHONE = 8613800138000
TEXT = "你好，我想退订短信谢谢"
MINUTE_MS = 60_000


def take(scene, *parts):
    return scene.ask(scene.steps.replies, list(parts))


def replies(scene, account="pre"):
    return scene.pull(account, OwedKind.REPLY)


def texts(scene):
    return [(row["text"], bool(row["is_whole"])) for row in scene.rows("mo")]


def cut(scene, text=TEXT, parts=3, **others):
    """The parts of one long text, each with an id of its own delivery."""
    octets = text.encode("utf-16-be")
    size = -(-len(octets) // parts)
    return [
        replace(
            scene.reply("", carrier_id=f"d{n}", reference=7, part=n, parts=parts, **others),
            body=octets[(n - 1) * size : n * size],
        )
        for n in range(1, parts + 1)
    ]


# --- whole texts -----------------------------------------------------------------------------------------------------


def test_a_reply_is_stored_and_owed_to_its_account(scene):
    owed = take(scene, scene.reply("好的", "106900011299", carrier_id="d1"))

    assert owed == {scene.account("pre").id}
    (reply,) = replies(scene)
    assert (reply.mobile, reply.text, reply.extno, reply.at_ms, reply.task_id) == ("13800138000", "好的", "99", scene.now, 0)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_parts_become_whole_in_any_order(scene, order):
    parts = cut(scene)

    owed = [take(scene, parts[place]) for place in order]

    assert owed == [set(), set(), {scene.account("pre").id}]
    assert texts(scene) == [(TEXT, True)]
    assert [r.text for r in replies(scene)] == [TEXT]


def test_parts_in_one_batch_become_whole(scene):
    take(scene, *reversed(cut(scene)))

    assert texts(scene) == [(TEXT, True)]


def test_what_is_kept_of_a_whole_text_is_forgotten_after_a_while(scene):
    take(scene, *cut(scene))
    scene.now += COMPLETE_WITHIN_MS + 1

    assert scene.ask(scene.steps.parts) == set()

    assert scene.rows("mo_part") == []
    assert texts(scene) == [(TEXT, True)]


def test_a_surrogate_pair_cut_between_two_parts_is_joined(scene):
    text = "一😀"
    octets = text.encode("utf-16-be")
    a, b = cut(scene, parts=2)

    take(scene, replace(a, body=octets[:4]), replace(b, body=octets[4:]))

    assert texts(scene) == [(text, True)]


@pytest.mark.parametrize("charset", ["gb18030", "utf-8", "euc_kr"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_character_cut_between_two_parts_is_whole(scene, charset, order):
    """Each part comes on a connection, and in a transaction, of its own; what is kept between is octets."""
    octets = "退訂".encode(charset) if charset != "euc_kr" else "하늘".encode(charset)
    halves = octets[:3], octets[3:]
    parts = [replace(part, body=half, charset=charset) for part, half in zip(cut(scene, parts=2), halves, strict=True)]

    for place in order:
        take(scene, parts[place])

    assert texts(scene) == [(octets.decode(charset), True)]


def test_parts_of_different_texts_do_not_mix(scene):
    ours, other_phone = cut(scene), cut(scene, "x" * 30, phone=8613800138001)
    other_number, other_reference = (
        cut(scene, "y" * 30, dest="1069000299"),
        [replace(p, reference=8) for p in cut(scene, "z" * 30)],
    )
    sets = [ours, other_phone, other_number, other_reference]
    named = [replace(p, carrier_id=f"{n}.{p.part}") for n, parts in enumerate(sets) for p in parts]

    for part in sorted(named, key=lambda p: p.part):
        take(scene, part)

    assert sorted(texts(scene)) == sorted((text, True) for text in (TEXT, "x" * 30, "y" * 30, "z" * 30))


def test_nul_and_broken_octets_are_stored_as_far_as_they_can_be(scene):
    take(scene, replace(scene.reply("a\0b"), body="a\0b".encode("utf-16-be") + b"\xd8\x00" + b"!"))

    ((text, _),) = texts(scene)
    assert text.startswith("ab�")


# --- repeats -----------------------------------------------------------------------------------------------------------


def test_a_repeated_delivery_is_stored_once(scene):
    part = scene.reply("好的", carrier_id="d1")

    take(scene, part, part)
    assert take(scene, part) == set()

    assert len(scene.rows("mo")) == 1
    assert len(replies(scene)) == 1


def test_a_delivery_is_known_by_phone_and_channel_too(scene):
    take(scene, scene.reply("一", carrier_id="d1"))
    take(scene, scene.reply("二", carrier_id="d1", phone=PHONE + 1))
    take(scene, replace(scene.reply("三", carrier_id="d1"), channel_id=UP2))

    assert len(scene.rows("mo")) == 3


def test_an_id_that_comes_again_days_later_is_a_new_delivery(scene):
    take(scene, scene.reply("一", carrier_id="d1"))
    scene.now += 25 * HOUR_MS

    take(scene, scene.reply("二", carrier_id="d1"))

    assert len(scene.rows("mo")) == 2


def test_where_deliveries_have_no_ids_equal_texts_are_two(scene):
    take(scene, scene.reply("好"), scene.reply("好"))

    assert len(scene.rows("mo")) == 2


def test_a_repeated_part_changes_nothing_before_the_text_is_whole(scene):
    a, b, c = cut(scene)

    take(scene, a, a)
    take(scene, a)
    take(scene, b, c, b)

    assert texts(scene) == [(TEXT, True)]


@pytest.mark.parametrize("last", [0, 1, 2])
def test_a_repeated_part_changes_nothing_after_the_text_is_whole(scene, last):
    """The carrier never got our answer to the part that completed the text, and so delivers it again."""
    parts = cut(scene)
    parts.append(parts.pop(last))
    for part in parts:
        take(scene, part)

    take(scene, parts[-1])
    scene.now += COMPLETE_WITHIN_MS + MINUTE_MS
    scene.ask(scene.steps.parts)

    assert texts(scene) == [(TEXT, True)]
    assert len(replies(scene)) == 1


def without_ids(parts):
    return [replace(part, carrier_id="") for part in parts]


@pytest.mark.parametrize("last", [0, 1, 2])
def test_a_repeated_part_is_known_where_deliveries_have_no_ids(scene, last):
    parts = without_ids(cut(scene))
    parts.append(parts.pop(last))
    take(scene, *parts)

    take(scene, parts[-1])
    take(scene, parts[0])
    scene.now += COMPLETE_WITHIN_MS + MINUTE_MS
    scene.ask(scene.steps.parts)

    assert texts(scene) == [(TEXT, True)]


def test_a_reference_that_is_used_again_soon_begins_another_text(scene):
    take(scene, *without_ids(cut(scene)))
    take(scene, *without_ids(cut(scene, text=TEXT[::-1])))

    assert texts(scene) == [(TEXT, True), (TEXT[::-1], True)]


def test_a_reference_that_is_used_again_before_the_text_was_whole_hands_on_what_was_there(scene):
    first, second = without_ids(cut(scene)), without_ids(cut(scene, text=TEXT[::-1]))

    take(scene, first[0])
    take(scene, second[0], second[2])
    take(scene, second[1])

    assert texts(scene) == [(first[0].body.decode("utf-16-be"), False), (TEXT[::-1], True)]


def test_references_of_different_width_and_links_with_the_same_reference_never_mix(scene):
    narrow, wide = (
        cut(scene),
        [replace(p, reference=p.reference | 1 << 16, carrier_id=f"w{p.part}") for p in cut(scene, TEXT[::-1])],
    )
    elsewhere = [replace(p, channel_id=UP2, carrier_id=f"e{p.part}") for p in cut(scene, "另外一个通道的上行短信")]

    for three in zip(narrow, wide, elsewhere, strict=True):
        take(scene, *three)

    assert sorted(texts(scene)) == sorted([(TEXT, True), (TEXT[::-1], True), ("另外一个通道的上行短信", True)])


# --- incomplete texts ------------------------------------------------------------------------------------------------------


def test_what_is_there_is_handed_on_when_the_rest_does_not_come(scene):
    a, _, c = cut(scene)
    take(scene, c)
    take(scene, a)
    scene.now += COMPLETE_WITHIN_MS
    assert scene.ask(scene.steps.parts) == set()
    scene.now += 1

    assert scene.ask(scene.steps.parts) == {scene.account("pre").id}

    assert texts(scene) == [((a.body + c.body).decode("utf-16-be"), False)]
    assert scene.rows("mo_part") == []
    assert len(replies(scene)) == 1
    assert scene.ask(scene.steps.parts) == set()


def test_the_time_of_an_incomplete_text_begins_with_its_first_part(scene):
    a, b, c = cut(scene)
    take(scene, a)
    scene.now += COMPLETE_WITHIN_MS - MINUTE_MS
    take(scene, replace(b, received_ms=scene.now))
    scene.now += 2 * MINUTE_MS

    scene.ask(scene.steps.parts)

    assert texts(scene) == [((a.body + b.body).decode("utf-16-be"), False)]
    assert c.parts == 3


# --- whose it is -----------------------------------------------------------------------------------------------------------


def owner(scene, dest, phone=PHONE):
    take(scene, scene.reply("好", dest, phone))
    row = scene.rows("mo")[-1]
    name = next((a.name for a in scene.snapshot.accounts_by_id.values() if a.id == row["account_id"]), None)
    return name, row["extno"], row["task_id"]


@pytest.mark.parametrize(
    ("dest", "account", "extno"),
    [
        ("1069000112", "pre", ""),
        ("10690001123", "delivered", ""),  # the longest extno that fits
        ("106900011239", "delivered", "9"),
        ("106900011277", "pre", "77"),
        ("86106900011277", "pre", "77"),
        ("+86106900011277", "pre", "77"),
    ],
)
def test_the_longest_extno_that_the_digits_begin_with_decides_the_account(scene, dest, account, extno):
    assert owner(scene, dest) == (account, extno, 0)


def test_an_extno_decides_the_account_even_when_another_wrote_last(scene):
    scene.send("taken", ["13800138000"])

    assert owner(scene, "1069000112") == ("pre", "", 0)


def test_the_task_is_the_last_that_this_account_sent_to_the_phone(scene):
    scene.send("pre", ["13800138000"])
    scene.now += 1_000
    task = scene.send("pre", ["13800138000"])
    scene.now += 1_000
    scene.send("taken", ["13800138000"])

    assert owner(scene, "1069000112") == ("pre", "", task.task_id)


def test_without_an_extno_the_last_message_to_the_phone_decides_the_account(scene):
    scene.send("pre", ["13800138000"])
    scene.now += 30 * HOUR_MS  # in another stretch of ids
    task = scene.send("taken", ["13800138000"])
    scene.send("post", ["13800138001"])
    scene.now += 40 * HOUR_MS

    assert owner(scene, "10690001") == ("taken", "", task.task_id)


def test_a_message_too_long_ago_decides_nothing(scene):
    scene.send("taken", ["13800138000"])
    scene.now += LOOK_BACK_MS + 24 * HOUR_MS

    assert owner(scene, "10690001") == (None, "", 0)


def test_a_reply_that_is_nobodys_is_kept_and_not_owed(scene):
    assert take(scene, scene.reply("好", "10690001")) == set()

    assert [row["account_id"] for row in scene.rows("mo")] == [None]
    assert scene.rows("owed") == []


def test_a_reply_on_a_channel_that_is_gone_is_kept(scene):
    take(scene, replace(scene.reply("好", "1069000112"), channel_id=99))

    assert [(row["account_id"], row["text"]) for row in scene.rows("mo")] == [(None, "好")]


def test_replies_of_many_phones_in_batches_find_their_owners(scene):
    numbers = mobiles(50)
    for account in ("taken", "post"):
        scene.send(account, numbers[:25] if account == "taken" else numbers[25:])
    parts = [scene.reply("好", "10690001", 8613800000000 + n, carrier_id=f"d{n}") for n in range(50)]

    answers = scene.run(scene.steps.replies, parts[:20], parts[20:])

    owed = {scene.account("taken").id, scene.account("post").id}
    assert answers == [owed, owed]
    assert (len(replies(scene, "taken")), len(replies(scene, "post"))) == (25, 25)
    assert parts[0].channel_id == UP1
