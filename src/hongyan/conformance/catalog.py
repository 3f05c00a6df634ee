"""Which cases are tried, by the words that an account's answers use."""

from collections.abc import Sequence

from hongyan.conformance.batch import BATCH
from hongyan.conformance.case import Case
from hongyan.conformance.codes import CODES
from hongyan.conformance.encrypted import ENCRYPTED
from hongyan.conformance.hx import HX
from hongyan.conformance.lushang import LUSHANG, LUSHANG_ASPX
from hongyan.conformance.soap import SOAP

CASES: dict[str, Sequence[Case]] = {"hx": (*HX, *ENCRYPTED, *BATCH, *SOAP, *LUSHANG, *LUSHANG_ASPX, *CODES)}
"""By dialect, in the order in which they are tried."""

EXTRAS = tuple(sorted({name for cases in CASES.values() for case in cases for name in case.needs}))
"""What the operator may name."""
