"""Opening, closing and securing a port."""

import asyncio
import contextlib
import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from bench.tools import free_port
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.http.test_delivery import LARGE, Teller
from tests.http.wire import Client, echo, post, quicken, run, serving

from hongyan.http.open_server import open_server
from hongyan.http.server import CannotListen, Listener, TlsFiles, listening
from hongyan.http.state import Limits


def test_a_port_in_use_is_said_in_one_line():
    async def main():
        async with serving(echo) as first:
            second = Listener(echo, "127.0.0.1", first.port)
            with pytest.raises(CannotListen) as caught:
                await second.start()

            assert str(caught.value) == f"cannot listen on 127.0.0.1:{first.port}: the port is in use"
            assert isinstance(caught.value, OSError)
            assert await second.stop(0) == 0

    run(main)


def test_an_address_of_another_machine_is_said_in_one_line():
    async def main():
        with pytest.raises(CannotListen, match=r"192\.0\.2\.1:1: this machine has no such address"):
            await Listener(echo, "192.0.2.1", 1).start()

    run(main)


@pytest.mark.parametrize("absent", ["192.0.2.1", "::2"])
def test_of_several_addresses_of_a_name_those_of_this_machine_are_opened(absent, monkeypatch):
    """`localhost` is ::1 too where IPv6 is switched off."""
    look_up = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda _, port, **kinds: [*look_up(absent, port, **kinds), *look_up("127.0.0.1", port, **kinds)]
    )

    [opened] = listening("a.name", 0)
    with opened:
        assert opened.getsockname()[0] == "127.0.0.1"
        with pytest.raises(CannotListen, match="the port is in use"):
            listening("a.name", opened.getsockname()[1])


def test_processes_may_share_a_port():
    async def main():
        async with serving(echo, reuse_port=True) as first:
            second = Listener(echo, "127.0.0.1", first.port, reuse_port=True)
            await second.start()
            await second.stop(0)

    run(main)


def test_stop_closes_idle_connections_and_lets_running_requests_end():
    async def main():
        teller = Teller(100)
        async with serving(teller) as listener:
            idle, busy = await Client.to(listener), await Client.to(listener)
            busy.write(post("/x"))
            await teller.asked.wait()
            stopping = asyncio.ensure_future(listener.stop(5))

            assert await idle.is_closed()

            teller.may_answer.set()

            assert (await busy.rest()).endswith(b"connection: close\r\n\r\n" + b"x" * 100)
            assert await stopping == 0

    run(main)


def test_stop_cuts_what_does_not_end():
    async def main():
        teller = Teller(100)
        async with serving(teller) as listener:
            client = await Client.to(listener)
            client.write(post("/x"))
            await teller.asked.wait()

            assert await listener.stop(0.05) == 1
            assert await client.is_closed()

    run(main)


def test_a_connection_to_an_open_port_waits_until_it_is_started():
    async def main():
        listener = Listener(echo, "127.0.0.1", 0)
        await listener.open()
        client = await Client.to(listener)
        client.write(post("/x", b"a"))
        await listener.start()

        assert (await client.answer())[1] == b"POST /x \na"

        await listener.stop(0)

    run(main)


def test_an_open_port_that_was_never_started_is_let_go():
    async def main():
        listener = Listener(echo, "127.0.0.1", 0)
        await listener.open()
        port = listener.port
        await listener.stop(0)
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            pass

    run(main)


def test_a_stopped_listener_takes_no_connections_and_can_start_again():
    async def main():
        listener = Listener(echo, "127.0.0.1", 0)
        await listener.start()
        port = listener.port
        await listener.stop(0)
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            pass
        await listener.start()
        client = await Client.to(listener)
        client.write(post("/x", b"a"))

        assert (await client.answer())[1] == b"POST /x \na"

        await listener.stop(0)

    run(main)


def write_certificate(folder, name):
    """A self-signed certificate for `name`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    files = TlsFiles(folder / "cert.pem", folder / "key.pem")
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


def trusting():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def shown_by(client):
    certificate = client.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    return x509.load_der_x509_certificate(certificate).subject.rfc4514_string()


def test_tls_serves_the_same_application(tmp_path):
    async def main():
        async with serving(echo, tls=write_certificate(tmp_path, "one")) as listener:
            client = await Client.to(listener, ssl=trusting())
            for _ in range(3):
                client.write(post("/x", b"a" * 100_000))

                assert (await client.answer())[1] == b"POST /x \n" + b"a" * 100_000

    run(main)


def test_the_certificate_is_reloaded_for_new_connections(tmp_path):
    async def main():
        async with serving(echo, tls=write_certificate(tmp_path, "one")) as listener:
            old = await Client.to(listener, ssl=trusting())
            write_certificate(tmp_path, "two")
            listener.reload_certificate()
            new = await Client.to(listener, ssl=trusting())

            assert (shown_by(old), shown_by(new)) == ("CN=one", "CN=two")

            old.write(post("/x", b"a"))

            assert (await old.answer())[1] == b"POST /x \na"

    run(main)


def test_an_unreadable_certificate_is_an_error_and_the_old_one_stays(tmp_path):
    async def main():
        files = write_certificate(tmp_path, "one")
        async with serving(echo, tls=files) as listener:
            files.certificate.write_bytes(b"nonsense")
            with pytest.raises(ssl.SSLError):
                listener.reload_certificate()

            assert shown_by(await Client.to(listener, ssl=trusting())) == "CN=one"

    run(main)


def test_a_key_of_another_certificate_is_an_error_and_the_old_pair_stays(tmp_path):
    async def main():
        files = write_certificate(tmp_path, "one")
        key = files.key.read_bytes()
        async with serving(echo, tls=files) as listener:
            write_certificate(tmp_path, "two")
            files.key.write_bytes(key)  # the moment between the two files of a renewal
            with pytest.raises(ssl.SSLError):
                listener.reload_certificate()

            assert shown_by(await Client.to(listener, ssl=trusting())) == "CN=one"

    run(main)


def test_a_listener_without_a_usable_certificate_does_not_start(tmp_path):
    async def main():
        files = write_certificate(tmp_path, "one")
        files.key.unlink()
        with pytest.raises(CannotListen, match=r"key\.pem are no certificate and key \(No such file or directory\)"):
            await Listener(echo, "127.0.0.1", 0, tls=files).start()

    run(main)


@pytest.mark.parametrize("octets", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x05hello", b"\0" * 100])
def test_what_is_no_tls_is_cut(tmp_path, octets):
    async def main():
        async with serving(echo, tls=write_certificate(tmp_path, "one")) as listener:
            client = await Client.to(listener)
            client.write(octets)
            with contextlib.suppress(ConnectionError):
                await client.rest()
            good = await Client.to(listener, ssl=trusting())
            good.write(post("/x", b"a"))

            assert (await good.answer())[1] == b"POST /x \na"

    run(main)


def test_a_handshake_that_does_not_come_is_given_up(tmp_path):
    async def main():
        async with serving(echo, tls=write_certificate(tmp_path, "one"), limits=Limits(head_timeout_s=0.05)) as listener:
            assert await (await Client.to(listener)).is_closed()

    run(main)


def test_stop_does_not_wait_for_a_handshake(tmp_path):
    async def main():
        async with serving(echo, tls=write_certificate(tmp_path, "one")) as listener:
            client = await Client.to(listener)
            await asyncio.sleep(0.02)
            await listener.stop(0.05)

            assert await client.is_closed()

    run(main)


@pytest.mark.parametrize("is_read", [True, False])
def test_an_answer_over_tls_knows_whether_it_left(tmp_path, monkeypatch, is_read):
    quicken(monkeypatch)

    async def main():
        teller = Teller(LARGE)
        async with serving(teller, tls=write_certificate(tmp_path, "one")) as listener:
            client = await Client.to(listener, ssl=trusting())
            client.write(post("/x"))
            await teller.asked.wait()
            teller.may_answer.set()
            if is_read:
                await client.answer()
            else:
                await client.reader.readexactly(1000)
                client.reset()

            assert await teller.left is is_read

    run(main)


def test_a_small_answer_over_tls_has_left_at_once(tmp_path):
    async def main():
        teller = Teller(100)
        async with serving(teller, tls=write_certificate(tmp_path, "one")) as listener:
            client = await Client.to(listener, ssl=trusting())
            client.write(post("/x"))
            teller.may_answer.set()

            assert await teller.left is True
            assert len((await client.answer())[1]) == 100

    run(main)


async def listener_at(port):
    listener = Listener(echo, "127.0.0.1", port)
    await listener.start()
    await listener.stop(0)


async def server_at(port):
    (await open_server(asyncio.Protocol, "127.0.0.1", port)).close()


@pytest.mark.parametrize("turns", range(6))
@pytest.mark.parametrize("opened_and_closed", [listener_at, server_at])
def test_a_stop_while_a_port_opens_leaves_none_open(opened_and_closed, turns):
    async def main():
        port = free_port()
        opening = asyncio.create_task(opened_and_closed(port))
        await asyncio.sleep(0.01 if turns == 1 else 0)  # in which the address is looked up
        for _ in range(turns):
            await asyncio.sleep(0)
        opening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await opening
        socket.create_server(("127.0.0.1", port)).close()

    run(main)
