"""mms.aspx: an MMS as a TMS in Base64 (wire contract, 2.8). Login, answers and the overage are as at sms.aspx."""

from collections.abc import Sequence
from hashlib import sha256

from hongyan.doors.request import Request
from hongyan.doors.sms import read_submission
from hongyan.formats.encoding import read_text
from hongyan.formats.smil import BadSmil, read_smil
from hongyan.formats.sniff import Kind, kind_of
from hongyan.formats.tms import BadTms, Element, read_content
from hongyan.model.account import Account, Product
from hongyan.model.mms import Media, Mms
from hongyan.model.refusal import Code, Refusal
from hongyan.model.submission import Submission

MMS_BODY_OCTETS = 4 * 1024 * 1024
"""The longest request: an MMS that is too large for any carrier is still read, so that the answer can say so."""


def read_mms(request: Request, account: Account, source: str, now_ms: int) -> Submission:
    """Returns what the customer wants sent. The kinds of the parts are found from their octets; texts become UTF-8, as carriers
    want them.

    raises: Refusal CONTENT_EMPTY, ELEMENT_BAD, FRAME_BAD, and those of doors.sms.read_submission
    """
    submission = read_submission(request, account, source, now_ms)
    subject = request.value("subject").strip()
    if not submission.text.strip():
        raise Refusal(Code.CONTENT_EMPTY if subject else Code.SUBJECT_EMPTY)
    submission.mms = _mms(subject, submission.text)
    submission.text, submission.product, submission.is_flash = subject, Product.MMS, False  # an MMS has no class
    if submission.client_ref:
        submission.client_hash = sha256(submission.client_hash + subject.encode("utf-8", "surrogatepass")).digest()
    return submission


def _mms(subject: str, content: str) -> Mms:
    try:
        elements = read_content(content)
    except BadTms as fault:
        raise Refusal(Code.ELEMENT_BAD, number=fault.element, step=fault.step.value) from fault
    kinds = [kind_of(element.data) for element in elements]
    media = tuple(_media(element, kind) for element, kind in zip(elements, kinds, strict=True))
    return Mms(subject, media, _frames([m for m, kind in zip(media, kinds, strict=True) if kind is Kind.SMIL]))


def _media(element: Element, kind: Kind) -> Media:
    data = read_text(element.data).encode() if kind.is_text else element.data
    return Media(element.name, kind.value, data)


def _frames(smils: Sequence[Media]) -> tuple[tuple[str, ...], ...]:
    """Returns the parts that the SMIL shows. Admission judges whether there is exactly one SMIL."""
    if len(smils) != 1:
        return ()
    try:
        return tuple(frame.sources for frame in read_smil(smils[0].data.decode()))
    except BadSmil as fault:
        raise Refusal(Code.FRAME_BAD, number=0) from fault
