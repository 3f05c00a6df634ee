from pathlib import Path

from pydantic import SecretStr

from hongyan.settings.kinds import DatabaseUrl, SealingKey
from hongyan.settings.section import Section


class Store(Section):
    url: DatabaseUrl = SecretStr("")
    """postgresql://user:password@host/database; empty for SQLite, one file in the data folder."""
    url_file: Path | None = None
    """A file that holds the url instead."""
    key: SealingKey = SecretStr("")
    """The key that seals secrets in the database, 64 hex digits; better in key_file."""
    key_file: Path | None = None
    """A file that holds the key; hongyan.key in the data folder when neither is given."""
