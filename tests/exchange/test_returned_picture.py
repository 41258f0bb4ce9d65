"""The workbook that comes back as LibreOffice shows it: which cells are red, and the reason beside each row.

Only with `make deep`. With PORTAL_PICTURES=docs/screenshots the picture is left there, to be looked at.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from PIL import Image
from scipy import ndimage

from communities.models import Community, Placement
from exchange.marked import RED
from exchange.returned import red_file
from tests import factories
from tests.conftest import DEEP
from tests.exchange import dirty
from tests.exchange.conftest import HEADS, problems_of, upload

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not DEEP, reason="starts LibreOffice: only with make deep")]

PROGRAMS = ("soffice", "libreoffice")
# The whole sheet on one page, however wide it is.
ONE_PAGE = 'pdf:calc_pdf_Export:{"SinglePageSheets":{"type":"boolean","value":"true"}}'
COLOUR = tuple(bytes.fromhex(RED.start_color.rgb[2:]))
# Islands inside letters are smaller, in pixels at this resolution, than any cell.
RESOLUTION, SMALLEST = 110, 150
Convert = Callable[[Path, str], Path]


@pytest.fixture
def convert(tmp_path: Path) -> Convert:
    """`convert(file, to)`: what LibreOffice makes of a file. Skipped, with a loud line, where it is missing."""
    office = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if office is None or shutil.which("pdftoppm") is None:
        said = "LibreOffice or pdftoppm is missing: the returned workbook is not looked at; on Debian: sh .ci/office"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        warnings.warn(said, stacklevel=1)
        pytest.skip(said)

    def made(file: Path, to: str) -> Path:
        out, kind = tmp_path / "out", to.partition(":")[0]
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        command = [office, profile, "--headless", "--convert-to", to, "--outdir", str(out), str(file)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        return out / f"{file.stem}.{kind}"

    return made


@pytest.fixture
def returned(clerk: Any, unit: Any, tmp_path: Path) -> tuple[Path, dict[int, dict[str, str]]]:
    """A workbook with every kind of fault, as it comes back, and the reasons of its rows."""
    known = Community.objects.bulk_create(
        Community(code=f"XC-P-{n:03}", name=f"示例{n}社区", pinyin=f"shili{n:03}", initials=f"sl{n:03}")
        for n in range(len(dirty.FAULTS) + 9)
    )
    Placement.objects.bulk_create(
        Placement(community=row, unit=unit, type="city", population="programme", valid_from=factories.LONG_AGO)
        for row in known
    )
    batch = upload(clerk, dirty.make([(row.code, row.name) for row in known], seed=1, faulty=0).content)
    path = tmp_path / "returned-workbook.xlsx"
    path.write_bytes(red_file(batch).read())
    return path, problems_of(batch)


def red_cells(path: Path) -> set[tuple[int, int]]:
    """Row and column of every red cell."""
    sheet: Any = openpyxl.load_workbook(path).active
    cells = (cell for line in sheet.iter_rows() for cell in line)
    return {(cell.row, cell.column) for cell in cells if cell.fill.start_color.rgb == RED.start_color.rgb}


def test_every_reason_stands_in_the_last_column(
    returned: tuple[Path, dict[int, dict[str, str]]], convert: Convert
) -> None:
    path, problems = returned
    again = convert(path, "xlsx")
    sheet: Any = openpyxl.load_workbook(again).active
    assert sheet.title == "2013年台账", "the sheet with the faults is the one that is opened"
    last = len(HEADS) + 1
    assert (sheet.max_column >= last, sheet.cell(4, last).value) == (True, "错误原因")
    told = {row: sheet.cell(row, last).value for row in range(5, sheet.max_row + 1) if sheet.cell(row, last).value}
    assert told == {row: "\n".join(reasons.values()) for row, reasons in problems.items()}
    assert red_cells(again) == red_cells(path)


def test_the_picture_shows_the_red_cells(
    returned: tuple[Path, dict[int, dict[str, str]]], convert: Convert, tmp_path: Path
) -> None:
    path, _problems = returned
    target = tmp_path / "returned-workbook"
    page = ["pdftoppm", "-r", str(RESOLUTION), "-png", "-singlefile", str(convert(path, ONE_PAGE)), str(target)]
    subprocess.run(page, check=True, capture_output=True, timeout=60)
    picture = Image.open(f"{target}.png").convert("RGB")
    if folder := os.environ.get("PORTAL_PICTURES"):
        picture.quantize(256).save(Path(folder) / f"{target.name}.png", optimize=True)
    shown, _count = ndimage.label((np.asarray(picture) == COLOUR).all(axis=2))
    sizes = np.bincount(shown.ravel())[1:]
    # Below each reason is a line; other cells, and the head, run together with what is red below them.
    grid = np.zeros((400, 20), dtype=bool)
    for row, column in red_cells(path):
        is_reason = column > len(HEADS) and row > 4
        grid[2 * row : 2 * row + (1 if is_reason else 2), column] = True
    _regions, expected = ndimage.label(grid)
    assert int((sizes > SMALLEST).sum()) == expected > len(dirty.FAULTS)
