"""PDUs that a running server recorded, asked of its ops listener on this machine."""

import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import Annotated, Any

import orjson

from hongyan.cli.config import read_settings
from hongyan.cli.exits import Exit, Stop
from hongyan.cli.ops_address import ops_address
from hongyan.cli.options import option
from hongyan.cli.out import print_json, print_text
from hongyan.i18n import china_time

_ANSWER_S = 5.0

OpsPort = Annotated[int | None, option("Port of metrics and health of the process that is asked.", "--ops-port")]


def print_recorded(place: str, ops_port: int | None, data: Path | None, config: Path | None, *, as_json: bool) -> None:
    """Print the PDUs of a link or a session, the oldest first. place: below the listener's address, such as channels/up1"""
    listen = read_settings(data, config).settings.listen
    answer = fetched(f"{ops_address(listen, ops_port)}/{place}/pdus")
    if as_json:
        print_json(answer)
        return
    for pdu in answer["pdus"]:
        print_pdu(pdu, china_time(pdu["at_ms"]))


def print_pdu(pdu: dict[str, Any], when: str) -> None:
    way = "→" if pdu["way"] == "out" else "←"
    facts = "  ".join(f"{k}={v}" for k, v in pdu.items() if k not in {"ms", "at_ms", "way", "pdu", "connection"})
    print_text(f"{when}  {pdu['connection']} {way} {pdu['pdu']}  {facts}".rstrip())


def fetched(url: str) -> Any:
    try:
        # Our own listener on this machine: its certificate has the name by which others know it.
        with urllib.request.urlopen(url, timeout=_ANSWER_S, context=ssl._create_unverified_context()) as answer:  # noqa: S310, S323, SLF001
            return orjson.loads(answer.read())
    except urllib.error.HTTPError as error:
        reason = orjson.loads(error.read())["error"]
        raise Stop(
            Exit.MISSING, "{reason}", "look whether it is up: hongyan channel list, hongyan session list", reason=reason
        ) from error
    except OSError as error:
        raise Stop(
            Exit.UNREACHED, "{url} did not answer", "is `hongyan serve` running, with this --ops-port?", url=url
        ) from error
