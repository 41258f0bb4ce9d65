"""What the tests of the exchange share: a unit with communities, files as people send them, a worker at hand."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.test import override_settings
from django.utils import translation

from accounts.models import User
from communities.models import Community
from communities.roles import Role
from core.sentences import told
from exchange import actions
from exchange.models import FOLDER, Batch
from exchange.registry import get
from jobs import actions as ledger
from jobs import broker
from tests import factories

HAN = re.compile(r"[\u3400-\u9fff]")
HEADS = [str(column.label) for column in get("communities").columns]
Line = Mapping[str, Any] | Sequence[Any]


@pytest.fixture(autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files of a test's own, and no wake-up calls."""
    monkeypatch.setattr(broker, "_publish", lambda: None)
    with override_settings(MEDIA_ROOT=str(tmp_path_factory.mktemp("media"))):
        yield


@pytest.fixture
def unit(units: dict[str, Any]) -> Any:
    """孝昌."""
    return units["XC"]


@pytest.fixture
def clerk(unit: Any) -> User:
    """Its entry clerk."""
    return factories.make_user(Role.COUNTY_ENTRY, unit=unit)


@pytest.fixture
def place(unit: Any) -> Callable[..., Community]:
    """`place(code, name, **fields)`: a community of the unit."""
    return lambda code, name, **fields: factories.make_community(unit, code=code, name=name, **fields)


def workbook(rows: Sequence[Sequence[Any]], *, title: str = "社区") -> bytes:
    """An xlsx with these rows; text that begins with “=” stays text."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = title
    for at, values in enumerate(rows, 1):
        for place, value in enumerate(values, 1):
            if value is not None:
                cell = sheet.cell(at, place)
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """The workbook as a file."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table(*lines: Mapping[str, Any]) -> bytes:
    """An xlsx of the communities' sheet: each line by head."""
    return workbook([HEADS, *([line.get(head) for head in HEADS] for line in lines)])


def upload(clerk: User, content: bytes, *, name: str = "表.xlsx", place: str = "XC") -> Batch:
    """Upload and let the worker read it."""
    file = io.BytesIO(content)
    batch = actions.upload(actor=clerk, target="communities", place=place, file=file, name=name, size=len(content))
    return worked(batch)


def worked(batch: Batch) -> Batch:
    """The batch after the worker did what waits."""
    work_off()
    batch.refresh_from_db()
    return batch


def work_off() -> None:
    """Do the jobs of the exchange that wait, as a worker would, within the test's transaction."""
    from jobs.models import Job
    from jobs.registry import get as kind

    for job in Job.objects.waiting().filter(kind__startswith="exchange.").order_by("pk"):
        kind(job.kind).handler(job.key, job.payload)
        job.delete()


def work_off_for_real() -> None:
    """As the worker does it: claimed, in transactions of its own."""
    while (claimed := ledger.claim([actions.READ, actions.APPLY, actions.UNDO])) is not None:
        ledger.execute(claimed)


def apply(batch: Batch, clerk: User) -> Batch:
    """Take the good rows, and let the worker do it."""
    return worked(actions.apply_batch(batch, actor=clerk))


def undo(batch: Batch, clerk: User) -> Batch:
    """Take it back, and let the worker do it."""
    return worked(actions.undo_batch(batch, actor=clerk))


def problems_of(batch: Batch) -> dict[int, dict[str, str]]:
    """Row number → column code → sentence."""
    return {
        row.number: {problem["column"]: told(problem) for problem in row.problems}
        for row in batch.rows.exclude(problems=[])
    }


def without_values(stored: Mapping[str, Any]) -> str:
    """A kept problem as it is told now, with what people typed left out: what remains is the portal's own."""

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return bare_of(value) if "message" in value else {name: bare(each) for name, each in value.items()}
        return [bare(each) for each in value] if isinstance(value, list) else "" if isinstance(value, str) else value

    def bare_of(kept: Mapping[str, Any]) -> dict[str, Any]:
        return {"message": kept["message"], **({"values": bare(kept["values"])} if "values" in kept else {})}

    # What stands between quotation marks is an example of what stands in sheets.
    return re.sub("“[^”]*”", "", told(bare_of(stored)))


def not_in_english(batch: Batch) -> list[str]:
    """Problems of the batch that an English reader gets in Chinese; empty where all is well."""
    with translation.override("en"):
        found = [without_values(problem) for row in batch.rows.exclude(problems=[]) for problem in row.problems]
    return [sentence for sentence in found if HAN.search(sentence)]


def stored_files() -> list[str]:
    """Originals that are kept."""
    root = Path(default_storage.path(""))
    return sorted(str(path.relative_to(root)) for path in (root / FOLDER).rglob("*") if path.is_file())
