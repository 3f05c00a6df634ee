"""An MMS as a customer's program sends it: a text in GB2312, a picture, and the SMIL last."""

from base64 import b64encode

from hongyan.formats.tms import Element, pack

PICTURE = b"GIF89a\1\0\1\0\x80\0\0\xff\0\0\xff\xff\xff!\xf9\4\0\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
SHOW = (
    b'<smil><head><layout><root-layout width="240" height="320"/></layout></head>'
    b'<body><par dur="5s"><text src="1.txt"/><img src="2.gif"/></par></body></smil>'
)
ELEMENTS = (Element("1.txt", "您好".encode("gb2312")), Element("2.gif", PICTURE), Element("mms.smil", SHOW))


def content(*elements):
    """The value of the parameter."""
    return b64encode(pack(elements or ELEMENTS)).decode()
