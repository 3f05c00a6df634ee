"""`python -m hongyan`, and the console script."""

import sys

_INTERRUPTED = 130


def main() -> None:
    try:
        from hongyan.cli.app import main as run  # noqa: PLC0415  half a second, in which somebody may press Ctrl-C
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    run()


if __name__ == "__main__":
    main()
