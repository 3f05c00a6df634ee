"""The name of a delivery whose carrier has no lasting name for it: a digest of its content and the carrier's own time.

A repeat has the time of the first delivery. A person who writes "1" twice does so at two times. Without a time of the
carrier the two cannot be distinguished: then there is no name, and both are kept.
"""

from hashlib import sha256

_NO_TIME = " 0-/:\0"


def name_by_content(time: str, *content: str | bytes) -> str:
    """Returns 32 hexadecimal digits; "" without a time. time: as the carrier wrote it"""
    if not time.strip(_NO_TIME):
        return ""
    whole = sha256()
    for one in (time, *content):
        octets = one.encode("utf-8", "replace") if isinstance(one, str) else one
        whole.update(len(octets).to_bytes(4, "big") + octets)
    return whole.hexdigest()[:32]
