"""Taking back what was submitted of a unit's month: what still waits becomes drafts again, in one go and once."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities.models import ReportingMonth, ReportingUnit
from communities.roles import Role
from core.errors import NotAllowed, WrongState
from facilities import report_actions as actions
from facilities.batch_actions import Entry, TakenBack, submit_month, withdraw_month
from facilities.models import ProgressReport, Project
from facilities.report_workflow import CONTENT, ReportState
from facilities.workflow import Stage
from tests import factories
from tests.facilities.batch_scene import PAGE, SignIn, batch_scene, december, line_of, row, send, text
from tests.facilities.report_scene import DAY, Scene, make_scene
from tests.jobs.threads import in_parallel

WITHDRAW = f"{PAGE}withdraw/"


@pytest.fixture
def scene(units: dict[str, ReportingUnit]) -> Scene:
    """A unit with a report of the month before."""
    return batch_scene(units)


@pytest.fixture
def page(scene: Scene, as_user: SignIn) -> Client:
    """Signed in as the unit's entry."""
    return as_user(scene.entry)


def others(scene: Scene, number: int) -> list[Project]:
    """As many projects more."""
    return [factories.make_project(scene.project.community, "other", (Stage.STARTED, DAY)) for _ in range(number)]


def handed_in(scene: Scene, projects: list[Project], actor: Any = None) -> dict[int, int]:
    """Key and version of the reports of one submission."""
    entries = [Entry(project.pk, None, {"percent": 12}) for project in projects]
    filed = submit_month(scene.month, entries, actor=actor or scene.entry)
    return {each.report.pk: each.report.version for each in filed if each.report}


def decide(project: Project, scene: Scene, act: Callable[..., Any], **more: Any) -> None:
    report = december(scene, project)
    act(report, actor=scene.reviewer, expected_version=report.version, **more)


def states(scene: Scene) -> list[str]:
    return list(ProgressReport.objects.of_month(scene.month).order_by("project").values_list("state", flat=True))


def undo_of(answer: Any) -> str:
    """Where the message's 撤回 leads."""
    return unescape(re.findall(r'<form method="post" action="([^"]+)">[^\n]*toast-undo', text(answer))[0])


def button_of(answer: Any) -> str:
    """Where 全部撤回 leads."""
    return str(answer.context["withdraw_all"].url)


# --- The action ----------------------------------------------------------------------------------


def test_what_waits_is_a_draft_again_with_what_was_filled_in(scene: Scene) -> None:
    one, two = [scene.project, *others(scene, 1)]
    filed = scene.filed(project=one, percent=15, problem="缺料")
    before = {name: getattr(filed, name) for name in CONTENT}
    seen = {december(scene, one).pk: 1, **handed_in(scene, [two])}
    assert withdraw_month(scene.month, seen, actor=scene.entry) == TakenBack(2, 0)
    report = december(scene, one)
    assert (report.state, report.version) == (ReportState.DRAFT, 2)
    assert {name: getattr(report, name) for name in CONTENT} == before
    assert withdraw_month(scene.month, seen, actor=scene.entry) == TakenBack(0, 0)
    assert set(ProgressReport.objects.of_month(scene.month).values_list("state", "version")) == {("draft", 2)}


def test_what_was_decided_stays_and_is_counted(scene: Scene) -> None:
    one, two, three = others(scene, 3)
    seen = handed_in(scene, [one, two, three])
    decide(one, scene, actions.approve_report)
    decide(two, scene, actions.return_report, reason="请核对")
    assert withdraw_month(scene.month, seen, actor=scene.entry) == TakenBack(1, 2)
    assert states(scene) == ["approved", "returned", "draft"]


def test_what_was_submitted_anew_meanwhile_is_left_alone(scene: Scene) -> None:
    [one] = others(scene, 1)
    seen = handed_in(scene, [one])
    withdraw_month(scene.month, seen, actor=scene.entry)
    actions.submit_report(one, scene.month, {"percent": 20}, actor=scene.entry, expected_version=2)
    assert withdraw_month(scene.month, seen, actor=scene.entry) == TakenBack(0, 0)
    assert december(scene, one).state == ReportState.SUBMITTED


def test_the_units_entry_team_and_who_submitted_may_and_nobody_else(
    scene: Scene, units: dict[str, ReportingUnit]
) -> None:
    one, two = others(scene, 2)
    seen, own = handed_in(scene, [one]), handed_in(scene, [two], actor=scene.reviewer)
    foreign = factories.make_user(Role.COUNTY_ENTRY, unit=units["DW"])
    for person in (scene.reviewer, scene.office, foreign, factories.make_user(Role.LEADER)):
        with pytest.raises(NotAllowed):
            withdraw_month(scene.month, {**own, **seen}, actor=person)
    assert states(scene) == ["submitted", "submitted"], "one that is refused takes the others with it"
    assert withdraw_month(scene.month, own, actor=scene.reviewer) == TakenBack(1, 0)
    successor = factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"])
    assert withdraw_month(scene.month, seen, actor=successor) == TakenBack(1, 0)


def test_nothing_is_taken_back_of_a_closed_month(scene: Scene) -> None:
    seen = handed_in(scene, others(scene, 2))
    ReportingMonth.objects.filter(pk=scene.month.pk).update(state="closed")
    with pytest.raises(WrongState, match="撤回后就不能再提交"):
        withdraw_month(scene.month, seen, actor=scene.entry)
    assert states(scene) == ["submitted", "submitted"]


def test_many_ask_the_database_as_often_as_one(scene: Scene) -> None:
    def asked(number: int) -> int:
        seen = handed_in(scene, others(scene, number))
        with CaptureQueriesContext(connection) as queries:
            assert withdraw_month(scene.month, seen, actor=scene.entry) == TakenBack(number, 0)
        return len(queries)

    assert asked(1) == asked(12) <= 12


def test_one_submission_has_one_time_and_the_next_another(scene: Scene) -> None:
    one, two, three = others(scene, 3)
    handed_in(scene, [one, two])
    handed_in(scene, [three])
    times = [december(scene, project).submitted_at for project in (one, two, three)]
    assert times[0] == times[1] != times[2]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_taken_back_and_approved_at_once_is_one_of_the_two(transactional_db: None) -> None:
    scene = make_scene(factories.make_units()["XC"])
    projects = others(scene, 6)
    seen = handed_in(scene, projects)
    found: list[Any] = in_parallel(
        [
            lambda: withdraw_month(scene.month, seen, actor=scene.entry),
            lambda: actions.approve_many(reversed(seen.items()), actor=scene.reviewer),
        ]
    )
    taken, outcomes = found
    approved = sum(outcome.error == "" for outcome in outcomes)
    assert (taken.withdrawn, taken.decided) == (6 - approved, approved)
    assert sorted(states(scene)) == ["approved"] * approved + ["draft"] * (6 - approved)


# --- The message's 撤回 ---------------------------------------------------------------------------


def test_the_message_takes_its_own_submission_back(scene: Scene, page: Client) -> None:
    one, two, earlier = others(scene, 3)
    handed_in(scene, [earlier])
    send(page, row(one, {"percent": "12"}), row(two, {"percent": "13", "problem": "缺料"}))
    undo = undo_of(page.get(PAGE))
    answer = page.post(undo, follow=True)
    assert answer.redirect_chain == [(f"{PAGE}?unit=XC", 302)] and "已撤回 2 个，可以接着改" in text(answer)
    assert states(scene) == ["draft", "draft", "submitted"]
    assert (line_of(answer, two).state, line_of(answer, two).row.now["problem"]) == ("changed", "缺料")
    again = page.post(undo, follow=True)
    assert "没有要撤回的" in text(again) and december(scene, one).version == 2
    assert json.loads(send(page, row(one, {"percent": "12"}, 2), row(two, {"percent": "13"}, 2)).content)["done"]


def test_those_decided_meanwhile_are_told(scene: Scene, page: Client) -> None:
    one, two = others(scene, 2)
    send(page, row(one, {"percent": "12"}), row(two, {"percent": "13"}))
    undo = undo_of(page.get(PAGE))
    decide(one, scene, actions.approve_report)
    assert "撤回 1 个；1 个已经审核，不能撤回。" in text(page.post(undo, follow=True))
    assert "1 个已经审核，不能撤回。" in text(page.post(undo, follow=True))
    assert states(scene) == ["approved", "draft"]


def test_a_double_click_is_one(scene: Scene, page: Client) -> None:
    [one] = others(scene, 1)
    send(page, row(one, {"percent": "12"}))
    undo, key = undo_of(page.get(PAGE)), {"request_key": str(uuid.uuid4())}
    first, second = (page.post(undo, key) for _ in range(2))
    assert first.status_code == second.status_code == 302
    shown = text(page.get(PAGE))
    assert "已撤回 1 个" in shown and "没有要撤回的" not in shown


def test_anothers_submission_is_refused_and_a_foreign_one_not_found(
    scene: Scene, page: Client, as_user: SignIn, units: dict[str, ReportingUnit]
) -> None:
    [one] = others(scene, 1)
    send(page, row(one, {"percent": "12"}))
    undo = undo_of(page.get(PAGE))
    assert as_user(scene.reviewer).post(undo).status_code == 403
    foreign = as_user(factories.make_user(Role.COUNTY_ENTRY, unit=units["DW"]))
    assert "没有要撤回的" in text(foreign.post(undo.replace("unit=XC&", ""), follow=True))
    assert as_user(factories.make_user(Role.LEADER)).post(undo).status_code == 403
    assert states(scene) == ["submitted"]


@pytest.mark.parametrize("query", ["", "?at=", "?at=2013-12-20", "?at=2013-12-20T10:00:00", "?unit=XC", "?until=x"])
def test_half_an_address_is_no_address(page: Client, query: str) -> None:
    assert page.post(f"{WITHDRAW}{query}").status_code == 400


def test_of_a_closed_month_nothing_is_taken_back_here(scene: Scene, page: Client) -> None:
    [one] = others(scene, 1)
    send(page, row(one, {"percent": "12"}))
    undo = undo_of(page.get(PAGE))
    ReportingMonth.objects.filter(pk=scene.month.pk).update(state="closed")
    assert page.post(undo).status_code == 409 and states(scene) == ["submitted"]


# --- 全部撤回 --------------------------------------------------------------------------------------


def test_all_that_waits_of_the_unit_and_was_seen_is_taken_back(scene: Scene, page: Client) -> None:
    one, two, three, late = others(scene, 4)
    handed_in(scene, [one])
    handed_in(scene, [two], actor=scene.reviewer)
    handed_in(scene, [three])
    decide(three, scene, actions.return_report, reason="请核对")
    shown = page.get(PAGE)
    assert "全部撤回（2 个）" in text(shown)
    handed_in(scene, [late])
    assert "已撤回 2 个" in text(page.post(button_of(shown), follow=True))
    assert states(scene) == ["draft", "draft", "returned", "submitted"]


def test_there_is_no_button_without_anything_to_take_back(
    scene: Scene, page: Client, as_user: SignIn, units: dict[str, ReportingUnit]
) -> None:
    assert page.get(PAGE).context["withdraw_all"] is None and "全部撤回" not in text(page.get(PAGE))
    [one] = others(scene, 1)
    handed_in(scene, [one])
    shown = as_user(scene.reviewer).get(PAGE)
    assert shown.context["withdraw_all"] is None
    assert line_of(shown, one).withdraw_url == "", "nor a way that ends in a refusal"
    url = button_of(page.get(PAGE))
    foreign = factories.make_user(Role.COUNTY_ENTRY, unit=units["DW"])
    factories.make_project(factories.make_community(units["DW"]), "clinic")
    assert as_user(foreign).post(url).status_code == 404
    assert "没有要撤回的" in text(as_user(scene.reviewer).post(url, follow=True))
    assert states(scene) == ["submitted"]


def test_a_correction_is_taken_back_on_its_own_row_alone(scene: Scene, page: Client) -> None:
    done = scene.approved(scene.month, percent=12)
    correction = actions.begin_correction(done, actor=scene.entry, reason="录错")
    actions.submit_report(scene.project, scene.month, {"percent": 13}, actor=scene.entry, expected_version=1)
    shown = page.get(PAGE)
    assert line_of(shown, scene.project).withdraw_url and shown.context["withdraw_all"] is None
    page.post(f"{WITHDRAW}?{urlencode({'unit': 'XC', 'until': timezone.now().isoformat()})}")
    correction.refresh_from_db()
    assert correction.state == ReportState.SUBMITTED
