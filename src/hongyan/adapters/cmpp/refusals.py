"""The codes of refusals for customers that speak CMPP: a Status for a login, a Result for a submit.

100 to 199 are left to vendors. Ours stand for causes that the specification has no code for.

source: CMPP 3.0, 7.4.1.2 and 7.4.3.2
"""

from collections.abc import Mapping
from enum import IntEnum

from hongyan.model.refusal import Code
from hongyan.wire.cmpp.auth import BAD_SECRET, BAD_SOURCE, OTHER
from hongyan.wire.cmpp.pdu import BAD_STRUCTURE, FLOW_CONTROL

TOO_LONG, OTHER_ERROR, BAD_SRC_ID, BAD_DEST = 6, 9, 10, 13
"""Results of SUBMIT_RESP."""


class VendorResult(IntEnum):
    """Results of our own."""

    WORDS = 100  # words that are not allowed
    SIGNATURE = 101  # missing, or not approved
    LISTED = 102  # the number is black-listed
    NO_CHANNEL = 103
    BALANCE = 104
    PRODUCT = 105
    STOPPED = 106  # the account is stopped
    PARTS = 107  # too many parts of long texts wait for others
    INTERNAL = 108  # something broke on our side


_STATUSES: Mapping[Code, int] = {
    Code.ACCOUNT_EMPTY: BAD_SOURCE,
    Code.ACCOUNT_UNKNOWN: BAD_SECRET,
    Code.SECRET_WRONG: BAD_SECRET,
    Code.ADDRESS_FORBIDDEN: BAD_SOURCE,
}

_RESULTS: Mapping[Code, int] = {
    Code.ACCOUNT_STOPPED: VendorResult.STOPPED,
    Code.PARAMETER_BAD: BAD_STRUCTURE,
    Code.TIME_BAD: BAD_STRUCTURE,
    Code.VALIDITY_BAD: BAD_STRUCTURE,
    Code.NUMBERS_MANY: BAD_STRUCTURE,
    Code.NUMBER_REPEATED: BAD_DEST,
    Code.NUMBER_EMPTY: BAD_DEST,
    Code.NUMBER_BAD: BAD_DEST,
    Code.NUMBER_LISTED: VendorResult.LISTED,
    Code.NUMBER_NO_CHANNEL: VendorResult.NO_CHANNEL,
    Code.NO_CHANNEL: VendorResult.NO_CHANNEL,
    Code.NO_BINARY_CHANNEL: VendorResult.NO_CHANNEL,
    Code.NO_FLASH_CHANNEL: VendorResult.NO_CHANNEL,
    Code.CONTENT_EMPTY: BAD_STRUCTURE,
    Code.CONTENT_LONG: TOO_LONG,
    Code.CONTENT_WORDS: VendorResult.WORDS,
    Code.CONTENT_SQL: VendorResult.WORDS,
    Code.SIGNATURE_MISSING: VendorResult.SIGNATURE,
    Code.SIGNATURE_WRONG: VendorResult.SIGNATURE,
    Code.EXTNO_BAD: BAD_SRC_ID,
    Code.EXTNO_TAKEN: BAD_SRC_ID,
    Code.BALANCE_SHORT: VendorResult.BALANCE,
    Code.NO_PRODUCT: VendorResult.PRODUCT,
    Code.PARTS_MANY: VendorResult.PARTS,
    Code.BUSY: FLOW_CONTROL,
    Code.INTERNAL: VendorResult.INTERNAL,
}


def login_status_of(code: Code) -> int:
    """Returns the Status of a CONNECT_RESP that refuses."""
    return _STATUSES.get(code, OTHER)


def result_of(code: Code) -> int:
    """Returns the Result of a SUBMIT_RESP that refuses; 9, other error, for a cause without a code of its own."""
    return _RESULTS.get(code, OTHER_ERROR)
