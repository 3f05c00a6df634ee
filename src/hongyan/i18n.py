"""Texts for people, in their language: the source is English, and its Chinese stands in locale/zh/LC_MESSAGES/hongyan.po.

A text is marked in the source: `_("…")` translates it at once, `N_("…")` marks it to be translated where it is printed. An
error for a person (`Stop`, `NotFound`, …) is translated where it is printed. After a change: `make i18n`. How: docs/rooms.md.
"""

import gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import LiteralString
from zoneinfo import ZoneInfo

from hongyan.model.columns import MOMENTS
from hongyan.model.protocol import PROTOCOL_NAMES
from hongyan.model.refusal import Refusal
from hongyan.model.sentence import fill_gaps, fill_known_gaps
from hongyan.model.translatable import Translatable

CHINA = ZoneInfo("Asia/Shanghai")

_DOMAIN = "hongyan"
_LOCALE = Path(__file__).parent / "locale"


_spoken: ContextVar[str] = ContextVar("spoken")


@contextmanager
def using_language(named: str) -> Iterator[None]:
    """Texts are in this language, zh or en, inside the block: that of the person who asks for a page."""
    token = _spoken.set(named)
    try:
        yield
    finally:
        _spoken.reset(token)


def language() -> str:
    """Returns the person's language, zh or en: that of the page, or by LC_ALL, LC_MESSAGES or LANG."""
    if spoken := _spoken.get(""):
        return spoken
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh" if named.lower().startswith("zh") else "en"


def _(english: str, **facts: object) -> str:
    """Returns a text in the person's language, its gaps `{name}` filled with the facts."""
    return in_language(language(), english, **facts)


def in_language(named: str, english: str, **facts: object) -> str:
    """Returns the same in the named language: zh or en."""
    text = _catalogue(named).gettext(english) if english else ""  # "" is the key of a catalogue's own head
    return fill_gaps(text, {name: _fact(fact, named) for name, fact in facts.items()})


def _fact(fact: object, named: str) -> object:
    """Returns an error of the system as its reason alone: the sentence says which file or host."""
    return _system_reason(fact.strerror or str(fact), named) if isinstance(fact, OSError) else fact


def system_reason(reason: str) -> str:
    """Returns the system's words in the person's language if they are one of the usual reasons, else unchanged."""
    return _system_reason(reason, language())


def _system_reason(reason: str, named: str) -> str:
    return _catalogue(named).gettext(reason) if reason in _SYSTEM_REASONS else reason


def N_(english: LiteralString) -> LiteralString:  # noqa: N802  gettext's name for it
    """Marks a text that is translated later."""
    return english


def refusal_cause(refusal: Refusal, named: str) -> str:
    """Returns what happened, with the number that the customers' interfaces answer, in the named language."""
    words = refusal.code.words
    what = fill_known_gaps(in_language(named, words.what), refusal.facts)
    return in_language(named, "{what} ({number})", what=what, number=words.number)


def reason(refusal: Refusal, named: str) -> str:
    """Returns what happened and what to do, in the named language."""
    return with_cure(refusal_cause(refusal, named), in_language(named, refusal.code.words.cure), named)


def with_cure(what: str, cure: str, named: str) -> str:
    """Returns both in one line; only what happened if there is no cure."""
    return in_language(named, "{what}; {cure}", what=what, cure=cure) if cure else what


def column_head(name: str) -> str:
    """Returns the head of a column, or the label of a fact; `name` is that of JSON. A moment is no number of milliseconds to people."""
    word = _catalogue(language()).pgettext("column", name)
    return word.removesuffix("_ms") if name in MOMENTS else word


def value_word(name: str, word: str) -> str:
    """Returns a value of the column `name`, translated if it is a word of ours. Names and what people type stay as they are."""
    is_ours = name in _OUR_WORDS or (word == "all" and name in {"account", "subject"})
    return _catalogue(language()).pgettext("value", word) if is_ours else word


def choice_word(name: str, word: str) -> str:
    """Returns the same for a page, where words are chosen and not typed."""
    if name in {"protocol", "protocols"} and word in PROTOCOL_NAMES:
        return PROTOCOL_NAMES[word]
    context = name if word in CHOICES_OF.get(name, ()) else "choice"
    return _catalogue(language()).pgettext(context, word) if name in _CHOSEN else value_word(name, word)


def translated(text: str) -> str:
    """Returns a text of ours in the person's language; words of carriers stay as they are."""
    if not isinstance(text, Translatable):
        return system_reason(text)
    return "; ".join(
        _(sentence, **{name: translated(fact) if isinstance(fact, str) else fact for name, fact in facts.items()})
        for sentence, facts in text.parts
    )


def yes_or_no(claim: bool) -> str:
    return _catalogue(language()).pgettext("value", "yes" if claim else "no")


def china_time(at_ms: int) -> str:
    """Returns 2026-11-21 18:00:00.123, China's time: the one form of a moment for people. "" for 0, which is no moment."""
    return f"{_china_second(at_ms // 1000)}.{at_ms % 1000:03}" if at_ms else ""


@lru_cache(maxsize=1_000)  # many rows of an export are of one second
def _china_second(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, CHINA).strftime("%Y-%m-%d %H:%M:%S")


def event_word(name: str) -> str:
    """Returns the name of a step of a trace."""
    return _catalogue(language()).pgettext("event", name)


def claim_words(claim: str) -> str:
    """Returns the claim of a case of the conformance kit."""
    return _catalogue(language()).pgettext("claim", claim)


_SYSTEM_REASONS = frozenset({
    N_("No such file or directory"), N_("Permission denied"), N_("Operation not permitted"), N_("Is a directory"),
    N_("Not a directory"), N_("File exists"), N_("No space left on device"), N_("Read-only file system"), N_("Input/output error"),
    N_("Too many open files"), N_("Connection refused"), N_("Connection timed out"), N_("Connection reset by peer"),
    N_("No route to host"), N_("Network is unreachable"), N_("Name or service not known"), N_("Address already in use"),
    N_("the port is in use"), N_("the port needs more rights (below 1024)"), N_("this machine has no such address"),
})  # fmt: skip
"""The system's words for the usual errors, and for a port that cannot be opened; all others stay English."""


@cache
def _catalogue(named: str) -> gettext.NullTranslations:
    """raises: FileNotFoundError if the package was built without its catalogues"""
    return gettext.translation(_DOMAIN, _LOCALE, [named]) if named == "zh" else gettext.NullTranslations()


_OUR_WORDS = frozenset(
    {
        "state",
        "link",
        "outcome",
        "kind",
        "result",
        "fault",
        "pay_mode",
        "messages",
        "why",
        "role",
        "second_try",
        "stage",
        "action",
        "build",
    }
)
"""Columns whose values are words of ours."""

_CHOSEN = frozenset({
    "charge_rule", "signature_rule", "word_check", "charset", "push_format", "product", "products", "carrier", "signature", "on_doubt",
    "receipts", "id_form", "class", "points", "by", "protocol", "protocols", "dialect",
    "missing_session", "source_rule", "session_alphabet", "reply_alphabet", "missing_parts", "period", "clean_text", "unit", "language",
    "size", "check",
})  # fmt: skip
"""Columns whose values are CHOICES."""

COLUMNS = """
id name account account_id customer customer_id customer_name parent_id userid points credit topped_up mms_points price prices state
push_url push_format push_private secret pay_mode charge_rule dialect charset clean_text extno extno_most ip_list is_stopped
reads_reports unknown_after_s made_ms validity_s resend_within_s resend_cost_e4 sid products product signature_rule
word_check old_secret_ends_ms protocol host port user window connections rate access access_most signature on_doubt receipts node
id_form id_lifetime_s reroute_after_s answer_timeout_ms heartbeat_ms options cost_e4 link since_ms owner trouble queued
oldest_ms numbers source address accepted accepted_ms send_at send_at_ms sms_id first_id last_id udh flash customer_message_id cuts
messages task_id count balance rejected channel carrier tier weight number segments phone code at at_ms text kind items outcome status
took_ms url answer octets of class fault resend english chinese seen first_ms last_ms word written start end added known
removed listed rows repeated wrong until note since brand language key value origin store schema wanted entries
topups element mobile requests seconds accepted_per_s p50_ms p99_ms login report result carrier_id meaning ms cancelled day
final_date error nodes tasks leaving is_paused received sent task part attempt attempts done_ms received_ms why dest stamp json json_octets
alarms rules threshold unit duration_s is_on is_usual changed_ms changed silenced_until_ms
jobs done asked pieces facts began_ms ended_ms job opening closing charged returned adjusted actor statement subject turnover month
submitted delivered failed unknown pending share hour stats counted stored summed figure differing differences
key_and_iv padding cipher_octets text64 url_encoded user_name ext send_time secret_wanted lines zip content head container
by detail end_ms rate_percent title role seen_ms used_ms ends_ms agent has_password has_second_factor invitation_ends_ms
maker decider decided_ms reason action after before answer_timeout_s heartbeat_s end_s is_forced is_whole period total
protocols protocol_login sessions_most window_in window_out session_rate missing_session source_rule session_alphabet missing_parts
reply_alphabet protocol_id knows_sequence session sequence closed_ms opened_ms submits refused deliveries waiting_in waiting_out receives
faults held_until_ms version valid_until_ms days hours full overlap_h with first
progress size same matches values found heard_ms set_for
channel_id stage left has_one line until_ms listener listener_id listen_port allow_ip tls connections_most
login_within_s idle_after_s answer_within_s sessions closed has_protocol_secret route second_try
"""
"""Facts by their names in JSON, which are their English."""

VALUES = """
another phone has the id, nothing has the id, yes, no, live, stopped, running, paused, draining, up, down, closed, nobody's,
prepaid, postpaid, submitted, accepted, delivered, queued, sending, sent, in_doubt, failed, unknown, cancelled, waiting,
releasing, released, cancelling, pending, approved, rejected, refused, unanswered, parked, handed, pushed, taken, unreached, report,
reply, message, whole, in parts, all, any, none, nobody, recipient, customer, operator, carrier, unclear,
admin, operations, review, finance, support, read-only, topup, hold, return, adjust,
carried, credit, price, over, done, file_comparison, file_import, word_import, blacklist_import, replay,
message_export, word_export, blacklist_export,
lost, left, kicked, forbidden, firing, cleared, channel_down, backlog_old, success_low, pushes_failing, balance_low, ledger_differs,
certificate_ends,
open, logging_in, ready, leaving, closed, pure, compiled,
code, enrol, in, none in time, the account asks for none, of no use with this code, too late, no other channel, it sends no SMS,
customer.add, customer.change, account.add, account.change, account.secret, account.protocol_secret, wallet.topup,
wallet.adjust, wallet.credit, price.set, channel.add, channel.change, channel.secret, route.add, route.change, route.drop, listener.add,
listener.change, listener.drop, site.set, site.drop, word.add, word.remove, blacklist.add, blacklist.remove, signature.add,
signature.decide, signature.remove, template.add, template.change, template.remove, code.set, code.unset, message.cancel,
message.refund, task.cancel, task.pause, task.resume, task.refund, task.replace, owed.replay, job.ask, job.cancel,
list.download, everybody,
alarm.set, alarm.reset, alarm.silence, approval.add, approval.approved, approval.rejected, staff.add, staff.change,
staff.invite, staff.password, staff.second_factor, staff.recovery_code, staff.reset_2fa, session.open, session.end,
session.kick, token.add, token.revoke
"""
"""States, outcomes and the like."""

CHOICES = """
free, required, approved, always, asked, strict, guess, sms, mms, mobile, unicom, telecom, broadnet, satellite, foreign, any, unknown,
as-is, front, back, resend, hold, every, first, last, auto, same, hex-dec, dec-hex, submitted, accepted, delivered, pending,
number, barred, absent, handset, blacklisted, content, quota, throttled, route, request, authority, session, account, network, charging,
expired, other, rule, return, keep, channel, code, day, hour, carrier, product, loopback,
hx, wl, wl-en, wl-000, ls, wait, pull, push, ignore, extno, gsm, gsm-packed, ascii, latin1, gbk, utf8, ucs2, needed, send, fail,
single, batch, whole, month, usual, screened, illegal, english, points, s, days, zh, en,
store, secrets, disk, descriptors, doors, strangers, links, console, certificate, draining
"""
"""Words of settings and classes, which are typed in commands and chosen on pages."""

CHOICES_OF = {"source_rule": ("number",)}
"""By setting: those of its words that mean something else there than in CHOICES."""

EVENTS = """
accepted queued submitted answered receipt sent_again ended pushed handed received report_waiting report_parked
pdu reply_waiting reply_parked report_sent reply_sent receipt_for_other
"""
"""The steps of a trace."""
