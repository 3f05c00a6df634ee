"""Which addresses are on the public internet, so that a push address cannot lead into our own network."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_UNICAST = ip_network("2000::/3")  # all of IPv6 that was ever assigned
_NAT64 = ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Returns whether the address is a public one: not private, loopback, link-local, shared, reserved or multicast.

    address: IPv4 or IPv6, with or without a zone; an IPv6 address that contains an IPv4 one is judged by that
    raises:  ValueError for anything else
    """
    one = ip_address(address)
    carried = _carried(one) if isinstance(one, IPv6Address) else one
    if carried is not None:
        return carried.is_global and not carried.is_multicast
    return one in _UNICAST and one.is_global


def _carried(address: IPv6Address) -> IPv4Address | None:
    """Returns the IPv4 address inside a mapped, a 6to4 or a NAT64 one."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
