"""The conditions of a running process, for /readyz."""

import asyncio
import shutil
from collections.abc import Sequence

from hongyan.compose.descriptors import CURE
from hongyan.compose.process_parts import ProcessParts
from hongyan.compose.process_start import clock
from hongyan.model.masking import without_password
from hongyan.model.translatable import Translatable
from hongyan.web.ops import Check

DISK_LEAST_OCTETS = 64 * 1024 * 1024
CHECK_WITHIN_S = 2.0


async def checks(parts: ProcessParts) -> Sequence[Check]:
    return [
        _draining(parts),
        await _store(parts),
        _secrets(parts),
        _disk(parts),
        _descriptors(parts),
        _doors_apart(parts),
        _strangers(parts),
        _links(parts),
        _pages(parts),
        _certificate(parts),
    ]


def _draining(parts: ProcessParts) -> Check:
    is_stopping = parts.stopping.is_set()
    return Check("draining", not is_stopping, Translatable("the process is stopping") if is_stopping else "")


async def _store(parts: ProcessParts) -> Check:
    try:
        async with asyncio.timeout(CHECK_WITHIN_S):
            await asyncio.to_thread(parts.database.check_schema)
    except TimeoutError:
        late = Translatable("no answer within {seconds} s: is the database up?", seconds=f"{CHECK_WITHIN_S:g}")
        return Check("store", False, late)
    except Exception as error:  # whatever the driver says, the process is not ready
        return Check("store", False, f"{type(error).__name__}: {without_password(str(error))[:200].partition(chr(10))[0]}")
    return Check("store", True)


def _links(parts: ProcessParts) -> Check:
    """Returns the condition of the links: only a warning, since what customers submit waits."""
    nobodys = sorted(
        parts.process_state.snapshot.channels[i].name
        for i in parts.lease_manager.unowned
        if i in parts.process_state.snapshot.channels
    )
    if not nobodys:
        return Check("links", True)
    detail = Translatable(
        "no process has {names}, {count} in all: one must run with the duty link",
        names=", ".join(nobodys[:5]),
        count=len(nobodys),
    )
    return Check("links", True, detail, is_warning=True)


def _pages(parts: ProcessParts) -> Check:
    """Returns the condition of the console: only a warning too."""
    is_gone = parts.console is not None and parts.console.is_gone
    detail = Translatable("its process ended; another is started") if is_gone else ""
    return Check("console", True, detail, is_warning=is_gone)


def _certificate(parts: ProcessParts) -> Check:
    """Returns the condition of the certificate: only a warning, since plain doors serve."""
    warning = parts.certificate.warning(clock())
    return Check("certificate", True, warning, is_warning=bool(warning))


def _doors_apart(parts: ProcessParts) -> Check:
    is_serving = parts.doors is None or parts.doors.is_serving
    detail = "" if is_serving else Translatable("their process does not serve: it starts, or is started again")
    return Check("doors", is_serving, detail)


def _strangers(parts: ProcessParts) -> Check:
    """Returns whether the doors hold addresses back: only a warning, since they hurt nobody else."""
    held = parts.held_addresses
    if not held:
        return Check("strangers", True)
    detail = Translatable(
        "the doors hold back {names}, {count} in all: they ask and prove nothing", names=", ".join(held[:5]), count=len(held)
    )
    return Check("strangers", True, detail, is_warning=True)


def _descriptors(parts: ProcessParts) -> Check:
    is_out = parts.descriptors.is_out or (parts.doors is not None and parts.doors.is_without_descriptors)
    detail = (
        Translatable("no descriptor can be had, and connections are lost: {cure}", cure=Translatable(CURE)) if is_out else ""
    )
    return Check("descriptors", not is_out, detail)


def _secrets(parts: ProcessParts) -> Check:
    shut = parts.process_state.snapshot.shut
    detail = Translatable(
        "the sealing key does not open the secrets of: {names}. They are stopped: give each its secret again",
        names=", ".join(shut),
    )
    return Check("secrets", not shut, detail if shut else "")


def _disk(parts: ProcessParts) -> Check:
    free = shutil.disk_usage(parts.data).free
    detail = Translatable(
        "{free} octets are free in the data folder, {least} are needed: make room",
        free=f"{free:,}",
        least=f"{DISK_LEAST_OCTETS:,}",
    )
    return Check("disk", free >= DISK_LEAST_OCTETS, "" if free >= DISK_LEAST_OCTETS else detail)
