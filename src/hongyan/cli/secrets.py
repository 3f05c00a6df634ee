"""Secrets on the command line: asked for, read from stdin (`-`) or from a file; never an argument."""

import sys
from pathlib import Path

import typer

from hongyan.cli.exits import Exit, Stop
from hongyan.i18n import _

MOST = 64  # characters


def read_secret(source: Path | None, asked: str) -> str:
    """Returns the secret from a file, from stdin for `-`, or typed without echo on a terminal.

    raises: Stop USAGE if there is none or it is not allowed
    """
    if source is None:
        if not sys.stdin.isatty():
            raise Stop(
                Exit.USAGE, "no {asked} was given", "give --secret-file FILE, or - to read it from stdin", asked=_(asked)
            )
        text = str(typer.prompt(_(asked), hide_input=True, confirmation_prompt=True, err=True))
    else:
        text = _read(source)
    secret = text.rstrip("\r\n")
    if not 0 < len(secret) <= MOST or not secret.isprintable():
        raise Stop(Exit.USAGE, "the {asked} must be one line of 1 to {most} printable characters", asked=_(asked), most=MOST)
    return secret


def read_line(source: Path, most: int) -> str:
    """Returns one line of up to so many characters from a file, or from stdin for `-`. raises: Stop USAGE"""
    line = _read(source).strip()
    if not 0 < len(line) <= most or not line.isprintable():
        raise Stop(Exit.USAGE, "{source} must hold one line of 1 to {most} printable characters", source=source, most=most)
    return line


def _read(source: Path) -> str:
    try:
        text = sys.stdin.read() if str(source) == "-" else source.read_text(encoding="utf-8")
        return text.removeprefix("\ufeff")  # editors on Windows put it in front
    except (OSError, UnicodeDecodeError) as error:
        told = error if isinstance(error, OSError) else _("it is not UTF-8 text")
        raise Stop(Exit.USAGE, "cannot read the secret from {source}: {error}", source=source, error=told) from error
