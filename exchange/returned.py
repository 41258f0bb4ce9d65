"""The user's own file again, with what is wrong in red. Made when it is asked for: nothing more is stored."""

from __future__ import annotations

import os
import tempfile
from typing import IO, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.sentences import in_every_language, told
from exchange import preview, reader
from exchange.models import Batch
from exchange.workflow import Outcome

REASONS = gettext_lazy("错误原因")
# How the line of the explaining sheet begins.
UNREAD = gettext_lazy("没有读的列：")


def red_file(batch: Batch) -> IO[bytes]:
    """The workbook (also for a CSV), open at its beginning, without a name on disk. Raises Unreadable."""
    with batch.original.open("rb") as stored, reader.local_copy(stored, batch.format) as path:
        out = f"{path}.red.xlsx"
        for _answer in reader.ask(_request(batch, path, out)):
            pass
        return _taken_in(out)


def red_name(batch: Batch) -> str:
    """The file's name beside the user's own."""
    ending = _("有错的行")
    return f"{os.path.splitext(batch.original_name)[0]}-{ending}.xlsx"


def _request(batch: Batch, path: str, out: str) -> dict[str, Any]:
    columns: dict[str, int] = batch.layout["columns"]
    unread = preview.unread(batch)
    problems = [
        [number, columns.get(problem["column"], 0), told(problem)]
        for number, found in batch.rows.all()
        .of_outcome(Outcome.REJECTED)
        .order_by("number")
        .values_list("number", "problems")
        for problem in found
    ]
    return {
        "task": "mark",
        "path": path,
        "out": out,
        "format": batch.format,
        "encoding": reader.encoding_at(path, batch.format),
        "sheet": batch.layout["sheet"],
        "head": batch.layout["head"],
        "depth": batch.layout["depth"],
        "label": str(REASONS),
        "labels": in_every_language(REASONS),
        "unread": f"{UNREAD}{preview.in_a_line(unread)}" if unread else "",
        "unread_begins": in_every_language(UNREAD),
        "problems": problems,
    }


def _taken_in(path: str) -> IO[bytes]:
    file = tempfile.TemporaryFile(prefix="portal-returned-")  # noqa: SIM115 - the answer closes it
    try:
        with open(path, "rb") as written:
            while piece := written.read(256 * 1024):
                file.write(piece)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file
