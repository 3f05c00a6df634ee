"""The MMS can be sent: its subject, its parts, and the frames that show them. It needs no signature."""

from collections.abc import Sequence

from hongyan.model.mms import SMIL, Media, Mms, MmsLimits
from hongyan.model.refusal import Code, Refusal
from hongyan.policy.admission.context import AdmissionContext
from hongyan.policy.content import clean_text

NAME_MOST = 64
UNKNOWN = "application/octet-stream"
_UNFIT = frozenset('<>:"/\\|?*')


def judge(context: AdmissionContext) -> None:
    """raises: Refusal SUBJECT_EMPTY and the others of `check_mms`; PARAMETER_BAD for a subject that no store can carry"""
    mms = context.submission.mms
    assert mms is not None
    check_mms(mms, context.snapshot.mms_limits)
    context.text, context.count = clean_text(mms.subject, "subject"), 1


def check_mms(mms: Mms, limits: MmsLimits) -> None:
    """Raise the Refusal of the first fault, in the order subject, parts, SMIL, frames, size.

    raises: Refusal SUBJECT_EMPTY, SUBJECT_LONG, FRAMES_EMPTY, ELEMENT_BAD, ELEMENT_REPEATED, SMIL_EMPTY, SMIL_MANY,
            FRAME_BAD, FRAME_LARGE, MMS_LARGE
    source: wire contract, 2.8 (the names of the checks)
    """
    _check_subject(mms.subject, limits.subject)
    _check_parts(mms.media)
    _check_frames(mms, limits)
    if mms.size_octets > limits.octets:
        raise Refusal(Code.MMS_LARGE, octets=mms.size_octets, most=limits.octets)


def _check_subject(subject: str, most: int) -> None:
    if not subject.strip():
        raise Refusal(Code.SUBJECT_EMPTY)
    if len(subject) > most:
        raise Refusal(Code.SUBJECT_LONG, count=len(subject), most=most)


def _check_parts(parts: Sequence[Media]) -> None:
    smils = 0
    seen: set[str] = set()
    for number, part in enumerate(parts, 1):
        if part.kind == UNKNOWN or not part.data or not _is_name(part.name):
            raise Refusal(Code.ELEMENT_BAD, number=number)
        if part.name.casefold() in seen:
            raise Refusal(Code.ELEMENT_REPEATED, number=number)
        seen.add(part.name.casefold())
        smils += part.kind == SMIL
    if len(parts) == smils:
        raise Refusal(Code.FRAMES_EMPTY)
    if smils != 1:
        raise Refusal(Code.SMIL_MANY if smils else Code.SMIL_EMPTY)


def _is_name(name: str) -> bool:
    """Returns whether a name can stand in a header and names a file everywhere."""
    return len(name) <= NAME_MOST and name.isprintable() and not _UNFIT & set(name) and bool(name.strip(". "))


def _check_frames(mms: Mms, limits: MmsLimits) -> None:
    if not any(mms.frames):
        raise Refusal(Code.FRAMES_EMPTY)
    if len(mms.frames) > limits.frames:
        raise Refusal(Code.FRAME_BAD, number=limits.frames + 1)
    sizes = {part.name.casefold(): len(part.data) for part in mms.media if part.kind != SMIL}
    for number, frame in enumerate(mms.frames, 1):
        names = {name.casefold() for name in frame}
        if not names or not names <= sizes.keys():
            raise Refusal(Code.FRAME_BAD, number=number)
        size = sum(sizes[name] for name in names)
        if size > limits.frame_octets:
            raise Refusal(Code.FRAME_LARGE, number=number, octets=size, most=limits.frame_octets)
