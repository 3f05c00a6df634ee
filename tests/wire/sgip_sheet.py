"""SGIP read and written from the protocol sheet alone, field by field; nothing of `hongyan.wire` is used here."""

from struct import calcsize, pack, unpack_from

ANSWER = [("Result", "B"), ("Reserve", "8s")]
LAYOUTS = {
    0x1: [("Login Type", "B"), ("Login Name", "16s"), ("Login Password", "16s"), ("Reserve", "8s")],
    0x2: [],
    0x80000002: [],
    0x4: [
        ("UserNumber", "21s"), ("SPNumber", "21s"), ("TP_pid", "B"), ("TP_udhi", "B"), ("MessageCoding", "B"),
        ("MessageLength", "I"), ("MessageContent", "MessageLength"), ("Reserve", "8s"),
    ],
    0x5: [
        ("SubmitSequenceNumber 1", "I"), ("SubmitSequenceNumber 2", "I"), ("SubmitSequenceNumber 3", "I"), ("ReportType", "B"),
        ("UserNumber", "21s"), ("State", "B"), ("ErrorCode", "B"), ("Reserve", "8s"),
    ],
    0x1000: [
        ("SubmitSequenceNumber 1", "I"), ("SubmitSequenceNumber 2", "I"), ("SubmitSequenceNumber 3", "I"), ("UserNumber", "21s"),
        ("Reserve", "8s"),
    ],
    0x11: [("SPNumber", "21s"), ("UserNumber", "21s"), ("UserCondition", "B"), ("Reserve", "8s")],
    0x3: [
        ("SPNumber", "21s"), ("ChargeNumber", "21s"), ("UserCount", "B"), ("UserNumber", "UserCount"), ("CorpId", "5s"),
        ("ServiceType", "10s"), ("FeeType", "B"), ("FeeValue", "6s"), ("GivenValue", "6s"), ("AgentFlag", "B"),
        ("MorelatetoMTFlag", "B"), ("Priority", "B"), ("ExpireTime", "16s"), ("ScheduleTime", "16s"), ("ReportFlag", "B"),
        ("TP_pid", "B"), ("TP_udhi", "B"), ("MessageCoding", "B"), ("MessageType", "B"), ("MessageLength", "I"),
        ("MessageContent", "MessageLength"), ("Reserve", "8s"),
    ],
    **{0x80000000 | command: ANSWER for command in (0x1, 0x3, 0x4, 0x5, 0x11)},
}  # fmt: skip


def read(octets):
    """One whole PDU as a dictionary of the sheet's field names; texts without their padding, several numbers as a list."""
    length, command, *sequence = unpack_from(">IIIII", octets)
    assert length == len(octets)
    seen = {"Command": command, "Sequence": tuple(sequence)}
    at = 20
    for name, kind in LAYOUTS[command]:
        if kind == "UserCount":
            seen[name] = [octets[at + 21 * i : at + 21 * i + 21].rstrip(b"\0") for i in range(seen["UserCount"])]
            at += 21 * seen["UserCount"]
        elif kind == "MessageLength":
            seen[name] = octets[at : at + seen["MessageLength"]]
            at += seen["MessageLength"]
        else:
            (value,) = unpack_from(">" + kind, octets, at)
            seen[name] = value.rstrip(b"\0") if isinstance(value, bytes) else value
            at += calcsize(">" + kind)
    assert at == len(octets)
    return seen


def write(command, sequence, fields):
    """One whole PDU; fields go by the sheet's names, counts and lengths are made here."""
    counts = {"UserCount": "UserNumber", "MessageLength": "MessageContent"}
    body = b""
    for name, kind in LAYOUTS[command]:
        if kind == "UserCount":
            body += b"".join(number.ljust(21, b"\0") for number in fields[name])
        elif kind == "MessageLength":
            body += fields[name]
        else:
            body += pack(">" + kind, len(fields[counts[name]]) if name in counts else fields[name])
    return pack(">IIIII", 20 + len(body), command, *sequence) + body
