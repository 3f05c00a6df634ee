"""An MMS on its way, on either engine: its media stored once and with it, claimed with it, and swept when their time is over."""

import pytest
from tests.scene import NOW, PREFIXES, SEALER, mobiles

from hongyan.model.account import Product
from hongyan.model.channel import Channel
from hongyan.model.errors import Conflict, NotFound
from hongyan.model.message import MessageState
from hongyan.model.mms import Media, Mms
from hongyan.model.protocol import Protocol
from hongyan.model.refusal import Code, Refusal
from hongyan.services.admin import accounts, billing, channels
from hongyan.services.queries.reply_media import newest_mms_from
from hongyan.services.snapshot import load_snapshot
from hongyan.store.sql.media import ROW_OCTETS

MMS_CHANNEL = 4
POINTS = 1_000
DAY_MS = 24 * 3_600_000

SHOW = Media("mms.smil", "application/smil", b"<smil/>")
TEXT = Media("1.txt", "text/plain", "您好".encode())
PICTURE = Media("2.gif", "image/gif", b"GIF89a" + bytes(5_000))
OTHER = Media("2.gif", "image/gif", b"GIF89a" + bytes(4_000))


def parts(picture=PICTURE):
    return TEXT, picture, SHOW


def mms(picture=PICTURE, subject="主题"):
    """What the door reads into a submission."""
    return {"text": subject, "product": Product.MMS, "mms": Mms(subject, parts(picture), (("1.txt", "2.gif"),))}


@pytest.fixture
def scene(scene):
    """With a channel for MMS, and a wallet and a price for them."""

    def furnish(tx):
        act = scene.act()
        channel = Channel(0, "mms", Protocol.LOOPBACK, product=Product.MMS, access="10690009")
        assert channels.add_channel(tx, act, channel, SEALER) == MMS_CHANNEL
        channels.add_route(tx, act, "mms", None, None, 0, 1)
        account_id = accounts.add_product(tx, act, "pre", Product.MMS)
        billing.top_up(tx, act, account_id, POINTS, Product.MMS)
        billing.set_price(tx, act, account_id, Product.MMS, None, 10)

    scene.within(furnish)
    scene.process_state.snapshot = scene.within(lambda tx: load_snapshot(tx, SEALER, PREFIXES, 100_000))
    return scene


def wallet(scene, product=Product.MMS):
    return scene.within(lambda tx: tx.read_wallet(scene.account("pre").id, int(product))).points


def kept(scene):
    """The octets of the media that are stored, each; and that the count of them is right."""
    octets = [row["octets"] for row in scene.rows("media")]
    assert scene.within(lambda tx: tx.lock_media()) == sum(octets) + ROW_OCTETS * len(octets)
    return sorted(octets)


def test_an_mms_is_paid_from_its_own_wallet_at_its_own_price(scene):
    answer = scene.send(numbers=mobiles(3), **mms())

    assert (answer.count, answer.segments, answer.points_held, answer.balance) == (3, 3, 30, POINTS - 30)
    assert wallet(scene) == POINTS - 30
    (task,) = scene.rows("task")
    assert (task["product"], task["text"], task["points"]) == (Product.MMS, "主题", 30)
    assert {(m["product"], m["segments"], m["points"], m["channel_id"]) for m in scene.rows("message")} == {
        (Product.MMS, 1, 10, MMS_CHANNEL)
    }
    assert scene.books_balance()


def test_media_are_stored_once_for_all_accounts(scene):
    scene.run(scene.steps.accept, scene.admission(**mms()), scene.admission(numbers=["13900139000"], **mms()))
    scene.send(**mms(OTHER))

    assert kept(scene) == sorted(len(m.data) for m in (TEXT, SHOW, PICTURE, OTHER))
    assert len(scene.rows("task_media")) == 3


def test_a_claim_brings_subject_and_parts_and_messages_of_a_task_share_them(scene):
    scene.send(numbers=mobiles(3), **mms())
    scene.send(numbers=mobiles(1, first=7), **mms(OTHER, "别的"))

    segments = scene.claim(MMS_CHANNEL)

    assert [(s.text, s.part, s.parts) for s in segments] == [("主题", 1, 1)] * 3 + [("别的", 1, 1)]
    assert [s.media for s in segments] == [parts()] * 3 + [parts(OTHER)]
    assert segments[0].media is segments[2].media
    assert segments[0].source == "1069000912"


def test_products_keep_to_their_channels(scene):
    scene.send(text="您好")
    scene.send(**mms())

    assert [s.text for s in scene.claim(MMS_CHANNEL)] == ["主题"]
    assert [(s.text, s.media) for s in scene.claim()] == [("您好", ())]


def test_without_the_product_or_a_route_for_it_there_is_no_mms(scene):
    with pytest.raises(Refusal) as without_product:
        scene.admission("taken", **mms())
    scene.within(lambda tx: channels.drop_route(tx, scene.act(), 4))
    scene.process_state.snapshot = scene.within(lambda tx: load_snapshot(tx, SEALER, PREFIXES, 100_000))
    with pytest.raises(Refusal) as without_route:
        scene.admission(**mms())

    assert [caught.value.code for caught in (without_product, without_route)] == [Code.NO_PRODUCT, Code.NO_CHANNEL]


def test_a_channel_carries_only_what_its_protocol_can(scene):
    channel = Channel(0, "odd", Protocol.SMPP, product=Product.MMS)
    with pytest.raises(Conflict):
        scene.within(lambda tx: channels.add_channel(tx, scene.act(), channel, SEALER))


def test_a_large_task_is_released_with_its_media(scene):
    scene.within(lambda tx: billing.top_up(tx, scene.act(), scene.account("pre").id, 20_000, Product.MMS))
    scene.send(numbers=mobiles(1_001), **mms())
    scene.ask(scene.steps.release)

    segments = scene.claim(MMS_CHANNEL, most=32)

    assert {s.media for s in segments} == {parts()}
    assert len(segments) == 32  # in parcels of 16, however large the task


def test_a_report_of_an_mms_is_owed_like_any_other(scene):
    scene.send(**mms())
    (segment,) = scene.claim(MMS_CHANNEL)
    scene.record([scene.accepted(segment, "c1")], MMS_CHANNEL)

    scene.report(scene.receipt("c1", channel_id=MMS_CHANNEL))

    assert scene.states() == [MessageState.DELIVERED]
    assert [(r.code, r.segments) for r in scene.pull()] == [("DELIVRD", 1)]


def test_a_repeated_reference_stores_and_charges_nothing_more(scene):
    first = scene.send(**mms(), client_ref="r", client_hash=b"h")
    again = scene.send(**mms(), client_ref="r", client_hash=b"h")

    assert (again.task_id, wallet(scene)) == (first.task_id, POINTS - 10)
    assert len(scene.rows("task_media")) == 1


def test_a_full_store_takes_no_mms_and_still_takes_texts(scene):
    scene.send(**mms())
    scene.process_state.media_octets = sum(kept(scene))
    scene.steps.__init__(scene.process_state)

    text, picture = scene.run(scene.steps.accept, scene.admission(), scene.admission(**mms(OTHER)))

    assert isinstance(picture, Refusal)
    assert picture.code is Code.INTERNAL
    assert text.count == 1
    assert wallet(scene) == POINTS - 10


def test_media_go_when_the_last_task_that_shows_them_is_long_past(scene):
    scene.send(**mms())
    scene.now += 10 * DAY_MS
    scene.send(**mms(OTHER))  # shows the same text and SMIL
    before = scene.now - 5 * DAY_MS

    assert scene.within(lambda tx: tx.prune_media(before)) == 1
    assert kept(scene) == sorted(len(m.data) for m in (TEXT, SHOW, OTHER))
    assert scene.within(lambda tx: tx.prune_media(before)) == 0


def test_media_of_a_scheduled_task_wait_for_it(scene):
    scene.send(**mms(), send_at_ms=NOW + 100 * DAY_MS)

    assert scene.within(lambda tx: tx.prune_media(NOW + 99 * DAY_MS)) == 0


def test_a_message_whose_media_are_gone_is_claimed_without_them(scene):
    scene.send(**mms())
    scene.within(lambda tx: tx.prune_media(NOW + DAY_MS))

    (segment,) = scene.claim(MMS_CHANNEL)

    assert [m.data for m in segment.media] == [b"", b"", b""]


def test_a_claim_that_is_returned_brings_the_media_again(scene):
    scene.send(**mms())
    scene.claim(MMS_CHANNEL)
    scene.own(MMS_CHANNEL)

    assert [s.media for s in scene.claim(MMS_CHANNEL)] == [parts()]


def test_an_mms_from_a_handset_is_a_reply_and_its_media_are_kept(scene):
    sent = scene.reply("你好", carrier_id="D-1")
    sent.media = (TEXT, PICTURE)

    assert scene.ask(scene.steps.replies, [sent]) == {scene.account("pre").id}
    scene.ask(scene.steps.replies, [sent])  # the relay/server repeats it

    (reply,) = scene.rows("mo")
    assert reply["text"] == "你好"
    assert scene.within(lambda tx: tx.media_of_reply(reply["id"])) == (TEXT, PICTURE)
    assert scene.within(lambda tx: newest_mms_from(tx, sent.phone)) == (TEXT, PICTURE)
    assert kept(scene) == sorted(len(m.data) for m in (TEXT, PICTURE))


def test_the_newest_mms_of_a_phone_is_found_and_others_are_not(scene):
    for number, picture in enumerate((PICTURE, OTHER)):
        sent = scene.reply("你好", carrier_id=f"D-{number}")
        sent.media = (picture,)
        scene.ask(scene.steps.replies, [sent])
    scene.ask(scene.steps.replies, [scene.reply("只有文字")])

    assert scene.within(lambda tx: newest_mms_from(tx, 8613800138000)) == (OTHER,)
    with pytest.raises(NotFound):
        scene.within(lambda tx: newest_mms_from(tx, 8613900139000))


def test_a_full_store_keeps_the_text_of_a_reply(scene):
    scene.process_state.media_octets = 0
    scene.steps.__init__(scene.process_state)
    sent = scene.reply("你好")
    sent.media = (PICTURE,)
    scene.ask(scene.steps.replies, [sent])

    assert [row["text"] for row in scene.rows("mo")] == ["你好"]
    assert scene.rows("media") == []
