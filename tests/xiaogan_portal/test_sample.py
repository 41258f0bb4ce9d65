"""The sample city adds up to the published figures, at any size it stays in proportion, and it says that it is one."""

from __future__ import annotations

import datetime as dt
import io
import json
import random
from typing import Any

import hypothesis.strategies as st
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from hypothesis import given

from accounts.models import Administrator, User
from communities.models import Community, Membership, ReportingMonth, ReportingUnit
from communities.roles import Role
from core.models import SampleModel
from core.periods import Quarter
from dashboards.construction.curve import curve_of
from dashboards.models import Figure
from exchange.models import Batch
from exchange.preview import unread
from facilities.calendar import present_day
from facilities.lights import RED, with_light, with_red_mark
from facilities.models import OrderingExemption, PlannedStage, ProgressReport, Project
from facilities.ordering import violations
from facilities.report_reads import unit_progress
from facilities.report_workflow import CONTENT
from jobs.models import Job
from xiaogan_portal.sample.plan import DEFAULT_SIZE, Plan, apportion, apportion_at_least
from xiaogan_portal.sample.territory import build_territory

PUBLISHED = {
    "planned": 89,
    "started": 82,
    "centres_begun": 72,
    "centres_built": 49,
    "existing": 330,
    "standardised": 236,
    "party_organisations": 1860,
    "autonomous_organisations": 8132,
    "social_organisations": 1336,
    "pilots": 24,
}


@given(total=st.integers(0, 5000), weights=st.lists(st.integers(1, 500), min_size=1, max_size=12))
def test_shares_add_up_and_stay_within_one_of_the_exact_ones(total: int, weights: list[int]) -> None:
    shares = apportion(total, weights)
    assert sum(shares) == total
    assert all(abs(share * sum(weights) - total * w) < sum(weights) for share, w in zip(shares, weights, strict=True))
    assert sum(apportion_at_least(2, total, weights)) == total


@given(size=st.integers(20, 100_000))
def test_the_parts_of_a_plan_stay_parts(size: int) -> None:
    plan = Plan(size)
    assert plan.programme + plan.existing == size
    assert plan.pilots <= plan.programme
    assert min(plan.types.values()) > 0


def load(**options: Any) -> None:
    call_command("load_reference", stdout=io.StringIO())
    call_command("load_sample", stdout=io.StringIO(), **options)


def figures(*arguments: str) -> list[dict[str, Any]]:
    out = io.StringIO()
    call_command("figures", *arguments, "--json", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.django_db
def test_the_city_of_the_published_figures() -> None:
    load()
    found = {row["indicator"]: row for row in figures("2013Q4", "--unit", "all", "--type", "all")}
    assert {code: found[code]["value"] for code in PUBLISHED} == PUBLISHED
    assert (found["standardised_rate"]["numerator"], found["standardised_rate"]["denominator"]) == (236, 330)
    assert round(found["standardised_rate"]["value"], 1) == 71.5
    planned = {row["type"]: row["value"] for row in figures("2013Q4", "--unit", "all") if row["indicator"] == "planned"}
    assert (planned["city"], planned["town"], planned["rural"]) == (40, 25, 24)
    scored = [row for row in figures("2013Q4", "--type", "all") if row["indicator"] == "average_score"]
    assert len([row for row in scored if row["unit"] != "all" and row["value"] is not None]) == 10
    quarters = [figures(f"2013Q{n}", "--unit", "all", "--type", "all")[1]["value"] for n in (1, 2, 3, 4)]
    assert quarters == sorted(set(quarters))
    _every_record_says_that_it_is_a_sample()
    _december_is_under_way()
    _construction_is_believable()
    _uploads_are_believable()
    with pytest.raises(CommandError, match="not empty"):
        call_command("load_sample")


def _december_is_under_way() -> None:
    """Three days before it is due some units are through and others are not; late marks of earlier months stay."""
    month = ReportingMonth.objects.get(year=2013, number=12)
    assert (month.state, str(month.due_on), ReportingMonth.objects.current()) == ("open", "2014-01-06", month)
    progress = unit_progress(month, ReportingUnit.objects.all())
    assert {row.missing == 0 for row in progress} == {True, False}
    for name in ("approved", "waiting", "returned", "drafts", "missing"):
        assert sum(getattr(row, name) for row in progress) > 0, name
    assert ProgressReport.objects.late().exclude(month=month).exists()
    assert ProgressReport.objects.exclude(help_wanted="").exists()
    assert ProgressReport.objects.filter(reviewed_as=Role.CITY_OFFICE).exclude(away_reason="").exists()
    assert ProgressReport.objects.filter(revision=2).exists()


def _construction_is_believable() -> None:
    """Two things out of order and one exempt, several kinds of infrastructure, plans that were changed."""
    found = violations(present_day())
    assert {each.rule.code for each in found} == {"underground_first", "resettlement_first"} and len(found) == 2
    assert OrderingExemption.objects.count() == 1
    recovered = with_light(with_red_mark(Project.objects.all()), present_day()).filter(was_red=True).exclude(light=RED)
    assert recovered.count() >= 3, "a light that turned red keeps the mark after it recovers"
    kinds = Project.objects.filter(kind="infrastructure").values_list("infrastructure__code", flat=True)
    assert len(set(kinds)) >= 4 and None not in kinds
    assert PlannedStage.objects.exclude(reason="").filter(holds_from__lt=dt.date(2013, 12, 31)).count() >= 3
    curve = curve_of(Quarter(2013, 4), present_day(), None, "")
    assert any(point.planned != point.first for point in curve.points)
    corrected = ProgressReport.objects.get(revision=2)
    first = ProgressReport.objects.get(project=corrected.project_id, month=corrected.month_id, revision=1)
    changed = {name for name in CONTENT if getattr(first, name) != getattr(corrected, name)}
    assert changed == {"percent"}, "a correction that leaves something out would erase it"


def _uploads_are_believable() -> None:
    """One was taken over, one waits with rows that are wrong; nothing is left to a worker."""
    taken, waits = Batch.objects.order_by("pk")
    assert (taken.state, taken.changed > 0, taken.rejected) == ("applied", True, 0)
    assert (waits.state, waits.changed, waits.rejected > 1) == ("ready", 1, True)
    assert [each.head for each in unread(waits) if each.is_lost] == ["联系人"]
    assert all("示例" in batch.original_name for batch in (taken, waits)) and taken.place != waits.place
    assert not Job.objects.filter(kind__startswith="exchange.").exists()


def _every_record_says_that_it_is_a_sample() -> None:
    models = [
        model for model in apps.get_models() if issubclass(model, SampleModel) and model not in (User, Membership)
    ]
    assert len(models) >= 9
    for model in models:
        if model._meta.model_name in ("succession", "userproxy") or model._meta.proxy:
            continue
        assert model._default_manager.filter(is_sample=True).exists(), model
        assert not model._default_manager.filter(is_sample=False).exists(), model


@pytest.mark.django_db
def test_the_same_seed_gives_the_same_city_and_another_another() -> None:
    call_command("load_reference", stdout=io.StringIO())
    cities = []
    for seed in (1, 1, 2):
        Community.objects.all().delete()
        build_territory(Plan(60), random.Random(seed))
        cities.append(list(Community.objects.order_by("code").values_list("code", "name", "households", "pilot_from")))
    assert cities[0] == cities[1] != cities[2]


@pytest.mark.django_db
def test_a_larger_city_scales_everything() -> None:
    load(communities=2 * DEFAULT_SIZE)
    found = {row["indicator"]: row["value"] for row in figures("2013Q4", "--unit", "all", "--type", "all")}
    assert (found["planned"], found["standardised"], found["autonomous_organisations"]) == (178, 472, 16264)
    assert Figure.objects.exists()


@pytest.mark.django_db
def test_accounts_are_random_exempt_from_forced_changes_and_cover_every_role(tmp_path: Any) -> None:
    load(communities=60)
    for name in ("a.json", "b.json"):
        call_command("sample_accounts", out=tmp_path / name, stdout=io.StringIO())
    first, second = (json.loads((tmp_path / name).read_text()) for name in ("a.json", "b.json"))
    assert {row["username"] for row in first} == {row["username"] for row in second}
    assert not {row["password"] for row in first} & {row["password"] for row in second}
    assert len({row["role"] for row in first}) == 10
    assert (tmp_path / "a.json").stat().st_mode & 0o077 == 0
    assert not User.objects.filter(must_change_password=True).exists()
    assert Administrator.objects.count() == 3
