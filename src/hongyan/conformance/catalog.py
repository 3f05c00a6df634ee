"""Which cases are tried, by the dialect of an account."""

from collections.abc import Sequence

from hongyan.conformance.batch import BATCH
from hongyan.conformance.case import Case
from hongyan.conformance.codes import CODES
from hongyan.conformance.encrypted import ENCRYPTED
from hongyan.conformance.hx import HX
from hongyan.conformance.lushang import LUSHANG, LUSHANG_ASPX
from hongyan.conformance.mms import MMS
from hongyan.conformance.push import PUSHES
from hongyan.conformance.secret import SECRET
from hongyan.conformance.soap import SOAP
from hongyan.conformance.wl import cases
from hongyan.conformance.words import CHINESE, ENGLISH, LITERAL

CASES: dict[str, Sequence[Case]] = {
    "hx": (*HX, *ENCRYPTED, *BATCH, *SOAP, *MMS, *SECRET, *LUSHANG, *LUSHANG_ASPX, *PUSHES, *CODES),
    "wl": cases(CHINESE),
    "wl-en": cases(ENGLISH),
    "wl-000": cases(LITERAL),
}
"""By dialect, in the order in which they are tried."""

EXTRAS = tuple(sorted({name for cases in CASES.values() for case in cases for name in case.needs}))
"""The extras that the operator may name."""
