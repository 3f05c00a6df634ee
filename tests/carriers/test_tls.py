"""Connections to carriers over TLS: whom we believe, and whom we do not."""

import asyncio
import ssl

import pytest
from tests.certificate import NAME, certificate

from hongyan.carriers.factory import adapter_of
from hongyan.carriers.link import CarrierLink
from hongyan.sim.carrier import CarrierSim


@pytest.fixture(scope="module")
def carrier_files(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"), "carrier")


def secured(files, *, asks_for=None):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=asks_for)
    context.load_cert_chain(*files)
    if asks_for:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def attempt(context, scene, fast, recorded_events, a_channel, now_ms, **options):
    """A link with these options at a carrier that speaks TLS."""

    async def go():
        sim = CarrierSim("smpp", user="901234", secret="s3cr3t", tls=context)
        await sim.start()
        events = recorded_events()
        events.link = link = CarrierLink(
            a_channel("smpp", sim.port, options={"tls": "yes"} | options), adapter_of, events, now_ms, fast, lambda: 1.0
        )
        await link.open()
        try:
            return await scene(link, events, sim)
        finally:
            await link.close(0)
            await sim.stop()

    return asyncio.run(go())


def test_a_carrier_whose_certificate_is_believed_is_spoken_to(
    carrier_files, wait, some, fast, recorded_events, a_channel, now_ms
):
    async def scene(link, events, sim):
        await wait(lambda: link.is_up)
        link.offer(some(50))
        await wait(lambda: len(events.receipts) == 50)
        return len(events.answers), sim.counts.submits

    seen = attempt(
        secured(carrier_files), scene, fast, recorded_events, a_channel, now_ms, tls_ca=carrier_files[0], tls_name=NAME
    )
    assert seen == (50, 50)


@pytest.mark.parametrize(
    "options",
    [{}, {"tls_ca": "own"}, {"tls_ca": "own", "tls_name": "other.example"}, {"tls_ca": "/nowhere/ca.pem", "tls_name": NAME}],
    ids=["unknown authority", "wrong address", "wrong name", "no such file"],
)
def test_any_other_is_reported_nothing(options, carrier_files, wait, fast, recorded_events, a_channel, now_ms):
    async def scene(link, events, sim):
        await wait(lambda: link.counts.connects_failed >= 2)
        return link.is_up, sim.counts.logins, sim.counts.submits

    options = options | ({"tls_ca": carrier_files[0]} if options.get("tls_ca") == "own" else {})
    assert attempt(secured(carrier_files), scene, fast, recorded_events, a_channel, now_ms, **options) == (False, 0, 0)


def test_any_certificate_is_believed_where_the_channel_says_so(carrier_files, wait, fast, recorded_events, a_channel, now_ms):
    async def scene(link, events, sim):
        await wait(lambda: link.is_up)
        return sim.counts.logins

    assert attempt(secured(carrier_files), scene, fast, recorded_events, a_channel, now_ms, tls_verify="no") == 1


def test_a_carrier_that_wants_to_know_us_is_shown_our_certificate(
    carrier_files, tmp_path, wait, fast, recorded_events, a_channel, now_ms
):
    ours = certificate(tmp_path, "ours")

    async def scene(link, events, sim):
        await wait(lambda: link.is_up)
        return sim.counts.logins

    seen = attempt(
        secured(carrier_files, asks_for=ours[0]),
        scene,
        fast,
        recorded_events,
        a_channel,
        now_ms,
        tls_ca=carrier_files[0],
        tls_name=NAME,
        tls_cert=ours[0],
        tls_key=ours[1],
    )
    assert seen == 1
