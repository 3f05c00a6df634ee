"""The codes of refusals for customers that speak SMPP: a command_status for each cause.

A cause that the specification has no code for has one of those left to vendors (0x400 to 0x4FF). A client that does not know it
takes it for final, which it is.

source: SMPP 3.4, 5.1.3
"""

from collections.abc import Mapping
from enum import IntEnum

from hongyan.model.refusal import Code
from hongyan.wire.smpp.pdu import Status


class VendorStatus(IntEnum):
    """The command_status values of our own."""

    WORDS = 0x400  # words that are not allowed
    SIGNATURE = 0x401  # missing, or not approved
    LISTED = 0x402  # the number is black-listed
    NO_CHANNEL = 0x403
    BALANCE = 0x404
    PRODUCT = 0x405
    STOPPED = 0x406  # the account is stopped
    PARTS = 0x407  # too many parts of long texts wait for others


_STATUSES: Mapping[Code, int] = {
    Code.ACCOUNT_EMPTY: Status.RINVSYSID,
    Code.ACCOUNT_UNKNOWN: Status.RINVPASWD,
    Code.SECRET_EMPTY: Status.RINVPASWD,
    Code.SECRET_WRONG: Status.RINVPASWD,
    Code.LOGIN_SLOWED: Status.RBINDFAIL,
    Code.ADDRESS_FORBIDDEN: Status.RBINDFAIL,
    Code.PROTOCOL_FORBIDDEN: Status.RBINDFAIL,
    Code.SESSIONS_MANY: Status.RALYBND,
    Code.ACCOUNT_STOPPED: VendorStatus.STOPPED,
    Code.TIME_BAD: Status.RINVSCHED,
    Code.VALIDITY_BAD: Status.RINVEXPIRY,
    Code.NUMBERS_MANY: Status.RINVNUMDESTS,
    Code.NUMBER_REPEATED: Status.RINVDSTADR,
    Code.NUMBER_EMPTY: Status.RINVDSTADR,
    Code.NUMBER_BAD: Status.RINVDSTADR,
    Code.NUMBER_LISTED: VendorStatus.LISTED,
    Code.NUMBER_NO_CHANNEL: VendorStatus.NO_CHANNEL,
    Code.NO_CHANNEL: VendorStatus.NO_CHANNEL,
    Code.NO_BINARY_CHANNEL: VendorStatus.NO_CHANNEL,
    Code.NO_FLASH_CHANNEL: VendorStatus.NO_CHANNEL,
    Code.CONTENT_EMPTY: Status.RINVMSGLEN,
    Code.CONTENT_LONG: Status.RINVMSGLEN,
    Code.CONTENT_WORDS: VendorStatus.WORDS,
    Code.CONTENT_SQL: VendorStatus.WORDS,
    Code.SIGNATURE_MISSING: VendorStatus.SIGNATURE,
    Code.SIGNATURE_WRONG: VendorStatus.SIGNATURE,
    Code.EXTNO_BAD: Status.RINVSRCADR,
    Code.EXTNO_TAKEN: Status.RINVSRCADR,
    Code.BALANCE_SHORT: VendorStatus.BALANCE,
    Code.NO_PRODUCT: VendorStatus.PRODUCT,
    Code.PARTS_MANY: VendorStatus.PARTS,
    Code.BUSY: Status.RMSGQFUL,
    Code.INTERNAL: Status.RSYSERR,
}


def status_of(code: Code) -> int:
    """Returns the command_status of an answer that refuses; RSUBMITFAIL for a cause without a code of its own."""
    return _STATUSES.get(code, Status.RSUBMITFAIL)
