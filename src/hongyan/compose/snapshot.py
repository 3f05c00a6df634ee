"""The ConfigSnapshot as this installation's settings bound it."""

from hongyan.model.account import Product
from hongyan.model.mms import MmsLimits
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.policy.numbers import published_prefixes
from hongyan.services.admin.sealing import Sealer
from hongyan.services.snapshot import load_snapshot
from hongyan.settings import Limits
from hongyan.store.database import Database


def read_snapshot(database: Database, sealer: Sealer, limits: Limits, last: ConfigSnapshot, now_ms: int) -> ConfigSnapshot:
    """Read from a snapshot of the store; `last` is an earlier one, of which is kept what did not change."""
    mms = MmsLimits(limits.mms_octets, limits.mms_frame_octets, limits.mms_frames, limits.mms_subject)
    prefixes, most = published_prefixes(), limits.numbers_most
    validity_s = {Product.SMS: limits.sms_validity_s, Product.MMS: limits.mms_validity_s}
    return database.read(
        lambda tx: load_snapshot(tx, sealer, prefixes, most, last=last, now_ms=now_ms, mms_limits=mms, validity_s=validity_s)
    )
