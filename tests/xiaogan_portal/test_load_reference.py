"""`manage.py load_reference`: everything is there, twice is once, and two at a time wait for each other."""

from __future__ import annotations

import threading
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum

from communities.models import Division, ReportingUnit
from coordination.models import PolicyDocument
from dashboards.models import PublishedFigure
from inspections.models import ScoringSheet
from services.models import Standard


def load() -> list[str]:
    """The command's lines."""
    out = StringIO()
    call_command("load_reference", stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.django_db
def test_everything_is_there_and_twice_is_once() -> None:
    """One line for each kind, with counts; the second time nothing is added or changed."""
    first, second = load(), load()
    assert len(first) == len(second) == 12
    assert first[0] == "行政区划: 2400 (2400 added, 0 changed)"
    assert all(line.endswith("(0 added, 0 changed)") for line in second)
    assert Division.objects.count() == 2400 and ReportingUnit.objects.count() == 10
    assert PolicyDocument.objects.count() == 5 and Standard.objects.count() == 41


@pytest.mark.django_db
def test_the_scoring_sheet_is_a_proposal_of_one_hundred() -> None:
    """Its sections sum as proposed, each in two to seven items."""
    load()
    sheet = ScoringSheet.objects.get()
    assert sheet.is_proposal and "推定，待市新社区办核定" in sheet.source
    sections = dict(sheet.items.order_by().values_list("section").annotate(sum=Sum("full_marks")))
    assert list(map(int, sorted(sections.values()))) == [5, 10, 10, 10, 15, 15, 35]
    assert sections["项目进度"] == 35 and sections["资料报送与整改"] == 5
    assert sheet.full_marks == sum(sections.values()) == 100
    counts = [sheet.items.filter(section=section).count() for section in sections]
    assert min(counts) >= 2 and max(counts) <= 7


@pytest.mark.django_db
def test_a_used_sheet_is_never_changed() -> None:
    """Scores may rest on it."""
    load()
    item = ScoringSheet.objects.get().items.first()
    assert item is not None
    item.title = "改过的项目"
    item.save()
    load()
    item.refresh_from_db()
    assert item.title == "改过的项目"


@pytest.mark.django_db
def test_the_published_figures_are_those_of_february_2014() -> None:
    """With wording and source; what is derived says so; the types sum to the total."""
    load()
    rows = PublishedFigure.objects.filter(year=2013, number=4)
    values = {(row.indicator, row.type): row.value for row in rows}
    assert values[("planned", "all")] == sum(values[("planned", kind)] for kind in ("city", "town", "rural")) == 89
    assert values[("standardised_rate", "all")] == Decimal("71.5")
    assert values[("party_organisations", "all")] == 1860 and values[("pilots", "all")] == 24
    assert len(values) == 14
    assert "推算" in rows.get(indicator="existing").wording
    assert not rows.filter(wording="").exists() and not rows.exclude(source__contains="人民网").exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_a_time_wait_for_each_other() -> None:
    """Neither fails, and nothing is there twice."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            load()
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert Division.objects.count() == 2400 and ScoringSheet.objects.count() == 1
    assert PublishedFigure.objects.count() == 14
