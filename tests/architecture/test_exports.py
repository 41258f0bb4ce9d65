"""Excel out of every list: for each person the rows of the page and nothing else; each time in the audit log."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from core import exports
from core.exports import XLSX
from core.views import ScopedListView
from tests.architecture.matrix import world
from tests.architecture.matrix.walker import BACKEND
from tests.architecture.test_scope_matrix import SCOPED

pytestmark = pytest.mark.django_db

LISTS = {
    name: getattr(pattern.callback, "view_class")  # noqa: B009  mypy knows no attribute of a view function
    for name, pattern in SCOPED.items()
    if issubclass(getattr(pattern.callback, "view_class", object), ScopedListView)
}


def sheet_of(response: Any) -> Any:
    assert (response.status_code, response["Content-Type"]) == (200, XLSX)
    return openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active


def rows_between(page: Any) -> list[list[Any]]:
    """The rows between heads and totals."""
    lines = [[cell.value for cell in line] for line in page.iter_rows()]
    heads = int(page.print_title_rows.lstrip("$").split(":")[0])
    ends = next(number for number, line in enumerate(lines) if number >= heads and str(line[0]).startswith("合计"))
    return lines[heads:ends]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def shown(value: Any, column: Any) -> Any:
    """A value as the file must hold it, read as text."""
    if value is None or value == "":
        return column.empty
    return f"{value} 00:00:00" if column.kind == "day" else str(value)


def test_every_list_can_be_taken_out() -> None:
    assert [name for name, view in LISTS.items() if not (view.export_columns and view.export_title)] == []


@pytest.mark.parametrize("name", sorted(LISTS))
def test_the_file_has_the_rows_of_the_page_for_each_person(name: str) -> None:
    scene, view, compared = world.build(), LISTS[name], 0
    for user in scene.people.values():
        client = client_of(user)
        page = client.get(reverse(name), {"size": 100})
        if page.status_code != 200:
            continue
        sheet = sheet_of(client.get(reverse(name), {"export": "xlsx"}))
        column = view.export_columns[0]
        expected = [shown(column.read(row), column) for row in page.context["page_obj"]]
        assert [str(line[0]) for line in rows_between(sheet)] == expected
        assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "n", "d"}
        assert (sheet.page_setup.orientation, sheet.freeze_panes is not None) == ("landscape", True)
        compared += 1
    assert compared, f"nobody sees {name}"


def test_every_list_of_the_matrix_offers_its_button_where_it_has_rows() -> None:
    scene = world.build()
    for name in LISTS:
        for user in scene.people.values():
            page = client_of(user).get(reverse(name))
            count = page.context["paginator"].count if page.status_code == 200 else 0
            if count:
                assert f"导出 Excel（{count} 条）" in page.content.decode(), name
                break


def test_what_was_taken_out_stands_in_the_audit_log() -> None:
    scene = world.build()
    user = scene.people["county_entry"]
    client_of(user).get(reverse("communities:list"), {"export": "xlsx", "type": "city", "q": "社区"})
    entry = AuditEntry.objects.get(verb="exported")
    assert (entry.actor, entry.target) == (user, reverse("communities:list"))
    assert entry.detail["list"] == "社区"
    assert entry.detail["filters"] == ["类型：城市", "名称、编号、拼音首字母：社区"]
    assert entry.detail["rows"] == 2


def test_a_list_that_is_too_long_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 1)
    client = client_of(world.build().people["city_office"])
    answer = client.get(reverse("communities:list"), {"export": "xlsx"})
    assert answer.status_code == 413
    assert "这个列表有 4 条，一次最多导出 1 条" in answer.content.decode()
    assert not AuditEntry.objects.filter(verb="exported").exists()
    assert client.get(reverse("communities:list"), {"export": "xlsx", "q": "本县标记老"}).status_code == 200
