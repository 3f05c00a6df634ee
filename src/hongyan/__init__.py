"""Hongyan 鸿雁: an SMS/MMS platform server."""

from importlib.util import find_spec
from typing import Final

__version__ = "0.1.0"

BUILD: Final = "compiled" if find_spec("hongyan__mypyc") else "pure"
"""Whether parts of this installation are libraries that mypyc made (`make compiled`); Python prefers them to the sources beside them."""
