"""How mails leave."""

from enum import StrEnum


class MailTls(StrEnum):
    """How the connection to a mail server is encrypted."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"  # from the first octet
