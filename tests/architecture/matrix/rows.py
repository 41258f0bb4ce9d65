"""The row of every route: who may see, who may change. A route without a row fails the matrix."""

from __future__ import annotations

from tests.architecture.matrix.walker import ALL, CITY, STOPS, UNIT, Row

OFFICE = frozenset({"city_office"})
ENTRY = OFFICE | {"county_entry"}
SCORERS = OFFICE | {"inspector"}
POST = ("POST",)
FORM = ("GET", "POST")
SYSTEM = frozenset({"system"})

ROWS: dict[str, Row] = {
    "jobs:list": Row(view=SYSTEM),
    "jobs:retry": Row("job", view=SYSTEM, edit=SYSTEM, methods=POST, shared=True, everywhere=SYSTEM),
}
__all__ = ["ALL", "CITY", "ENTRY", "FORM", "OFFICE", "POST", "ROWS", "SCORERS", "STOPS", "UNIT"]
