"""What simulated carriers speak: the only place that names their speeches side by side."""

from collections.abc import Callable, Mapping

from hongyan.adapters.centre import CmppAdapter, ProtocolAdapter, SmppAdapter
from hongyan.adapters.sgip.centre import SgipAdapter
from hongyan.adapters.smgp.centre import SmgpAdapter
from hongyan.wire.cmpp import pdu as cmpp

_ADAPTERS: Mapping[str, Callable[[], ProtocolAdapter]] = {
    "cmpp2": lambda: CmppAdapter(cmpp.Version.V20),
    "cmpp3": lambda: CmppAdapter(cmpp.Version.V30),
    "sgip": SgipAdapter,
    "smgp": SmgpAdapter,
    "smpp": SmppAdapter,
}
PROTOCOLS = tuple(_ADAPTERS)


def centre_of(protocol: str) -> ProtocolAdapter:
    """raises: ValueError for a protocol that is none of PROTOCOLS"""
    if protocol not in _ADAPTERS:
        raise ValueError(f"a simulated carrier speaks one of {', '.join(PROTOCOLS)}; not {protocol!r}")
    return _ADAPTERS[protocol]()
