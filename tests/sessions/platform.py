"""A platform for a protocol server's tests: accounts, what they submitted, what they are owed; all in memory, in order, at once."""

import asyncio
import itertools
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import md5

from tests.sim.client import SECRET, USER

from hongyan.http.connection_shares import ConnectionShares
from hongyan.model.account import Account
from hongyan.model.customer_session import CustomerSession
from hongyan.model.listener import Listener
from hongyan.model.message import MessageState
from hongyan.model.owed import OwedReply, OwedReport
from hongyan.model.refusal import Code, Refusal
from hongyan.model.secret import Secret
from hongyan.model.session_delivery import SessionReply, SessionReport
from hongyan.model.session_settings import SessionProtocol
from hongyan.model.session_submit import Submitted
from hongyan.sessions.server import SessionServer

NOW = 1_790_000_000_000
SMPP, CMPP = SessionProtocol.SMPP, SessionProtocol.CMPP


def secret(plain):
    return Secret(plain, md5(plain.encode()).hexdigest().upper())


ACCOUNT = Account(1, 7, USER, secret(SECRET), protocols=(SMPP, CMPP))


class Platform:
    """Implements ports.customer_sessions.CustomerSessions."""

    def __init__(self, *listeners, **settings):
        self.account = replace(ACCOUNT, **settings)
        self.logins = self.submits = self.deliveries = self.questions = self
        self.listeners = {one.id: one for one in listeners}
        self.submissions = []
        self.parts = []
        self.owed = []
        self.claimed = {}  # by identity
        self.delivered_items, self.refused_items = [], []
        self.sessions = {}
        self.ends = []
        self.cause = None
        """Why every submit is refused."""
        self.held = None
        """Once a list: submits that wait here for their answer."""
        self.log_ins = 0
        self.cancelled, self.replaced = [], []
        self._ids = itertools.count(1_790_000_000_000_001)
        self._changed = lambda: None

    def on_listeners(self, changed):
        self._changed = changed

    def change_listeners(self, *listeners):
        self.listeners = {one.id: one for one in listeners}
        self._changed()

    def change_account(self, **settings):
        self.account = replace(self.account, **settings)
        for session, events in self.sessions.values():
            session.account = self.account
            events.changed(self.account)

    async def log_in(self, asked, events):
        self.log_ins += 1
        await asyncio.sleep(0)
        known = asked.login == self.account.name
        if not asked.proves(self.account.secret.plain if known else "nobody's") or not known:
            raise Refusal(Code.SECRET_WRONG if known else Code.ACCOUNT_UNKNOWN)
        if self.cause is not None and asked.protocol not in self.account.protocols:
            raise Refusal(self.cause)
        session = CustomerSession(next(self._ids), self.account, asked.protocol, asked.address)
        self.sessions[session.id] = session, events
        return session

    async def log_out(self, session, why):
        del self.sessions[session.id]
        self.ends.append(why)
        self.owed[:0] = self.claimed.values()
        self.claimed.clear()

    def submit(self, session, submission, done, *, names_refused):
        self.submissions.append(submission)
        self._answer(done)

    def submit_part(self, session, submission, place, done):
        self.parts.append((submission, place))
        self._answer(done)

    def _answer(self, done):
        future = asyncio.get_running_loop().create_future()
        if self.held is not None:
            self.held.append(future)
        elif self.cause is None:
            future.set_result(self.submitted())
        else:
            future.set_exception(self.cause if isinstance(self.cause, Exception) else Refusal(self.cause))
        future.add_done_callback(lambda answered: done(answered.exception() or answered.result()))

    def submitted(self, **facts):
        return Submitted(str(next(self._ids)), 1, **facts)

    def owe(self, *items):
        self.owed += items
        for _, events in self.sessions.values():
            events.owed()

    def hand_over(self, *items):
        """Owe items, to sessions that have room at once."""
        for _, events in self.sessions.values():
            taken, items = items[: events.room], items[events.room :]
            self.claimed |= {id(one): one for one in taken}
            events.deliver(taken)
        if items:
            self.owe(*items)

    def claim(self, session, most, answer_ms):
        items, self.owed = self.owed[:most], self.owed[most:]
        self.claimed |= {id(one): one for one in items}
        return _done(items)

    def delivered(self, session, items):
        self.delivered_items += items
        self._forget(items)
        return _done(None)

    def undelivered(self, session, items, *, is_final):
        self.refused_items += [(one, is_final) for one in items]
        self._forget(items)
        return _done(None)

    def _forget(self, items):
        for one in items:
            self.claimed.pop(id(one), None)

    def give_back(self, session, items):
        self.owed[:0] = items
        return _done(None)

    async def query(self, session, message_id):
        return None

    async def cancel(self, session, message_id):
        return False

    async def cancel_by_addresses(self, session, source, number, service):
        self.cancelled.append((source, number, service))
        return True

    async def replace(self, session, message_id, source, read):
        if self.cause is not None:
            raise Refusal(self.cause)
        self.replaced.append((message_id, source, read(8)))
        return message_id != "gone"

    async def count(self, session, day, service):
        raise Refusal(Code.PARAMETER_BAD, name="Time")


def _done(result):
    future = asyncio.get_running_loop().create_future()
    future.set_result(result)
    return future


def report(*message_ids, state=MessageState.DELIVERED, code="DELIVRD", phone=8613800138000, source="10690000123"):
    report = OwedReport(int(message_ids[0]), phone, 1, "", state, code, NOW + 3_000, "", len(message_ids))
    return SessionReport(report, tuple(map(str, message_ids)), source, NOW)


def reply(text, phone=8613800138000, dest="1069000012301", owed_id=77):
    return SessionReply(OwedReply(owed_id, phone, 0, text, NOW, "01", dest))


def listener(protocol=SMPP, listener_id=1, **settings):
    return Listener(listener_id, f"at-{listener_id}", protocol, **({"address": "127.0.0.1", "port": 0} | settings))


class Open:
    """A server that listens, with the address that a test's client wants."""

    host = "127.0.0.1"

    def __init__(self, platform, server):
        self.platform, self.server = platform, server

    @property
    def port(self):
        return self.at(1)

    def at(self, listener_id):
        return self.server.listeners[listener_id].number

    async def until(self, claim, within_s=10):
        async with asyncio.timeout(within_s):
            while not claim():  # noqa: ASYNC110  any claim: no event stands for all
                await asyncio.sleep(0.002)
        return True


@asynccontextmanager
async def opened(platform, *, connections=1_000, tls=None):
    server = SessionServer(platform, lambda: NOW, ConnectionShares(connections), tls)
    await server.start()
    try:
        yield Open(platform, server)
    finally:
        await server.stop(1.0)
