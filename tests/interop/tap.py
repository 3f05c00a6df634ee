"""What passes between a client and a server, as a capture file: a relay on loopback that keeps every octet with its direction.

Capturing needs no privilege this way. The frames are raw IPv4 with TCP heads of our own making, one for each read.
"""

import asyncio
import struct
import time

_MAGIC, _RAW_IPV4 = 0xA1B2C3D4, 228
_CLIENT, _SERVER = bytes((127, 0, 0, 1)), bytes((127, 0, 0, 2))
_CLIENT_PORT = 40_000
_SYN, _ACK, _PUSH = 0x02, 0x10, 0x08


class Tap:
    """Relays the connections that come to `port`; `server_port` is what the capture file shows for the server."""

    def __init__(self, target_port, server_port):
        self._target_port = target_port
        self._server_port = server_port
        self._packets = []  # time, connection, is from the client, octets
        self._connections = 0
        self._relays = set()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error):
        self._server.close()
        for relay in self._relays:
            relay.cancel()
        await asyncio.gather(*self._relays, return_exceptions=True)

    async def _relay(self, client_reader, client_writer):
        self._connections += 1
        number = self._connections
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        for reader, writer, is_client in ((client_reader, server_writer, True), (server_reader, client_writer, False)):
            relay = asyncio.ensure_future(self._pass(number, reader, writer, is_client))
            self._relays.add(relay)

    async def _pass(self, number, reader, writer, is_client):
        try:
            while data := await reader.read(65_536):
                self._packets += [(time.time(), number, is_client, data[at : at + 1400]) for at in range(0, len(data), 1400)]
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    def write_pcap(self, path):
        with path.open("wb") as out:
            out.write(struct.pack("<IHHiIII", _MAGIC, 2, 4, 0, 0, 65_535, _RAW_IPV4))
            sequences = {}
            for at, number, is_client, data in self._packets:
                if number not in sequences:
                    sequences[number] = {True: 1, False: 1}
                    self._put(out, at, number, True, 0, 0, _SYN, b"")
                    self._put(out, at, number, False, 0, 1, _SYN | _ACK, b"")
                own = sequences[number]
                self._put(out, at, number, is_client, own[is_client], own[not is_client], _PUSH | _ACK, data)
                own[is_client] += len(data)

    def _put(self, out, at, number, is_client, sequence, acknowledged, flags, data):
        ports = (_CLIENT_PORT + number, self._server_port)
        addresses = (_CLIENT, _SERVER)
        if not is_client:
            ports, addresses = ports[::-1], addresses[::-1]
        tcp = struct.pack(">HHIIBBHHH", *ports, sequence, acknowledged, 5 << 4, flags, 65_535, 0, 0) + data
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, *addresses)
        out.write(struct.pack("<IIII", int(at), int(at % 1 * 1e6), len(ip + tcp), len(ip + tcp)) + ip + tcp)
