"""One process of the platform: its parts, put together by its duties, started and stopped in order.

A stop begins where messages enter: the doors close first, then what is claimed is sent or given up, then the lanes end.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Iterable, Sequence

import structlog
from starlette.routing import Mount, Route

from hongyan import BUILD, __version__
from hongyan.adapters.cmpp.message_names import CmppMessageNames
from hongyan.adapters.smpp.message_names import SmppMessageNames
from hongyan.carriers.factory import link_maker
from hongyan.compose.console.child import ConsoleChild
from hongyan.compose.console.forward import ConsoleForward, no_console
from hongyan.compose.descriptors import Descriptors, raise_limit, share_out
from hongyan.compose.door_counts import DoorCounts
from hongyan.compose.doors.server import DoorsServer
from hongyan.compose.listeners import (
    AnyListener,
    door_listeners,
    doors_app,
    ops_listener,
    port_troubles,
    served_certificate,
    tls_files,
)
from hongyan.compose.loops import Loops
from hongyan.compose.notices import make_notices
from hongyan.compose.owner import has_ended, owner_name
from hongyan.compose.process_start import SWITCH_S, clock, settle_memory
from hongyan.compose.store_errors import without_login
from hongyan.compose.store_start import load_snapshot, start_store
from hongyan.compose.vitals import ProcessVitals
from hongyan.http.address import address_block, is_listed
from hongyan.http.connection_budget import ConnectionBudget
from hongyan.http.connection_shares import ConnectionShares, KnownAddresses
from hongyan.http.server import Listener
from hongyan.http.strangers import Strangers
from hongyan.model.account import Delivery
from hongyan.model.alarm import Observation
from hongyan.model.ids import DAY_MS, HOUR_MS, IdSource
from hongyan.model.session_settings import SessionProtocol
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.ports.guard import Guard
from hongyan.ports.tx import Tx
from hongyan.push.sender import Sender
from hongyan.push.transport import Limits as PushLimits
from hongyan.services.guessing import Guesses
from hongyan.services.queries.alarms import observe
from hongyan.services.queries.backlog import backlog
from hongyan.services.steps.recordings import asked_recordings
from hongyan.sessions.server import SessionServer
from hongyan.settings.sections.duties import Duty
from hongyan.settings.settings import Settings
from hongyan.store.database import Database
from hongyan.store.engine.lane import Answer, Lane
from hongyan.store.engine.outage import Outage
from hongyan.store.engine.wake import ACCOUNTS, CHANNELS, Waker
from hongyan.web.ops import ops_app
from hongyan.workers.alarms import Alarms
from hongyan.workers.customer_api import LaneCustomerApi
from hongyan.workers.customer_sessions import LaneCustomerSessions
from hongyan.workers.lease_manager import LeaseManager
from hongyan.workers.lease_watch import LeaseWatch
from hongyan.workers.link_figures import LinkFigures
from hongyan.workers.process_state import ProcessState
from hongyan.workers.pusher import Pusher
from hongyan.workers.recordings import Recordings
from hongyan.workers.steps import Steps
from hongyan.workers.sweeps import RetentionTimes, Sweeps
from hongyan.workers.watcher import Watcher

log = structlog.get_logger(__name__)


class Platform:
    """`await start()`, wait, `await stop()`. The start raises StoreNotReady, PeerUnreachable, AlreadyInUse, each with its cure."""

    def __init__(
        self,
        settings: Settings,
        console: ConsoleChild | None = None,
        *,
        doors_apart: Sequence[int] = (),
    ) -> None:
        """console: its process, if there is one
        doors_apart: the ports of the customers' doors, if they have a process of their own
        """
        self.settings, self._doors_apart = settings, doors_apart
        self.database = Database(settings.database_url)
        self._versions = self.database.reader()
        self.duties = frozenset(settings.duties.run)
        self.failed = asyncio.Event()  # a loop ended by a bug, or the disk keeps nothing: the process must end
        self._owner = owner_name()
        self._lanes: list[Lane] = []
        self._readings = Outage("readings")
        self._loops = Loops(self.failed.set)
        self._listeners: Sequence[AnyListener] = ()
        self._sender: Sender | None = None
        self._console_child = console
        self._console: ConsoleForward | None = None
        self._stopping = asyncio.Event()
        self.certificate = served_certificate(settings)

    async def start(self) -> None:
        sys.setswitchinterval(SWITCH_S)
        begun = await asyncio.to_thread(start_store, self.settings, self.database, self._owner)
        self._sealer = begun.sealer
        self._make_state(begun.snapshot, begun.ids)
        try:
            await self._make_loops()
            vitals = self._make_vitals()
            self._link_figures = LinkFigures(self.carry_lane, self.steps, vitals.links)
            self._listeners = self._make_listeners(vitals)
            await self._have_ports()  # before a link is started: a process that cannot listen must have sent nothing
            self._start_loops()
            if self._console is not None:
                self._console.start()
            for listener in self._listeners:
                await listener.start()
            if self.session_server is not None:
                await self.session_server.start()
        except BaseException:
            await self.stop()
            raise
        settle_memory()
        self._log_start(begun.snapshot)

    def _make_state(self, snapshot: ConfigSnapshot, ids: IdSource) -> None:
        """Make what the loops and the doors share: state, signals, lanes, and what answers customers."""
        limits = self.settings.limits
        self.shares, self.descriptors = share_out(raise_limit(), limits), Descriptors()
        delays = tuple(round(s * 1000) for s in limits.push_delays_s[1 : limits.push_attempts])
        self.process_state = ProcessState(snapshot, ids, clock, limits.parcel_messages, delays, limits.media_octets)
        self.signals, self.steps = self.process_state.signals, Steps(self.process_state)
        self.door_lane, self.carry_lane = self._start_lanes()
        self._waker = self._make_waker()
        self.api = self._make_api()
        self._known = KnownAddresses()
        self.counts = DoorCounts()
        self._strangers = Strangers(time.monotonic, self._known, self.counts.count_fault)
        guesses = Guesses(clock, address_block, on_proved=self._known.add)  # guesses are counted over all doors
        self._doors_server = self._make_doors_server(guesses) if self._doors_apart else None
        self._guard: Guard = self._doors_server.guard if self._doors_server else guesses
        self.customer_sessions = self._make_customer_sessions()
        self.session_server = self._make_session_server() if Duty.API in self.duties else None

    def _make_waker(self) -> Waker | None:
        """Make what wakes other processes, and is woken by them; None if there is no other process."""
        waker = self.database.waker({CHANNELS: self.signals.queued_elsewhere, ACCOUNTS: self.signals.owed_elsewhere})
        if waker is not None:
            self.signals.on_elsewhere(waker.announce)
            self.signals.on_owed_elsewhere(self._announce_owed)
        return waker

    def _make_api(self) -> LaneCustomerApi:
        limits = self.settings.limits
        return LaneCustomerApi(
            process_state=self.process_state,
            lane=self.door_lane,
            steps=self.steps,
            waiting_most=limits.waiting_submissions,
            octets_most=limits.waiting_media_octets,
            sealer=self._sealer,
            overlap_ms=limits.secret_overlap_hours * HOUR_MS,
        )

    def _make_customer_sessions(self) -> LaneCustomerSessions:
        return LaneCustomerSessions(
            process_state=self.process_state,
            lanes=(self.door_lane, self.carry_lane),
            steps=self.steps,
            signals=self.signals,
            api=self.api,
            guard=self._guard,
            is_listed=is_listed,
            names={SessionProtocol.SMPP: SmppMessageNames(), SessionProtocol.CMPP: CmppMessageNames()},
            owner=self._owner,
            is_alone=self.database.is_sqlite,
        )

    def _announce_owed(self, account_ids: Iterable[int]) -> None:
        """Notify other processes that accounts are owed something, if no session of ours takes it."""
        accounts, here = self.process_state.snapshot.accounts_by_id, self.customer_sessions.receiving
        far = [i for i in account_ids if i not in here and i in accounts and accounts[i].delivery is Delivery.SESSION]
        if far and self._waker is not None:
            self._waker.announce_owed(far)

    def _make_vitals(self) -> ProcessVitals:
        return ProcessVitals(
            data=self.settings.data,
            database=self.database,
            lanes=self._lanes,
            process_state=self.process_state,
            api=self.api,
            sessions=self.session_server,
            counts=self.counts,
            strangers=self._strangers,
            lease_manager=self.lease_manager,
            recordings=self._recordings,
            pusher=self.pusher,
            sweeps=self.sweeps,
            alarms=self.alarms,
            descriptors=self.descriptors,
            stopping=self._stopping,
            certificate=self.certificate,
            doors=self._doors_server,
        )

    def _start_lanes(self) -> tuple[Lane, Lane]:
        """Start the lanes. SQLite has one writer for all; on PostgreSQL accepting does not wait for sending and reports."""
        names = ("all",) if self.database.is_sqlite else ("doors", "carry")
        self._lanes = [self.database.lane(name, self.failed.set) for name in names]
        for lane in self._lanes:
            lane.start()
        return self._lanes[0], self._lanes[-1]

    async def _make_loops(self) -> None:
        self.lease_manager = self._make_lease_manager()
        self._recordings = self._make_recordings()
        self.sweeps = self._make_sweeps()
        self.alarms = self._make_alarms()
        self.pusher = await self._make_pusher()
        self._watcher = Watcher(
            self.process_state,
            clock,
            lambda: self._asked("version", lambda: self._versions.read(lambda tx: tx.config_version())),
            lambda last: self._asked("snapshot", lambda: load_snapshot(self.settings, self.database, self._sealer, last)),
        )

    def _make_lease_manager(self) -> LeaseManager:
        return LeaseManager(
            process_state=self.process_state,
            lane=self.carry_lane,
            steps=self.steps,
            signals=self.signals,
            make_link=link_maker(clock, ConnectionBudget(self.shares.channels)),
            owner=self._owner,
            drain_s=self.settings.limits.drain_s,
            watch=LeaseWatch(has_ended),
            is_alone=self.database.is_sqlite,
            owns=Duty.LINK in self.duties,
            pushes=Duty.PUSH in self.duties,
        )

    def _make_recordings(self) -> Recordings:
        reader = self._recording_reader = self.database.reader()
        sessions = self.session_server
        return Recordings(
            self.carry_lane,
            self.steps,
            self.lease_manager,
            sessions.pdus if sessions is not None else lambda _: None,
            lambda: self._asked("recordings", lambda: reader.read(asked_recordings)),
            clock,
            is_alone=self.database.is_sqlite,
        )

    def _make_sweeps(self) -> Sweeps:
        limits, retention = self.settings.limits, self.settings.retention
        keep = RetentionTimes(
            limits.client_ref_hours * HOUR_MS,
            retention.carrier_refs_days * DAY_MS,
            retention.media_days * DAY_MS,
            retention.messages_days * DAY_MS,
        )
        return Sweeps(
            process_state=self.process_state,
            lane=self.carry_lane,
            steps=self.steps,
            signals=self.signals,
            keep=keep,
            months=self.database,
            look=lambda: self._asked("backlog", lambda: self.database.read(lambda tx: backlog(tx, clock()))),
        )

    def _make_alarms(self) -> Alarms:
        reader = self._alarm_reader = self.database.reader()
        self._notices = make_notices(self.settings)
        return Alarms(
            self.carry_lane,
            self.steps,
            lambda success, ledger: self._asked(
                "alarms",
                lambda: reader.read(lambda tx: self._observed(tx, success=success, ledger=ledger)),
            ),
            self._notices,
            self.settings.alarms.language,
        )

    def _observed(self, tx: Tx, *, success: bool, ledger: bool) -> list[Observation]:
        return observe(tx, clock(), self.certificate.end, with_success=success, with_ledger=ledger)

    async def _make_pusher(self) -> Pusher:
        limits = self.settings.limits
        pushes = PushLimits(limits.push_connect_s, limits.push_total_s, limits.push_answer_octets, self.shares.pushes)
        self._sender = Sender(clock, pushes)
        await self._sender.open()
        return Pusher(self.process_state, self.carry_lane, self.steps, self.signals, self._sender, limits.push_batch)

    def _asked(self, step: str, ask: Callable[[], Answer]) -> Answer:
        """Ask the store beside its lanes. raises: StoreAway, logged as the lanes log it"""
        with self._readings.watching(step):
            return ask()

    def _start_loops(self) -> None:
        """Start the loops in the order in which they stop: claims of time first, watchers last."""
        if Duty.CLOCK in self.duties:
            self._loops.start(self.sweeps.run, "clock")
            self._loops.start(self.alarms.run, "alarms")
        if Duty.PUSH in self.duties:
            self._loops.start(self.pusher.run, "push")
        if Duty.API in self.duties:
            self._loops.start(self.customer_sessions.run, "sessions")
        if Duty.LINK in self.duties and not self.database.is_sqlite:
            self._loops.start(self._link_figures.run, "link_figures")
        if not self.database.is_sqlite:
            self._loops.start(self._recordings.run, "recordings")
        self._loops.start(self.descriptors.run, "descriptors")
        self._loops.start(self.lease_manager.run, "lease_manager")
        self._loops.start(self._watcher.run, "watcher")

    def _make_listeners(self, vitals: ProcessVitals) -> Sequence[AnyListener]:
        """Make the listeners: those of the doors, if they are a duty of this process, then that of the operators."""
        if self._console_child is not None:
            self._console = vitals.console = ConsoleForward(self._console_child, vitals)
        elsewhere = Mount("/", self._console) if self._console else Route("/{path:path}", no_console)
        ops = ops_listener(self.settings, ops_app(vitals, __version__, [elsewhere]))
        if self._doors_server is not None:
            return [self._doors_server, ops]
        return [*self._make_doors(), ops] if Duty.API in self.duties else [ops]

    def _make_doors_server(self, guesses: Guesses) -> DoorsServer:
        return DoorsServer(
            data=self.settings.data,
            port=self._doors_apart[0],
            process_state=self.process_state,
            lane=self.door_lane,
            steps=self.steps,
            api=self.api,
            guesses=guesses,
            observe=self.counts.add,
        )

    def _make_doors(self) -> Sequence[Listener]:
        app = doors_app(self.settings, self.api, clock, self._guard, self.counts.observe)
        return door_listeners(self.settings, app, self.shares, self._known, self._strangers)

    def _make_session_server(self) -> SessionServer:
        limits = self.settings.limits
        shares = ConnectionShares(self.shares.sessions, limits.address_connections, limits.network_connections)
        reuse_port = self.settings.listen.reuse_port
        return SessionServer(self.customer_sessions, clock, shares, tls_files(self.settings), reuse_port=reuse_port)

    async def _have_ports(self) -> None:
        for listener in self._listeners:
            with port_troubles():
                await listener.open()

    def _log_start(self, snapshot: ConfigSnapshot) -> None:
        log.info(
            "started",
            version=__version__,
            build=BUILD,
            store=without_login(self.database.url),
            duties=sorted(self.duties),
            doors=[listener.port for listener in self._listeners],
            accounts=len(snapshot.accounts),
            channels=len(snapshot.channels),
        )

    @property
    def door_port(self) -> int:
        return self._listeners[0].port

    @property
    def ops_port(self) -> int:
        return self._listeners[-1].port

    def reload_certificates(self) -> None:
        readers = [listener.reload_certificate for listener in self._listeners]
        if self.session_server is not None:
            readers.append(self.session_server.reload_certificates)
        self.certificate.read_again(readers)

    async def stop(self) -> None:
        began = time.monotonic()
        self._stopping.set()
        cut = [await listener.stop(self.settings.limits.drain_s) for listener in self._listeners]
        if self.session_server is not None:
            cut.append(await self.session_server.stop(self.settings.limits.drain_s))
        if self._console is not None:
            await self._console.stop()
        await self._loops.stop()
        if self._sender is not None:
            await self._sender.close()
            self._notices.close()
        for lane in self._lanes:
            await lane.stop()
        if self._waker is not None:
            await asyncio.to_thread(self._waker.stop)
        await asyncio.to_thread(self._let_go)
        log.info(
            "stopped",
            connections_cut=sum(cut),
            accepted=self.api.accepted,
            pushed=self.pusher.pushed.total(),
            seconds=round(time.monotonic() - began, 2),
        )

    def _let_go(self) -> None:
        self._versions.close()
        self._alarm_reader.close()
        self._recording_reader.close()
        try:
            with self.database.transaction() as tx:
                tx.drop_node(self.process_state.ids.node, self._owner)
        except Exception as error:  # the store is away: our number becomes free by itself
            log.warning("node_not_dropped", error=type(error).__name__)
        self.database.release()
