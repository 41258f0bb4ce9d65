"""What every app builds on: reference data written once, checks before saving, who changed a record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pghistory
import pytest
from django.db import DataError

from accounts.models import User
from communities.models import Community, Placement, ReportingUnit
from coordination.models import PolicyDocument
from core.bulk import update_rows
from core.constraints import require_valid
from core.errors import RuleViolation, StaleVersion
from core.history import last_change
from core.models import save_version
from core.reference import upsert
from services.models import ServiceCentre, Standardisation
from tests import factories

pytestmark = pytest.mark.django_db
ROWS: list[dict[str, Any]] = [{"title": "甲", "known": "一"}, {"title": "乙", "known": "二"}]


def test_upsert_adds_corrects_and_keeps() -> None:
    """Missing rows are added, differing ones corrected, those to keep and those not named left alone."""
    for row in (*ROWS, {"title": "丙", "known": "三"}):
        PolicyDocument.objects.create(**{**row, "known": "旧"})
    PolicyDocument.objects.filter(title="乙").update(version=2)
    new = {"title": "丁", "known": "四"}
    done = upsert(PolicyDocument, [*ROWS, new], key=("title",), keep=lambda record: record.version > 1)
    assert (done.total, done.added, done.changed) == (4, 1, 1)
    known = dict(PolicyDocument.objects.values_list("title", "known"))
    assert known == {"甲": "一", "乙": "旧", "丙": "旧", "丁": "四"}
    assert str(done) == "政策文件: 4 (1 added, 1 changed)"


def test_upsert_compares_keys_of_other_rows(units: dict[str, ReportingUnit], make_community: Any) -> None:
    """A row may name another record; the same one again is no change."""
    community = make_community(units["XC"])
    row = {"community": community, "unit": units["DW"], "valid_from": community.placements.get().valid_from}
    assert upsert(Placement, [row], key=("community", "valid_from")).changed == 1
    assert upsert(Placement, [row], key=("community", "valid_from")).changed == 0
    assert community.placements.get().unit == units["DW"]


def test_a_check_before_saving_looks_at_its_own_key(units: dict[str, ReportingUnit], make_community: Any) -> None:
    """Another community's placement on the same days is in nobody's way; the own one is."""
    there = make_community(units["XC"]).placements.get()
    newcomer = Community.objects.create(code="N-1", name="新", pinyin="xin", initials="x")
    same = {"unit": there.unit, "type": "city", "population": "existing", "valid_from": there.valid_from}
    require_valid(Placement(community=newcomer, **same))
    with pytest.raises(RuleViolation, match="不能重叠"):
        require_valid(Placement(community=there.community, **same))


def test_a_term_in_the_wrong_order_is_said_before_overlaps_are_looked_for(
    units: dict[str, ReportingUnit], make_community: Any
) -> None:
    """The database cannot make a range of it; so also for the standardisation of a centre."""
    centre = ServiceCentre.objects.create(community=make_community(units["XC"]), name="中心")
    day, before = dt.date(2013, 7, 1), dt.date(2013, 6, 30)
    with pytest.raises(RuleViolation, match="截止日期应在起始日期之后"):
        require_valid(Standardisation(centre=centre, valid_from=day, valid_until=before, reason="撤销"))


def test_a_refusal_names_the_field(units: dict[str, ReportingUnit]) -> None:
    """The first field at fault, in words."""
    with pytest.raises(RuleViolation) as refusal:
        require_valid(Community(code="N-1", name="长" * 51, pinyin="x", initials="x"))
    assert refusal.value.field == "name" and "50" in refusal.value.message


def test_who_changed_a_record(make_user: Callable[..., User]) -> None:
    """The person of the last event; nobody where a command wrote it."""
    document = PolicyDocument.objects.create(title="甲")
    assert last_change(document)[0] == ""
    with pghistory.context(user=make_user(full_name="胡军").pk):
        save_version(document, {"known": "新"}, expected=1)
    who, when = last_change(document)
    assert who == "胡军" and when is not None
    with pytest.raises(StaleVersion, match="胡军") as refusal:
        save_version(document, {"known": "别的", "number": ""}, expected=1)
    assert [(each.label, each.stored, each.sent) for each in refusal.value.conflicts] == [("已知内容", "新", "别的")]


def test_a_text_that_is_too_long_is_refused_and_not_cut(units: dict[str, Any]) -> None:
    community = factories.make_community(units["XC"])
    community.name = "长" * 200
    with pytest.raises(DataError):
        update_rows([community], ["name"])
