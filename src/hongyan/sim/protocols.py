"""The protocols of simulated carriers: the only place that names the centres' adapters side by side."""

from collections.abc import Callable, Mapping

from hongyan.adapters.centre import CentreAdapter
from hongyan.adapters.cmpp.centre import CmppCentre
from hongyan.adapters.sgip.centre import SgipCentre
from hongyan.adapters.smgp.centre import SmgpCentre
from hongyan.adapters.smpp.centre import SmppCentre
from hongyan.wire.cmpp import pdu as cmpp

_ADAPTERS: Mapping[str, Callable[[], CentreAdapter]] = {
    "cmpp2": lambda: CmppCentre(cmpp.Version.V20),
    "cmpp3": lambda: CmppCentre(cmpp.Version.V30),
    "sgip": SgipCentre,
    "smgp": SmgpCentre,
    "smpp": SmppCentre,
}
PROTOCOLS = tuple(_ADAPTERS)


def centre_of(protocol: str) -> CentreAdapter:
    """raises: ValueError for a protocol that is none of PROTOCOLS"""
    if protocol not in _ADAPTERS:
        raise ValueError(f"a simulated carrier speaks one of {', '.join(PROTOCOLS)}; not {protocol!r}")
    return _ADAPTERS[protocol]()
