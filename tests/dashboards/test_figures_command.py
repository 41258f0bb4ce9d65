"""`manage.py figures`: lines for programs, a table for people, a proof against the records."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from communities.models import ReportingQuarter, ReportingUnit
from dashboards.indicators import REGISTRY
from dashboards.models import Figure
from facilities.models import Project
from facilities.workflow import Stage
from inspections.models import ItemScore
from tests.dashboards.scene import JANUARY, JUNE, differences, inspect, reach, settle
from tests.dashboards.small_city import build
from tests.factories import make_community, make_inspection, make_project, make_quarter, make_round

Units = dict[str, ReportingUnit]
Quarters = dict[str, ReportingQuarter]
pytestmark = pytest.mark.django_db
KEYS = ["indicator", "quarter", "unit", "type", "numerator", "denominator", "value", "records"]


def run(*words: str) -> str:
    out = StringIO()
    call_command("figures", *words, stdout=out)
    return out.getvalue()


def lines(*words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(*words, "--json").splitlines()]


def one(indicator: str, *words: str) -> dict[str, Any]:
    (found,) = [line for line in lines(*words) if line["indicator"] == indicator]
    return found


def refusal(*words: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        run(*words)
    return caught.value


@pytest.fixture
def city(units: Units, half_year: Quarters) -> Units:
    """Two units with a little of everything, rolled up."""
    build(units, half_year["2013Q4"])
    settle()
    return units


def test_every_indicator_unit_and_type_has_one_line_with_the_agreed_keys(city: Units) -> None:
    found = lines("2013Q4")
    assert [list(line) for line in found] == [KEYS] * len(found)
    keys = {(line["indicator"], line["unit"], line["type"]) for line in found}
    assert len(keys) == len(found) == len(REGISTRY) * 11 * 5
    assert {line["quarter"] for line in found} == {"2013Q4"}
    assert {unit for _, unit, _ in keys} == {"all", *city}
    assert {type for _, _, type in keys} == {"all", "city", "town", "rural", "none"}


def test_numbers_are_numbers_and_a_rate_without_a_denominator_is_null(city: Units) -> None:
    place = ("2013Q4", "--unit", "all", "--type", "all")
    assert one("planned", *place) == {
        "indicator": "planned",
        "quarter": "2013Q4",
        "unit": "all",
        "type": "all",
        "numerator": 8,
        "denominator": None,
        "value": 8,
        "records": 8,
    }
    rate = one("standardised_rate", *place)
    assert (rate["numerator"], rate["denominator"], round(rate["value"], 6)) == (2, 6, 33.333333)
    empty = one("average_score", "2013Q4", "--unit", "HC", "--type", "all")
    assert (empty["numerator"], empty["denominator"], empty["value"], empty["records"]) == (0, 0, None, 0)
    assert one("party_organisations", "2013Q4", "--unit", "XN", "--type", "none")["value"] == 1


def test_filters_narrow_and_every_all_is_the_sum_of_its_parts(city: Units) -> None:
    assert {line["unit"] for line in lines("2013Q4", "--unit", "XN")} == {"XN"}
    assert {line["type"] for line in lines("2013Q4", "--type", "rural")} == {"rural"}
    assert len(lines("2013Q4", "--unit", "XN", "--type", "rural")) == len(REGISTRY)
    found = {(line["indicator"], line["unit"], line["type"]): line for line in lines("2013Q4")}
    for code in REGISTRY:
        for part in ("numerator", "denominator", "records"):
            whole = found[code, "all", "all"][part] or 0
            assert whole == sum(found[code, unit, "all"][part] or 0 for unit in city)
            assert whole == sum(found[code, "all", type][part] or 0 for type in ("city", "town", "rural", "none"))


def test_for_people_it_is_a_table_without_empty_rows(city: Units) -> None:
    head, *rows = run("2013Q4").splitlines()
    assert head.split() == ["indicator", "unit", "type", "numerator", "denominator", "value", "records"]
    assert len({len(row) for row in (head, *rows)}) == 1
    assert ["planned", "all", "all", "8.00", "8.00", "8"] in [row.split() for row in rows]
    assert not [row for row in rows if " HC " in row]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["2013-4"], "'2013-4' is not a quarter; write it like 2013Q4."),
        (["2013Q5"], "'2013Q5' is not a quarter; write it like 2013Q4."),
        (["2012Q4"], "There is no reporting quarter 2012Q4."),
        (["2012Q4", "--verify"], "There is no reporting quarter 2012Q4."),
        (["2014Q1"], "2014Q1 has not been opened yet, so nothing is computed for it."),
        (
            ["2013Q4", "--unit", "XX"],
            "There is no unit 'XX'; the units are all, XN, XC, DW, YM, YC, AL, HC, GX, LK, SF.",
        ),
        (["2013Q4", "--type", "village"], "There is no type 'village'; the types are all, city, town, rural, none."),
    ],
)
def test_a_wrong_word_gets_a_sentence_and_ends_with_2(
    units: Units, half_year: Quarters, words: list[str], sentence: str
) -> None:
    make_quarter(2014, 1, state="planned")
    error = refusal(*words)
    assert (str(error), error.returncode) == (sentence, 2)


def test_verify_says_how_many_figures_agree(city: Units) -> None:
    assert run("2013Q4", "--verify") == f"{len(REGISTRY) * 11 * 5} figures, 0 differences\n"
    assert run("2013Q3", "--verify") == f"{len(REGISTRY) * 11 * 5} figures, 0 differences\n"


def verified(*words: str) -> tuple[list[str], CommandError]:
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("figures", "2013Q4", "--verify", stdout=out)
    return out.getvalue().splitlines(), caught.value


@pytest.mark.parametrize("field", ["numerator", "records"])
def test_verify_finds_a_figure_that_was_tampered_with_and_every_sum_above_it(city: Units, field: str) -> None:
    row = Figure.objects.filter(quarter__number=4, indicator="planned", unit=city["DW"], type="rural")
    row.update(**{field: 5})
    found, error = verified()
    places = ["DW all", "DW rural", "all all", "all rural"]
    assert sorted(" ".join(line.split(":")[0].split()[1:]) for line in found[:-1]) == places
    assert found[-1] == f"{len(REGISTRY) * 11 * 5} figures, 4 differences"
    assert error.returncode == 1


def test_verify_finds_a_stage_whose_mark_was_lost_and_says_what_still_waits(city: Units) -> None:
    reach(make_project(make_community(city["LK"], type="town")), Stage.STARTED, JUNE)
    found, error = verified()
    assert "started LK town: stored 0 from 0 records, recomputed 1 from 1 records" in found
    assert "changes are still to be counted" in str(error)
    settle()
    assert differences() == []


def test_verify_finds_a_figure_without_any_record(city: Units) -> None:
    Figure.objects.filter(unit=city["DW"]).update(unit=city["HC"])
    found, _ = verified()
    assert "planned HC city: stored 2 from 2 records, recomputed 0 from 0 records" in [
        line.replace(".00", "") for line in found
    ]


def test_verify_adds_an_inspections_total_up_again_from_its_items(units: Units, half_year: Quarters) -> None:
    round_ = make_round(half_year["2013Q4"])
    inspect(round_, make_community(units["XN"]), 10)
    settle()
    assert differences() == []
    draft = make_inspection(round_, make_community(units["XN"]))
    for item in round_.sheet.items.all():
        ItemScore.objects.create(inspection=draft, item=item, deduction=3, reason="测试")
    draft.submitted_at, draft.total = "2013-12-20T10:00+08:00", 100
    draft.save()
    settle()
    assert (
        "average_score XN city: stored 190.00/2.00 from 2 records, recomputed 184.00/2 from 2 records" in differences()
    )


def test_a_stage_of_january_changes_no_line_of_the_last_quarter(city: Units) -> None:
    before = run("2013Q4", "--json")
    for project in Project.objects.all():
        reach(project, Stage.IN_USE, JANUARY)
    settle()
    assert run("2013Q4", "--json") == before
    assert differences() == []


def test_on_the_command_line_a_wrong_word_is_one_sentence_without_a_traceback() -> None:
    command = [sys.executable, "manage.py", "figures", "yesterday"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.strip() == "CommandError: 'yesterday' is not a quarter; write it like 2013Q4."
