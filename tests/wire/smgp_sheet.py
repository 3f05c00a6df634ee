"""SMGP read a second time, from the sheet alone and with nothing but `struct`: what our octets are judged by.

Everything is a plain dict. Nothing here is lenient: a length that does not come out even is an error.
"""

import struct


def read(octets):
    length, request, sequence = struct.unpack(">III", octets[:12])
    assert length == len(octets)
    seen = {"request": request, "sequence": sequence}
    return seen | LAYOUTS[request](octets[12:])


def text(octets):
    """Left aligned, padded with NUL."""
    value = octets.rstrip(b"\0")
    assert 0 not in value
    return value.decode("ascii")


def tlvs(octets):
    found = {}
    while octets:
        tag, length = struct.unpack(">HH", octets[:4])
        assert len(octets) >= 4 + length
        found[tag] = octets[4 : 4 + length]
        octets = octets[4 + length :]
    return found


def login(body):
    assert len(body) == 30
    return {
        "ClientID": text(body[:8]),
        "AuthenticatorClient": body[8:24],
        "LoginMode": body[24],
        "TimeStamp": struct.unpack(">I", body[25:29])[0],
        "ClientVersion": body[29],
    }


def login_resp(body):
    assert len(body) == 21
    return {"Status": struct.unpack(">I", body[:4])[0], "AuthenticatorServer": body[4:20], "ServerVersion": body[20]}


def submit(body):
    count = body[104]
    at = 105 + 21 * count
    size = body[at]
    after = at + 1 + size
    return {
        "MsgType": body[0],
        "NeedReport": body[1],
        "Priority": body[2],
        "ServiceID": text(body[3:13]),
        "FeeType": text(body[13:15]),
        "FeeCode": text(body[15:21]),
        "FixedFee": text(body[21:27]),
        "MsgFormat": body[27],
        "ValidTime": text(body[28:45]),
        "AtTime": text(body[45:62]),
        "SrcTermID": text(body[62:83]),
        "ChargeTermID": text(body[83:104]),
        "DestTermID": [text(body[start : start + 21]) for start in range(105, at, 21)],
        "MsgContent": body[at + 1 : after],
        "Reserve": body[after : after + 8],
        "TLVs": tlvs(body[after + 8 :]),
    }


def id_status(body):
    assert len(body) == 14
    return {"MsgID": body[:10], "Status": struct.unpack(">I", body[10:])[0]}


def deliver(body):
    size = body[68]
    after = 69 + size
    return {
        "MsgID": body[:10],
        "IsReport": body[10],
        "MsgFormat": body[11],
        "RecvTime": text(body[12:26]),
        "SrcTermID": text(body[26:47]),
        "DestTermID": text(body[47:68]),
        "MsgContent": body[69:after],
        "Reserve": body[after : after + 8],
        "TLVs": tlvs(body[after + 8 :]),
    }


def report(content):
    """The 122 octets of a report, by position."""
    assert len(content) == 122
    labels = [
        (0, b"id:"),
        (13, b" sub:"),
        (21, b" dlvrd:"),
        (31, b" submit date:"),
        (54, b" done date:"),
        (75, b" stat:"),
        (88, b" err:"),
        (96, b" text:"),
    ]
    assert [content[at : at + len(label)].lower() for at, label in labels] == [label for _, label in labels]
    return {
        "id": content[3:13],
        "sub": content[18:21],
        "dlvrd": content[28:31],
        "submit": content[44:54],
        "done": content[65:75],
        "stat": content[81:88],
        "err": content[93:96],
        "text": content[102:],
    }


def nothing(body):
    assert not body
    return {}


LAYOUTS = {
    0x00000001: login, 0x80000001: login_resp, 0x00000002: submit, 0x80000002: id_status, 0x00000003: deliver,
    0x80000003: id_status, 0x00000004: nothing, 0x80000004: nothing, 0x00000006: nothing, 0x80000006: nothing,
}  # fmt: skip
