"""Where a running server of this machine is asked, and its console is opened."""

from hongyan.settings.sections.listen import Listen
from hongyan.wire.url import in_url

_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  where it listens everywhere, it is asked here


def ops_address(listen: Listen, ops_port: int | None = None) -> str:
    """Returns the URL of its ops listener, without a path. ops_port: if not that of the configuration"""
    scheme, host = "https" if listen.ops_tls else "http", _ANY_ADDRESS.get(listen.ops_host, listen.ops_host)
    return f"{scheme}://{in_url(host)}:{ops_port or listen.ops_port}"
