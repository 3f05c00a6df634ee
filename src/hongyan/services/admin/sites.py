"""Sites: what requests that name no known account are shown, by the host that they came to."""

from typing import Any

from hongyan.model.account import Site
from hongyan.model.act import Act
from hongyan.model.names import TITLE_MOST, check_name
from hongyan.model.told import Missing
from hongyan.ports.tx import Tx


def set_site(tx: Tx, act: Act, host: str, changes: dict[str, Any]) -> None:
    """Add a site or change one; what is not among the changes stays, or is as usual for a new one.

    host: lower case, without a port; "" is every host that has no site of its own
    raises: Unfit for what cannot be a brand's name
    """
    check_name(changes.get("brand", Site(host).brand), TITLE_MOST)
    rows = tx.rows_of("site", host=host)
    usual = Site(host)
    before = rows[0] if rows else {}
    after = (
        {
            "host": host,
            "dialect": str(usual.dialect),
            "brand": usual.brand,
            "language": usual.language,
            "clean_text": str(usual.clean_text),
        }
        | before
        | changes
    )
    if rows:
        tx.change_row("site", host, **after)
    else:
        tx.add_row("site", **after)
    tx.audit(act, "site.set", host, before, after)


def drop_site(tx: Tx, act: Act, host: str) -> None:
    """raises: Missing"""
    rows = tx.rows_of("site", host=host)
    if not rows:
        raise Missing("there is no site {host}", host=host or "any")
    tx.drop_row("site", host)
    tx.audit(act, "site.drop", host, rows[0], {})


def sites(tx: Tx) -> list[dict[str, Any]]:
    return tx.rows_of("site")
