"""What goes wrong, said in one sentence, and how progress is said."""

from __future__ import annotations

import contextlib
import sys


class EmbeddedError(Exception):
    """Something the person at the keyboard can act on; the message is the whole explanation."""


def say(line: str) -> None:
    """One line of progress, at once, even through a pipe. A terminal that was closed meanwhile is no fault."""
    with contextlib.suppress(OSError):
        print(line, flush=True)


def warn(line: str) -> None:
    """One line of progress for commands whose output is somebody else's data."""
    print(line, file=sys.stderr, flush=True)
