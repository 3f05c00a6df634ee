"""hongyan ready: whether the running server takes requests, asked of its ops listener, plain or TLS."""

import ssl
import urllib.error
import urllib.request
from typing import Annotated

from hongyan.cli.config import read_settings
from hongyan.cli.exits import Exit, Stop
from hongyan.cli.ops_address import ops_address
from hongyan.cli.options import Config, Data, alone, option, verb
from hongyan.cli.out import say

app = alone()


ANSWER_S = 4.0


@verb(
    app,
    "ready",
    "Ask the running server whether it is ready; for health checks of containers.",
    "hongyan ready",
    "hongyan ready --data /var/lib/hongyan --ops-port 8082",
)
def ready(
    data: Data = None,
    config: Config = None,
    ops_port: Annotated[int | None, option("Port of metrics and health.", "--ops-port")] = None,
) -> None:
    listen = read_settings(data, config).settings.listen
    _ask(f"{ops_address(listen, ops_port)}/readyz")
    say("ready")


def _ask(url: str) -> None:
    """raises: Stop"""
    try:
        # Our own listener on this machine: its certificate has the name by which others know it.
        urllib.request.urlopen(url, timeout=ANSWER_S, context=ssl._create_unverified_context()).close()  # noqa: S310, S323, SLF001
    except urllib.error.HTTPError as error:
        raise Stop(Exit.FOUND, "it is not ready: {answer}", answer=error.read().decode("utf-8", "replace")[:2000]) from error
    except OSError as error:
        raise Stop(
            Exit.UNREACHED, "{url} did not answer", "is `hongyan serve` running, with this --ops-port?", url=url
        ) from error
