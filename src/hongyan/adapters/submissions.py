"""Turns a customer's submit into a submission: its octets as a text or as binary data, its times, and what it asks for."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from hashlib import blake2b

from hongyan.adapters.carrier_time import moment_of
from hongyan.adapters.centre import Submit
from hongyan.adapters.reply_decoder import decode_text, reference_of
from hongyan.model.account import Account
from hongyan.model.binary import Binary
from hongyan.model.refusal import Code, Refusal
from hongyan.model.session_submit import PartOctets, PartPlace
from hongyan.model.submission import Submission
from hongyan.wire.text import DEFAULT, GSM, OCTETS, UTF16, Concat, charset_of, decode, other_elements

VALID_MOST_MS = 365 * 24 * 3_600_000
"""How long a text may wait at most. Carriers read the year of an end in two digits."""

_UNREAD = "\N{REPLACEMENT CHARACTER}"
_CUTTABLE = {"gbk": "gb18030", "gb18030": "gb18030", "utf8": "utf-8"}
"""Codecs whose characters have several octets: the parts of a text are joined before they are decoded."""


def read_submission(submit: Submit, account: Account, alphabet: str, now_ms: int, reference: str = "") -> Submission:
    """Returns what a submit asks for.

    alphabet:  of octets whose coding names none, one of those of `adapters.reply_decoder.decode_text`
    reference: by which the customer would repeat it
    raises:    Refusal PARAMETER_BAD for octets that cannot be decoded, TIME_BAD, VALIDITY_BAD
    """
    submission = Submission(
        account,
        submit.numbers,
        "",
        source_number=submit.source,
        service=submit.service,
        wants_reports=submit.reports,
        is_urgent=submit.is_urgent,
        is_flash=submit.is_flash,
        wants_notice=submit.wants_notice,
        protocol_id=submit.protocol_id,
        coding=submit.coding,
        received_ms=now_ms,
    )
    _fill_content(submission, submit, alphabet)
    if submit.at_time or submit.valid_time or submit.lives_s:
        _fill_times(submission, submit, now_ms)
    if reference:
        submission.client_ref, submission.client_hash = reference, _hash(submit)
    return submission


def place_of(concat: Concat | None) -> PartPlace | None:
    """Returns None for a text that is no part of a longer one."""
    if concat is None or concat.total == 1:
        return None
    return PartPlace(reference_of(concat), concat.number, concat.total)


def _fill_content(submission: Submission, submit: Submit, alphabet: str) -> None:
    if submit.has_bad_header:  # as a text it would be garbage
        raise Refusal(Code.PARAMETER_BAD, name="user_data_header")
    charset = charset_of(submit.coding)
    if charset == OCTETS:
        submission.binary = Binary(submit.content, other_elements(submit.header))
        return
    is_by_account = charset == DEFAULT or (charset == GSM and alphabet.startswith(GSM))
    codec = _CUTTABLE.get(alphabet if is_by_account else charset)
    if codec and place_of(submit.concat):
        submission.part_octets = PartOctets(codec, submit.content)
    elif charset == UTF16:
        submission.text = _wide(submit)
    elif is_by_account:
        submission.text = decode_text(submit.content, alphabet, len(submit.header))
    else:
        submission.text = decode(submit.content, submit.coding)
    if _UNREAD in submission.text:
        raise Refusal(Code.PARAMETER_BAD, name="data_coding")


def _wide(submit: Submit) -> str:
    """Decodes UCS-2. Half a surrogate pair at the end of a part stays half a pair."""
    octets = submit.content
    if len(octets) % 2:
        raise Refusal(Code.PARAMETER_BAD, name="data_coding")
    if submit.concat is None or octets.startswith((BOM_UTF16_BE, BOM_UTF16_LE)):
        return decode(octets, submit.coding)
    return octets.decode("utf-16-be", "surrogatepass")


def _fill_times(submission: Submission, submit: Submit, now_ms: int) -> None:
    if submit.at_time:
        submission.send_at_ms = _moment(submit.at_time, now_ms, Code.TIME_BAD)
    begins_ms = submission.send_at_ms or now_ms
    if submit.valid_time:
        submission.valid_until_ms = _moment(submit.valid_time, begins_ms, Code.VALIDITY_BAD)
    elif submit.lives_s:
        submission.valid_until_ms = now_ms + submit.lives_s * 1000
    submission.valid_until_ms = min(submission.valid_until_ms, begins_ms + VALID_MOST_MS)


def _moment(written: str, from_ms: int, wrong: Code) -> int:
    """raises: Refusal"""
    try:
        return moment_of(written, from_ms)
    except ValueError:
        raise Refusal(wrong) from None


def _hash(submit: Submit) -> bytes:
    """Returns a hash of everything that makes two submits the same."""
    facts = (submit.source, submit.numbers, submit.coding, submit.concat, submit.service, submit.valid_time, submit.at_time)
    return blake2b(repr((*facts, submit.header, submit.content)).encode(), digest_size=16).digest()
