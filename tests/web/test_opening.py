"""The step of a new customer's routes: which way a number of theirs would go, before anything is stored."""

from hongyan.model.channel import Channel, ChannelState
from hongyan.model.protocol import Protocol
from hongyan.model.staff import Role
from hongyan.services.admin import channels

PHONE = "13800138000"


async def furnish(admin) -> None:
    """Everybody's channel, one that is stopped, and one that works."""
    for name, state in (("common", ChannelState.RUNNING), ("shut", ChannelState.STOPPED), ("own", ChannelState.RUNNING)):
        channel = Channel(0, name, Protocol.LOOPBACK, access="1069", state=state)
        await admin.change(channels.add_channel, channel, admin.sealer)
    await admin.change(channels.add_route, "common", None, None, 0, 1)


def test_a_number_of_a_customer_to_be_is_tried_with_every_candidate(browse):
    async def go(site):
        await furnish(site.admin)
        async with site.browser() as browser:
            await browser.come_in(Role.ADMIN)
            await browser.get("/customers/open")
            asked = {"name": "acme", "customer_id": "7", "step": "2", "go": "test", "price": "3"}

            text = (await browser.post("/customers/open", **asked, number=PHONE))[2]
            assert "common" in text[text.index('id="test"') :]
            form = [("csrf", browser.csrf), *asked.items(), ("number", PHONE), ("channels", "shut"), ("channels", "own")]
            _, _, text = await browser.ask("POST", "/customers/open", form, {"Accept-Language": "en"})

            test = text[text.index('id="test"') :]
            assert f"{PHONE} is of mobile and leaves by own; a segment costs 3 points." in test
            assert "its channel is stopped" in test
            assert "another route is nearer" in test
            assert "acme" not in {row["name"] for row in await site.admin.read(lambda tx: tx.rows_of("account"))}

    browse(go)


def test_what_is_no_number_is_said_on_the_step(browse):
    async def go(site):
        await furnish(site.admin)
        async with site.browser() as browser:
            await browser.come_in(Role.ADMIN)
            await browser.get("/customers/open")
            asked = {"name": "acme", "customer_id": "7", "step": "2", "go": "test", "number": "12"}
            status, _, text = await browser.post("/customers/open", **asked)

            assert status == 422
            assert 'name="step" value="2"' in text

    browse(go)
