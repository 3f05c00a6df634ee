import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.adapters.carrier_ids import CarrierIds, in_decimal, in_hex, normalise
from hongyan.model.channel import IdForm

HEX, DECIMAL = "5F3A9C01", "1597676545"  # the same number


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("5F3A9C01", "5f3a9c01"),
        ("  5f3a9c01 ", "5f3a9c01"),
        ("0000001234", "1234"),
        ("000", "0"),
        ("", ""),
        ("   ", ""),
        ("a1B2-C3d4", "a1b2-c3d4"),
        ("x" * 64, "x" * 64),
        (" " * 9 + "x" * 64, "x" * 64),
        ("x" * 65, ""),
        ("0" * 65, ""),
    ],
)
def test_an_id_is_kept_in_one_spelling(written, kept):
    assert normalise(written) == kept


def test_an_id_that_is_too_long_names_nothing():
    ids = CarrierIds(IdForm.AUTO)

    assert ids.of_answer("9" * 1_000_000) == ""
    assert ids.of_receipt("9" * 65, "8" * 65) == ()
    assert ids.of_receipt("9" * 65, "a1b2c3")[0] == "a1b2c3"


@pytest.mark.parametrize(
    ("plain", "as_hex", "as_decimal"),
    [
        ("1597676545", "5f3a9c01", str(0x1597676545)),
        ("5f3a9c01", "5f3a9c01", "1597676545"),
        ("no-number", "no-number", "no-number"),
        ("", "", ""),
        ("9" * 33, "9" * 33, "9" * 33),
        ("²", "²", "²"),
    ],
)
def test_an_id_changes_base_only_if_it_is_a_number(plain, as_hex, as_decimal):
    assert (in_hex(plain), in_decimal(plain)) == (as_hex, as_decimal)


@pytest.mark.parametrize(
    ("form", "receipt", "names"),
    [
        (IdForm.SAME, "0" + DECIMAL, (DECIMAL,)),
        (IdForm.SAME, HEX, (HEX.lower(),)),
        (IdForm.HEX_THEN_DECIMAL, DECIMAL, (HEX.lower(), DECIMAL)),
        (IdForm.DECIMAL_THEN_HEX, HEX, (DECIMAL, HEX.lower())),
        (IdForm.DECIMAL_THEN_HEX, "10", ("16", "10")),
        (IdForm.AUTO, "10", ("10", "a", "16")),
        (IdForm.AUTO, HEX, (HEX.lower(), DECIMAL)),
        (IdForm.AUTO, "msg-7", ("msg-7",)),
    ],
)
def test_the_names_of_a_receipt_by_the_channels_form(form, receipt, names):
    assert CarrierIds(form).of_receipt(receipt) == names


def test_a_parameter_is_believed_before_the_text():
    assert CarrierIds(IdForm.AUTO).of_receipt(HEX, DECIMAL) == (HEX.lower(), DECIMAL, in_decimal(DECIMAL))
    assert CarrierIds(IdForm.AUTO).of_receipt("", "7a") == ("7a", "122")
    assert CarrierIds(IdForm.AUTO).of_receipt("", "") == ()


def watched(answers=(), receipts=()):
    watch = CarrierIds(IdForm.AUTO)
    for one in answers:
        watch.of_answer(one)
    for one in receipts:
        watch.of_receipt(one)
    return watch


DECIMALS = [str(1_000_000 + n) for n in range(64)]


@pytest.mark.parametrize(
    ("answers", "receipts", "receipt", "names"),
    [
        ([HEX], [], DECIMAL, (HEX.lower(), DECIMAL)),
        ([HEX], [HEX], "12345678", ("12345678",)),
        ([], [HEX], "12345678", ("12345678", str(0x12345678))),
        (DECIMALS, [], "12345678", ("12345678", str(0x12345678))),
        (DECIMALS, DECIMALS, "12345678", ("12345678",)),
        (DECIMALS, [HEX], "12345678", (str(0x12345678), "12345678")),
        (DECIMALS[:63], DECIMALS[:63], "12345678", ("12345678", "bc614e", str(0x12345678))),
        ([*DECIMALS, HEX], DECIMALS, "12345678", ("bc614e", "12345678")),
        (["123", "uuid-zz"], [], "12345678", ("12345678", "bc614e", str(0x12345678))),
    ],
    ids=[
        "answers hex",
        "both hex",
        "receipts hex",
        "answers decimal",
        "both decimal",
        "reverse",
        "not sure",
        "mistaken",
        "no clue",
    ],
)
def test_a_channel_learns_its_bases_from_the_ids_that_pass(answers, receipts, receipt, names):
    assert watched(answers, receipts).of_receipt(receipt) == names


@pytest.mark.parametrize("answer_form", ["{}", "{:x}", "{:X}", "{:020d}", "{:016x}"])
@pytest.mark.parametrize("receipt_form", ["{}", "{:x}", "{:X}", "{:020d}", "{:016x}"])
@given(ids=st.lists(st.integers(1, 2**63), min_size=1, max_size=80))
def test_whatever_the_spelling_the_answers_name_is_among_the_receipts(answer_form, receipt_form, ids):
    watch = CarrierIds(IdForm.AUTO)

    for one in ids:
        assert watch.of_answer(answer_form.format(one)) in watch.of_receipt(receipt_form.format(one))


@given(st.text(max_size=200), st.text(max_size=200), st.sampled_from(IdForm))
def test_any_ids_give_a_few_short_names(first, second, form):
    names = CarrierIds(form).of_receipt(first, second)

    assert len(names) <= 6
    assert len(names) == len(set(names))
    assert all(0 < len(name) <= 64 for name in names)
