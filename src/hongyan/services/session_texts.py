"""Long texts that come in parts: one part as it is stored, and the submission that all parts make.

The parts are judged as one text. If each part fits a segment of UCS-2, they are sent on as they came; else the channel cuts the
text.
"""

from codecs import getincrementaldecoder
from collections.abc import Sequence
from hashlib import blake2b

import orjson

from hongyan.model.account import Account
from hongyan.model.binary import Binary
from hongyan.model.phone import as_written, normalise
from hongyan.model.refusal import Code, Refusal
from hongyan.model.session_submit import PartPlace, ReportsWanted, StoredPart, SubmitReports, SubmittedPart
from hongyan.model.submission import Submission
from hongyan.policy.content import without_controls

_PART_OCTETS = 134  # octets of text in a segment, beside the header of 6

_FACTS = (
    "source",
    "address",
    "extno",
    "source_number",
    "service",
    "send_at_ms",
    "valid_until_ms",
    "is_urgent",
    "is_flash",
    "protocol_id",
)
"""The values that the joined submission takes from its first part."""


def stored_part(
    submission: Submission, place: PartPlace, part_id: int, sms_id: str, message_id: str, now_ms: int
) -> StoredPart:
    """Returns a part as it is stored.

    raises: Refusal PARAMETER_BAD for a part that is out of range or empty; NUMBER_BAD if a report could name none of its numbers
    """
    binary, cuttable = submission.binary, submission.part_octets
    body = binary.octets if binary else cuttable.octets if cuttable else submission.text.encode("utf-16-be", "surrogatepass")
    if not 1 <= place.part <= place.parts or not body:
        raise Refusal(Code.PARAMETER_BAD, name="content")
    if not any(normalise(number) or as_written(number) for number in submission.numbers):
        raise Refusal(Code.NUMBER_BAD)
    facts = {name: getattr(submission, name) for name in _FACTS}
    reports = SubmitReports(ReportsWanted(submission.wants_reports), submission.wants_notice).number
    facts |= {"numbers": list(submission.numbers), "reports": reports, "sms_id": sms_id, "pdu": submission.pdu}
    facts |= {"udh": binary.header.hex() if binary else None, "session_id": submission.session_id}
    facts |= {"codec": cuttable.codec} if cuttable else {}
    facts |= {"reference": submission.client_ref} if submission.client_ref else {}
    return StoredPart(
        id=part_id,
        account_id=submission.account.id,
        text_key=_text_key(submission, place),
        part=place.part,
        parts=place.parts,
        body=body.hex(),
        facts=orjson.dumps(facts).decode(),
        message_id=message_id,
        received_ms=now_ms,
    )


def _text_key(submission: Submission, place: PartPlace) -> str:
    kind = submission.part_octets.codec if submission.part_octets else submission.binary is None
    facts = (submission.source_number, list(submission.numbers), place.reference, place.parts, kind)
    return blake2b(repr(facts).encode(), digest_size=12).hexdigest()


def joined(account: Account, parts: Sequence[StoredPart]) -> Submission:
    """Returns the submission that the parts, in order, make. raises: Refusal PARAMETER_BAD for octets that cannot be decoded"""
    facts = orjson.loads(parts[0].facts)
    octets = [bytes.fromhex(part.body) for part in parts]
    submission = Submission(
        account,
        facts["numbers"],
        "",
        session_id=facts["session_id"] or 1,
        customer_message_id=",".join(part.message_id for part in parts),
        of_parts=[_submitted(part) for part in parts],
        **{name: facts[name] for name in _FACTS if name in facts},
    )
    if facts["udh"] is not None:
        submission.binary = Binary(b"".join(octets), bytes.fromhex(facts["udh"]))
    elif codec := facts.get("codec"):
        _fill_text(submission, _read(octets, codec, is_whole=len(parts) == parts[0].parts))
    else:
        _fill_text(submission, octets)
    return submission


def _submitted(part: StoredPart) -> SubmittedPart:
    facts = orjson.loads(part.facts)
    return SubmittedPart(part.id, facts["reports"], facts.get("pdu", ""))


def _read(octets: Sequence[bytes], codec: str, *, is_whole: bool) -> list[bytes]:
    """Decode parts of another codec to UTF-16BE. A character that was cut between two parts goes to the second one."""
    decoder = getincrementaldecoder(codec)("strict" if is_whole else "ignore")
    try:
        texts = [decoder.decode(part, final=number == len(octets)) for number, part in enumerate(octets, start=1)]
    except UnicodeDecodeError:
        raise Refusal(Code.PARAMETER_BAD, name="data_coding") from None
    return [text.encode("utf-16-be") for text in texts]


def _fill_text(submission: Submission, octets: Sequence[bytes]) -> None:
    """Join the parts. Half a surrogate pair at the end of a part meets the other half, but then the parts cannot leave as they
    came.
    """
    submission.text = without_controls(b"".join(octets).decode("utf-16-be", "surrogatepass"))
    texts = [without_controls(one.decode("utf-16-be", "surrogatepass")) for one in octets]
    fits = all(0 < len(one) <= _PART_OCTETS for one in octets) and all(texts)
    if fits and len(octets) > 1 and "".join(texts) == submission.text:
        submission.parts = texts
