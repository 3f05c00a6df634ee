"""The admit step: judge a submission against the ConfigSnapshot, without I/O; say what it costs and where each number goes.

Checks come in this order, and the first that fails is the answer: product, no number, too many, content (empty, too long,
SQL, words, signature), extno, sending time, then each number with the black lists, its route and price. A number that
fails is listed and the others go on; when none is left, the first one's cause is the answer. Balance and limits are decided
by the accept step, with the wallet locked.
"""

from collections.abc import Sequence
from dataclasses import replace

from hongyan.model.account import DialectName, SignatureRule
from hongyan.model.binary import Binary
from hongyan.model.channel import Way
from hongyan.model.mms import Mms
from hongyan.model.phone import international, normalise
from hongyan.model.refusal import Code, Refusal
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Admission, Submission
from hongyan.policy.binary import count_binary
from hongyan.policy.content import clean_text, place_signature
from hongyan.policy.extno import check_extno
from hongyan.policy.injection import check_sql
from hongyan.policy.listed import is_listed, lists_for
from hongyan.policy.mms import check_mms
from hongyan.policy.products import check_product
from hongyan.policy.routing import destination_of, for_binary, for_flash, share, way_of, why_none
from hongyan.policy.segments import count_segments
from hongyan.policy.signatures import check_signature
from hongyan.policy.words import check_words

_HX, _FREE = DialectName.HX, SignatureRule.FREE

FURTHEST_MS = 366 * 24 * 3_600_000
"""How long a task may wait for its time; beyond that the sending time is a slip, and its points would be held for nothing."""

MOST_SHOWN = 64
"""Characters of a rejected number that are kept as written."""


def admit(snapshot: ConfigSnapshot, submission: Submission, now_ms: int) -> Admission:
    """What policy makes of a submission: an Admission in which each number stands once, in the order of the request.

    Where every number has its own text, a number whose text is refused is listed like a wrong one.

    raises: Refusal NO_PRODUCT, NUMBER_EMPTY, NUMBERS_MANY, CONTENT_EMPTY, CONTENT_LONG, CONTENT_SQL, CONTENT_WORDS,
            SIGNATURE_MISSING, SIGNATURE_WRONG, PARAMETER_BAD, EXTNO_BAD, EXTNO_TAKEN, TIME_BAD; NUMBER_REPEATED for a repeat among
            numbers with their own texts; the first number's cause when none is left
    """
    check_product(submission.account, submission.product)
    _check_count(snapshot, submission)
    if submission.mms is not None:
        submission = _with_checked_mms(snapshot, submission, submission.mms)
    elif submission.binary is not None:
        submission = _with_checked_binary(submission, submission.binary)
    elif submission.texts is None:
        submission = _with_clean_text(snapshot, submission)
    check_extno(snapshot, submission.account, submission.product, submission.extno)
    if submission.send_at_ms > now_ms + FURTHEST_MS:
        raise Refusal(Code.TIME_BAD)
    judge = _Judge(snapshot, submission, now_ms)
    if submission.texts is None:
        judge.take_numbers()
    else:
        judge.take_pairs(submission.texts)
    return judge.closed()


def _check_count(snapshot: ConfigSnapshot, submission: Submission) -> None:
    if not any(map(str.strip, submission.numbers)):
        raise Refusal(Code.NUMBER_EMPTY)
    if len(submission.numbers) > snapshot.numbers_most:
        raise Refusal(Code.NUMBERS_MANY, count=len(submission.numbers), most=snapshot.numbers_most)


def _with_clean_text(snapshot: ConfigSnapshot, submission: Submission) -> Submission:
    text = clean_text(submission.text)
    count_segments(text)  # too long is said before anything about numbers
    _check_text(snapshot, submission, text)
    return submission if text is submission.text else replace(submission, text=text)


def _check_text(snapshot: ConfigSnapshot, submission: Submission, text: str) -> None:
    """Judge a text by the rules that there are; for most accounts three look-ups say that there are none."""
    account = submission.account
    if account.dialect is not _HX:
        check_sql(account, text)
    if snapshot.words is not None:
        check_words(snapshot, account, text, is_asked=submission.asks_word_check)
    if account.signature_rule is not _FREE:
        check_signature(snapshot, account, text)


def _with_checked_mms(snapshot: ConfigSnapshot, submission: Submission, mms: Mms) -> Submission:
    """An MMS needs no signature; words are looked for in its subject and in its texts."""
    check_mms(mms, snapshot.mms_limits)
    subject = clean_text(mms.subject, "subject")
    for text in (subject, *mms.texts):
        check_words(snapshot, submission.account, text, is_asked=submission.asks_word_check)
    return replace(submission, text=subject)


def _with_checked_binary(submission: Submission, binary: Binary) -> Submission:
    """No rule about words or signatures can read octets that are no text."""
    count_binary(binary)
    return replace(submission, text=binary.octets.hex())


class _Judge:
    """Takes the numbers of one submission into its Admission."""

    __slots__ = ("admission", "black", "now_s", "read_number", "snapshot", "submission", "unserved_cause", "ways")

    def __init__(self, snapshot: ConfigSnapshot, submission: Submission, now_ms: int) -> None:
        self.snapshot = snapshot
        self.submission = submission
        self.read_number = international if submission.is_international else normalise
        self.now_s = now_ms // 1000
        self.black = lists_for(snapshot, submission.account.id)
        self.admission = Admission(submission, [], None, [], [], [], [], 0)
        self.ways: dict[str, Way] = {}
        self.unserved_cause: Code | None = None  # worked out when it is needed

    def take_numbers(self) -> None:
        """Judge numbers that all get the submission's text."""
        read = list(map(self.read_number, self.submission.numbers))
        phones = dict.fromkeys(read)  # once each, in order; None stands for all that are no numbers
        counts: dict[int, int] = {}  # segments, by channel
        failed: dict[int, Code] = {}
        black = self.black
        for phone in phones:
            if phone is None:
                continue
            if black and is_listed(black, phone, self.now_s):
                failed[phone] = Code.NUMBER_LISTED
                continue
            way = self._way(phone)
            if not way.tiers:
                failed[phone] = self._why_unserved()
                continue
            channel_id = share(way.tiers[0], phone)
            count = counts.get(channel_id)
            if count is None:
                count = counts[channel_id] = self._count(channel_id, self.submission.text)
            self._take(phone, channel_id, count, way.price)
        if failed or None in phones:
            self._list_rejected(read, failed)

    def take_pairs(self, texts: Sequence[str]) -> None:
        """Judge numbers that have a text each."""
        kept = self.admission.texts = []
        seen: set[int] = set()
        for written, text in zip(self.submission.numbers, texts, strict=True):
            phone = self.read_number(written)
            if phone is None:
                self._reject(written, Code.NUMBER_BAD)
                continue
            if phone in seen:
                raise Refusal(Code.NUMBER_REPEATED)
            seen.add(phone)
            try:
                kept.append(self._take_pair(phone, clean_text(text)))
            except Refusal as refusal:
                self._reject(written, refusal.code)

    def closed(self) -> Admission:
        """The Admission, when there is anybody to send to."""
        admission = self.admission
        if not admission.phones:
            raise Refusal.of_all(admission.rejected)
        admission.total_points = sum(admission.points)
        return admission

    def _take_pair(self, phone: int, text: str) -> str:
        count_segments(text)  # too long is said first, so that no rule has to read what is
        _check_text(self.snapshot, self.submission, text)
        if is_listed(self.black, phone, self.now_s):
            raise Refusal(Code.NUMBER_LISTED)
        way = self._way(phone)
        if not way.tiers:
            raise Refusal(self._why_unserved())
        channel_id = share(way.tiers[0], phone)
        self._take(phone, channel_id, self._count(channel_id, text), way.price)
        return text

    def _way(self, phone: int) -> Way:
        destination = destination_of(self.snapshot, self.snapshot.prefixes.carrier(phone), phone)
        way = self.ways.get(destination)
        if way is None:
            way = way_of(self.snapshot, self.submission.account.id, self.submission.product, destination)
            if self.submission.binary is not None:
                way = for_binary(self.snapshot, way)
            elif self.submission.is_flash:
                way = for_flash(self.snapshot, way)
            self.ways[destination] = way
        return way

    def _count(self, channel_id: int, text: str) -> int:
        """Segments of a text as it will leave by this channel: a signature that moves can move where emoji are cut, and one
        that the carrier adds takes room. An MMS is one, whatever it weighs.
        """
        if self.submission.mms is not None:
            return 1
        if self.submission.binary is not None:
            return count_binary(self.submission.binary)
        channel = self.snapshot.channels[channel_id]
        return count_segments(place_signature(text, channel.signature), stamp=channel.stamp)

    def _take(self, phone: int, channel_id: int, count: int, price: int) -> None:
        admission = self.admission
        admission.phones.append(phone)
        admission.channels.append(channel_id)
        admission.segments.append(count)
        admission.points.append(count * price)

    def _list_rejected(self, read: Sequence[int | None], failed: dict[int, Code]) -> None:
        """List what was not taken in the order of the request: wrong numbers each time they stand there, others once."""
        for written, phone in zip(self.submission.numbers, read, strict=True):
            if phone is None:
                if written.strip():
                    self._reject(written, Code.NUMBER_BAD)
            elif cause := failed.pop(phone, None):
                self._reject(written, cause)

    def _reject(self, written: str, cause: Code) -> None:
        self.admission.rejected.append((written[:MOST_SHOWN], cause))

    def _why_unserved(self) -> Code:
        if self.unserved_cause is None:
            asked = self.submission
            self.unserved_cause = why_none(
                self.snapshot, asked.account.id, asked.product, is_binary=asked.binary is not None, is_flash=asked.is_flash
            )
        return self.unserved_cause
