"""How channels cut and spell: alphabets, headers of different size, a carrier that adds its own signature."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.model.channel import Alphabet, Channel, LongText, Stamp, StampOn
from hongyan.model.protocol import Protocol
from hongyan.policy.cutting import Cut, cut_of, cut_text
from hongyan.policy.segments import count_segments
from hongyan.wire.text import encode_gsm

A, L = Alphabet, LongText
GRIN = "😀"


def channel(**options):
    return Channel(1, "up", Protocol.SMPP, options=options)


@pytest.mark.parametrize(
    ("text", "alphabet", "by_8", "by_16"),
    [
        ("a" * 160, A.GSM, 1, 1),
        ("a" * 161, A.GSM, 2, 2),
        ("a" * 306, A.GSM, 2, 3),
        ("a" * 307, A.GSM, 3, 3),
        ("€" * 80, A.GSM, 1, 1),
        ("€" * 81, A.GSM, 2, 2),
        ("€" * 152, A.GSM, 2, 2),
        ("€" * 153, A.GSM, 3, 3),
        ("一" * 70, A.UCS2, 1, 1),
        ("一" * 71, A.UCS2, 2, 2),
        ("一" * 134, A.UCS2, 2, 3),
        ("一" * 135, A.UCS2, 3, 3),
        (GRIN * 35, A.UCS2, 1, 1),
        (GRIN * 36, A.UCS2, 2, 2),
        (GRIN * 66, A.UCS2, 2, 2),
        (GRIN * 67, A.UCS2, 3, 3),
        ("【测试】" + "a" * 150, A.UCS2, 3, 3),
        ("`", A.UCS2, 1, 1),
    ],
)
@pytest.mark.parametrize("wanted", [A.GSM, A.GSM_PACKED])
def test_counting_values_of_the_sheet(text, alphabet, by_8, by_16, wanted):
    for long_text, count in ((L.UDH8, by_8), (L.UDH16, by_16), (L.SAR, by_8)):
        spelt, parts = cut_text(text, Cut(wanted, long_text))

        assert (len(parts), "".join(parts)) == (count, text)
        assert spelt is (wanted if alphabet is A.GSM else A.UCS2)


@pytest.mark.parametrize(
    ("wanted", "text", "alphabet", "parts"),
    [
        (A.LATIN1, "café" * 35, A.LATIN1, 1),
        (A.LATIN1, "café" * 36, A.LATIN1, 2),
        (A.LATIN1, "€", A.UCS2, 1),
        (A.ASCII, "a" * 160, A.ASCII, 1),
        (A.ASCII, "{" * 80, A.ASCII, 1),
        (A.ASCII, "{" * 81, A.ASCII, 2),
        (A.ASCII, "é", A.UCS2, 1),
        (A.GBK, "您好" * 35, A.GBK, 1),
        (A.GBK, "您好" * 35 + "。", A.UCS2, 2),
        (A.GBK, GRIN, A.UCS2, 1),
        (A.UCS2, "a" * 71, A.UCS2, 2),
    ],
)
def test_a_text_goes_in_the_channels_alphabet_where_that_can_spell_all_of_it(wanted, text, alphabet, parts):
    spelt, cut = cut_text(text, Cut(wanted))

    assert (spelt, len(cut), "".join(cut)) == (alphabet, parts, text)


def test_a_payload_is_never_cut():
    assert cut_text("一" * 500, Cut(long_text=L.PAYLOAD)) == (A.UCS2, ["一" * 500])
    assert cut_text("a" * 500, Cut(A.GSM, L.PAYLOAD)) == (A.GSM, ["a" * 500])


@given(st.text(alphabet="aé€[一😀", min_size=1, max_size=500), st.sampled_from(list(A)), st.sampled_from([L.UDH8, L.UDH16]))
def test_parts_join_into_the_text_and_each_fits_beside_its_header(text, wanted, long_text):
    alphabet, parts = cut_text(text, Cut(wanted, long_text))

    header = 6 if long_text is L.UDH8 else 7
    assert "".join(parts) == text
    for part in parts:
        if alphabet in {A.GSM, A.GSM_PACKED}:
            most = 160 if len(parts) == 1 else 160 - -(-8 * header // 7)
            assert len(encode_gsm(part)) <= most
        elif alphabet is not A.GBK:
            octets = part.encode("utf-16-be" if alphabet is A.UCS2 else "latin-1")
            assert len(octets) <= (140 if len(parts) == 1 else 140 - header)


# --- a carrier that adds its own signature -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("units", "on", "sizes"),
    [
        (60, StampOn.LAST, [60]),
        (61, StampOn.LAST, [57, 4]),
        (67 + 57, StampOn.LAST, [67, 57]),
        (67 + 58, StampOn.LAST, [67, 57, 1]),
        (67 + 66, StampOn.LAST, [67, 57, 9]),
        (61, StampOn.FIRST, [57, 4]),
        (57 + 67, StampOn.FIRST, [57, 67]),
        (57 + 68, StampOn.FIRST, [57, 67, 1]),
        (114, StampOn.EVERY, [57, 57]),
        (115, StampOn.EVERY, [57, 57, 1]),
    ],
)
def test_room_is_left_on_the_segments_that_the_carrier_signs(units, on, sizes):
    stamp = Stamp(10, on)
    text = "一" * units

    _, parts = cut_text(text, Cut(stamp=stamp))

    assert [len(part) for part in parts] == sizes
    assert "".join(parts) == text
    assert count_segments(text, stamp=stamp) == len(sizes)


@given(st.text(alphabet="a一😀", min_size=1, max_size=400), st.integers(1, 30), st.sampled_from(list(StampOn)))
def test_with_the_carriers_signature_every_segment_still_fits(text, room, on):
    stamp = Stamp(room, on)

    _, parts = cut_text(text, Cut(stamp=stamp))

    sizes = [len(part.encode("utf-16-be")) // 2 for part in parts]
    signed = {StampOn.EVERY: range(len(parts)), StampOn.FIRST: [0], StampOn.LAST: [len(parts) - 1]}[on]
    most = 70 if len(parts) == 1 else 67
    assert "".join(parts) == text
    assert all(size > 0 for size in sizes)
    assert all(size + (room if at in signed else 0) <= most for at, size in enumerate(sizes))
    assert count_segments(text, 30, stamp) == len(parts)


def test_a_signature_turns_every_alphabet_into_ucs2():
    assert cut_text("a" * 71, Cut(A.GSM, stamp=Stamp(8)))[0] is A.UCS2


# --- what a channel says ---------------------------------------------------------------------------------------------------


def test_a_channel_that_says_nothing_or_what_is_usual_is_cut_as_usual():
    assert cut_of(channel()) is None
    assert cut_of(channel(encoding="ucs2", long="udh8", service_type="x")) is None


def test_a_channel_says_how_it_cuts():
    seen = channel(encoding="gsm", long="udh16", carrier_signature="8", carrier_signature_on="first")

    assert cut_of(seen) == Cut(A.GSM, L.UDH16, Stamp(8, StampOn.FIRST))


@pytest.mark.parametrize(
    "options", [{"encoding": "morse"}, {"carrier_signature": "-3"}, {"carrier_signature": "31"}, {"long": "x"}]
)
def test_words_that_nobody_knows_count_as_nothing(options):
    assert cut_of(channel(**options)) is None
