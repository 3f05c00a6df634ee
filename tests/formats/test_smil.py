from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.formats.smil import MOST_FRAMES, MOST_OCTETS, BadSmil, Frame, read_smil

REAL = """<?xml version="1.0" encoding="gb2312"?>
<!DOCTYPE smil PUBLIC "-//W3C//DTD SMIL 1.0//EN" "http://www.w3.org/TR/REC-smil/SMIL10.dtd">
<smil xmlns="http://www.w3.org/2000/SMIL20/CR/Language"><head><layout><root-layout width="240" height="320"/>
<region id="Image" top="0" left="0"/><region id="Text" top="240" left="0"/></layout></head>
<body><par dur="5s"><text src="1.txt" region="Text"/><img src="cid:2.jpg" region="Image"/></par>
<par dur="5000ms"><img src="%E5%9B%BE.gif"/></par></body></smil>"""


def test_the_smil_of_a_real_program_is_its_frames():
    assert read_smil(REAL) == [Frame(("1.txt", "2.jpg"), 5000), Frame(("图.gif",), 5000)]


@pytest.mark.parametrize(("body", "frames"), [
    ("<img src='a'/><text src='b'/>", [Frame(("a",)), Frame(("b",))]),
    ("<seq><par><img src='a'/></par><par><audio src='b'/></par></seq>", [Frame(("a",)), Frame(("b",))]),
    ("<par><seq><img src='a'/><img src='b'/></seq></par>", [Frame(("a", "b"))]),
    ("<PAR dur='1.5'><IMG src='a'/></PAR>", [Frame(("a",), 1500)]),
    ("<par dur='indefinite'><img src='a'/></par>", [Frame(("a",))]),
    ("<par/>", [Frame(())]),
    ("<par><img/></par>", [Frame(())]),
    ("", []),
])  # fmt: skip
def test_frames_are_read_leniently(body, frames):
    assert read_smil(f"<smil><body>{body}</body></smil>") == frames


@pytest.mark.parametrize("text", [
    "", "smil", "<smil>", "<smil></SMIL>", "<html/>", "<smil><body>&nbsp;</body></smil>",
    "<!DOCTYPE smil [<!ENTITY a 'b'>]><smil><body>&a;</body></smil>",
    "<!DOCTYPE smil [<!entity a SYSTEM 'file:///etc/passwd'>]><smil/>",
    "<smil><body>" + "<par><img src='a'/></par>" * (MOST_FRAMES + 1) + "</body></smil>",
    "<smil><body><par>" + "<img src='a'/>" * 257 + "</par></body></smil>",
    "<smil>" + " " * MOST_OCTETS + "</smil>",
    "<smil>" + " " * 3_000_000 + "</smil>", "<smil>" + "<?xml" * 600_000,  # hours for a reader that looks again at each blank or <
    "<smil><body>" + "<seq>" * 5_000 + "</seq>" * 5_000 + "</body></smil>",
])  # fmt: skip
def test_what_is_not_safe_or_no_smil_is_refused(text):
    with pytest.raises(BadSmil):
        read_smil(text)


@given(st.text(max_size=300))
def test_any_text_is_frames_or_refused(text):
    for one in (text, f"<smil><body>{text}</body></smil>"):
        with suppress(BadSmil):
            assert isinstance(read_smil(one), list)
