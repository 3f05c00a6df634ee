"""The standard streams of a command, whatever the program that started it has left of them."""

import codecs
import io
import os
import sys
from typing import Any

_ESCAPING = "hongyan.escaped"


class OutputFailed(OSError):
    """What the command prints cannot be written: its disk is full."""


def set_up_streams() -> None:
    """Open what is closed, and print what the terminal's charset lacks as an escape of JSON."""
    _open_missing()
    codecs.register_error(_ESCAPING, _escaped)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  until the process ends, as those below
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    charset, raw = sys.stdout.encoding if sys.stdout else "utf-8", _Output(1, "w", closefd=False)
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(raw), charset, _ESCAPING, line_buffering=raw.isatty())


def _open_missing() -> None:
    """Otherwise a file or a socket of ours gets the number of stdout or stderr, and what is printed goes into it."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)


def _escaped(fault: UnicodeError) -> tuple[str, int]:
    assert isinstance(fault, UnicodeEncodeError)
    units = fault.object[fault.start : fault.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)), fault.end


class _Output(io.FileIO):
    def write(self, octets: Any) -> int:
        """After a failure all that is still buffered is dropped. raises: BrokenPipeError, OutputFailed"""
        try:
            return super().write(octets)
        except OSError as error:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self.fileno())
            os.close(null)
            if isinstance(error, BrokenPipeError):
                raise
            raise OutputFailed(error.errno, error.strerror) from error
