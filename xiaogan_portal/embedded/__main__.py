"""`python -m xiaogan_portal.embedded`: run, exec, build, backup, restore."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from xiaogan_portal.embedded.backup import back_up, restore
from xiaogan_portal.embedded.build import build_frontend, compile_messages
from xiaogan_portal.embedded.commands import execute
from xiaogan_portal.embedded.errors import EmbeddedError
from xiaogan_portal.embedded.run import run


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m xiaogan_portal.embedded")
    commands = parser.add_subparsers(dest="command", required=True)
    whole = commands.add_parser("run", help="start the whole portal and stay in the foreground")
    whole.add_argument("--until-parent-ends", action="store_true", help="stop when the calling process is gone")
    one = commands.add_parser("exec", help="run a command with the embedded database and broker")
    one.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND")
    commands.add_parser("build", help="build the front end and the translations where they have changed")
    commands.add_parser("backup", help="write everything into one file")
    back = commands.add_parser("restore", help="put a backup into an empty database")
    back.add_argument("file", type=Path)
    back.add_argument("--force", action="store_true", help="replace what the database holds")
    return parser


def main(arguments: list[str]) -> int:
    """Do what the command line says; the result is the exit code."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    match chosen.command:
        case "run":
            return run(until_parent_ends=chosen.until_parent_ends)
        case "exec":
            words = chosen.words[1:] if chosen.words[:1] == ["--"] else chosen.words
            if not words:
                parser.error("exec needs a command")
            return execute(words)
        case "build":
            build_frontend()
            compile_messages()
        case "backup":
            back_up()
        case "restore":
            restore(chosen.file, force=chosen.force)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except EmbeddedError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
