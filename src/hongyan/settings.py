"""The settings of an installation, from a TOML file, the environment and flags: a flag wins over the environment, that over the file.

What changes daily (customers, channels, routes, prices) lives in the database. The settings are addresses, the database, the
sealing key, and every limit. Units are part of a name. A secret may always come from a file: `x_file` instead of `x`.
"""

import difflib
import ipaddress
import os
import re
import ssl
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from hongyan.i18n import N_

FILE_NAME = "hongyan.toml"
KEY_NAME = "hongyan.key"
KEY_OCTETS = 32
SQLITE_NAME = "hongyan.db"
SYSTEM_FILE = Path("/etc/hongyan") / FILE_NAME
PREFIX = "HONGYAN_"

_Tree = dict[str, Any]
_Path = tuple[str, ...]


def _split(value: object) -> object:
    """A list may be written as one text with commas, as the environment does."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


_HOST_NAME = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?)*\.?"
)
SQLITE = "sqlite:///"
_ONE_HOST = r"(\[[0-9a-fA-F:.%]+\]|[^@/?:,\s\[\]]*)(:\d{0,5})?"
_POSTGRESQL = re.compile(rf"postgresql://(\S*@)?{_ONE_HOST}(,{_ONE_HOST})*(/[^?\s]*)?(\?[\w.-]+=[^&\s]*(&[\w.-]+=[^&\s]*)*)?")
"""As libpq writes it: several hosts, and options behind the question mark, whose names libpq itself judges."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one setting: English with gaps, and the facts for them, of which some are such sentences themselves."""

    sentence: str
    facts: Mapping[str, object]

    def __str__(self) -> str:
        return self.sentence.format_map(self.facts)


class SettingsInvalid(Exception):
    """What is wrong with the settings: one line a problem, each naming where it stands and what is wanted."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


class Wanted(ValueError):
    """A value that is not allowed: what would be allowed, as a sentence with gaps, and what was seen, unless that is a secret."""

    def __init__(self, wanted: str, seen: str | None = None, **facts: object) -> None:
        super().__init__(wanted.format_map(facts))
        self.problem, self.seen = Problem(wanted, facts), seen


def _host(text: str) -> str:
    try:
        ipaddress.ip_address(text)
    except ValueError as error:
        if not _HOST_NAME.fullmatch(text):
            raise Wanted("an address of this machine or its name, without a port", text) from error
    return text


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise Wanted("an IP address or a network, as 10.0.0.0/8", text) from error
    return text


def check_url(text: str) -> None:
    """raises: Wanted for what is no address of a database; it never shows a password"""
    if not text or (text.startswith(SQLITE) and len(text) > len(SQLITE)):
        return
    if not _POSTGRESQL.fullmatch(text):
        raise Wanted("postgresql://user:password@host/database; nothing, for SQLite in the data folder")


def _url(url: SecretStr) -> SecretStr:
    check_url(url.get_secret_value())
    return url


def _webhook(address: SecretStr) -> SecretStr:
    text = address.get_secret_value()
    if text and not _WEBHOOK.fullmatch(text):
        raise Wanted("an address of http or https; nothing, for none")
    return address


_WEBHOOK = re.compile(r"https?://[^\s/]+(/\S*)?")


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


def key_of(text: str) -> bytes:
    """The octets of a sealing key. raises: Wanted"""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_OCTETS:
        raise Wanted("{digits} hex digits", digits=2 * KEY_OCTETS)
    return key


def _key(key: SecretStr) -> SecretStr:
    if key.get_secret_value():
        key_of(key.get_secret_value().strip())
    return key


Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], NoDecode, BeforeValidator(_split)]
Host = Annotated[str, AfterValidator(_host)]
Port = Annotated[int, Field(ge=0, le=65535)]
Count = Annotated[int, Field(ge=1, le=2**31 - 1)]
Octets = Annotated[int, Field(ge=1, le=2**50)]
Days = Annotated[int, Field(ge=1, le=36_500)]
Hours = Annotated[int, Field(ge=0, le=24 * 36_500)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Validity = Annotated[int, Field(ge=0, le=86_400 * 36_500)]
Delay = Annotated[float, Field(ge=0, le=86_400)]


class Duty(StrEnum):
    """What a process does. By default one process does everything."""

    API = "api"
    LINK = "link"
    PUSH = "push"
    CLOCK = "clock"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    AUTO = "auto"
    TEXT = "text"
    JSON = "json"


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    @model_validator(mode="after")
    def _secrets_are_given_once(self) -> "Section":
        for name in type(self).model_fields:
            path = getattr(self, f"{name}_file", None)
            if path is not None and name in self.model_fields_set:
                raise Wanted("{name} and {name}_file are both given", name=name)
        return self


class Store(Section):
    url: Annotated[SecretStr, AfterValidator(_url)] = SecretStr("")
    """postgresql://user:password@host/database; empty for SQLite, one file in the data folder."""
    url_file: Path | None = None
    """A file that holds the url instead."""
    key: Annotated[SecretStr, AfterValidator(_key)] = SecretStr("")
    """The key that seals secrets in the database, 64 hex digits; better in key_file."""
    key_file: Path | None = None
    """A file that holds the key; hongyan.key in the data folder when neither is given."""


class Listen(Section):
    host: Host = "0.0.0.0"  # noqa: S104 customers come from everywhere
    """Address of the customers' doors."""
    port: Port = 8080
    """Port of the customers' doors, plain HTTP."""
    tls_port: Port = 0
    """Port of the customers' doors over TLS, beside the plain one; 0 for none."""
    tls_cert: Path | None = None
    """Certificate chain, PEM."""
    tls_key: Path | None = None
    """Private key of the certificate, PEM."""
    ops_host: Host = "127.0.0.1"
    """Address of console, metrics and health."""
    ops_port: Port = 8081
    """Port of console, metrics and health."""
    ops_tls: bool = False
    """Serve console, metrics and health over TLS, by tls_cert and tls_key, instead of plain HTTP."""
    reuse_port: bool = False
    """Share the doors' ports with other processes of this machine; on PostgreSQL, where several may serve."""
    trusted_proxies: Networks = ()
    """Addresses or networks whose X-Forwarded-For is believed."""

    @model_validator(mode="after")
    def _tls_is_whole(self) -> "Listen":
        if self.tls_port and not (self.tls_cert and self.tls_key):
            raise Wanted("tls_port needs tls_cert and tls_key")
        if self.ops_tls and not (self.tls_cert and self.tls_key):
            raise Wanted("ops_tls needs tls_cert and tls_key")
        return self

    @model_validator(mode="after")
    def _ports_differ(self) -> "Listen":
        ports = [self.port, self.tls_port, *([self.ops_port] if self.ops_host == self.host else [])]
        used = [port for port in ports if port]
        if len(set(used)) < len(used):
            raise Wanted("port, tls_port and ops_port are to differ")
        return self


class Log(Section):
    level: LogLevel = LogLevel.INFO
    """debug, info, warning or error."""
    format: LogFormat = LogFormat.AUTO
    """text, json, or auto: text on a terminal, JSON lines otherwise."""


class Duties(Section):
    run: Annotated[tuple[Duty, ...], NoDecode, BeforeValidator(_split), Field(min_length=1)] = tuple(Duty)
    """Which of api, link, push, clock this process does."""


class Console(Section):
    second_factor: bool = True
    """Ask staff who may touch money, secrets or people for a code of their authenticator at each login."""
    session_idle_min: Annotated[int, Field(ge=1, le=24 * 60)] = 30
    """How long a session of the console may lie unused."""
    session_hours: Annotated[int, Field(ge=1, le=30 * 24)] = 12
    """How long a session of the console lasts at most."""
    alone_points: Annotated[int, Field(ge=0, le=10**12)] = 1_000_000
    """The most points that one person adds or gives as credit at once, in the console or by the admin API; more waits for another."""
    alone_prices: bool = False
    """Whether one person may change a price there without another."""


class MailTls(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class Alarms(Section):
    webhook: Annotated[SecretStr, AfterValidator(_webhook)] = SecretStr("")
    """Address that alarms are posted to, such as that of a robot of DingTalk, WeCom or Feishu; empty for none."""
    webhook_file: Path | None = None
    """A file that holds the address instead."""
    mail_to: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = ()
    """Who gets alarms by mail."""
    mail_from: str = ""
    """The sender of these mails."""
    smtp_host: str = ""
    """The mail server; empty for no mails."""
    smtp_port: Port = 587
    """Port of the mail server."""
    smtp_tls: MailTls = MailTls.STARTTLS
    """none, starttls, or tls from the first octet."""
    smtp_user: str = ""
    """Login at the mail server; empty for none."""
    smtp_password: SecretStr = SecretStr("")
    """Password of that login."""
    smtp_password_file: Path | None = None
    """A file that holds the password instead."""
    language: Language = Language.ZH
    """Language of what is told: zh or en."""

    @model_validator(mode="after")
    def _mail_is_whole(self) -> "Alarms":
        if self.smtp_host and not (self.mail_to and self.mail_from):
            raise Wanted("smtp_host needs mail_to and mail_from")
        return self


class Retention(Section):
    messages_days: Days = 155
    """How long ended messages are kept, with their reports, replies, pushes, tasks and ledger entries, whose sums are carried over."""
    carrier_refs_days: Days = 30
    """How long carriers' message ids are kept, and receipts that met no message."""
    media_days: Days = 35
    """How long pictures and sounds of MMS are kept after the last task that shows them was due."""


class Limits(Section):
    """The bounds of everything that can grow."""

    body_octets: Octets = 16 * 1024 * 1024
    """The largest body of a request; a larger one is refused before it is read."""
    header_octets: Octets = 64 * 1024
    """The most octets of a request's line and headers."""
    numbers_most: Count = 100_000
    """The most numbers in one request."""
    connections: Count = 4_096
    """The most connections of customers at once; when all are taken, the slowest of addresses that nobody knows are closed."""
    address_connections: Annotated[int, Field(ge=0)] = 512
    """The most connections of one address, once half of all are taken; 0 for no limit."""
    network_connections: Annotated[int, Field(ge=0)] = 1_024
    """The most connections of one network, /24 of IPv4 or /64 of IPv6, once half of all are taken; 0 for no limit."""
    channel_connections: Count = 1_024
    """The most connections of carriers at once, to the ports of all channels."""
    session_connections: Count = 2_048
    """The most connections of customers who connect as to a carrier, to all listeners at once."""
    push_connections: Count = 1_000
    """The most connections to customers' addresses at once."""
    head_timeout_s: Seconds = 15
    """How long a request's line and headers may take, and a TLS handshake."""
    body_timeout_s: Seconds = 30
    """How long a body may take; a second more for every 8 KiB of it."""
    reading_octets: Count = 128 * 1024**2
    """The most octets of requests that are being read or answered, on each port; beyond it the slowest are closed."""
    waiting_submissions: Count = 20_000
    """The most submissions that are read and not yet committed; beyond it a request is answered at once that we are busy."""
    pulls_minute: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    """The most pulls of one account in a minute, of reports and of replies each; 0 for no limit."""
    push_batch: Count = 200
    """The most reports or replies in one push."""
    push_attempts: Count = 3
    """How often one push is tried before it is parked."""
    push_delays_s: Annotated[tuple[Delay, ...], NoDecode, BeforeValidator(_split), Field(min_length=1)] = (0, 30, 120)
    """Pauses before the first attempt of a push, the second, the third."""
    push_connect_s: Seconds = 5
    """How long it may take to connect to a customer's address."""
    push_total_s: Seconds = 10
    """How long the whole of one push may take."""
    push_answer_octets: Octets = 2_048
    """The most octets that are read of a customer's answer."""
    parcel_messages: Count = 500
    """The most messages that are claimed together."""
    sms_validity_s: Validity = 86_400
    """How long a text may wait before it is not sent any more, where its account says nothing; 0 for ever."""
    mms_validity_s: Validity = 86_400
    """How long an MMS may wait before it is not sent any more, where its account says nothing; 0 for ever."""
    mms_octets: Octets = 300 * 1024
    """The most octets of all parts of one MMS; Chinese networks carry so much."""
    mms_frame_octets: Octets = 200 * 1024
    """The most octets that one frame of an MMS shows."""
    mms_frames: Count = 20
    """The most frames of one MMS."""
    mms_subject: Count = 40
    """The most characters of an MMS's subject."""
    waiting_media_octets: Octets = 64 * 1024**2
    """The most octets of MMS that are read and not yet committed; beyond it an MMS is answered at once that we are busy."""
    media_octets: Octets = 10 * 1024**3
    """The most octets of pictures and sounds of MMS in the store; beyond it no MMS is accepted."""
    client_ref_hours: Annotated[int, Field(ge=1, le=24 * 36_500)] = 72
    """How long a client reference is remembered."""
    v2_stamp_hours: Hours = 24
    """How far the stamp of a v2 request may be from now; 0 to ignore it: then who has seen a request can send it again."""
    secret_overlap_hours: Hours = 24
    """How long an old API secret is still accepted after the customer changed it."""
    drain_s: Seconds = 10
    """How long a stopping process waits for the answers of carriers and customers."""

    @model_validator(mode="after")
    def _each_attempt_has_a_pause(self) -> "Limits":
        attempts, pauses = self.push_attempts, len(self.push_delays_s)
        if attempts > pauses:
            raise Wanted(
                "push_attempts is {attempts} and push_delays_s has {pauses}: each needs one", attempts=attempts, pauses=pauses
            )
        return self


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, use_attribute_docstrings=True
    )

    data: Path = Path()
    """The data folder; by default the folder of this file. Relative paths in this file start there."""
    store: Store = Store()
    listen: Listen = Listen()
    log: Log = Log()
    duties: Duties = Duties()
    console: Console = Console()
    alarms: Alarms = Alarms()
    retention: Retention = Retention()
    limits: Limits = Limits()

    def within(self, path: Path) -> Path:
        """A path of the settings, made absolute."""
        return self.data / path

    @property
    def database_url(self) -> str:
        """postgresql://… or sqlite:///path. raises: SettingsInvalid"""
        url = self.secret("store", "url")
        try:
            check_url(url)
        except Wanted as error:
            raise SettingsInvalid([_is_wanted("store.url", error)]) from error
        return url or f"{SQLITE}{self.data / SQLITE_NAME}"

    @property
    def sealing_key(self) -> bytes:
        """32 octets. raises: SettingsInvalid if there is no key, or it is no key"""
        text = self.secret("store", "key") or _read(self.key_path)
        try:
            return key_of(text.strip())
        except Wanted as error:
            raise SettingsInvalid([_is_wanted("store.key", error)]) from error

    @property
    def key_path(self) -> Path:
        """The file of the sealing key, where the key itself is not given."""
        return self.within(self.store.key_file or Path(KEY_NAME))

    def check(self) -> None:
        """Read every file that the settings name, too. raises: SettingsInvalid"""
        _ = self.database_url
        if self.store.key_file or self.store.key.get_secret_value() or self.key_path.exists():
            _ = self.sealing_key
        if self.listen.tls_cert and self.listen.tls_key:
            self._check_tls(self.within(self.listen.tls_cert), self.within(self.listen.tls_key))

    def _check_tls(self, chain: Path, key: Path) -> None:
        for file in (chain, key):
            _read(file)
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, key, lambda: "")
        except (OSError, ValueError) as error:
            problem = Problem(
                "listen.tls_cert and listen.tls_key: {chain} and {key} are no certificate with its key, PEM",
                {"chain": chain, "key": key},
            )
            raise SettingsInvalid([problem]) from error

    def secret(self, section: str, name: str) -> str:
        """A secret in clear, from its own key or from its file; raises SettingsInvalid if that cannot be read."""
        part = getattr(self, section)
        path: Path | None = getattr(part, f"{name}_file")
        if path is None:
            given: SecretStr = getattr(part, name)
            return given.get_secret_value()
        return _read(self.within(path)).strip()


_OPEN = 0o027


@dataclass(frozen=True, slots=True)
class Loaded:
    settings: Settings
    file: Path | None
    origins: Mapping[str, str]
    """Dotted key → flag, environment, file or default, with the variable or the line."""

    def open_to_others(self) -> list[Path]:
        """The data folder and files with secrets that others than the owner's group may read, or others than the owner change."""
        settings = self.settings
        named = (
            self.file,
            settings.key_path,
            settings.store.url_file,
            settings.listen.tls_key,
            settings.alarms.webhook_file,
            settings.alarms.smtp_password_file,
        )
        places = dict.fromkeys([settings.data, *(settings.within(path) for path in named if path)])
        return [place for place in places if place.exists() and place.stat().st_mode & _OPEN]


def load(flags: Mapping[str, Any], config: Path | None = None) -> Loaded:
    """Read the settings.

    flags:  the flags of the command line, nested as the file is; they win over everything
    config: the file to read; otherwise $HONGYAN_CONFIG, the data folder's, ./hongyan.toml, /etc/hongyan/hongyan.toml
    raises: SettingsInvalid
    """
    environment = EnvSettingsSource(Settings)()
    file = find_file(config, flags.get("data") or environment.get("data"))
    text = _read(file) if file else ""
    content = _parse(text, file)
    if file and file != SYSTEM_FILE:
        content.setdefault("data", file.parent)
    told = _origins(content, file, text) | {path: _variable(path) for path in _leaves(environment)} | _flags_of(flags)
    problems = _strange_variables()
    try:
        settings = _from(flags, _less(environment, flags), _less(content, flags, environment))
    except ValidationError as error:
        raise SettingsInvalid([_problem(detail, told) for detail in error.errors()] + problems) from error
    if problems:
        raise SettingsInvalid(problems)
    leaves = _leaves(settings.model_dump())
    return Loaded(settings, file, {".".join(path): told.get(path, "default") for path in leaves})


def _less(tree: _Tree, *stronger: Mapping[str, Any]) -> _Tree:
    """The tree without the secrets that a stronger tree has in the other form, in clear or as a file."""
    given = {path for other in stronger for path in _leaves(other)}
    return {
        section: {key: value for key, value in part.items() if (section, _other_form(key)) not in given}
        if isinstance(part, dict)
        else part
        for section, part in tree.items()
    }


def _other_form(key: str) -> str:
    return key.removesuffix("_file") if key.endswith("_file") else f"{key}_file"


def _from(*trees: Mapping[str, Any]) -> Settings:
    """The settings of several trees; where several have a key, the first one counts."""

    class OfTrees(Settings):
        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *_: object, **__: object
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return tuple(InitSettingsSource(settings_cls, dict(tree)) for tree in trees)

    return OfTrees()


def find_file(config: Path | None, data: object) -> Path | None:
    """The file that counts; one that was named must exist."""
    named = config or (Path(os.environ[f"{PREFIX}CONFIG"]) if os.environ.get(f"{PREFIX}CONFIG") else None)
    if named is not None:
        if not named.is_file():
            raise SettingsInvalid([Problem("{file}: there is no such file", {"file": named})])
        return named
    places = [Path(str(data)) / FILE_NAME] if data else []
    return next((place for place in (*places, Path(FILE_NAME), SYSTEM_FILE) if place.is_file()), None)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsInvalid(
            [Problem("{file}: cannot be read: {reason}", {"file": file, "reason": _reason(error)})]
        ) from error


def _parse(text: str, file: Path | None) -> _Tree:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid([Problem("{file}: it is not TOML: {error}", {"file": file, "error": error})]) from error


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8 text"


# --- where each value came from --------------------------------------------------------------------------------------

_HEADER = re.compile(r"\s*\[\s*([A-Za-z0-9_.-]+)\s*\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_.-]+)\s*=")


def _origins(content: _Tree, file: Path | None, text: str) -> dict[_Path, str]:
    lines = _lines(text)
    return {path: f"{file}, line {lines[path]}" if path in lines else str(file) for path in _leaves(content)}


def _lines(text: str) -> dict[_Path, int]:
    """The line of each key of a TOML text, where it has one key a line."""
    section: _Path = ()
    lines: dict[_Path, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            section = tuple(header[1].split("."))
        elif key := _KEY.match(line):
            lines[(*section, *key[1].split("."))] = number
    return lines


def _variable(path: _Path) -> str:
    return PREFIX + "__".join(path).upper()


def _flags_of(flags: Mapping[str, Any]) -> dict[_Path, str]:
    return {path: f"flag --{path[-1].replace('_', '-')}" for path in _leaves(flags)}


def _leaves(tree: Mapping[str, Any], above: _Path = ()) -> list[_Path]:
    """The path of every value."""
    return [
        leaf
        for key, value in tree.items()
        for leaf in (_leaves(value, (*above, key)) if isinstance(value, Mapping) else [(*above, key)])
    ]


# --- what is wrong ---------------------------------------------------------------------------------------------------


def known_keys() -> dict[_Path, FieldInfo]:
    """Every key there is, by path."""
    keys: dict[_Path, FieldInfo] = {}
    for name, field in Settings.model_fields.items():
        part = field.annotation
        if isinstance(part, type) and issubclass(part, Section):
            keys |= {(name, key): inner for key, inner in part.model_fields.items()}
        else:
            keys[name,] = field
    return keys


_IS_WANTED = N_("{where}: {key} is {seen}; wanted: {wanted}")


def _is_wanted(key: str, wanted: Wanted, where: object = "settings") -> Problem:
    return Problem(_IS_WANTED, {"where": where, "key": key, "seen": _shown(wanted.seen), "wanted": wanted.problem})


def _shown(seen: object) -> str:
    return "***" if seen is None else repr(seen)


def _problem(detail: ErrorDetails, told: Mapping[_Path, str]) -> Problem:
    """One line: where, which key, what was seen, what is wanted."""
    path = tuple(str(part) for part in detail["loc"][:2])
    where = told.get(path) or next((origin for leaf, origin in told.items() if leaf[: len(path)] == path), "settings")
    dotted = ".".join(path)
    if detail["type"] == "extra_forbidden":
        return _unknown(where, path)
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, Wanted):
        if path in known_keys():
            return _is_wanted(dotted, cause, where)
        return Problem("{where}: {key}: {what}", {"where": where, "key": dotted, "what": cause.problem})
    field = known_keys().get(path)
    seen = None if field is not None and field.annotation is SecretStr else detail["input"]
    bounds = {name: f"{bound:g}" if isinstance(bound, float) else bound for name, bound in detail.get("ctx", {}).items()}
    wanted = Problem(_wanted(detail), bounds)
    return Problem(_IS_WANTED, {"where": where, "key": dotted, "seen": _shown(seen), "wanted": wanted})


_KINDS = {
    "int": N_("a valid integer"), "float": N_("a valid number"), "finite": N_("a finite number"), "bool": N_("a valid boolean"),
    "string": N_("a valid string"), "tuple": N_("a list"), "greater_than": N_("greater than {gt}"),
    "greater_than_equal": N_("greater than or equal to {ge}"), "less_than_equal": N_("less than or equal to {le}"),
    "enum": N_("{expected}"), "too_short": N_("at least {min_length}"),
}  # fmt: skip
"""What pydantic's kinds of error want. Where several begin a kind, the longest counts."""


def _wanted(detail: ErrorDetails) -> str:
    kinds = [kind for kind in _KINDS if detail["type"].startswith(kind)]
    return _KINDS[max(kinds, key=len)] if kinds else detail["msg"].replace("{", "{{").replace("}", "}}")


def _unknown(where: str, path: _Path) -> Problem:
    near = _suggestion(path)
    sentence = N_("{where}: unknown key {key}; did you mean {near}?") if near else N_("{where}: unknown key {key}")
    return Problem(sentence, {"where": where, "key": ".".join(path), "near": near})


def _strange_variables() -> list[Problem]:
    """Variables that look like ours and name no section. For those that name one, pydantic reports the problem."""
    sections = set(Settings.model_fields)
    paths = [tuple(name.removeprefix(PREFIX).lower().split("__")) for name in os.environ if name.startswith(PREFIX)]
    strange = [path for path in paths if len(path) > 1 and path[0] not in sections]
    return [_unknown(_variable(path), path) for path in strange]


def _suggestion(path: _Path) -> str:
    sections = {name for name, *_ in known_keys()} if len(path) == 1 else set()
    names = sorted({".".join(known) for known in known_keys()} | sections)
    near = difflib.get_close_matches(".".join(path), names, n=1, cutoff=0.6)
    found = near or [name for name in names if name.rpartition(".")[2] == path[-1]]
    return found[0] if found else ""
