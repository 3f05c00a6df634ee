"""Connections to carriers, plain or over TLS.

Channel options: `tls=yes`; `tls_ca`, a file of trusted authorities (by default those of the system); `tls_name`, the name that
the certificate must have (by default the channel's host); `tls_verify=no`, to trust any certificate; `tls_cert` and `tls_key`,
our certificate and key if the carrier asks for them.
"""

import asyncio
import ssl

from hongyan.adapters.options import is_on
from hongyan.model.channel import Channel


def context_of(channel: Channel) -> ssl.SSLContext | None:
    """Returns None for a channel without TLS. The files are read anew for each connection, so that a renewed certificate is
    used.

    raises: OSError if a file is missing or contains no certificate
    """
    option = channel.options.get
    if not is_on(channel, "tls"):
        return None
    context = ssl.create_default_context(cafile=option("tls_ca"))
    if option("tls_verify", "yes").lower() in {"no", "false", "off", "0"}:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if certificate := option("tls_cert"):
        context.load_cert_chain(certificate, option("tls_key"))
    return context


async def connect(channel: Channel, protocol: asyncio.BaseProtocol) -> None:
    """Connect a protocol to the channel's carrier. raises: OSError"""
    context = context_of(channel)
    name = channel.options.get("tls_name") or channel.host
    await asyncio.get_running_loop().create_connection(
        lambda: protocol, channel.host, channel.port, ssl=context, server_hostname=name if context else None
    )
