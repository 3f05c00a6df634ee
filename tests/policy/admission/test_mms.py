"""Whether an MMS can be sent: each check with its edge."""

import pytest

from hongyan.model.mms import SMIL, Media, Mms, MmsLimits
from hongyan.model.refusal import Code, Refusal
from hongyan.policy.admission.mms import check_mms

LIMITS = MmsLimits(octets=3_000, frame_octets=2_000, frames=5, subject=10)
TEXT = Media("1.txt", "text/plain", b"hello")
PICTURE = Media("2.jpg", "image/jpeg", b"\xff\xd8\xff")
SHOW = Media("mms.smil", SMIL, b"<smil/>")
FRAMES = (("1.txt", "2.jpg"),)


def judged(subject="你好", media=(TEXT, PICTURE, SHOW), frames=FRAMES):
    try:
        check_mms(Mms(subject, media, frames), LIMITS)
    except Refusal as refusal:
        return refusal.code
    return None


def picture(octets, name="2.jpg"):
    return Media(name, "image/jpeg", bytes(octets))


@pytest.mark.parametrize(("code", "given"), [
    (None, {}),
    (None, {"subject": "题" * LIMITS.subject}),
    (None, {"frames": (("1.TXT",),)}),
    (None, {"frames": FRAMES * LIMITS.frames}),
    (None, {"media": (TEXT, picture(LIMITS.frame_octets - len(TEXT.data)), SHOW)}),
    (Code.SUBJECT_EMPTY, {"subject": " "}),
    (Code.SUBJECT_LONG, {"subject": "题" * (LIMITS.subject + 1)}),
    (Code.FRAMES_EMPTY, {"media": ()}),
    (Code.FRAMES_EMPTY, {"media": (SHOW,)}),
    (Code.FRAMES_EMPTY, {"frames": ()}),
    (Code.FRAMES_EMPTY, {"frames": ((), ())}),
    (Code.ELEMENT_BAD, {"media": (TEXT, Media("2.exe", "application/octet-stream", b"MZ"), SHOW)}),
    (Code.ELEMENT_BAD, {"media": (Media("1.txt", "text/plain", b""), SHOW)}),
    (Code.ELEMENT_BAD, {"media": (Media("../1.txt", "text/plain", b"x"), SHOW)}),
    (Code.ELEMENT_BAD, {"media": (Media("a\nb", "text/plain", b"x"), SHOW)}),
    (Code.ELEMENT_BAD, {"media": (Media("n" * 65, "text/plain", b"x"), SHOW)}),
    (Code.ELEMENT_BAD, {"media": (Media("..", "text/plain", b"x"), SHOW)}),
    (Code.ELEMENT_REPEATED, {"media": (TEXT, Media("1.TXT", "text/plain", b"x"), SHOW)}),
    (Code.SMIL_EMPTY, {"media": (TEXT, PICTURE)}),
    (Code.SMIL_MANY, {"media": (TEXT, PICTURE, SHOW, Media("b.smil", SMIL, b"<smil/>"))}),
    (Code.FRAME_BAD, {"frames": (("1.txt",), ("3.jpg",))}),
    (Code.FRAME_BAD, {"frames": (("1.txt",), ())}),
    (Code.FRAME_BAD, {"frames": (("mms.smil",),)}),
    (Code.FRAME_BAD, {"frames": FRAMES * (LIMITS.frames + 1)}),
    (Code.FRAME_LARGE, {"media": (TEXT, picture(LIMITS.frame_octets), SHOW)}),
    (Code.MMS_LARGE, {"media": (TEXT, picture(LIMITS.octets - LIMITS.frame_octets), picture(LIMITS.frame_octets, "3.jpg"), SHOW)}),
])  # fmt: skip
def test_each_fault_has_its_code(code, given):
    assert judged(**given) is code
