"""The schema, written once: migrations build it, hand-written SQL is tested against it, lists select from it.

Times are milliseconds since 1970, UTC, in columns that end in `_ms`. Ids of messages, parcels, owed rows, attempts and
audit rows are time-ordered (model/ids.py); a task's id is its 16-digit number. Phones are E.164 integers. Points are
integers. On the path of a message rows keep their length from insert to verdict: SQLite packs pages full, and a row that
grows splits its page (10 of 48 µs a message, and twice the file). So a time is never 0 first, and the word that every
delivered message has, DELIVRD, is stored as ''. On PostgreSQL the tables named in PARTITIONED are ranges of the column
named there; nothing refers to them by foreign key.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData()

PARTITIONED = {"message": "id", "segment": "message_id", "owed": "id", "attempt": "id", "entry": "subject"}
"""Table → the column by whose ranges it is partitioned on PostgreSQL."""

BUCKET_SHIFT = 46
"""Message ids that agree above this bit were made within the same 4.7 hours: so the phone index grows in one place only."""


def _table(name: str, *parts: Column[object] | Index, key_order: bool = False) -> Table:
    """Make a table; `key_order` stores it in the order of its primary key on SQLite."""
    ranged: dict[str, Any] = {"postgresql_partition_by": f"RANGE ({PARTITIONED[name]})"} if name in PARTITIONED else {}
    return Table(name, metadata, *parts, sqlite_with_rowid=not key_order, **ranged)


def _id() -> Column[object]:
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)


def _int(name: str, null: bool = False, default: int | None = None, key: bool = False) -> Column[object]:
    return _whole(BigInteger, name, null, default, key)


def _small(name: str, null: bool = False, default: int | None = None, key: bool = False) -> Column[object]:
    return _whole(SmallInteger, name, null, default, key)


def _whole(of: type[Integer], name: str, null: bool, default: int | None, key: bool) -> Column[object]:
    stored = None if default is None else text(str(default))
    return Column(name, of, nullable=null, primary_key=key, autoincrement=False, server_default=stored)


def _text(name: str, null: bool = False, default: str | None = None, key: bool = False) -> Column[object]:
    return Column(name, Text, nullable=null, primary_key=key, server_default=default)


def _flag(name: str) -> Column[object]:
    return Column(name, Boolean, nullable=False, server_default=text("false"))


def _octets(name: str, null: bool = False) -> Column[object]:
    return Column(name, LargeBinary, nullable=null)


# Each table is laid out by hand, the columns that belong together in a row.
# fmt: off

# --- who -------------------------------------------------------------------------------------------------------------

site = _table(
    "site", _text("host", key=True), _text("dialect"), _text("brand"), _text("language"), _text("clean_text", default="usual"),
)

customer = _table("customer", _id(), _text("name"), _int("parent_id", null=True), _int("made_ms"))

account = _table(
    "account", _id(), _int("customer_id"), Column("name", String(64), nullable=False, unique=True),
    _octets("secret"), _small("pay_mode", default=0), _small("charge_rule", default=1),
    _text("dialect", default="hx"), _text("extno", default=""), _small("extno_most", default=5),
    _text("ip_list", default=""), _flag("is_stopped"),
    Column("reads_reports", Boolean, nullable=False, server_default=text("true")),
    _text("push_url", default=""), _text("push_format", default="xml"), _flag("push_private"),
    _int("unknown_after_s", default=259200), _int("made_ms"), _int("validity_s", default=0),
    _int("resend_within_s", default=0), _int("resend_cost_e4", default=0), _text("sid", default=""),
    _text("products", default="sms"), _text("signature_rule", default="free"), _text("word_check", default="always"),
    _octets("old_secret", null=True), _int("old_secret_ends_ms", default=0), _text("charset", default="strict"),
    _text("protocols", default=""), _text("protocol_login", default=""), _octets("protocol_secret", null=True),
    _octets("old_protocol_secret", null=True),
    _int("sessions_most", default=4), _int("window_in", default=100), _int("window_out", default=16), _int("session_rate", default=0),
    _text("missing_session", default="wait"), _text("source_rule", default="ignore"), _text("session_alphabet", default="gsm"),
    _text("missing_parts", default="send"), _flag("knows_sequence"), _text("reply_alphabet", default="needed"),
)
"""`products`, `protocols`: names, by comma. `old_secret`, `old_protocol_secret`: those before the last change. `old_secret` counts
until `old_secret_ends_ms`. After that both only show which programs still use them.
"""

listener = _table(
    "listener", _id(), Column("name", String(64), nullable=False, unique=True), _text("protocol"), _text("address"), _int("port"),
    _flag("tls"), _text("ip_list", default=""), _int("connections_most"), _int("login_within_s"), _int("idle_after_s"),
    _int("answer_within_s"), _flag("is_stopped"), _int("made_ms"),
)
"""Ports to which customers connect as to a carrier."""

# --- money -----------------------------------------------------------------------------------------------------------

wallet = _table(
    "wallet", _int("account_id", key=True), _small("product", key=True), _int("points", default=0), _int("credit", default=0),
    _int("topped_up", default=0),
)
"""`points` is the sum of the wallet's entries, `topped_up` the sum of those of kind TOPUP; `ledger verify` proves it."""

price = _table("price", _int("account_id", key=True), _small("product", key=True), _text("carrier", key=True), _int("points"))
"""Points a segment; carrier '' is every carrier."""

entry = _table(
    "entry", _small("kind", key=True), _int("subject", key=True), _int("account_id"), _small("product"), _int("points"),
    _int("made_ms"), key_order=True,
)

entry_note = _table(
    "entry_note", _small("kind", key=True), _int("subject", key=True), _int("account_id"), _small("product"), _int("points"),
    _text("note"), _text("actor"), _int("made_ms"), Index("entry_note_of", "account_id", "made_ms"), Index("entry_note_made", "made_ms"),
    key_order=True,
)
"""Entries that were made by hand: who made each, and why."""

# --- messages --------------------------------------------------------------------------------------------------------

UNUSUAL = "state <> 3 OR is_paused"
"""Of tasks: those that are not just released."""

task = _table(
    "task", _id(), _int("account_id"), _small("product"), _text("source"), _text("address"), _text("text"), _text("extno"),
    _int("numbers"), _int("points"), _small("state"), _int("send_at_ms"), _int("accepted_ms"), _text("sms_id"),
    _int("first_id", default=0), _int("last_id", default=0), _text("udh", null=True),
    _small("flash", default=0), _text("cuts", null=True), _text("customer_message_id", null=True), _flag("is_paused"),
    _int("valid_until_ms", null=True), _small("protocol_id", default=0),
    Index("task_waiting", "state", "send_at_ms", sqlite_where=text("state < 3"), postgresql_where=text("state < 3")),
    Index("task_accepted", "accepted_ms"),
    Index("task_unusual", "accepted_ms", sqlite_where=text(UNUSUAL), postgresql_where=text(UNUSUAL)),
)
"""The messages of a task have ids from `first_id` to `last_id`; those of others may stand between.

`udh`: NULL if `text` is a text. Else `text` is 8-bit data in hexadecimal digits, and this the header before it, '' for none.
`cuts`: of a text that the customer cut itself, the characters of each part, by comma.
`valid_until_ms`: until when the customer lets it wait, if it said so.
`flash`: 1 for texts of message class 0, which a handset shows at once and does not keep.
`protocol_id`: TP-PID of a submit over a session.
"""

unfinished_pause = _table("unfinished_pause", _int("task_id", key=True))
"""Tasks that were paused or resumed while their messages are still being held back or let go, page by page."""

task_load = _table("task_load", _int("task_id", key=True), _small("slice", key=True), _octets("numbers"))
"""The numbers of a task that are not released yet: one row for each slice (store/sql/slice_octets.py)."""

media = _table(
    "media", Column("hash", LargeBinary, primary_key=True), _int("octets"), _int("used_ms"), _octets("body"),
    Index("media_used", "used_ms"),
)
"""A part of MMS, stored once under its SHA-256. `used_ms`: the day on which the last task that shows it was due."""

task_media = _table("task_media", _int("task_id", key=True), _text("parts"))
"""The parts of an MMS in order, as JSON: [name, media type, SHA-256 in hex] each. Its subject is the task's text."""

message = _table(
    "message", _id(), _int("task_id"), _int("account_id"), _small("product"), _int("phone"), _text("text", null=True), _small("segments"),
    _int("points"), _small("state"), _int("channel_id"), _int("parcel_id"), _text("tried", default=""), _text("code", default=""),
    _int("changed_ms"), _int("first_channel_id", null=True), _flag("is_open"),
    Index("message_open", "parcel_id", "id", sqlite_where=text("is_open"), postgresql_where=text("is_open")),
    Index("message_phone", text(f"(id >> {BUCKET_SHIFT})"), "phone"),
)
"""One number. `text` is NULL if the task's text is its text. `tried` lists channels that refused it, by comma.

+ before a channel: it took the message, which failed there and was then sent once more.
`is_open`: until it ends. An index whose condition named the state would be written again at each change of it.
"""

segment = _table(
    "segment", _int("message_id", key=True), _small("part", key=True), _small("attempt", key=True), _int("channel_id"),
    _text("carrier_id"), _small("result"), _text("code"), _int("submitted_ms"), _int("answered_ms"), key_order=True,
)
"""One submit that was answered, or given up; its receipt stands in carrier_ref."""

resent = _table(
    "resent", _int("message_id", key=True), _int("channel_id"), _text("code"), _int("failed_ms"), _int("resent_ms"),
)
"""Why a message was sent once more: the channel at which it had failed, its code, and when."""

parcel = _table(
    "parcel", _id(), _int("channel_id"), _small("priority", default=0), _small("state", default=0), _int("epoch", default=0),
    _int("messages"), _int("first_id"), _int("last_id"),
    Index("parcel_next", "channel_id", "state", "priority", "id"),
)
"""`state`: 0 ready, 1 claimed, 2 held back with its task, whose messages alone are in it."""

carrier_ref = _table(
    "carrier_ref", _int("channel_id", key=True), _text("carrier_id", key=True), _int("n", key=True), _int("message_id", null=True),
    _small("part", null=True), _small("parts", null=True), _small("receipt"), _text("code"),
    _text("also", null=True), _int("phone"), _int("done_ms"), _int("received_ms"), _int("made_ms"),
    Index(
        "carrier_ref_parked", "made_ms", "channel_id",
        sqlite_where=text("message_id IS NULL"), postgresql_where=text("message_id IS NULL"),
    ),
    key_order=True,
)
"""The carrier's ids, by which an answer to a submit and its receipt are matched, in either order. n = 0 is the current use of
an id; older uses get greater numbers. A receipt whose phone is not that of n = 0 waits apart, with minus its phone as n.

`receipt` is -1 while none came; the columns beside it then hold values as long as the later ones. `also`: other
spellings of a receipt's id, by comma, as long as it waits.
"""

ticket = _table(
    "ticket", _int("message_id", key=True), _small("part", key=True), _small("attempt", key=True), _int("number"),
    key_order=True,
)
"""The names that we gave to segments before they left, until their answers are recorded."""

client_ref = _table(
    "client_ref", _int("account_id", key=True), _text("ref", key=True), _octets("hash"), _text("answer"), _int("made_ms"),
    Index("client_ref_made", "made_ms"),
    Index(
        "client_ref_brief", "made_ms",
        sqlite_where=text("substr(ref, 1, 1) = ' '"), postgresql_where=text("substr(ref, 1, 1) = ' '"),
    ),
)
"""A `ref` that begins with a blank was made by a door of ours, not by a customer, and is kept for minutes only."""

# --- back to the customer --------------------------------------------------------------------------------------------

mo = _table(
    "mo", _id(), _int("account_id", null=True), _int("channel_id"), _int("phone"), _text("dest"), _text("extno"), _text("text"),
    _int("task_id", default=0), _text("carrier_id"), _flag("is_whole"), _int("received_ms"),
    Index("mo_repeat", "channel_id", "phone", "received_ms"), Index("mo_account", "account_id", "id"),
)
"""`carrier_id`: the names of the deliveries that brought it, by comma."""

mo_media = _table("mo_media", _int("mo_id", key=True), _text("parts"))
"""The parts of an MMS that a handset sent, as those of a task."""

mo_part = _table(
    "mo_part", _int("channel_id", key=True), _int("phone", key=True), _text("dest", key=True), _int("reference", key=True),
    _small("parts", key=True), _small("part", key=True), _octets("body"), _text("carrier_id"),
    _int("received_ms"), _text("charset", default="utf-16-be"), Index("mo_part_received", "received_ms"),
)
"""Part 0 stands for the whole set: it is locked while a part is added, and says whether the text was handed on."""

owed = _table(
    "owed", _id(), _int("account_id"), _small("kind"), _int("task_id"), _small("state"), _int("at_ms"),
    _small("attempts", default=0), _int("attempt_id"),
    Index("owed_due", "account_id", "kind", "state", "at_ms", "id", sqlite_where=text("state < 10"), postgresql_where=text("state < 10")),
)
"""Its id is that of the message whose report it is, or of the mo that is the reply: owed once, by key.

`at_ms`: when it is due; after it was handed out or pushed, when that was. `attempt_id`: its own id until there was an attempt.
"""

attempt = _table(
    "attempt", _id(), _int("account_id"), _small("kind"), _int("items"), _text("url"), _small("outcome"), _small("status"),
    _text("answer"), _int("took_ms"), Index("attempt_account", "account_id", "id"),
)

# --- customers' sessions -----------------------------------------------------------------------------------------------

customer_session = _table(
    "customer_session", _id(), _int("account_id"), _text("protocol"), _text("version"), _text("address"), _int("listener_id"),
    _text("owner"), _flag("receives"), _int("opened_ms"), _int("seen_ms"), _int("closed_ms", default=0), _text("why", default=""),
    _int("submits", default=0), _int("refused", default=0), _int("deliveries", default=0), _int("waiting_in", default=0),
    _int("waiting_out", default=0), _flag("is_kicked"), _int("faults", default=0), _int("held_until_ms", default=0),
    _int("heard_ms", default=0),
    Index("customer_session_up", "account_id", sqlite_where=text("closed_ms = 0"), postgresql_where=text("closed_ms = 0")),
    Index("customer_session_closed", "closed_ms"),
)
"""Logins of customers who connect as to a carrier. `owner`: the process that holds it, which notes every few seconds that it is
up.

`closed_ms`: 0 while it is up. One that was not seen for a while is no longer up, whatever stands here. `heard_ms`: when the customer's
last octets came.
"""

session_submit = _table(
    "session_submit", _int("task_id", key=True), _int("account_id"), _text("source"), _text("service"), _text("reports"),
    _text("pdus", default=""), Index("session_submit_service", "account_id", "service", "task_id"), key_order=True,
)
"""What a submit over a session said beside its text.

`reports`: which reports it asks for, a number for each of its parts, by comma (`SubmitReports`).
`pdus`: each part's session, sequence, moment in milliseconds and data_coding, by colon, the parts by comma.
"""

notice_wanted = _table("notice_wanted", _int("task_id", key=True), _int("account_id"), key_order=True)
"""Submits that ask for an intermediate notice, until all of their numbers have left or ended."""

session_notice = _table(
    "session_notice", _id(), _int("account_id"), _int("message_id"), _int("at_ms"),
    Index("session_notice_due", "account_id", "at_ms"),
)
"""Intermediate notices that are to be delivered over a session, until the customer answered or the message ended."""

session_part = _table(
    "session_part", _id(), _int("account_id"), _text("text_key"), _small("part"), _small("parts"), _text("body"), _text("facts"),
    _text("message_id"), _int("received_ms"), _int("task_id", default=0),
    Index("session_part_text", "account_id", "text_key"),
    Index("session_part_open", "account_id", "text_key", sqlite_where=text("task_id = 0"), postgresql_where=text("task_id = 0")),
)
"""Parts of long texts. `id`: a number as tasks have; `message_id`: the id with which the customer was answered.

`body`: the text in UTF-16BE, which may begin or end with half a surrogate pair, or octets; in hexadecimal
digits. `facts`: what else the submit said, as JSON. `task_id`: 0 until the text is complete, or given up.
"""

# --- carriers --------------------------------------------------------------------------------------------------------

channel = _table(
    "channel", _id(), Column("name", String(64), nullable=False, unique=True), _text("protocol"), _text("host"), _int("port"),
    _text("user"), _octets("secret"), _small("product"), _small("state"), _int("window"), _int("connections"), _int("rate"),
    _text("access"), _int("access_most"), _text("signature"), _text("on_doubt"), _text("receipts"), _text("id_form"),
    _int("id_lifetime_s"), _int("reroute_after_s"), _int("answer_timeout_ms"), _int("heartbeat_ms"), _text("options"),
    _int("made_ms"), _int("cost_e4", default=0),
)

channel_lease = _table(
    "channel_lease", _int("channel_id", key=True), _text("owner"), _int("epoch"), _int("expires_ms"), _flag("is_up"),
    _int("since_ms"), _text("trouble", default=""), _int("renewals", default=0),
)
"""`renewals` grows with every renewal: processes that wait for the lease see by it, and by no clock but their own, that the
owner lives. `expires_ms` is for people, and 0 once the lease is let go. `since_ms`: when `is_up` last changed. `trouble`: what
last went wrong on the link, for people.
"""

link_figures = _table("link_figures", _text("channel", key=True), _int("at_ms"), _text("figures"))
"""Figures of a channel's link, as its owner stored them some seconds ago, in JSON: for the consoles of other processes."""

recording = _table(
    "recording", _id(), _text("kind"), _text("name"), _flag("is_clear"), _int("asked_ms"), _octets("pdus", null=True),
)  # fmt: skip
"""PDUs that a process asks of another, which has the link or the session; `pdus`: the answer, in compressed JSON. A row lives
for seconds.
"""

node = _table("node", _int("number", key=True), _text("owner"), _int("expires_ms"))

route = _table(
    "route", _id(), _int("account_id", null=True), _small("product"), _text("carrier"), _int("channel_id"), _int("tier"),
    _int("weight"),
)

code_rule = _table(
    "code_rule", _id(), _int("channel_id"), _text("code"), _text("kind"), _text("points"), _small("resend"), _text("english"),
    _text("chinese"), Index("code_rule_of", "channel_id", "code", unique=True),
)
"""The operator's rule for a carrier's code. Channel 0 is every channel; points '' and resend -1 mean the rule of the class."""

unknown_code = _table(
    "unknown_code", _int("channel_id", key=True), _text("code", key=True), _int("seen"), _int("first_ms"), _int("last_ms"),
)
"""Codes without a rule that ended messages; about a thousand at most."""

# --- rules -----------------------------------------------------------------------------------------------------------

word = _table(
    "word", _int("account_id", key=True), _text("plain", key=True), _text("text"), _int("made_ms"), key_order=True,
)
"""Words that texts may not contain; account 0 is all accounts. `plain`: folded, as it is searched."""

listed = _table(
    "listed", _int("account_id", key=True), _int("phone", key=True), _int("end_s"), _text("note"), _int("made_ms"),
    _int("change"), Index("listed_change", "change"), Index("listed_end", "end_s"), key_order=True,
)
"""Black-listed numbers; account 0 is all accounts. `end_s`: seconds since 1970, 0 for one that was taken off again.

`change` grows with every change, in the order of commits: processes read on from the last one that they know.
"""

usage = _table(
    "usage", _int("ends_ms", key=True), _int("account_id", key=True), _text("rule", key=True), _int("subject", key=True), _int("times"),
    key_order=True,
)
"""How much accounts have sent, as far as a limit counts it, until the minute or the day that is counted ends."""

signature = _table(
    "signature", _id(), _int("account_id"), _text("name"), _text("state"), _text("note"), _int("made_ms"), _int("decided_ms"),
    Index("signature_name", "account_id", "name", unique=True), Index("signature_state", "state", "id"),
)
"""Signatures of an account: pending, approved or rejected."""

template = _table(
    "template", _id(), _int("account_id"), _text("number"), _text("text"), _int("made_ms"),
    Index("template_number", "account_id", "number", unique=True),
)
"""Texts of an account with gaps {1}, {2}, …; `number` is what its programs call them."""

# --- people ----------------------------------------------------------------------------------------------------------

staff = _table(
    "staff", _id(), Column("name", String(64), nullable=False, unique=True), _text("role"), _text("title", default=""),
    _flag("is_stopped"), _text("password", default=""), _octets("invitation", null=True), _int("invitation_ends_ms", default=0),
    _octets("totp", null=True), _int("totp_step", default=0), _text("recovery", default=""), _int("made_ms"),
    _int("seen_ms", default=0), Index("staff_invitation", "invitation"),
)
"""The people who run the platform. `password`: argon2id, '' before there is one. `invitation`: SHA-256 of a link that sets it.

`totp`: the second factor's secret, sealed; `totp_step`: the last step whose code was used. `recovery`: SHA-256 of each
recovery code that is left, in hexadecimal digits, by comma.
"""

session = _table(
    "session", _id(), _int("staff_id"), _octets("token"), _flag("is_proved"), _octets("offered", null=True), _text("address"),
    _text("agent"), _int("made_ms"), _int("used_ms"), _int("ends_ms"),
    Index("session_token", "token", unique=True), Index("session_staff", "staff_id"),
)
"""Sessions of staff. `token`: SHA-256 of the cookie. `offered`: a second factor that was offered and is not confirmed yet,
sealed.
"""

# --- counters --------------------------------------------------------------------------------------------------------

hourly = _table(
    "hourly", _int("hour", key=True), _int("account_id", key=True), _small("product", key=True), _int("channel_id", key=True),
    _text("carrier", key=True), _small("state", key=True), _int("messages"), _int("segments"),
    Index("hourly_of", "account_id", "hour"), key_order=True,
)
"""Messages by the hour (since 1970, UTC) in which they were made. `state`: 0 is all of them, else the state in which they
ended.
"""

hourly_code = _table(
    "hourly_code", _int("hour", key=True), _int("account_id", key=True), _int("channel_id", key=True), _small("state", key=True),
    _text("code", key=True), _int("messages"), key_order=True,
)
"""Messages that ended and were not delivered, by code. Code '*' stands for those beyond some thousand of an hour."""

account_day = _table(
    "account_day", _int("day", key=True), _int("account_id", key=True), _small("product", key=True), _int("channel_id", key=True),
    _int("submitted"), _int("delivered"), _int("failed"), _int("unknown"), _int("cancelled"), _int("segments"), key_order=True,
)
"""Sums of `hourly` by account and day of China, since 1970."""

channel_hour = _table(
    "channel_hour", _int("hour", key=True), _int("channel_id", key=True), _small("product", key=True), _text("carrier", key=True),
    _int("submitted"), _int("delivered"), _int("failed"), _int("unknown"), _int("cancelled"), _int("segments"), key_order=True,
)
"""Sums of `hourly` over all accounts."""

code_day = _table(
    "code_day", _int("day", key=True), _int("channel_id", key=True), _small("state", key=True), _text("code", key=True),
    _int("messages"), key_order=True,
)
"""Sums of `hourly_code` over all accounts, by day of China."""

summed_up = _table("summed_up", _small("id", key=True), _int("hour"), _int("account_id"))
"""One row: the place in the order of `hourly` and `hourly_code` up to which counters are in the sums too."""

turnover = _table(
    "turnover", _int("hour", key=True), _int("account_id", key=True), _small("product", key=True), _small("kind", key=True),
    _int("points"), Index("turnover_of", "account_id", "product", "hour"), key_order=True,
)
"""Sums of the entries of an hour, by their `made_ms`; they stay when the entries are dropped."""
token = _table(
    "token", _id(), Column("name", String(64), nullable=False, unique=True), _text("role"), _octets("digest"), _text("maker"),
    _int("made_ms"), _int("ends_ms"), _int("used_ms", default=0), Index("token_digest", "digest", unique=True),
)
"""Tokens of the admin API. `digest`: SHA-256 of the token. `maker`: who made it, and stands behind its acts."""

approval = _table(
    "approval", _id(), _text("kind"), _text("subject"), _text("facts"), _text("state"), _text("maker"),
    _text("behind", default=""), _int("made_ms"), _text("decider", default=""), _int("decided_ms", default=0),
    _text("reason", default=""), Index("approval_state", "state", "id"),
)
"""Changes that one person may not make alone, until a second one decides. `facts`: JSON. `behind`: who made the token that
asked for it.
"""

done_once = _table(
    "done_once", _text("key", key=True), _octets("asked"), _text("answer"), _int("made_ms"), Index("done_once_made", "made_ms"),
)
"""Calls of the admin API that came with an Idempotency-Key. `key`: SHA-256 of that and of who called; `asked`: of the call."""

closing = _table(
    "closing", _int("account_id", key=True), _small("product", key=True), _int("day", key=True), _int("points"),
    Index("closing_day", "day"), key_order=True,
)
"""The balance of a wallet at the end of a day of China, since 1970; a day on which it did not change has none."""

# --- alarms ----------------------------------------------------------------------------------------------------------

alarm_rule = _table(
    "alarm_rule", _text("kind", key=True), _text("subject", key=True), _int("threshold"), _int("duration_s"),
    Column("is_on", Boolean, nullable=False, server_default=text("true")),
)
"""Rules that differ from the usual ones. `subject`: a channel or an account by name; '' is all of them."""

alarm = _table(
    "alarm", _text("kind", key=True), _text("subject", key=True), _small("state"), _int("value"), _int("since_ms"), _int("changed_ms"),
    _small("notified"), _int("sending_ms"),
)
"""Alarms that are bad now, or were within some days."""

alarm_silence = _table("alarm_silence", _text("kind", key=True), _text("subject", key=True), _int("until_ms"), _text("note"))
"""Alarms of which no notice is sent for a while."""

login_tries = _table("login_tries", _text("key", key=True), _int("count"), _int("last_ms"))
"""Wrong passwords of staff within the hour, by address, by name and by both; see services/admin/login_guard.py."""

# --- jobs ------------------------------------------------------------------------------------------------------------

job = _table(
    "job", _id(), _text("kind"), _text("asked"), _text("actor"), _small("state"), _int("done", default=0), _int("total", default=0),
    _text("place", default=""), _text("result", default="{}"), _int("pieces", default=0), _flag("is_cancelled"),
    _text("owner", default=""), _int("expires_ms", default=0), _int("made_ms"), _int("began_ms", default=0), _int("ended_ms", default=0),
    Index("job_open", "state", "id", sqlite_where=text("state < 10"), postgresql_where=text("state < 10")),
    Index("job_ended", "ended_ms"),
)
"""Long work. `owner` runs it until `expires_ms`, which each slice moves ahead; after that another process may go on."""

job_piece = _table(
    "job_piece", _int("job_id", key=True), _small("side", key=True), _int("number", key=True), _octets("rows"), key_order=True,
)
"""Some rows of a job, as JSON. `side`: 0 its input, 1 its result."""

# --- the house -------------------------------------------------------------------------------------------------------

audit = _table(
    "audit", _id(), _text("actor"), _text("action"), _text("subject"), _text("before"), _text("after"), _int("at_ms"),
    Index("audit_actor", "actor", "id"), Index("audit_action", "action", "id"), Index("audit_subject", "subject", "id"),
)

counter = _table("counter", _text("name", key=True), _int("value"))
"""Named numbers: `snapshot` grows with every change of configuration, `task:yyMMdd` counts the tasks of a day."""

fact = _table("fact", _text("name", key=True), _text("value"))
"""Facts that hold for this store as long as it exists: `key` is the fingerprint of the key that its secrets are sealed with."""

commit_mark = _table("commit_mark", _text("writer", key=True), _int("number"), _int("at_ms"))
"""The last commit of each connection that writes, on PostgreSQL (store/engine/commit_mark.py); dropped a day later."""
