"""Kannel as a client: bearerbox and smsbox with a configuration and logs of their own, on free ports of loopback."""

import asyncio
import contextlib
import socket
import urllib.parse
import urllib.request

CONFIGURATION = """
group = core
admin-port = {admin}
admin-password = nobody
smsbox-port = {box}
log-file = {folder}/bearerbox.log
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"

group = smsc
smsc = smpp
smsc-id = up
host = 127.0.0.1
port = {port}
transceiver-mode = 1
smsc-username = esme01
smsc-password = pass1234
system-type = ""
source-addr-ton = 1
source-addr-npi = 1
dest-addr-ton = 1
dest-addr-npi = 1
reconnect-delay = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {http}
log-file = {folder}/smsbox.log
global-sender = 10690000123

group = sendsms-user
username = tester
password = tester
concatenation = true
max-messages = 10

group = sms-service
keyword = default
text = "taken"
"""


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Kannel:
    def __init__(self, http, dlr_url):
        self._http, self._dlr_url = http, dlr_url

    async def send(self, to, text):
        """Ask smsbox to send a text and to tell what becomes of it."""
        facts = {
            "username": "tester", "password": "tester", "to": to, "charset": "UTF-8", "coding": "2", "text": text, "dlr-mask": "31",
            "dlr-url": self._dlr_url,
        }  # fmt: skip
        url = f"http://127.0.0.1:{self._http}/cgi-bin/sendsms?{urllib.parse.urlencode(facts)}"
        return await asyncio.to_thread(lambda: urllib.request.urlopen(url, timeout=10).read().decode())


@contextlib.asynccontextmanager
async def kannel(port, folder, dlr_url):
    """Kannel, connected to a message centre on this port; its programs are ended with the block."""
    admin, box, http = free_ports(3)
    file = folder / "kannel.conf"
    file.write_text(CONFIGURATION.format(admin=admin, box=box, http=http, port=port, folder=folder))
    async with _running("bearerbox", file) as _, _once(box), _running("smsbox", file), _once(http):
        yield Kannel(http, dlr_url)


@contextlib.asynccontextmanager
async def _running(program, file):
    process = await asyncio.create_subprocess_exec(
        program, "-v", "4", str(file), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()


@contextlib.asynccontextmanager
async def _once(port):
    """When somebody listens there."""
    async with asyncio.timeout(15):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                await writer.wait_closed()
                break
    yield
