"""An upload of a unit: read, waiting for somebody's decision, with a row that cannot be taken."""

from __future__ import annotations

import hashlib
import io
from functools import cache
from typing import Any

import openpyxl
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from exchange.models import Batch, ColumnMap, StagedRow

SIGNATURE = "0" * 64


def upload_of(unit: Any, community: Any, people: dict[str, Any], *, remembered: bool = True) -> dict[str, Any]:
    """The batch, its rejected row, and columns that were remembered for such sheets."""
    name = f"{community.name}.xlsx"
    batch = Batch.objects.create(
        target="communities",
        place=unit.code,
        place_name=unit.short_name,
        state="ready",
        uploaded_by=people["county_entry"],
        original=_file(),
        original_name=name,
        format="xlsx",
        size=len(_content()),
        sha256=hashlib.sha256(_content()).hexdigest(),
        rejected=1,
        layout={
            "sheet": "Sheet",
            "head": 1,
            "depth": 1,
            "labels": {"1": "名称", "2": "户数"},
            "columns": {"name": 1, "households": 2},
            "signature": SIGNATURE,
            "sample": [[1, {"1": "名称", "2": "户数"}], [2, {"1": "甲", "2": "多"}]],
        },
    )
    row = StagedRow.objects.create(
        batch=batch,
        number=2,
        cells={"name": community.name, "households": "多"},
        outcome="rejected",
        problems=[{"column": "households", "message": "“多”不是数字。"}],
    )
    if remembered:
        ColumnMap.objects.create(
            target="communities", place=unit.code, signature=SIGNATURE, columns={"name": 1, "households": 2}
        )
    return {"batch": batch, "staged_row": row}


@cache
def _content() -> bytes:
    book: Any = openpyxl.Workbook()
    book.active.append(["名称", "户数"])
    book.active.append(["甲", "多"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _file() -> str:
    """A file to be taken out, once for all worlds."""
    name = "exchange/matrix.xlsx"
    return name if default_storage.exists(name) else default_storage.save(name, ContentFile(_content()))
