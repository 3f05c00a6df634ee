import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.model.phone import international, masked, national, normalise


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "+8613800138000",
        "8613800138000",
        "008613800138000",
        "013800138000",
        "+86013800138000",
        "+86 138-0013-8000",
        "(+86) 138.0013.8000",
        "１３８００１３８０００",
        "＋８６１３８００１３８０００",
        "　138 0013 8000\t",
        "\u200b138\u20110013\u20138000\ufeff",
        "\u202d13800138000\u202c",  # as copied from a phone's contact list
        "138\xa00013\xa08000\r\n",
        " " * 53 + "13800138000",  # 64 characters
    ],
)
def test_every_way_to_write_a_mainland_number_reads_the_same(written):
    assert normalise(written) == 8613800138000


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+85298765432", 85298765432),
        ("0085298765432", 85298765432),
        ("+886 912 345 678", 886912345678),
        ("+1 (380) 013-8000", 13800138000),  # a number of the United States, not 138 0013 8000
        ("+2901234", 2901234),
        ("+123456789012345", 123456789012345),
    ],
)
def test_a_foreign_number_needs_plus_or_00(written, number):
    assert normalise(written) == number
    assert normalise(written.removeprefix("+").removeprefix("00")) in {None, 8600000000000 + number}


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "+",
        "00",
        "12800138000",  # no mobile begins with 12
        "10000000000",
        "1380013800",
        "138001380000",
        "86_1380013800",
        "86138001380",  # eleven digits that begin with 86: nothing is taken off
        "85298765432",
        "8613800138",
        "+861380013800",
        "+86 10 6552 9988",
        "01065529988",
        "1440012345678",
        "861440012345678",
        "+1234567890123456",
        "+123456",
        "+0123456789",
        "0001380013800",
        "86008613800138000",
        "1380013800a",
        "1_380013800",
        "1380013800²",
        "1380013800\x00",
        "١٣٨٠٠١٣٨٠٠٠",
        "-1380013800",
        "13800138000,13900139000",
        " " * 54 + "13800138000",  # 65 characters
    ],
)
def test_what_is_no_mobile_number_is_none(written):
    assert normalise(written) is None


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(written):
    number = normalise(written)
    assert number is None or 1_000_000 <= number < 10**15


@given(st.integers(13_000_000_000, 19_999_999_999))
def test_a_mainland_number_is_shown_in_11_digits_and_reads_back(digits):
    phone = normalise(str(digits))
    assert phone is not None
    assert national(phone) == str(digits)


@given(st.integers(10**6, 10**15 - 1).filter(lambda number: not str(number).startswith("86")))
def test_a_foreign_number_is_shown_with_00_and_reads_back(number):
    assert national(number) == f"00{number}"
    assert normalise(national(number)) == number


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        (8613800138000, "138****8000"),
        (85298765432, "00852****5432"),
        (2901234, "0****1234"),
        (0, "****000"),
    ],
)
def test_masking_hides_four_digits_before_the_last_four(phone, shown):
    assert masked(phone) == shown


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("85251234567", 85251234567),
        ("+852 5123 4567", 85251234567),
        ("00852-5123-4567", 85251234567),
        ("8613800138000", 8613800138000),
        ("13800138000", 13800138000),  # of the United States: the code of the country comes first here
        ("６０１２３４５６７８", 6012345678),
        ("123456789012345", 123456789012345),
    ],
)
def test_with_the_code_of_its_country_a_number_needs_no_plus(written, number):
    assert international(written) == number


OF_NO_COUNTRY = "0123456789 2812345678 8312345678 8912345678 861012345678 86138001380000"


@pytest.mark.parametrize("written", ["", "+", "123456", "1234567890123456", "a85251234567", "1" * 99, *OF_NO_COUNTRY.split()])
def test_what_no_country_has_is_none_there(written):
    assert international(written) is None
