"""A whole platform with simulated carriers, one for each behaviour, and a simulated customer: nothing to compile.

Each behaviour has an account, a channel and a route of its own, so that what a carrier does to its own traffic differs from what it does to
others.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from tests.survive.installations import InlineInstallation

from hongyan.sim.carrier import CarrierSim
from hongyan.sim.customer import Customer
from hongyan.sim.script import read_script

SECRET = "abc123"


@dataclass(frozen=True)
class Behaviour:
    """How a carrier behaves, and how its channel is set."""

    name: str
    script: str = ""
    protocol: str = "smpp"
    report_delay_s: float = 0.0
    callback: str = ""  # where its account is pushed to; "" is the customer of this platform
    channel: tuple[str, ...] = ()  # further words of `channel add`
    carrier: dict = field(default_factory=dict)  # further settings of the simulator


class WholePlatform:
    def __init__(self, installation, customer, carriers):
        self.installation = installation
        self.customer = customer
        self.carriers = carriers
        self._sent = 0

    async def send(self, name, count, text="您好【测试】"):
        """One task to so many new numbers of this behaviour's account; returns the numbers."""
        mobiles = [f"138{self._sent + index:08}" for index in range(count)]
        self._sent += count
        fields = {
            "action": "send",
            "userid": "7",
            "account": name,
            "password": SECRET,
            "mobile": ",".join(mobiles),
            "content": text,
        }
        url = f"http://127.0.0.1:{self.installation.port}/sms.aspx"
        async with aiohttp.ClientSession() as session, session.post(url, data=fields) as answer:
            seen = await answer.text()
        assert "<returnstatus>Success</returnstatus>" in seen, seen
        return mobiles

    def reports(self, mobiles):
        """How many reports the customer got of each of these numbers."""
        return {mobile: self.customer.mobiles.get(mobile, 0) for mobile in mobiles}

    def statuses(self, mobiles):
        wanted = set(mobiles)
        return {(item.status, item.code) for item in self.customer.received if item.mobile in wanted}

    async def until(self, claim, within_s):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not claim():  # noqa: ASYNC110  any claim: no event stands for all
                    await asyncio.sleep(0.02)
        return claim()

    async def all_reported(self, mobiles, within_s):
        return await self.until(lambda: all(self.reports(mobiles).values()), within_s)


@contextlib.asynccontextmanager
async def whole_platform(folder: Path, *behaviours: Behaviour):
    async with contextlib.AsyncExitStack() as stack:
        customer = Customer(keep=100_000)
        await customer.start()
        stack.push_async_callback(customer.stop)
        carriers = {}
        for one in behaviours:
            carrier = CarrierSim(
                one.protocol, script=read_script(one.script), report_delay_s=one.report_delay_s, heartbeat_s=0, **one.carrier
            )
            await carrier.start()
            stack.push_async_callback(carrier.stop)
            carriers[one.name] = carrier
        installation = InlineInstallation(folder / "data")
        await asyncio.to_thread(installation.__enter__)
        stack.push_async_exit(lambda *error: asyncio.to_thread(installation.__exit__, None, None, None))
        for one in behaviours:
            await asyncio.to_thread(_set_up, installation, one, carriers[one.name].port, one.callback or customer.url)
        await asyncio.to_thread(installation.start)
        yield WholePlatform(installation, customer, carriers)


def _set_up(installation, behaviour, port, callback):
    name = behaviour.name
    pushed = f"--callback {callback} --format xml --allow-private-callback"
    installation.command(*f"account add {name} --userid 7 --secret-file - --points 1000000 {pushed}".split(), stdin=SECRET)
    where = f"--protocol {behaviour.protocol} --host 127.0.0.1 --port {port} --user 901234 --secret-file -"
    installation.command(*f"channel add {name} {where}".split(), *behaviour.channel, stdin="p")
    installation.command("route", "add", "--carrier", "any", "--channel", name, "--account", name)
