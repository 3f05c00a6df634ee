"""Kannel on loopback, in both roles: bearerbox and smsbox as a client, drive_smpp as the message centre of its own tests."""

import asyncio
import contextlib
import re
import urllib.parse
import urllib.request

from bench.tools import free_ports

CONFIGURATION = """
group = core
admin-port = {admin}
admin-password = nobody
smsbox-port = {box}
log-file = {folder}/bearerbox.log
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
store-type = file
store-location = {folder}/{store}

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

STORE = "kannel.store"
"""Where bearerbox keeps what it has not got rid of, in its folder."""

DRIVE_SMPP = "/usr/lib/kannel/test/drive_smpp"
SMSBOX_PORT = 13001
"""drive_smpp connects to an smsbox here, and ends without one; the number is built in."""


class Kannel:
    def __init__(self, http, dlr_url):
        self._http, self._dlr_url = http, dlr_url

    async def send(self, to, text):
        """Ask smsbox to send a text and to report what becomes of it."""
        facts = {
            "username": "tester",
            "password": "tester",
            "to": to,
            "charset": "UTF-8",
            "coding": "2",
            "text": text,
            "dlr-mask": "31",
            "dlr-url": self._dlr_url,
        }
        url = f"http://127.0.0.1:{self._http}/cgi-bin/sendsms?{urllib.parse.urlencode(facts)}"
        return await asyncio.to_thread(lambda: urllib.request.urlopen(url, timeout=10).read().decode())


@contextlib.asynccontextmanager
async def kannel(port, folder, dlr_url):
    """Kannel, connected to a message centre on this port; its programs are ended with the block."""
    admin, box, http = free_ports(3)
    file = folder / "kannel.conf"
    file.write_text(CONFIGURATION.format(admin=admin, box=box, http=http, port=port, folder=folder, store=STORE))
    seen = ("-v", "4", str(file))
    async with _running("bearerbox", *seen), _once(box), _running("smsbox", *seen), _once(http):
        yield Kannel(http, dlr_url)


class DriveSmpp:
    def __init__(self, port, process, log):
        self.port, self._process, self._log = port, process, log

    async def over(self):
        """Its exit code: it ends when a connection does."""
        return await asyncio.wait_for(self._process.wait(), 15)

    def texts(self):
        """What was submitted, in order of arrival; its log is all that it keeps."""
        return re.findall(r"submit_sm: short_message = <(.*)>$", self._log.read_text(), re.MULTILINE)

    def says(self, words):
        return words in self._log.read_text()


@contextlib.asynccontextmanager
async def drive_smpp(folder, count):
    """The message centre that Kannel is tested with: as soon as a receiver is bound it delivers `count` texts from a handset."""
    [port], log = free_ports(1), folder / "drive_smpp.log"
    smsbox = await asyncio.start_server(_nobody, "127.0.0.1", SMSBOX_PORT)
    try:
        async with _running(DRIVE_SMPP, "-v", "4", "-p", str(port), "-m", str(count), "-l", str(log)) as process:
            yield DriveSmpp(port, process, log)
    finally:
        smsbox.close()
        await smsbox.wait_closed()


async def _nobody(reader, writer):
    """A smsbox that says nothing."""
    await reader.read()
    writer.close()


@contextlib.asynccontextmanager
async def _running(program, *arguments):
    process = await asyncio.create_subprocess_exec(
        program, *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
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
