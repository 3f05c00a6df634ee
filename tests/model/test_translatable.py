"""What went wrong on a link, as it is made, stored and read."""

import orjson
import pytest

from hongyan.i18n import translated, using_language
from hongyan.model.translatable import Translatable, packed, unpacked

NOT_LISTED = Translatable("its address is not in allow_ip")
REFUSED = Translatable("a login from {peer} was refused: {why}", peer="203.0.113.7", why=NOT_LISTED)


@pytest.mark.parametrize("trouble", ["", "余额不足 {x}", REFUSED, Translatable.joined(REFUSED, "余额不足 {x}")])
def test_a_trouble_is_read_as_it_was_stored(trouble):
    assert unpacked(packed(trouble)) == trouble
    with using_language("zh"):
        assert translated(unpacked(packed(trouble))) == translated(trouble)


def test_programs_read_english_and_people_their_language():
    stored = unpacked(packed(Translatable.joined("", REFUSED, "余额不足")))

    assert orjson.dumps(stored).decode() == '"a login from 203.0.113.7 was refused: its address is not in allow_ip; 余额不足"'
    with using_language("zh"):
        assert translated(stored) == "已拒绝来自 203.0.113.7 的登录：该地址不在 allow_ip 里; 余额不足"


def test_nothing_joined_is_no_trouble():
    assert Translatable.joined("", "") == packed("") == unpacked("") == ""
