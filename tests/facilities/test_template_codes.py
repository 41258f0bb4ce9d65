"""Codes in the templates stand as text: as numbers they would lose their zeros, and long ones their digits."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from communities.roles import Role
from exchange import registry
from exchange.registry import CellKind
from exchange.template import SPARE_ROWS, write_template
from tests import factories
from tests.facilities.report_scene import make_scene

CODED = {target.code: [c.code for c in target.columns if c.kind is CellKind.CODE] for target in registry.targets()}


def test_each_template_has_codes() -> None:
    assert {target for target, codes in CODED.items() if codes} >= {"communities", "projects", "month"}


@pytest.mark.parametrize("target", [code for code, columns in CODED.items() if columns])
def test_codes_stand_as_text_in_known_rows_and_in_those_to_be_filled(target: str, units: dict[str, Any]) -> None:
    scene = make_scene(units["XC"])
    wanted, scope = registry.get(target), ""
    clerk = factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"])
    if wanted.by_period:
        scope = str(scene.month)
    file = io.BytesIO()
    rows = write_template(file, wanted, place="XC", place_name="孝昌", scope=scope, user=clerk)
    sheet: Any = openpyxl.load_workbook(file).worksheets[0]
    heads = {str(cell.value).split("（")[0].rstrip("*"): cell.column for cell in sheet[1]}
    assert rows > 0
    for column in wanted.columns:
        if column.kind is not CellKind.CODE:
            continue
        place = heads[str(column.label)]
        # What is typed below the known rows takes the format of its column.
        assert sheet.column_dimensions[get_column_letter(place)].number_format == "@", column.code
        for number in range(2, rows + 2):
            cell = sheet.cell(number, place)
            assert (cell.number_format, cell.data_type) == ("@", "s"), (column.code, number)
        assert not any(sheet.cell(number, place).value for number in range(rows + 2, rows + SPARE_ROWS))
