"""What an account may choose for its sessions: the connections by which it submits as to a carrier."""

from enum import StrEnum


class SessionProtocol(StrEnum):
    """A protocol by which customers connect to us as to a carrier."""

    SMPP = "smpp"  # versions 3.3 and 3.4
    CMPP = "cmpp"  # versions 2.0 and 3.0; the login says which


class MissingSession(StrEnum):
    """What becomes of reports and replies to be sent on a session while the account has none."""

    WAIT = "wait"  # they wait for the next session
    PULL = "pull"  # they wait, and can be pulled too
    PUSH = "push"  # they are posted to the account's address


class SourceRule(StrEnum):
    """What the source address of a submit means."""

    IGNORE = "ignore"  # nothing
    EXTNO = "extno"  # its digits are the extno of the request
    NUMBER = "number"  # it is a whole number: the access number of a channel, the account's extno, then the request's extno


class ReplyAlphabet(StrEnum):
    """Which alphabet replies have on sessions. UCS-2 is used for a text that the alphabet cannot spell."""

    NEEDED = "needed"  # SMPP: the account's data_coding 0, else Latin-1; CMPP: ASCII
    GBK = "gbk"  # CMPP: GBK; SMPP: as NEEDED
    UCS2 = "ucs2"


class SessionAlphabet(StrEnum):
    """Which alphabet a submit has that names none (SMPP data_coding 0)."""

    GSM = "gsm"  # the default alphabet of GSM and its extension, a septet in an octet
    GSM_PACKED = "gsm-packed"
    ASCII = "ascii"
    LATIN1 = "latin1"
    GBK = "gbk"
    UTF8 = "utf8"


class MissingParts(StrEnum):
    """What becomes of a long text when some of its parts have not come in time."""

    SEND = "send"  # the parts that came are sent
    FAIL = "fail"  # the text fails, with a report
