"""Waiting for what another process does."""

import time

PATIENCE_S = 30.0


def until(claim):
    """Returns what the claim returns, once that is true."""
    limit = time.monotonic() + PATIENCE_S
    while not (found := claim()):
        assert time.monotonic() < limit
        time.sleep(0.05)
    return found
