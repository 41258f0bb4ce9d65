"""Runs the child that parses a file, and hands on what it says. Nothing of the file is parsed in this process."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.conf import settings

from core.errors import RuleViolation
from core.sentences import gettext as _
from exchange.guard import encoding_of

logger = logging.getLogger("portal.exchange")

MOST_ROWS = 20_000
WALL_SECONDS = 90.0
LONGEST_ANSWER_LINE = 2 * 1024 * 1024
_PIECE = 256 * 1024


class Unreadable(RuleViolation):
    """The child could not read the file. The sentence says what to do; `code` names the reason."""

    def __init__(self, code: str) -> None:
        sentences = {
            "damaged": _("文件损坏，读不出来。请用 Excel 或 WPS 打开，另存为 .xlsx，再导入。"),
            "memory": _("表格太大，读到一半停下了。请删掉多余的工作表和格式，或分几次导入。"),
            "time": _("表格太复杂，读得太久，停下了。请把数据复制到新建的工作簿，再导入。"),
            "too_many_rows": _("表格超过 %(most)s 行。请分几次导入。") % {"most": f"{MOST_ROWS:,}"},
            "no_head": _("工作簿里没有看得到的数据。请确认数据在没有隐藏的工作表里，再导入。"),
        }
        super().__init__(sentences.get(code, sentences["damaged"]), field="file")
        self.code = code


@contextlib.contextmanager
def local_copy(stored: IO[bytes], kind: str) -> Iterator[str]:
    """The stored file as a file of its own on this machine, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="portal-import-") as folder:
        path = os.path.join(folder, f"original.{kind}")
        with open(path, "wb") as copy:
            while piece := stored.read(_PIECE):
                copy.write(piece)
        yield path


def encoding_at(path: str, kind: str) -> str:
    """In which encoding a CSV is written; empty for a workbook."""
    if kind != "csv":
        return ""
    with open(path, "rb") as file:
        return encoding_of(file.read()) or "gb18030"


def ask(request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The child's answers, line by line; the last is its `end`. Raises Unreadable where it refused, died or hung."""
    with tempfile.TemporaryFile() as questions, tempfile.TemporaryFile() as complaints:
        questions.write(json.dumps(request).encode())
        questions.seek(0)
        child = subprocess.Popen(
            [sys.executable, "-m", "exchange.child"],
            cwd=settings.BASE_DIR,
            env=_environment(),
            stdin=questions,
            stdout=subprocess.PIPE,
            stderr=complaints,
        )
        late = threading.Event()
        timer = threading.Timer(WALL_SECONDS, _end, [child, late])
        timer.start()
        try:
            yield from _answers(child, late)
        finally:
            timer.cancel()
            child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()
            complaints.seek(0)
            if said := complaints.read(2000).decode("utf-8", "replace").strip():
                logger.warning("the reader said: %s", said)


def _answers(child: subprocess.Popen[bytes], late: threading.Event) -> Iterator[dict[str, Any]]:
    assert child.stdout is not None
    while line := child.stdout.readline(LONGEST_ANSWER_LINE):
        if not line.endswith(b"\n"):
            break
        answer: dict[str, Any] = json.loads(line)
        if "refused" in answer:
            raise Unreadable(answer["refused"])
        yield answer
        if "end" in answer:
            return
    raise Unreadable("time" if late.is_set() or _out_of_time(child) else "memory")


def _out_of_time(child: subprocess.Popen[bytes]) -> bool:
    """Whether the limit on computing time ended it: by SIGXCPU, or the kill that follows."""
    return child.wait(timeout=10) in (-24, -9)


def _end(child: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    child.kill()


def _environment() -> dict[str, str]:
    """What the child is given: where the code is, and nothing that is secret."""
    given = {"PYTHONPATH": str(settings.BASE_DIR), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    # One arena is enough, and each would count against the limit on memory.
    return given | {"MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1", "PATH": os.environ.get("PATH", "")}
