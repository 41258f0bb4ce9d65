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
from tests.architecture.matrix.rows import ROWS
from tests.architecture.matrix.walker import BACKEND
from tests.architecture.test_scope_matrix import SCOPED

pytestmark = pytest.mark.django_db

LISTS = {
    name: getattr(pattern.callback, "view_class")  # noqa: B009  mypy knows no attribute of a view function
    for name, pattern in SCOPED.items()
    if issubclass(getattr(pattern.callback, "view_class", object), ScopedListView)
}

# Pages without a record of their own: each shows a list, unless its reason stands below.
PAGES = sorted(name for name, row in ROWS.items() if "GET" in row.methods and not row.record and not row.form)
NO_LIST = {
    "dashboards:home": "a few lines of each list, every one with the way to the list itself",
    "dashboards:leader": "figures; the records behind each are a list with a workbook",
    "dashboards:wall": "the leadership page on a screen without anything to press",
    "exchange:template": "a workbook itself",
    "facilities:rules_history": "a history, as below",
    "dashboards:reference": "a history: it is read on its page, and leaves the portal in the signed export of each day",
}


# Nobody has lost a point in the world of the matrix; tests/dashboards/test_leader_losses.py takes lost ones out.
EMPTY_HERE = {"dashboards:losses"}


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


def test_every_list_can_be_taken_out_with_the_rule_by_which_it_counts() -> None:
    stated = ("export_columns", "export_title", "export_rule")
    assert [(name, part) for name, view in LISTS.items() for part in stated if not getattr(view, part)] == []


def test_every_page_is_a_list_or_says_why_it_is_none() -> None:
    """A new page without a record of its own either has a workbook or is named here with its reason."""
    assert sorted(NO_LIST) == sorted(set(NO_LIST) & set(PAGES))
    assert not set(NO_LIST) & set(LISTS)


@pytest.mark.parametrize("name", sorted(set(PAGES) - set(NO_LIST)))
def test_the_workbook_of_every_page_says_what_it_counts(name: str) -> None:
    """Whoever sees the page gets its workbook: with a rule, and one row for each that the button promises."""
    scene, row, seen = world.build(), ROWS[name], 0
    for person in sorted(row.view):
        client, address = client_of(scene.people[person]), reverse(name, kwargs=row.kwargs)
        # The page first: taking a list out is itself a line of the log.
        promised = client.get(address).context["export"]
        sheet = sheet_of(client.get(address, {"export": "xlsx"}))
        heads = int(sheet.print_title_rows.lstrip("$").split(":")[0])
        rules = [str(line[0].value) for line in sheet.iter_rows(max_row=heads) if "口径：" in str(line[0].value)]
        assert [len(rule) > len("口径：") for rule in rules] == [True], person
        assert (promised.count if promised else 0) == len(rows_between(sheet)), person
        seen += len(rows_between(sheet))
    assert seen or name in EMPTY_HERE, f"nothing is listed on {name}"


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
