"""A client of carriers for tests: a session of `wire` on a socket, which keeps every event and answers deliveries."""

import asyncio
import ctypes
import socket
import struct

from hongyan.wire.cmpp import pdu as cmpp
from hongyan.wire.cmpp.state import CmppState
from hongyan.wire.events import Answer, Asked, Closed, LoggedIn
from hongyan.wire.session import Limits, Session, State
from hongyan.wire.smgp import pdu as smgp
from hongyan.wire.smgp.state import SmgpState
from hongyan.wire.smpp import pdu as smpp
from hongyan.wire.smpp.state import SmppState
from hongyan.wire.state import Role

SO_ATTACH_FILTER = 26  # of Linux
USER, SECRET = "901234", "s3cr3t"


def dialect_of(protocol, user=USER, secret=SECRET):
    if protocol == "smpp":
        return SmppState(smpp.Bind(0, smpp.Command.BIND_TRANSCEIVER, user, secret))
    if protocol == "smgp":
        return SmgpState(smgp.Version.V30, user, secret)
    return CmppState(cmpp.Version.V20 if protocol == "cmpp2" else cmpp.Version.V30, user, secret)


class Client(asyncio.Protocol):
    def __init__(self, protocol, protocol_state=None, *, answers=True, status=0):
        self.protocol = protocol
        self.loop = asyncio.get_running_loop()
        self.session = Session(protocol_state or dialect_of(protocol), Role.CLIENT, Limits(window=1000), self.loop.time())
        self.events = []
        self.octets = 0
        self.reads = []
        self._answers = answers
        self._status = status
        self.is_lost = False

    @classmethod
    async def login(cls, carrier, protocol, **options):
        client = await cls.connect(carrier, protocol, **options)
        assert await client.until(lambda: client.session.state is State.READY), client.events
        return client

    @classmethod
    async def connect(cls, carrier, protocol, *, stamp=1121093005, **options):
        _, client = await asyncio.get_running_loop().create_connection(
            lambda: cls(protocol, **options), carrier.host, carrier.port
        )
        client.session.login(client.loop.time(), stamp)
        client.flush()
        return client

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.octets += len(data)
        self.reads.append(len(data))
        events = self.session.feed(data, self.loop.time())
        self.events += events
        for event in events:
            if isinstance(event, Asked) and self._answers:
                self.session.answer(event.pdu, self._status)
        self.flush()

    def connection_lost(self, error):
        self.is_lost = True
        self.events += self.session.lost()

    def flush(self):
        self.transport.write(self.session.take_out())

    def lose_network(self):
        """Have the kernel drop every packet that comes, so that nothing is acknowledged; nobody is told."""
        drop = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))  # BPF: return 0
        rule = struct.pack("HP", 1, ctypes.addressof(drop))
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, rule)

    def submit(self, token, number="8613800138000", text="您好", source="10690000123", **fields):
        self.submit_octets(token, text.encode("utf-16-be"), number, source, **fields)

    def submit_octets(self, token, content, number="8613800138000", source="10690000123", **fields):
        seq = self.session.next_seq
        if self.protocol == "smpp":
            pdu = smpp.Sm(seq, smpp.Command.SUBMIT_SM, source, number, content, **({"registered_delivery": 1} | fields))
        elif self.protocol == "smgp":
            pdu = smgp.Submit(seq, source, (number,), content, **fields)
        else:
            pdu = cmpp.Submit(seq, source, (number,), content, **fields)
        self.session.send(self.session.protocol_state.encode(pdu), token, self.loop.time())
        self.flush()

    async def until(self, claim, within_s=5):
        end = self.loop.time() + within_s
        while not claim() and self.loop.time() < end:  # noqa: ASYNC110  any claim: no event stands for all
            await asyncio.sleep(0.002)
        return claim()

    @property
    def answers(self):
        return {event.token: (event.status, event.message_id) for event in self.events if isinstance(event, Answer)}

    @property
    def asked(self):
        return [event.pdu for event in self.events if isinstance(event, Asked)]

    @property
    def closed(self):
        return next((event for event in self.events if isinstance(event, Closed)), None)

    @property
    def is_in(self):
        return any(isinstance(event, LoggedIn) for event in self.events)
