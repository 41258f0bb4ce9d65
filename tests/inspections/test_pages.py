"""Pages of rounds and inspections: who sees and does what, and that nothing entered is lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from communities.models import Community, ReportingQuarter, ReportingUnit
from communities.roles import Role
from inspections import scoring_actions
from inspections.models import Inspection, Round
from tests import factories

Units = dict[str, ReportingUnit]
Quarters = dict[str, ReportingQuarter]
SignIn = Callable[[User], Client]


@pytest.fixture
def community(units: Units) -> Community:
    """A community in Xiaochang."""
    return factories.make_community(units["XC"], name="金桥社区", code="XC-P-003")


@pytest.fixture
def inspector(community: Community) -> User:
    """An inspector with that community as the only stop."""
    return factories.make_user(Role.INSPECTOR, community=community)


@pytest.fixture
def round_(quarters: Quarters) -> Round:
    """The open round of 2013Q4 with items of 60 and 40."""
    return factories.make_round(quarters["2013Q4"])


@pytest.fixture
def inspection(round_: Round, community: Community) -> Inspection:
    """Started, nothing scored."""
    return factories.make_inspection(round_, community)


@pytest.fixture
def page(inspector: User, as_user: SignIn) -> Client:
    """Signed in as that inspector."""
    return as_user(inspector)


def text(response: Any) -> str:
    """The answer as text."""
    return str(response.content.decode())


def entry_of(inspection: Inspection, *scores: tuple[str, str, str], **fields: Any) -> dict[str, Any]:
    """A filled form: choice, deduction and reason of the items in order."""
    sent: dict[str, Any] = {"version": Inspection.objects.get(pk=inspection.pk).version, "then": "draft", **fields}
    for item, (choice, lost, why) in zip(inspection.round.sheet.items.order_by("order"), scores, strict=False):
        sent |= {f"choice_{item.pk}": choice, f"deduction_{item.pk}": lost, f"reason_{item.pk}": why}
    return sent


FULL = ("full", "", "")


def test_from_the_stop_to_the_locked_total(round_: Round, community: Community, page: Client) -> None:
    """The inspector's whole way, as a plain form without script."""
    home = page.get(reverse("inspections:list"))
    assert [stop.pk for stop in home.context["stops"]] == [community.pk]
    form = page.get(reverse("inspections:create")).context["form"]
    assert form["community"].value() == "XC-P-003 金桥社区" and form["inspected_on"].value() == round_.ends_on
    entry = {"round": round_.pk, "community": "XC-P-003", "inspected_on": "2013-12-18"}
    started = page.post(reverse("inspections:create"), entry)
    inspection = Inspection.objects.get()
    score = reverse("inspections:score", args=[inspection.pk])
    assert started["Location"] == score
    answer = page.post(score, entry_of(inspection, ("deduct", "2.5", "进度滞后"), FULL, then="submit"))
    assert answer["Location"] == reverse("inspections:submit", args=[inspection.pk])
    question = page.get(answer["Location"])
    assert "97.5" in text(question) and "2 项评了 2 项" in text(question)
    done = page.post(answer["Location"], {"version": question.context["form"]["version"].value()}, follow=True)
    assert "97.5" in text(done) and "提交后锁定" in text(done)
    inspection.refresh_from_db()
    assert inspection.total == Decimal("97.50") and inspection.submitted_at is not None
    for locked in (score, reverse("inspections:submit", args=[inspection.pk])):
        assert page.get(locked).status_code == 409
    again = page.post(answer["Location"], {"version": 2})
    assert again.status_code == 409 and "已经在" in text(again)
    history = text(page.get(reverse("inspections:history", args=[inspection.pk])))
    assert "单项得分 2 项" in history and "扣 2.50：进度滞后" in history


def test_pressing_submit_with_open_items_saves_and_leads_to_the_first(inspection: Inspection, page: Client) -> None:
    score = reverse("inspections:score", args=[inspection.pk])
    second = inspection.round.sheet.items.get(order=2)
    answer = page.post(score, entry_of(inspection, FULL, then="submit"))
    assert answer["Location"] == f"{score}?missing=1#item-{second.pk}"
    shown = page.get(f"{score}?missing=1")
    assert "还有 1 项没有评" in text(shown) and inspection.scores.count() == 1


def test_a_deduction_without_a_reason_keeps_the_page_and_saves_nothing(inspection: Inspection, page: Client) -> None:
    score = reverse("inspections:score", args=[inspection.pk])
    answer = page.post(score, entry_of(inspection, ("deduct", "3", ""), ("deduct", "41", "全无"), then="submit"))
    assert answer.status_code == 422 and "还有 2 项要改" in text(answer)
    assert "没有写原因" in text(answer) and "满分 40.00，填了扣 41.00" in text(answer) and "全无" in text(answer)
    assert not inspection.scores.exists()


def test_a_reason_that_is_too_long_gets_one_sentence(inspection: Inspection, page: Client) -> None:
    score = reverse("inspections:score", args=[inspection.pk])
    answer = page.post(score, entry_of(inspection, ("deduct", "1", "长" * 301), FULL))
    assert answer.status_code == 422 and "还有 1 项要改" in text(answer) and "没有写原因" not in text(answer)
    assert [len(errors) for errors in answer.context["form"].errors.values()] == [1]
    assert not inspection.scores.exists()


def test_full_marks_do_not_mind_what_their_hidden_fields_hold(inspection: Inspection, page: Client) -> None:
    score = reverse("inspections:score", args=[inspection.pk])
    rubbish = ("full", "abc", "长" * 301)
    assert page.post(score, entry_of(inspection, rubbish, ("full", "-7.125", ""))).status_code == 302
    assert [(row.deduction, row.reason) for row in inspection.scores.all()] == [(Decimal(0), "")] * 2


def test_an_amount_without_a_choice_is_a_deduction(inspection: Inspection, page: Client) -> None:
    score = reverse("inspections:score", args=[inspection.pk])
    assert page.post(score, entry_of(inspection, ("", "3", "进度滞后"), ("", "", ""))).status_code == 302
    assert [(row.deduction, row.reason) for row in inspection.scores.all()] == [(Decimal(3), "进度滞后")]


def test_the_second_of_two_inspectors_sees_both_and_then_saves(inspection: Inspection, page: Client) -> None:
    score = reverse("inspections:score", args=[inspection.pk])
    stale = entry_of(inspection, ("deduct", "5", "质量问题"))
    assert page.post(score, entry_of(inspection, FULL)).status_code == 302
    answer = page.post(score, stale)
    assert answer.status_code == 409 and "扣 5.00：质量问题" in text(answer)
    assert answer.context["form"]["version"].value() == "2"
    assert page.post(score, stale | {"version": 2}).status_code == 302
    assert inspection.scores.get().deduction == 5


@pytest.mark.parametrize("name", ["detail", "history", "score", "submit"])
def test_a_foreign_inspection_is_not_found(inspection: Inspection, units: Units, as_user: SignIn, name: str) -> None:
    elsewhere = factories.make_community(units["DW"])
    address = reverse(f"inspections:{name}", args=[inspection.pk])
    for stranger in (
        factories.make_user(Role.COUNTY_ENTRY, unit=units["DW"]),
        factories.make_user(Role.INSPECTOR, community=elsewhere),
    ):
        assert as_user(stranger).get(address).status_code == 404
        assert "金桥社区" not in text(as_user(stranger).get(reverse("inspections:list")))


@pytest.mark.parametrize("role", [Role.COUNTY_ENTRY, Role.COUNTY_REVIEWER, Role.LEADER, Role.WORK_TEAM])
def test_readers_read_and_score_nothing(inspection: Inspection, units: Units, as_user: SignIn, role: Role) -> None:
    county = role in (Role.COUNTY_ENTRY, Role.COUNTY_REVIEWER)
    place: dict[str, Any] = {"unit": units["XC"]} if county else {"community": inspection.community}
    reader = as_user(factories.make_user(role, **place))
    assert reader.get(inspection.get_absolute_url()).status_code == 200
    for name in ("score", "submit"):
        address = reverse(f"inspections:{name}", args=[inspection.pk])
        assert reader.get(address).status_code == 403
        assert reader.post(address, entry_of(inspection, FULL, FULL)).status_code == 403
    for name in ("create", "round_open"):
        assert reader.get(reverse(f"inspections:{name}")).status_code == 403
    assert reader.post(reverse("inspections:close", args=[inspection.round_id])).status_code == 403
    assert not inspection.scores.exists()


def test_starting_twice_makes_one_and_says_so(round_: Round, page: Client) -> None:
    entry = {"round": round_.pk, "community": "XC-P-003", "inspected_on": "2013-12-18"}
    answers = [page.post(reverse("inspections:create"), entry) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 409]
    assert "已经在 2013-12-18 检查过" in text(answers[1]) and Inspection.objects.count() == 1


def test_the_office_opens_and_closes_a_round_and_is_told_the_consequence(
    quarters: Quarters, community: Community, as_user: SignIn
) -> None:
    office = as_user(factories.make_user(Role.CITY_OFFICE))
    sheet = factories.make_sheet()
    entry = {
        "quarter": quarters["2013Q4"].pk,
        "plan_number": "孝督检备〔2013〕12 号",
        "sheet": sheet.pk,
        "starts_on": "2013-12-16",
        "ends_on": "2013-12-20",
    }
    assert "不能早于开始日期" in text(office.post(reverse("inspections:round_open"), entry | {"ends_on": "2013-12-01"}))
    answers = [office.post(reverse("inspections:round_open"), entry) for _ in range(2)]
    assert answers[0].status_code == 302 and answers[1].status_code == 422 and Round.objects.count() == 1
    opened = Round.objects.get()
    factories.make_inspection(opened, community)
    close = reverse("inspections:close", args=[opened.pk])
    assert "没提交的 <b>1</b> 张" in text(office.get(close))
    assert office.post(close).status_code == 302 and office.post(close).status_code == 409
    assert "已结束" in text(office.get(opened.get_absolute_url()))


def test_a_round_shows_its_plan_and_coverage_of_what_the_person_sees(
    inspection: Inspection, units: Units, as_user: SignIn
) -> None:
    factories.make_inspection(inspection.round, factories.make_community(units["DW"]))
    address = inspection.round.get_absolute_url()
    office = as_user(factories.make_user(Role.CITY_OFFICE)).get(address)
    county = as_user(factories.make_user(Role.COUNTY_REVIEWER, unit=units["XC"])).get(address)
    assert "测试备案1号" in text(office) and "建议稿" in text(office)
    assert {row.unit.code for row in office.context["coverage"]} == {"XC", "DW"}
    assert [(row.unit.code, row.planned, row.started) for row in county.context["coverage"]] == [("XC", 1, 1)]


def test_the_sheet_says_that_it_is_a_proposal(round_: Round, page: Client) -> None:
    answer = page.get(reverse("inspections:sheet", args=[round_.sheet_id]))
    assert "建议稿 · 推定，待核定" in text(answer)


@pytest.mark.parametrize(
    ("query", "found"),
    [("", 2), ("state=draft", 1), ("state=submitted", 1), ("unit=DW", 1), ("q=XC-P", 1), ("type=town", 0)]
    + [(f"sort={turn}{name}", 2) for turn in ("", "-") for name in ("unit", "total", "state", "quarter", "day", "x")],
)
def test_the_list_is_filtered_and_sorted(
    inspection: Inspection, units: Units, as_user: SignIn, query: str, found: int
) -> None:
    office = factories.make_user(Role.CITY_OFFICE)
    other = factories.make_inspection(inspection.round, factories.make_community(units["DW"]))
    scores = {item.pk: (Decimal(0), "") for item in other.round.sheet.items.all()}
    scoring_actions.save_scores(other, scores, expected_version=1, actor=office)
    scoring_actions.submit(other, actor=office)
    answer = as_user(office).get(reverse("inspections:list") + "?" + query)
    assert answer.status_code == 200 and answer.context["page_obj"].paginator.count == found


@pytest.mark.parametrize("name", ["list", "round"])
def test_pages_ask_as_often_for_one_row_as_for_twenty(round_: Round, units: Units, as_user: SignIn, name: str) -> None:
    office, counts = factories.make_user(Role.CITY_OFFICE), []
    for rows in (1, 19):
        for _ in range(rows):
            factories.make_inspection(round_, factories.make_community(units["XC"]), inspected_on=dt.date(2013, 12, 1))
        with CaptureQueriesContext(connection) as queries:
            as_user(office).get(reverse(f"inspections:{name}", args=[] if name == "list" else [round_.pk]))
        counts.append(len(queries))
    assert counts[0] == counts[1]
