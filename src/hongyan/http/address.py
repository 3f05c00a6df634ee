"""IP addresses and networks: reading lists of them, and asking whether an address is in one."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


def networks(listed: Sequence[str]) -> tuple[Network, ...]:
    """Reads addresses (`10.0.0.7`) and networks (`10.0.0.0/8`). raises: ValueError for anything else"""
    return tuple(ip_network(entry.strip(), strict=False) for entry in listed)


def plain_address(address: str) -> str:
    """Returns an IPv4 address that an IPv6 socket spells `::ffff:a.b.c.d` as a.b.c.d; any other one unchanged."""
    return address[7:] if address.startswith("::ffff:") and "." in address else address


def socket_address(name: object) -> tuple[str, int]:
    """Returns address and port from `getpeername` or `getsockname`; ("", 0) for a socket that is not an Internet one."""
    if isinstance(name, tuple) and len(name) >= 2:
        return plain_address(str(name[0])), int(name[1])
    return "", 0


@lru_cache(maxsize=8_192)
def address_block(address: str) -> str:
    """Returns the addresses that one host surely has to itself: an IPv4 address alone, the whole /64 of an IPv6 address."""
    if ":" not in address:
        return address
    try:
        return str(ip_network(f"{address}/64", strict=False))
    except ValueError:
        return address


@lru_cache(maxsize=4096)
def is_listed(address: str, listed: tuple[str, ...]) -> bool:
    """Returns whether the address is in one of the networks; False for a text that is no address."""
    try:
        return is_within(address, networks(listed))
    except ValueError:
        return False


def is_within(address: str, known: Sequence[Network]) -> bool:
    """The same for networks that were read already. raises: ValueError for a text that is no address"""
    one = ip_address(address)
    if isinstance(one, IPv6Address) and one.ipv4_mapped is not None:
        one = one.ipv4_mapped
    return any(one in network for network in known)
