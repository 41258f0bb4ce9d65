"""What became of communities: merged, split, renamed, ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from communities import actions
from communities.models import Community, Placement, ReportingUnit, Succession
from core.errors import NotAllowed, RuleViolation, WrongState
from tests import factories

pytestmark = pytest.mark.django_db
Units = dict[str, ReportingUnit]
DAY = dt.date(2013, 7, 1)


@pytest.fixture
def office(units: Units, make_user: Callable[..., User]) -> User:
    """Somebody of the city office."""
    return make_user("city_office")


def step(community: Community, kind: str, actor: User, **fields: Any) -> Succession:
    """One step on the usual day with the usual reason."""
    fields = {"effective_on": DAY, "reason": "批复 1 号", **fields}
    return actions.succeed(community, kind=kind, actor=actor, **fields)


@pytest.mark.parametrize("kind", ["merged", "ended"])
def test_ending_closes_the_placement(kind: str, units: Units, office: User, make_community: Any) -> None:
    """It counted until the day before; the successor goes on."""
    gone, stays = make_community(units["XC"]), make_community(units["XC"])
    row = step(gone, kind, office, successor=stays if kind == "merged" else None)
    assert row.successor == (stays if kind == "merged" else None)
    assert gone.placements.get().valid_until == DAY
    assert not Placement.objects.on_day(DAY).filter(community=gone).exists()
    assert stays.placements.get().valid_until is None
    with pytest.raises(WrongState):
        step(gone, "ended", office, effective_on=dt.date(2013, 8, 1))


def test_a_split_leaves_the_old_one_standing(units: Units, office: User, make_community: Any) -> None:
    """One row for each that came out of it."""
    old, first, second = (make_community(units["XC"]) for _ in range(3))
    step(old, "split", office, successor=first)
    step(old, "split", office, successor=second)
    assert {row.successor for row in old.successions.all()} == {first, second}
    assert old.placements.get().valid_until is None


def test_a_rename_keeps_the_former_name(units: Units, office: User, make_community: Any) -> None:
    """In the row, while the community is found by the new one."""
    community = make_community(units["XC"], name="老桥社区")
    row = step(community, "renamed", office, new_name=" 金桥社区 ")
    community.refresh_from_db()
    assert (row.former_name, community.name, community.initials) == ("老桥社区", "金桥社区", "jqsq")
    assert row.successor == community and community.version == 2
    assert community.placements.get().valid_until is None


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("merged", {}, "successor"),
        ("merged", {"successor": "itself"}, "successor"),
        ("merged", {"successor": "ended"}, "successor"),
        ("split", {}, "successor"),
        ("ended", {"successor": "other"}, "successor"),
        ("renamed", {}, "new_name"),
        ("renamed", {"new_name": "旧名社区"}, "new_name"),
        ("renamed", {"new_name": "长" * 51}, "new_name"),
        ("ended", {"reason": " "}, "reason"),
        ("ended", {"effective_on": factories.LONG_AGO}, "effective_on"),
        ("ended", {"effective_on": dt.date(2999, 1, 1)}, "effective_on"),
        ("renamed", {"new_name": "新名社区", "effective_on": dt.date(2999, 1, 1)}, "effective_on"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_changes(
    kind: str, fields: dict[str, Any], field: str, units: Units, office: User, make_community: Any
) -> None:
    """Each with its field; the placement stands as it did."""
    community, other, ended = (make_community(units["XC"], name=name) for name in ("旧名社区", "别的社区", "没了社区"))
    step(ended, "ended", office, effective_on=dt.date(2013, 6, 1))
    people = {"itself": community, "other": other, "ended": ended}
    fields = {name: people.get(value, value) if isinstance(value, str) else value for name, value in fields.items()}
    with pytest.raises(RuleViolation) as refusal:
        step(community, kind, office, **fields)
    assert refusal.value.field == field and refusal.value.message
    assert not community.successions.exists()
    assert community.placements.get().valid_until is None
    assert Community.objects.get(pk=community.pk).name == "旧名社区"


def test_only_the_city_office(units: Units, make_user: Callable[..., User], make_community: Any) -> None:
    """County entry of the very unit is refused."""
    community = make_community(units["XC"])
    with pytest.raises(NotAllowed):
        step(community, "ended", make_user("county_entry", unit=units["XC"]))
    assert community.placements.get().valid_until is None
