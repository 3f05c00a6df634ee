"""Customers' sessions of the account `pre` on a rig, as protocol servers hold them."""

import asyncio

import pytest
from tests.scene import PREFIXES, SEALER

from hongyan.adapters.cmpp.message_names import CmppMessageNames
from hongyan.adapters.smpp.message_names import SmppMessageNames
from hongyan.http.address import address_block, is_listed
from hongyan.model.account import AccountChange
from hongyan.model.message import ReceiptState
from hongyan.model.owed import OwedState
from hongyan.model.refusal import Refusal
from hongyan.model.session_settings import SessionProtocol
from hongyan.model.session_submit import PartPlace
from hongyan.model.submission import Submission
from hongyan.ports.customer_sessions import LoginAsked
from hongyan.services.admin import accounts
from hongyan.services.admin.sealing import Sealer
from hongyan.services.guessing import Guesses
from hongyan.services.snapshot import load_snapshot
from hongyan.workers.customer_api import LaneCustomerApi
from hongyan.workers.customer_sessions import LaneCustomerSessions

SMPP, CMPP = SessionProtocol.SMPP, SessionProtocol.CMPP
PHONE = "13800138000"
FIRST, REST = "一" * 67, "二" * 30


class Events:
    """Implements ports.customer_sessions.SessionEvents."""

    answer_ms = 30_000
    is_cut_off = False

    def __init__(self, room=0):
        self.owed_times, self.accounts, self.endings = 0, [], []
        self.room, self.items = room, []

    def deliver(self, items):
        self.items += items

    def owed(self):
        self.owed_times += 1

    def changed(self, account):
        self.accounts.append(account)

    def end(self, why):
        self.endings.append(why)


class Client:
    """Sessions of the account `pre` on a rig, which it may hold by SMPP and CMPP."""

    def __init__(self, rig, **settings):
        self.rig, self.scene = rig, rig.scene
        self.set("pre", protocols=["smpp", "cmpp"], **settings)
        self.sessions = self.another(owner="me")

    def another(self, *, is_alone=False, owner="another"):
        """The same platform in another process."""
        rig, state = self.rig, self.scene.process_state
        api = LaneCustomerApi(state, rig.lane, rig.steps, 100, 10**6, Sealer(bytes(32)), 0)
        guard = Guesses(state.clock, address_block)
        names = {SMPP: SmppMessageNames(), CMPP: CmppMessageNames()}
        return LaneCustomerSessions(
            state, (rig.lane, rig.lane), rig.steps, rig.signals, api, guard, is_listed, names, owner, is_alone=is_alone
        )

    def set(self, account, **settings):
        scene = self.scene
        scene.within(lambda tx: accounts.change_account(tx, scene.act(), account, AccountChange(**settings)))
        self.reload()

    def reload(self):
        scene = self.scene
        scene.process_state.turn(scene.within(lambda tx: load_snapshot(tx, SEALER, PREFIXES, 100_000)))

    async def log_in(self, protocol=SMPP, login="pre", secret="abc123", address="10.0.0.1", events=None, shown="", **said):
        asked = LoginAsked(protocol, login, address, 1, lambda known: known == secret, shown or secret, **said)
        return await self.sessions.logins.log_in(asked, events or Events())

    def submission(self, text="您好", numbers=(PHONE,), **said):
        return Submission(self.scene.account("pre"), list(numbers), text, **said)

    async def submit(self, session, *args, **said):
        asked, done = answering()
        is_smpp = session.protocol is SMPP
        self.sessions.submits.submit(session, self.submission(*args, **said), done, names_refused=is_smpp)
        return await asked

    async def part(self, session, text, part, parts=2, reference=7, **said):
        asked, done = answering()
        self.sessions.submits.submit_part(session, self.submission(text, **said), PartPlace(reference, part, parts), done)
        return await asked

    def send_all(self, code="DELIVRD", state=ReceiptState.DELIVERED):
        """Let a carrier accept and report everything that is queued."""
        scene = self.scene
        segments = scene.claim()
        scene.record([scene.accepted(one, f"c{one.message_id}.{one.part}") for one in segments])
        scene.report(*(scene.receipt(f"c{one.message_id}.{one.part}", state=state, code=code) for one in segments))
        return segments

    async def claim(self, session, most=100, answer_ms=30_000):
        return await self.sessions.deliveries.claim(session, most, answer_ms)

    def owed_states(self):
        return [OwedState(row["state"]) for row in self.scene.rows("owed")]


def answering():
    """A future, and who fills it with what came of a submit."""
    asked = asyncio.get_running_loop().create_future()
    return asked, lambda answer: asked.set_exception(answer) if isinstance(answer, Exception) else asked.set_result(answer)


async def refused(awaitable):
    with pytest.raises(Refusal) as caught:
        await awaitable
    return caught.value.code
