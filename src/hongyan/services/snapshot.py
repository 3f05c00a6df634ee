"""Loading the ConfigSnapshot: off the hot path, whenever the version of the configuration has grown."""

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

from hongyan.model.account import Account, AccountChange, Product, extno_digits
from hongyan.model.channel import Channel, ChannelChange, ChannelState
from hongyan.model.destination import read_destination
from hongyan.model.fields import loaded
from hongyan.model.listener import Listener, ListenerChange
from hongyan.model.meaning import Meaning
from hongyan.model.mms import MmsLimits
from hongyan.model.prefixes import PrefixTable
from hongyan.model.protocol import Protocol
from hongyan.model.route import route_of
from hongyan.model.secret import Secret
from hongyan.model.session_settings import SessionProtocol
from hongyan.model.site import Site, SiteChange
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.ports.tx.snapshot import SnapshotTx
from hongyan.services.admin.codes import ruled_codes
from hongyan.services.admin.sealing import KeyWrong, Sealer
from hongyan.services.snapshot_rules import load_listed, load_words

_NOTHING = ConfigSnapshot()


def load_snapshot(
    tx: SnapshotTx,
    sealer: Sealer,
    prefixes: PrefixTable,
    numbers_most: int,
    down: Collection[int] = (),
    last: ConfigSnapshot = _NOTHING,
    now_ms: int = 0,
    mms_limits: MmsLimits = _NOTHING.mms_limits,
    validity_s: Mapping[Product, int] = _NOTHING.validity_s,
) -> ConfigSnapshot:
    """Read all configuration into one snapshot. An account or channel whose secret does not open is stopped, and named in
    `shut`.

    last:   an earlier snapshot, whose long lists are reused as far as they did not change
    now_ms: secrets that ended before count no more
    """
    rows = tx.rows_of("account")
    secrets = _Secrets(sealer)
    accounts = [_account(row, secrets, now_ms) for row in rows]
    codes = ruled_codes(tx)
    channels = [_channel(row, secrets, codes[row["id"]]) for row in tx.rows_of("channel")]
    listed, listed_version = load_listed(tx, last)
    return ConfigSnapshot(
        version=tx.config_version(),
        accounts={a.name: a for a in accounts},
        accounts_by_id={a.id: a for a in accounts},
        sites={row["host"]: Site(row["host"], **loaded(SiteChange, row)) for row in tx.rows_of("site")},
        channels={c.id: c for c in channels},
        routes=tuple(route_of(row) for row in tx.rows_of("route")),
        prices=dict(map(_price, tx.rows_of("price"))),
        down=frozenset(down),
        prefixes=prefixes,
        numbers_most=numbers_most,
        mms_limits=mms_limits,
        validity_s=validity_s,
        shut=tuple(secrets.shut),
        stale_ms=min((ends_ms for row in rows if (ends_ms := row["old_secret_ends_ms"]) > now_ms), default=0),
        words=load_words(tx, last),
        listed=listed,
        listed_version=listed_version,
        signatures=_approved(tx),
        listeners={row["id"]: _listener(row) for row in tx.rows_of("listener")},
        templates={(row["account_id"], row["number"]): row["text"] for row in tx.rows_of("template")},
    )


def _price(row: Mapping[str, Any]) -> tuple[tuple[int, Product, str | None], int]:
    destination = read_destination(row["carrier"]) if row["carrier"] else None
    return (row["account_id"], Product(row["product"]), destination), row["points"]


def _approved(tx: SnapshotTx) -> dict[int, frozenset[str]]:
    """Returns the names of approved signatures by account."""
    names: dict[int, set[str]] = {}
    for row in tx.rows_of("signature", state="approved"):
        names.setdefault(row["account_id"], set()).add(row["name"])
    return {account_id: frozenset(found) for account_id, found in names.items()}


def known_secret(plain: str) -> Secret:
    return Secret(plain, hashlib.md5(plain.encode(), usedforsecurity=False).hexdigest().upper())


class _Secrets:
    """Opens the secrets of rows, and remembers the rows whose secret does not open, such as `account acme`."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self.shut: list[str] = []

    def open(self, table: str, row: dict[str, Any], column: str = "secret") -> str:
        sealed = bytes(row[column])
        try:
            return self._sealer.open(sealed, f"{table}:{row['id']}")
        except KeyWrong:
            self.shut.append(f"{table} {row['name']}")
            return self._sealer.substitute(sealed)

    def is_shut(self, table: str, row: dict[str, Any]) -> bool:
        return f"{table} {row['name']}" in self.shut

    def former(self, row: dict[str, Any], column: str) -> Secret | None:
        """Returns an account's secret that counts no more; None if there is none, or it does not open."""
        try:
            return known_secret(self._sealer.open(bytes(row[column]), f"account:{row['id']}")) if row[column] else None
        except KeyWrong:
            return None


def _account(row: dict[str, Any], secrets: _Secrets, now_ms: int) -> Account:
    has_old = row["old_secret"] and row["old_secret_ends_ms"] > now_ms
    secret = known_secret(secrets.open("account", row))
    old_secret = known_secret(secrets.open("account", row, "old_secret")) if has_old else None
    former_secret = None if has_old else secrets.former(row, "old_secret")
    own = known_secret(secrets.open("account", row, "protocol_secret")) if row["protocol_secret"] else None
    is_shut = secrets.is_shut("account", row)
    held = loaded(AccountChange, row)
    held["is_stopped"] = held["is_stopped"] or is_shut
    held["extno_most"] = extno_digits(held["extno_most"], held["dialect"])
    return Account(
        id=row["id"],
        customer_id=row["customer_id"],
        name=row["name"],
        secret=secret,
        old_secret=old_secret,
        protocol_secret=own,
        former_secret=former_secret,
        old_protocol_secret=secrets.former(row, "old_protocol_secret"),
        **held,
    )


def _channel(row: dict[str, Any], secrets: _Secrets, codes: Mapping[str, Meaning]) -> Channel:
    held = loaded(ChannelChange, row)
    secret = secrets.open("channel", row)
    if secrets.is_shut("channel", row):
        held["state"] = ChannelState.STOPPED
    return Channel(
        id=row["id"],
        name=row["name"],
        protocol=Protocol(row["protocol"]),
        product=Product(row["product"]),
        secret=secret,
        codes=codes,
        **held,
    )


def _listener(row: dict[str, Any]) -> Listener:
    return Listener(row["id"], row["name"], SessionProtocol(row["protocol"]), **loaded(ListenerChange, row))
