from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, SecretStr, model_validator
from pydantic_settings import NoDecode

from hongyan.model.language import Language
from hongyan.model.mail import MailTls
from hongyan.settings.kinds import MailAddress, Port, Webhook, split
from hongyan.settings.problems import Expected
from hongyan.settings.section import Section


class Alarms(Section):
    webhook: Webhook = SecretStr("")
    """Address that alarms are posted to, such as that of a robot of DingTalk, WeCom or Feishu; empty for none."""
    webhook_file: Path | None = None
    """A file that holds the address instead."""
    mail_to: Annotated[tuple[MailAddress, ...], NoDecode, BeforeValidator(split)] = ()
    """Who gets alarms by mail."""
    mail_from: MailAddress = ""
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
    """Language of the notices: zh or en."""

    @model_validator(mode="after")
    def _mail_is_whole(self) -> Self:
        if self.smtp_host and not (self.mail_to and self.mail_from):
            raise Expected("smtp_host needs mail_to and mail_from")
        return self
