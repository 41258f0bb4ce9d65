"""Dated placements: moved by the city alone, never overlapping, whoever writes and however."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from communities import actions
from communities.models import Community, Placement, ReportingUnit
from core.constraints import require_valid
from core.errors import NotAllowed, RuleViolation, StaleVersion, WrongState
from tests import factories

pytestmark = pytest.mark.django_db
Units = dict[str, ReportingUnit]
MakeUser = Callable[..., User]
MOVED = dt.date(2013, 7, 1)


def test_a_move_ends_one_placement_and_begins_the_next(units: Units, make_user: MakeUser, make_community: Any) -> None:
    """What was true before that day stays true; what is not named stays as it is."""
    community = make_community(units["XC"], type="town")
    actions.move_placement(
        community, actor=make_user("city_office"), valid_from=MOVED, reason=" 区划调整 ", unit=units["SF"]
    )
    old, new = community.placements.order_by("valid_from")
    assert (old.unit, old.valid_until) == (units["XC"], MOVED)
    assert (new.unit, new.type, new.valid_from, new.valid_until) == (units["SF"], "town", MOVED, None)
    assert new.reason == "区划调整"
    before = Placement.objects.on_day(dt.date(2013, 6, 30)).get(community=community)
    assert before == old and Placement.objects.on_day(MOVED).get(community=community) == new


@pytest.mark.parametrize("role", ["county_entry", "county_reviewer", "leader"])
def test_only_the_city_office_moves(role: str, units: Units, make_user: MakeUser, make_community: Any) -> None:
    """County entry may edit its communities, not move them."""
    community = make_community(units["XC"])
    person = make_user(role, unit=units["XC"])
    with pytest.raises(NotAllowed):
        actions.move_placement(community, actor=person, valid_from=MOVED, reason="调整", unit=units["DW"])
    assert community.placements.get().unit == units["XC"]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"valid_from": factories.LONG_AGO}, "valid_from", "2012-01-01"),
        ({"valid_from": dt.date(1, 1, 1)}, "valid_from", "2012-01-01"),
        ({"valid_from": dt.date(2999, 1, 1)}, "valid_from", "2999-01-01"),
        ({"reason": "  "}, "reason", "原因"),
        ({"type": "city"}, None, "一样"),
        ({"type": "suburb"}, "type", ""),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_changes(
    changes: dict[str, Any], field: str | None, words: str, units: Units, make_user: MakeUser, make_community: Any
) -> None:
    """Not after the start, to come, without a reason, without a change, with a type that is none."""
    community = make_community(units["XC"])
    asked = {"valid_from": MOVED, "reason": "调整", "type": "rural", **changes}
    with pytest.raises(RuleViolation) as refusal:
        actions.move_placement(community, actor=make_user("city_office"), **asked)
    assert refusal.value.field == field and words in refusal.value.message
    only = community.placements.get()
    assert (only.type, only.valid_until) == ("city", None)


def test_two_people_moving_at_once(units: Units, make_user: MakeUser, make_community: Any) -> None:
    """The second is shown both, and the first's placement stays."""
    community, office = make_community(units["XC"]), make_user("city_office")
    shown = community.placements.get().pk
    move = {"actor": office, "reason": "调整", "expected": shown}
    actions.move_placement(community, valid_from=MOVED, unit=units["DW"], **move)
    with pytest.raises(StaleVersion) as refusal:
        actions.move_placement(community, valid_from=dt.date(2013, 8, 1), unit=units["YM"], **move)
    assert [(each.stored, each.sent) for each in refusal.value.conflicts] == [("大悟", "云梦")]
    assert community.placements.count() == 2


def test_an_ended_community_is_not_moved(units: Units, make_user: MakeUser, make_community: Any) -> None:
    """There is nothing to move."""
    community, office = make_community(units["XC"]), make_user("city_office")
    actions.succeed(community, kind="ended", effective_on=MOVED, reason="批复1号", actor=office)
    with pytest.raises(WrongState):
        actions.move_placement(community, actor=office, valid_from=dt.date(2013, 8, 1), reason="调整", unit=units["DW"])


def insert(community: Community, unit: ReportingUnit, first: str, last: str | None) -> None:
    """A placement by raw SQL, past every action."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO communities_placement"
            " (community_id, unit_id, type, population, category, valid_from, valid_until, reason, is_sample)"
            " VALUES (%s, %s, 'city', 'existing', '', %s, %s, '', false)",
            [community.pk, unit.pk, first, last],
        )


@pytest.mark.parametrize(
    ("first", "last"),
    [("2013-01-01", None), ("2011-01-01", "2012-01-02"), ("2011-01-01", None), ("2013-05-01", "2013-05-02")],
)
def test_the_database_refuses_an_overlap(first: str, last: str | None, units: Units, make_community: Any) -> None:
    """Raw SQL over the open-ended placement, at its start, around it and within it."""
    community = make_community(units["XC"])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(community, units["DW"], first, last)
    insert(community, units["DW"], "2011-01-01", "2012-01-01")  # the day before is free
    assert community.placements.count() == 2


def test_the_database_refuses_a_term_that_ends_before_it_begins(units: Units, make_community: Any) -> None:
    """Equal days would be a placement that never held."""
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(make_community(units["XC"]), units["DW"], "2011-01-01", "2011-01-01")


DAYS = st.dates(dt.date(2012, 1, 1), dt.date(2014, 12, 31))
MOVES = st.lists(
    st.tuples(DAYS, st.sampled_from(["XN", "XC", "GX"]), st.sampled_from(["city", "town", "rural"])), max_size=8
)


@given(moves=MOVES, asked=st.lists(DAYS, min_size=1, max_size=5))
def test_whatever_is_moved_when_terms_never_overlap(
    moves: list[tuple[dt.date, str, str]], asked: list[dt.date], units: Units
) -> None:
    """Any order of moves, accepted or refused: at most one placement a day, and no day without one after the first."""
    with transaction.atomic():
        community, office = factories.make_community(units["XC"]), factories.make_user("city_office")
        for day, unit, kind in moves:
            try:
                actions.move_placement(
                    community, actor=office, valid_from=day, reason="调整", unit=units[unit], type=kind
                )
            except RuleViolation:
                continue
        terms = list(community.placements.order_by("valid_from").values_list("valid_from", "valid_until"))
        assert all(last == first for (_, last), (first, _) in zip(terms, terms[1:], strict=False))
        assert [last for _, last in terms].count(None) == 1
        for day in asked:
            assert Placement.objects.on_day(day).filter(community=community).count() == (day >= terms[0][0])
        transaction.set_rollback(True)


def test_a_term_that_ends_before_it_begins_is_said(units: Units, make_community: Any) -> None:
    """In the words of its own rule, before anything asks whether such a term overlaps another."""
    wrong = Placement(
        community=make_community(units["XC"]), unit=units["DW"], type="city", population="existing",
        valid_from=MOVED, valid_until=dt.date(2013, 6, 30),
    )  # fmt: skip
    with pytest.raises(RuleViolation, match="截止日期应在起始日期之后"):
        require_valid(wrong)


def test_an_ended_community_stays_with_its_last_unit(
    units: Units, make_user: MakeUser, make_community: Any, as_user: Any
) -> None:
    """Its county finds it in the register and reads its history; the county it had left does not."""
    office, community = make_user("city_office"), make_community(units["DW"], name="老街社区")
    actions.move_placement(community, actor=office, valid_from=MOVED, reason="调整", unit=units["XC"])
    actions.succeed(community, kind="ended", effective_on=dt.date(2013, 9, 1), reason="批复1号", actor=office)
    own, former = (as_user(make_user("county_reviewer", unit=units[code])) for code in ("XC", "DW"))
    for name in ("detail", "history"):
        address = reverse(f"communities:{name}", args=[community.pk])
        assert [client.get(address).status_code for client in (own, former)] == [200, 404]
    for query in ({"state": "ended"}, {"state": "ended", "unit": "XC"}):
        assert "老街社区" in own.get(reverse("communities:list"), query).content.decode()
        assert "老街社区" not in former.get(reverse("communities:list"), query).content.decode()
    assert "老街社区" not in own.get(reverse("communities:list"), {"state": "standing"}).content.decode()
