"""What simulated carriers speak: the only place that names their speeches side by side."""

from collections.abc import Callable, Mapping

from hongyan.sim.sgip import SgipSpeech
from hongyan.sim.smgp import SmgpSpeech
from hongyan.sim.speech import CmppSpeech, SmppSpeech, Speech
from hongyan.wire import cmpp

_SPEECHES: Mapping[str, Callable[[], Speech]] = {
    "cmpp2": lambda: CmppSpeech(cmpp.Version.V20),
    "cmpp3": lambda: CmppSpeech(cmpp.Version.V30),
    "sgip": SgipSpeech,
    "smgp": SmgpSpeech,
    "smpp": SmppSpeech,
}
PROTOCOLS = tuple(_SPEECHES)


def speech_of(protocol: str) -> Speech:
    """raises: ValueError for a protocol that is none of PROTOCOLS"""
    if protocol not in _SPEECHES:
        raise ValueError(f"a simulated carrier speaks one of {', '.join(PROTOCOLS)}; not {protocol!r}")
    return _SPEECHES[protocol]()
