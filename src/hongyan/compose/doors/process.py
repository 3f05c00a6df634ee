"""The parts of the doors' process: the listeners of customers, a ConfigSnapshot of its own, and the way to the writer."""

import asyncio
import socket
import sys
from collections.abc import Callable, Sequence
from time import monotonic

import structlog
import uvloop

from hongyan.compose.admin_store import check_store
from hongyan.compose.descriptors import Descriptors, raise_limit, share_out
from hongyan.compose.door_counts import DoorCounts
from hongyan.compose.doors.client import SocketCustomerApi
from hongyan.compose.doors.frames import FrameConnection
from hongyan.compose.doors.guesses import SharedGuesses, guess_of
from hongyan.compose.doors.run_socket import connect_to
from hongyan.compose.doors.supervisor import handle_commands
from hongyan.compose.listeners import Sockets, door_listeners, doors_app, served_certificate
from hongyan.compose.process_start import SWITCH_S, clock, settle_memory
from hongyan.compose.snapshot import read_snapshot
from hongyan.http.address import address_block
from hongyan.http.connection_shares import KnownAddresses
from hongyan.http.server import Listener
from hongyan.http.strangers import Strangers
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.ports.lane import StoreAway
from hongyan.services.guessing import Guesses
from hongyan.settings.settings import Settings
from hongyan.store.database import Database
from hongyan.workers.process_state import Configuration
from hongyan.workers.waiting import wait_or_timeout
from hongyan.workers.watcher import Watcher

log = structlog.get_logger(__name__)

AGAIN_S = 0.05
"""Pause before the writer is looked for again."""

OBSERVED_S = 0.5
"""How often the writer gets a notice of the answers that were counted."""


def run_doors(settings: Settings, sockets: Sequence[Sockets]) -> Callable[[socket.socket], bool]:
    """Returns what runs in the forked process: the doors, until the supervisor stops them. sockets: of their ports, listening"""

    def run(end: socket.socket) -> bool:
        return uvloop.run(DoorsProcess(settings, sockets).run(end))

    return run


class DoorsProcess:
    def __init__(self, settings: Settings, sockets: Sequence[Sockets]) -> None:
        self._settings, self._sockets = settings, sockets
        limits = settings.limits
        self._configuration = Configuration(ConfigSnapshot())
        self._api = SocketCustomerApi(self._configuration, clock, limits.waiting_submissions, limits.reading_octets)
        self._known = KnownAddresses()
        self._guesses = SharedGuesses(
            Guesses(clock, address_block, on_proved=self._known.add), lambda guess: self._api.notify("guess", guess)
        )
        self._api.on_notice("guess", lambda fields: self._guesses.count_remote(guess_of(fields)))
        self._api.on_notice("down", lambda channel_ids: self._configuration.note_down(frozenset(channel_ids)))
        self._counts, self._descriptors = DoorCounts(), Descriptors()
        self._strangers = Strangers(monotonic, self._known, self._counts.count_fault)
        self._certificate = served_certificate(settings)
        self._database = Database(settings.database_url)
        self._versions = self._database.reader()
        self._listeners: Sequence[Listener] = ()
        self._asked = asyncio.Event()  # to stop
        self._gone = asyncio.Event()  # the connection to the writer is lost

    async def run(self, end: socket.socket) -> bool:
        """Run until a stop; returns False if a part broke."""
        sys.setswitchinterval(SWITCH_S)
        handle_commands(end, self._asked.set, self._reload)
        try:
            if not await self._find_writer():
                return True
            await self._begin()
            return await self._serve()
        finally:
            self._versions.close()

    async def _begin(self) -> None:
        """Begin. If the writer is there, the store is checked and belongs to nobody else."""
        self._sealer = await asyncio.to_thread(check_store, self._settings, self._database)
        self._configuration.turn(await asyncio.to_thread(self._load, self._configuration.snapshot))
        shares = share_out(raise_limit(), self._settings.limits)
        app = doors_app(self._settings, self._api, clock, self._guesses, self._counts.observe)
        self._listeners = door_listeners(self._settings, app, shares, self._known, self._strangers, self._sockets)
        for listener in self._listeners:
            await listener.start()
        settle_memory()
        self._api.notify("serving")
        log.info("doors_serving", doors=[listener.port for listener in self._listeners])

    async def _serve(self) -> bool:
        watcher = Watcher(self._configuration, clock, lambda: self._versions.read(lambda tx: tx.config_version()), self._load)
        loops = (watcher.run, self._descriptors.run, self._keep_writer, self._observe)
        running = [asyncio.create_task(loop(self._asked)) for loop in loops]
        asked = asyncio.create_task(self._asked.wait())
        await asyncio.wait([asked, *running], return_when=asyncio.FIRST_COMPLETED)
        cut = [await listener.stop(self._settings.limits.drain_s) for listener in self._listeners]
        self._send_observed()
        self._asked.set()
        self._api.close()
        found = await asyncio.gather(*running, return_exceptions=True)
        log.info("doors_stopped", connections_cut=sum(cut))
        return all(one is None for one in found)

    def _load(self, last: ConfigSnapshot) -> ConfigSnapshot:
        return read_snapshot(self._database, self._sealer, self._settings.limits, last, clock())

    def _reload(self) -> None:
        self._certificate.read_again([listener.reload_certificate for listener in self._listeners])

    # --- the writer -----------------------------------------------------------------------------------------------

    async def _keep_writer(self, stopping: asyncio.Event) -> None:
        """Connect to the writer again whenever the connection is lost."""
        while not stopping.is_set():
            gone = asyncio.create_task(self._gone.wait())
            asked = asyncio.create_task(stopping.wait())
            await asyncio.wait([gone, asked], return_when=asyncio.FIRST_COMPLETED)
            gone.cancel()
            asked.cancel()
            if self._gone.is_set() and await self._find_writer():
                self._api.notify("serving")

    async def _find_writer(self) -> bool:
        """Connect to the writer as soon as there is one, and ask for lost answers; returns False at a stop."""
        while not self._asked.is_set():
            try:
                await self._connect()
            except OSError:
                await wait_or_timeout(self._asked, AGAIN_S)
            except StoreAway:
                self._api.abort()
                await self._gone.wait()  # one connection at a time: the end of the last one is handled first
                await wait_or_timeout(self._asked, AGAIN_S)
            else:
                return True
        return False

    async def _connect(self) -> None:
        """raises: OSError, StoreAway"""
        one = connect_to(self._settings.data)
        self._gone.clear()
        connection = FrameConnection(self._api.take, self._lost)
        await asyncio.get_running_loop().create_unix_connection(lambda: connection, sock=one)
        down = await self._api.connect(connection)
        self._configuration.note_down(frozenset(down))

    def _lost(self) -> None:
        self._api.disconnected()
        self._gone.set()
        if not self._asked.is_set():
            log.error("writer_lost", cure="customers are answered busy until it is back")

    async def _observe(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            await wait_or_timeout(stopping, OBSERVED_S)
            self._send_observed()

    def _send_observed(self) -> None:
        self._api.notify("observed", self._counts.taken(), self._descriptors.is_out, self._strangers.held())
