"""The ConfigSnapshot within the limits of this installation's settings."""

from dataclasses import replace
from threading import Lock

from hongyan.model.account import Product
from hongyan.model.mms import MmsLimits
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.policy.numbers import published_prefixes
from hongyan.ports.tx import Tx
from hongyan.services.admin.sealing import Sealer
from hongyan.services.snapshot import load_snapshot
from hongyan.settings.sections.limits import Limits
from hongyan.store.database import Database


def read_snapshot(database: Database, sealer: Sealer, limits: Limits, last: ConfigSnapshot, now_ms: int) -> ConfigSnapshot:
    """Read it from a snapshot of the store. `last` is an earlier one; what did not change is reused."""
    mms = MmsLimits(limits.mms_octets, limits.mms_frame_octets, limits.mms_frames, limits.mms_subject)
    prefixes, most = published_prefixes(), limits.numbers_most
    validity_s = {Product.SMS: limits.sms_validity_s, Product.MMS: limits.mms_validity_s}
    return database.read(
        lambda tx: load_snapshot(tx, sealer, prefixes, most, last=last, now_ms=now_ms, mms_limits=mms, validity_s=validity_s)
    )


class SnapshotReader:
    """The current configuration for frequent readers. It is read again only when its version has grown. Threads may share it."""

    def __init__(self, database: Database, sealer: Sealer, limits: Limits) -> None:
        self._database, self._sealer, self._limits = database, sealer, limits
        self._lock = Lock()
        self._last = ConfigSnapshot()

    def read(self, now_ms: int) -> ConfigSnapshot:
        """Returns it with the channels that are down now. Blocks."""
        with self._lock:
            version, down = self._database.read(lambda tx: (tx.config_version(), _down(tx)))
            is_stale = 0 < self._last.stale_ms <= now_ms
            if version != self._last.version or is_stale:
                self._last = read_snapshot(self._database, self._sealer, self._limits, self._last, now_ms)
            return replace(self._last, down=down)


def _down(tx: Tx) -> frozenset[int]:
    """Returns channels whose owner reports that they are down."""
    return frozenset(channel_id for channel_id, lease in tx.leases().items() if lease.expires_ms and not lease.is_up)
