"""Answers to what customers ask over their sessions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessageStatus:
    """Where a message is: the answer to query_sm.

    stat: ENROUTE, DELIVRD, UNDELIV, EXPIRED, DELETED, UNKNOWN, … in the words of SMPP; ACCEPTD for parts that wait for others
    """

    message_id: str
    stat: str
    code: str = ""  # of the carrier
    done_ms: int = 0  # 0 while it is open


@dataclass(frozen=True, slots=True)
class MessageCounts:
    """What CMPP_QUERY asks for: a day of China, one service or all."""

    submits: int = 0  # MT_TLMsg
    numbers: int = 0  # MT_Tlusr
    delivered: int = 0  # MT_Scs
    open: int = 0  # MT_WT
    failed: int = 0  # MT_FL
    replies_delivered: int = 0  # MO_Scs
    replies_waiting: int = 0  # MO_WT
    replies_failed: int = 0  # MO_FL
