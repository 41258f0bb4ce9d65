"""The register as Excel: filters, order, pages and populations as on the page."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from communities.roles import Role
from tests.architecture.test_exports import rows_between, sheet_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(units: Any, make_community: Any) -> None:
    for number in range(25):
        make_community(units["XC"], name=f"{number:02}号社区", pinyin=f"{number:02}", households=10)
    make_community(units["DW"], name="=1+1 & <乙>\U00020bb7社区", pinyin="zz", households=7)
    make_community(units["DW"], name="丙老社区", pinyin="yy", population="existing", households=None)


def export(as_user: Any, user: Any, **query: str) -> Any:
    return sheet_of(as_user(user).get(reverse("communities:list"), {"export": "xlsx", **query}))


def text_of(page: Any) -> str:
    return "\n".join(str(cell.value) for line in page.iter_rows() for cell in line if cell.value is not None)


def test_all_pages_in_the_order_asked_for(register: None, as_user: Any, make_user: Any) -> None:
    page = export(as_user, make_user(Role.CITY_OFFICE), sort="-name", page="2", size="20")
    names = [line[0] for line in rows_between(page)]
    assert len(names) == 27
    assert names[:3] == ["=1+1 & <乙>\U00020bb7社区", "丙老社区", "24号社区"]


def test_only_what_the_filters_let_through_and_they_stand_in_the_file(
    register: None, as_user: Any, make_user: Any
) -> None:
    page = export(as_user, make_user(Role.CITY_OFFICE), unit="DW", population="programme")
    assert [line[0] for line in rows_between(page)] == ["=1+1 & <乙>\U00020bb7社区"]
    assert "筛选：单位：大悟；口径：规划新社区" in text_of(page)


def test_a_county_takes_out_its_own_and_the_file_says_so(
    register: None, as_user: Any, make_user: Any, units: Any
) -> None:
    page = export(as_user, make_user(Role.COUNTY_REVIEWER, unit=units["XC"]))
    assert {line[2] for line in rows_between(page)} == {units["XC"].short_name}
    assert f"范围：{units['XC'].short_name}" in text_of(page)
    assert "乙" not in text_of(page)


def test_the_two_populations_are_never_added_together(register: None, as_user: Any, make_user: Any) -> None:
    page = export(as_user, make_user(Role.CITY_OFFICE))
    lines = [[cell.value for cell in line] for line in page.iter_rows()]
    totals = {line[0]: line[7] for line in lines if str(line[0]).startswith("合计")}
    assert totals == {"合计：规划新社区 26 条": 257, "合计：现有社区 1 条": 0}
    assert "“户数”有 1 条为“不清楚”，没有计入合计。" in text_of(page)


def test_a_wrong_filter_takes_out_nothing_as_the_page_shows_nothing(
    register: None, as_user: Any, make_user: Any
) -> None:
    assert rows_between(export(as_user, make_user(Role.CITY_OFFICE), type="abc")) == []
