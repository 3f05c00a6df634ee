"""Rounds of loops that fail and are tried again."""

import structlog

from hongyan.ports.lane import StoreAway

log = structlog.get_logger(__name__)


def log_failure(event: str, error: BaseException, **facts: object) -> None:
    """Log what failed and is tried again. An outage of the store is logged once for all its callers (see `StoreAway`)."""
    note = log.debug if isinstance(error, StoreAway) else log.warning
    note(event, error=type(error).__name__, **facts)
