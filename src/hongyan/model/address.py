"""Lists of addresses and networks, and whether an address stands in one."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


def networks(listed: Sequence[str]) -> tuple[Network, ...]:
    """Read addresses (`10.0.0.7`) and networks (`10.0.0.0/8`); raises ValueError for anything else."""
    return tuple(ip_network(entry.strip(), strict=False) for entry in listed)


def plain_address(address: str) -> str:
    """An IPv4 address that an IPv6 socket spells `::ffff:a.b.c.d`, as a.b.c.d; every other one as it is."""
    return address[7:] if address.startswith("::ffff:") and "." in address else address


@lru_cache(maxsize=8_192)
def place_of(address: str) -> str:
    """What counts as one place: an IPv4 address, and the /64 of an IPv6 one, the least that anybody is given."""
    if ":" not in address:
        return address
    try:
        return str(ip_network(f"{address}/64", strict=False))
    except ValueError:
        return address


@lru_cache(maxsize=4096)
def is_listed(address: str, listed: tuple[str, ...]) -> bool:
    """Whether the address is in one of the networks. What is no address is in none."""
    try:
        return is_within(address, networks(listed))
    except ValueError:
        return False


def is_within(address: str, known: Sequence[Network]) -> bool:
    """The same for networks that are read already; raises ValueError for what is no address."""
    one = ip_address(address)
    if isinstance(one, IPv6Address) and one.ipv4_mapped is not None:
        one = one.ipv4_mapped
    return any(one in network for network in known)
