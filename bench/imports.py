"""A workbook of 10,000 communities: taken in and judged, then written with history; each beside COPY of its rows.

Every round has a unit, and with it known communities, of its own: what is written in one round weighs on no other.
The work is done here and not by a worker, so that nothing but the work is measured.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

from accounts.models import User
from bench.owner import analyse
from bench.report import a_second, beside, milliseconds, rounds
from bench.sheets import TARGET, Sheet, prepare, sql_columns
from bench.web import person_as
from communities.models import Community, ReportingUnit
from communities.roles import Role
from core.history import event_model
from exchange import actions
from exchange.models import Batch
from exchange.workflow import BatchState
from jobs import actions as ledger
from jobs.workflow import JobState

ROWS, FEW = 10_000, 500
TIMES = 3
# The rows of the first sheet, which only warms up.
WARM = 200
SCRATCH = "bench_sheet"
YARDSTICK = "COPY of the same rows into a table without rules"
Pair = tuple[float, float]


def imported(*, full: bool) -> None:
    """Judge and write some workbooks. Ends the bench where a row of one is refused, left out or without history."""
    rows = ROWS if full else FEW
    units = ReportingUnit.objects.order_by("order")[: 1 + rounds(TIMES)]
    sheets = [prepare(unit, rows if number else WARM) for number, unit in enumerate(units)]
    analyse()
    with scratch() as copy:
        taken = [_both(sheet, copy) for sheet in sheets][1:]
    for number, name in enumerate(("import, validated", "import, applied with history")):
        pairs = [both[number] for both in taken]
        own, bare = zip(*pairs, strict=True)
        told = {"rows_per_second": a_second(rows, own), "yardstick_rows_per_second": a_second(rows, bare)}
        beside(name, YARDSTICK, pairs, rows=rows, **sheets[-1].outcomes, **told)


@contextmanager
def scratch() -> Iterator[Callable[[Sheet], float]]:
    """What copies a sheet into an empty table and tells how long that took."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"CREATE TABLE {SCRATCH} ({sql_columns()})")

        def copy(sheet: Sheet) -> float:
            cursor.execute(f"TRUNCATE {SCRATCH}")
            source = io.StringIO(sheet.csv)
            return milliseconds(lambda: cursor.copy_expert(f"COPY {SCRATCH} FROM STDIN WITH (FORMAT csv)", source))

        try:
            yield copy
        finally:
            cursor.execute(f"DROP TABLE {SCRATCH}")


def _both(sheet: Sheet, copy: Callable[[Sheet], float]) -> tuple[Pair, Pair]:
    """One sheet, judged and written, each followed by its yardstick."""
    clerk = person_as(Role.COUNTY_ENTRY, sheet.unit)
    found: list[Batch] = []
    validated = milliseconds(lambda: found.append(_validate(sheet, clerk))), copy(sheet)
    batch = found[0]
    batch.refresh_from_db()
    got = {outcome: getattr(batch, outcome) for outcome in sheet.outcomes}
    if batch.state != BatchState.READY or got != sheet.outcomes or batch.rejected or batch.rows_in != sheet.rows:
        raise SystemExit(f"Of {sheet.rows} clean rows: {got}, {batch.rejected} rejected. {batch.trouble}")
    applied = milliseconds(lambda: _apply(batch, clerk)), copy(sheet)
    batch.refresh_from_db()
    kept = event_model(Community)._default_manager.filter(pgh_context__batch=batch.pk).count()
    if batch.state != BatchState.APPLIED or kept != batch.to_write:
        raise SystemExit(f"Of {batch.to_write} rows history has {kept}. {batch.trouble}")
    return validated, applied


def _validate(sheet: Sheet, clerk: User) -> Batch:
    file, size = io.BytesIO(sheet.content), len(sheet.content)
    where: dict[str, Any] = {"target": TARGET, "place": sheet.unit.code, "name": "sheet.xlsx"}
    batch = actions.upload(actor=clerk, file=file, size=size, **where)
    _work(actions.READ)
    return batch


def _apply(batch: Batch, clerk: User) -> None:
    actions.apply_batch(batch, actor=clerk)
    _work(actions.APPLY)


def _work(kind: str) -> None:
    """What a worker does with the one job of this kind."""
    claimed = ledger.claim([kind])
    if claimed is None or ledger.execute(claimed) != JobState.DONE:
        raise SystemExit(f"The job {kind} was not done.")
