"""The host of a URL."""


def in_url(host: str) -> str:
    """Returns a host as a URL has it: an address of IPv6 in brackets (RFC 3986, 3.2.2)."""
    return f"[{host}]" if ":" in host else host
