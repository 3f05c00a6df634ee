"""Wireshark's dissectors as judges of our octets."""

import collections
import re
import subprocess

TROUBLE = "_ws.malformed || _ws.expert.severity >= 6291456 || _ws.lua.error"  # warnings and worse


def judge(capture, protocol, port):
    """How often each command of the protocol was dissected, and what the dissector found wrong with any of them."""
    commands = _fields(capture, protocol, port, protocol, {"smpp": "smpp.command_id", "cmpp": "cmpp.Command_Id"}[protocol])
    trouble = _fields(capture, protocol, port, TROUBLE, "_ws.col.Info", "_ws.expert.message")
    counts = collections.Counter(int(one, 0) for line in commands for one in line.split(",") if one)
    return counts, trouble


def fields_of(capture, protocol, port):
    """The names of all fields that the dissector saw."""
    command = ["tshark", "-n", "-r", capture, "-d", f"tcp.port=={port},{protocol}", "-Y", protocol, "-T", "pdml"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return set(re.findall(r'field name="([^"]+)"', done.stdout))


def _fields(capture, protocol, port, only, *names):
    command = ["tshark", "-n", "-r", capture, "-d", f"tcp.port=={port},{protocol}", "-Y", only, "-T", "fields"]
    for name in names:
        command += ["-e", name]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout.splitlines()
