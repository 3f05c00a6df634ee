"""A file is synced by the kernel or by a thread: the loop goes on, and what the disk refuses is reported."""

import asyncio
import errno
import os
import sys

import pytest
from tests.store.lanes import PATIENCE_S

from hongyan.store.engine import file_sync as module
from hongyan.store.engine.file_sync import KernelSync, ThreadSync, file_sync


def _has_io_uring():
    try:
        from caio.linux_uring import Context

        Context(max_requests=1)
    except (ImportError, SystemError):
        return False
    return True


needs_io_uring = pytest.mark.skipif(not _has_io_uring(), reason="the system has no io_uring, or does not allow it")
WAYS = [pytest.param(KernelSync, marks=needs_io_uring, id="kernel"), pytest.param(lambda _: ThreadSync(), id="thread")]


@pytest.fixture(params=WAYS)
def make(request):
    return request.param


async def outcome(way, file):
    done = asyncio.get_running_loop().create_future()
    way.sync(file, done.set_result)
    assert not done.done()  # the callback is called later, whatever happens
    return await asyncio.wait_for(done, PATIENCE_S)


def on_loop(make, path, what):
    async def go():
        way = make(path.parent)
        try:
            return await what(way)
        finally:
            way.close()

    return asyncio.run(go())


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"one")
    return path


def test_one_sync_after_the_other(make, path):
    async def go(way):
        with path.open("ab", buffering=0) as file:
            found = []
            for _ in range(20):
                file.write(b"x" * 5_000)
                found.append(await outcome(way, file.fileno()))
            return found

    assert on_loop(make, path, go) == [None] * 20


def test_a_descriptor_that_cannot_be_synced_is_an_error(make, path):
    async def go(way):
        reading, writing = os.pipe()
        try:
            return await outcome(way, writing)
        finally:
            os.close(reading)
            os.close(writing)

    assert os.strerror(errno.EINVAL) in str(on_loop(make, path, go))


@needs_io_uring
def test_what_the_kernel_cannot_take_now_it_gets_again(path):
    async def go(way):
        full = way._context = FullContext(way._context)
        with path.open("rb") as file:
            return await outcome(way, file.fileno()), full.refused

    assert on_loop(KernelSync, path, go) == (None, 3)


class FullContext:
    """Refuses three times what it is given, for lack of memory."""

    def __init__(self, context):
        self._context, self.refused = context, 0

    def __getattr__(self, name):
        return getattr(self._context, name)

    def flush(self):
        if self.refused < 3:
            self.refused += 1
            raise SystemError(os.strerror(errno.ENOMEM))
        return self._context.flush()


@needs_io_uring
def test_children_do_not_get_its_descriptor(path):
    async def go(way):
        return os.get_inheritable(way._context.fileno)

    assert on_loop(KernelSync, path, go) is False


@pytest.mark.parametrize("error", [SystemError("ENOSYS"), RuntimeError("in flight"), ImportError()])
def test_a_thread_serves_where_the_kernel_cannot(path, monkeypatch, error):
    def refuse(folder):
        raise error

    monkeypatch.setattr(module, "KernelSync", refuse)
    assert isinstance(on_loop(file_sync, path, self_of), ThreadSync)


def test_a_thread_serves_where_caio_has_no_io_uring(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "caio.linux_uring", None)  # as on a system that is not Linux
    assert isinstance(on_loop(file_sync, path, self_of), ThreadSync)


@needs_io_uring
def test_the_kernel_serves_where_it_can(path):
    assert isinstance(on_loop(file_sync, path, self_of), KernelSync)


async def self_of(way):
    return way
