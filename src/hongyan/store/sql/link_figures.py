"""SQL of the figures of links."""

from collections.abc import Sequence

from hongyan.store.engine.connection import Connection
from hongyan.store.engine.statement import INT, TEXT, Single, insert

_KEEP = insert(
    "link_figures",
    {"channel": TEXT, "at_ms": INT, "figures": TEXT},
    "ON CONFLICT (channel) DO UPDATE SET at_ms = excluded.at_ms, figures = excluded.figures",
)
_READ = Single("SELECT channel, figures FROM link_figures WHERE at_ms > :since")


class LinkFiguresSql:
    db: Connection

    def keep_link_figures(self, rows: Sequence[tuple[str, int, str]]) -> None:
        self.db.write(_KEEP, sorted(rows))

    def link_figures(self, since_ms: int) -> dict[str, str]:
        return {row[0]: row[1] for row in self.db.run(_READ, since=since_ms)}
