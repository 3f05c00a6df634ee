"""Sites: what requests without a known account are shown, depending on the host that they were sent to."""

from typing import Any

from hongyan.model.act import Act, AuditAction
from hongyan.model.errors import NotFound
from hongyan.model.fields import in_words, usual_columns
from hongyan.model.kinds import pattern
from hongyan.model.site import SiteChange
from hongyan.ports.tx.config import ConfigTx
from hongyan.ports.tx.shared import ConfigRowsTx

EVERY = "any"
"""The word for every host that has no site of its own; it is stored as ""."""

_HOST = pattern("give the name of a host, without a port", "[a-z0-9.-]{1,255}")


def set_site(tx: ConfigTx, act: Act, host: str, change: SiteChange) -> None:
    """Add or change a site. Values that are not given stay, or have their usual values for a new one. raises: Invalid

    host: as clients write it, without a port; EVERY or "" for every host that has no site of its own
    """
    host = _stored(host)
    rows = tx.rows_of("site", host=host)
    before = rows[0] if rows else {}
    after = usual_columns(SiteChange) | before | change.columns() | {"host": host}
    if rows:
        tx.change_row("site", host, **after)
    else:
        tx.add_row("site", **after)
    tx.audit(act, AuditAction.SITE_SET, host, before, after)


def drop_site(tx: ConfigTx, act: Act, host: str) -> None:
    """raises: NotFound"""
    host = _stored(host)
    rows = tx.rows_of("site", host=host)
    if not rows:
        raise NotFound("there is no site {host}", host=host or EVERY)
    tx.drop_row("site", host)
    tx.audit(act, AuditAction.SITE_DROP, host, rows[0], {})


def sites(tx: ConfigRowsTx) -> list[dict[str, Any]]:
    return [row | in_words(SiteChange, row) | {"host": row["host"] or EVERY} for row in tx.rows_of("site")]


def _stored(host: str) -> str:
    """raises: Invalid"""
    return "" if host == EVERY else str(_HOST.checked("host", host))
