"""Connections to carriers over TLS: whom we believe, and whom we do not."""

import asyncio
import datetime as dt
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hongyan.carriers.factory import speak
from hongyan.carriers.link import CarrierLink
from hongyan.sim.carrier import CarrierSim

NAME = "smsc.example"


def certificate(folder, name, *, host=NAME):
    """A certificate that signs itself, and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    begin = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + dt.timedelta(days=36_500))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.2"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(cert_file), str(key_file)


@pytest.fixture(scope="module")
def carrier_files(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"), "carrier")


def secured(files, *, asks_for=None):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=asks_for)
    context.load_cert_chain(*files)
    if asks_for:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def attempt(context, scene, fast, an_ear, a_channel, now_ms, **options):
    """A link with these options at a carrier that speaks TLS."""

    async def go():
        sim = CarrierSim("smpp", user="901234", secret="s3cr3t", tls=context)
        await sim.start()
        ear = an_ear()
        ear.link = link = CarrierLink(
            a_channel("smpp", sim.port, options={"tls": "yes"} | options), speak, ear, now_ms, fast, lambda: 1.0
        )
        await link.open()
        try:
            return await scene(link, ear, sim)
        finally:
            await link.close(0)
            await sim.stop()

    return asyncio.run(go())


def test_a_carrier_whose_certificate_is_believed_is_spoken_to(
    carrier_files, wait, some, fast, an_ear, a_channel, now_ms
):  # fmt: skip
    async def scene(link, ear, sim):
        await wait(lambda: link.is_up)
        link.offer(some(50))
        await wait(lambda: len(ear.receipts) == 50)
        return len(ear.answers), sim.counts.submits

    told = attempt(
        secured(carrier_files), scene, fast, an_ear, a_channel, now_ms, tls_ca=carrier_files[0], tls_name=NAME
    )  # fmt: skip
    assert told == (50, 50)


@pytest.mark.parametrize(
    "options",
    [{}, {"tls_ca": "own"}, {"tls_ca": "own", "tls_name": "other.example"}, {"tls_ca": "/nowhere/ca.pem", "tls_name": NAME}],
    ids=["unknown authority", "wrong address", "wrong name", "no such file"],
)
def test_any_other_is_told_nothing(options, carrier_files, wait, fast, an_ear, a_channel, now_ms):
    async def scene(link, ear, sim):
        await wait(lambda: link.counts.connects_failed >= 2)
        return link.is_up, sim.counts.logins, sim.counts.submits

    options = options | ({"tls_ca": carrier_files[0]} if options.get("tls_ca") == "own" else {})
    assert attempt(secured(carrier_files), scene, fast, an_ear, a_channel, now_ms, **options) == (False, 0, 0)


def test_any_certificate_is_believed_where_the_channel_says_so(carrier_files, wait, fast, an_ear, a_channel, now_ms):
    async def scene(link, ear, sim):
        await wait(lambda: link.is_up)
        return sim.counts.logins

    assert attempt(secured(carrier_files), scene, fast, an_ear, a_channel, now_ms, tls_verify="no") == 1


def test_a_carrier_that_wants_to_know_us_is_shown_our_certificate(
    carrier_files, tmp_path, wait, fast, an_ear, a_channel, now_ms
):  # fmt: skip
    ours = certificate(tmp_path, "ours")

    async def scene(link, ear, sim):
        await wait(lambda: link.is_up)
        return sim.counts.logins

    told = attempt(
        secured(carrier_files, asks_for=ours[0]), scene, fast, an_ear, a_channel, now_ms, tls_ca=carrier_files[0], tls_name=NAME,
        tls_cert=ours[0], tls_key=ours[1],
    )  # fmt: skip
    assert told == 1
