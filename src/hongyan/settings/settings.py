import ssl
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from hongyan.settings.files import KEY_NAME, PREFIX, SQLITE_NAME, read
from hongyan.settings.kinds import SQLITE, check_url, key_of
from hongyan.settings.problems import Expected, Sentence, SettingsInvalid, not_allowed
from hongyan.settings.sections.alarms import Alarms
from hongyan.settings.sections.console import Console
from hongyan.settings.sections.duties import Duties
from hongyan.settings.sections.limits import Limits
from hongyan.settings.sections.listen import Listen
from hongyan.settings.sections.log import Log
from hongyan.settings.sections.retention import Retention
from hongyan.settings.sections.store import Store


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
        """Returns a path of the settings, made absolute."""
        return self.data / path

    @property
    def database_url(self) -> str:
        """Returns postgresql://… or sqlite:///path. raises: SettingsInvalid"""
        url = self.secret("store", "url")
        try:
            check_url(url)
        except Expected as error:
            raise SettingsInvalid([not_allowed("store.url", error)]) from error
        return url or f"{SQLITE}{self.data / SQLITE_NAME}"

    @property
    def sealing_key(self) -> bytes:
        """Returns 32 octets. raises: SettingsInvalid if there is no key, or it is wrong"""
        text = self.secret("store", "key") or read(self.key_path)
        try:
            return key_of(text.strip())
        except Expected as error:
            raise SettingsInvalid([not_allowed("store.key", error)]) from error

    @property
    def key_path(self) -> Path:
        """Returns the file of the sealing key, if the key itself is not given."""
        return self.within(self.store.key_file or Path(KEY_NAME))

    def check(self) -> None:
        """Read also every file that the settings name. raises: SettingsInvalid"""
        self.check_processes()
        if self.store.key_file or self.store.key.get_secret_value() or self.key_path.exists():
            _ = self.sealing_key
        if self.listen.tls_cert and self.listen.tls_key:
            self._check_tls(self.within(self.listen.tls_cert), self.within(self.listen.tls_key))

    def check_processes(self) -> None:
        """raises: SettingsInvalid if so many processes cannot serve the store"""
        is_sqlite = self.database_url.startswith(SQLITE)
        if self.duties.processes > 1 and not is_sqlite:
            problem = Sentence(
                "duties.processes: 2 is for SQLite; on PostgreSQL start each process with its duties:"
                " hongyan serve --duties api,push,clock, and hongyan serve --duties link",
                {},
            )
            raise SettingsInvalid([problem])

    def _check_tls(self, chain: Path, key: Path) -> None:
        for file in (chain, key):
            read(file)
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, key, lambda: "")
        except (OSError, ValueError) as error:
            problem = Sentence(
                "listen.tls_cert and listen.tls_key: {chain} and {key} are no certificate with its key, PEM",
                {"chain": chain, "key": key},
            )
            raise SettingsInvalid([problem]) from error

    def secret(self, section: str, name: str) -> str:
        """Returns a secret in clear, from its own key or from its file. raises: SettingsInvalid if the file cannot be read"""
        part = getattr(self, section)
        path: Path | None = getattr(part, f"{name}_file")
        if path is None:
            given: SecretStr = getattr(part, name)
            return given.get_secret_value()
        return read(self.within(path)).strip()
