"""`python -m xiaogan_portal.embedded exec -- COMMAND…`; other commands follow."""

from __future__ import annotations

import argparse
import sys

from xiaogan_portal.embedded.commands import execute
from xiaogan_portal.embedded.errors import EmbeddedError


def main(arguments: list[str]) -> int:
    """Parse the command line and do what it says; the result is the exit code."""
    parser = argparse.ArgumentParser(prog="python -m xiaogan_portal.embedded")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("exec", help="run a command with the embedded database and broker")
    run.add_argument("words", nargs="+", metavar="COMMAND")
    chosen = parser.parse_args(arguments)
    return execute(chosen.words)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except EmbeddedError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
