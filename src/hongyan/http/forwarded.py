"""The address of a client behind proxies of ours."""

from collections.abc import Sequence

from hongyan.http.address import Network, is_within, plain_address


def forwarded_for(header: bytes, trusted: Sequence[Network]) -> str | None:
    """Returns the rightmost address of X-Forwarded-For that is not a proxy of ours.

    header:  its value: addresses separated by commas, the nearest hop last
    returns: None if there is none; entries left of a malformed one are not trusted
    """
    for entry in reversed(header.decode("latin-1").split(",")):
        hop = _without_port(entry.strip())
        try:
            if not is_within(hop, trusted):
                return plain_address(hop)
        except ValueError:
            return None
    return None


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
