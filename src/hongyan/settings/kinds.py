"""The kinds of values that a setting may have, each with its check."""

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from hongyan.settings.problems import Expected

SQLITE = "sqlite:///"
KEY_OCTETS = 32

_HOST_NAME = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?)*\.?"
)
_ONE_HOST = r"(\[[0-9a-fA-F:.%]+\]|[^@/?:,\s\[\]]*)(:\d{0,5})?"
_POSTGRESQL = re.compile(rf"postgresql://(\S*@)?{_ONE_HOST}(,{_ONE_HOST})*(/[^?\s]*)?(\?[\w.-]+=[^&\s]*(&[\w.-]+=[^&\s]*)*)?")
"""As libpq writes it: several hosts, and options behind the question mark, whose names libpq itself checks."""
_WEBHOOK = re.compile(r"https?://[^\s/]+(/\S*)?")
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


def split(value: object) -> object:
    """Splits a list that is written as one text with commas, as in the environment."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _host(text: str) -> str:
    try:
        ipaddress.ip_address(text)
    except ValueError as error:
        if not _HOST_NAME.fullmatch(text):
            raise Expected("an address of this machine or its name, without a port", text) from error
    return text


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise Expected("an IP address or a network, as 10.0.0.0/8", text) from error
    return text


def check_url(text: str) -> None:
    """raises: Expected for a text that is no address of a database; it never shows a password"""
    if not text or (text.startswith(SQLITE) and len(text) > len(SQLITE)):
        return
    if not _POSTGRESQL.fullmatch(text):
        raise Expected("postgresql://user:password@host/database; nothing, for SQLite in the data folder")


def _url(url: SecretStr) -> SecretStr:
    check_url(url.get_secret_value())
    return url


def _webhook(address: SecretStr) -> SecretStr:
    text = address.get_secret_value()
    if text and not _WEBHOOK.fullmatch(text):
        raise Expected("an address of http or https; nothing, for none")
    return address


def _mail(address: str) -> str:
    if address and not _MAIL.fullmatch(address):
        raise Expected("an address of mail, such as ops@example.com", address)
    return address


def key_of(text: str) -> bytes:
    """Returns the octets of a sealing key. raises: Expected"""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_OCTETS:
        raise Expected("{digits} hex digits", digits=2 * KEY_OCTETS)
    return key


def _key(key: SecretStr) -> SecretStr:
    if key.get_secret_value():
        key_of(key.get_secret_value().strip())
    return key


Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], NoDecode, BeforeValidator(split)]
Host = Annotated[str, AfterValidator(_host)]
Port = Annotated[int, Field(ge=0, le=65535)]
Count = Annotated[int, Field(ge=1, le=2**31 - 1)]
Octets = Annotated[int, Field(ge=1, le=2**50)]
Days = Annotated[int, Field(ge=1, le=36_500)]
Hours = Annotated[int, Field(ge=0, le=24 * 36_500)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Validity = Annotated[int, Field(ge=0, le=86_400 * 36_500)]
Delay = Annotated[float, Field(ge=0, le=86_400)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_url)]
SealingKey = Annotated[SecretStr, AfterValidator(_key)]
Webhook = Annotated[SecretStr, AfterValidator(_webhook)]
MailAddress = Annotated[str, AfterValidator(_mail)]
