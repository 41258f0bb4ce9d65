"""What a reader sees of a record's history: acts in order, fields in words, the reason apart, no secrets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pghistory
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from communities.models import Community, Membership, Placement, ReportingUnit
from core.components import Moment
from core.formats import moment
from core.history import event_model, moments_of, own, read_history, under
from core.history.words import SECRETS
from core.models import save_version
from tests import factories

pytestmark = pytest.mark.django_db


def lines(entry: Moment) -> list[tuple[str, str, str]]:
    return [(change.label, change.before, change.after) for change in entry.changes]


def test_one_act_is_one_entry(units: dict[str, ReportingUnit], make_community: Any) -> None:
    """A community is registered with its placement: one entry, the page's own record first."""
    community = make_community(units["XC"])
    Community.objects.filter(pk=community.pk).update(households=1286, pinyin="x")
    changed, made = moments_of(community, community.placements.get())
    assert (changed.title, lines(changed), changed.also) == ("修改", [("户数", "没有填", "1,286")], [])
    assert made.title == "新建" and made.fresh and [part.title[:4] for part in made.also] == ["登记归属"]


def test_requests_are_told_apart_and_their_records_together(
    units: dict[str, ReportingUnit], make_community: Any
) -> None:
    """Two requests of one moment are two acts; what one of them changed twice over stays one."""
    community = make_community(units["XC"])
    placement = community.placements.get()
    for households in (5, 6):
        with pghistory.context(user=None):
            Community.objects.filter(pk=community.pk).update(households=households)
            Placement.objects.filter(pk=placement.pk).update(reason=f"第{households}次")
    second, first, _made = moments_of(community, placement)
    assert [lines(second), lines(first)] == [[("户数", "5", "6")], [("户数", "没有填", "5")]]
    assert [[reason.after for reason in act.also[0].reasons] for act in (second, first)] == [["第6次"], ["第5次"]]


def test_values_are_words(units: dict[str, ReportingUnit], make_community: Any, make_user: Any) -> None:
    """A choice by its label, a record by its name, a day, a decimal, yes and no."""
    community = make_community(units["XC"])
    Placement.objects.filter(community=community).update(
        unit=units["DW"], type="town", valid_until=dt.date(2013, 7, 1), reason="并乡"
    )
    [changed, _made] = read_history([under(Placement, "unit", community_id=community.pk)]).moments
    assert changed.title == "修改归属“大悟”"
    assert lines(changed) == [("单位", "孝昌", "大悟"), ("类型", "城市", "城镇"), ("截止日期", "没有填", "2013-07-01")]
    assert [(reason.label, reason.after) for reason in changed.reasons] == [("变更原因", "并乡")]
    person = make_user()
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert ("有效", "是", "否") in lines(moments_of(person)[0])


def test_what_is_gone_stays_readable(units: dict[str, ReportingUnit], make_community: Any) -> None:
    """A removed row is found by what it belonged to, and says what it held."""
    community = make_community(units["XC"])
    Placement.objects.filter(community=community).delete()
    gone = read_history([under(Placement, "unit", community_id=community.pk)]).moments[0]
    assert (gone.title, gone.tone) == ("删除归属“孝昌”", "bad")
    assert ("类型", "城市", "没有填") in lines(gone)


def test_who_acted_and_as_what(units: dict[str, ReportingUnit], make_user: Callable[..., User], as_user: Any) -> None:
    """The roles held when it happened, though the term is over now; nobody's address."""
    clerk = make_user("county_entry", unit=units["XC"], full_name="胡军")
    community = factories.make_community(units["XC"], name="金桥社区")
    page = f"/communities/{community.pk}/edit/"
    sent = {"name": "金桥社区", "version": 1, "households": 1286}
    assert as_user(clerk).post(page, sent).status_code == 302
    Membership.objects.filter(user=clerk).delete()
    changed = moments_of(community)[0]
    assert (changed.who, changed.capacity, changed.address) == ("胡军", "孝昌 县专班填报", "")
    watched = read_history([own(community)], addresses=True).moments[0]
    assert watched.address == "127.0.0.1"


def test_a_long_history_has_pages(units: dict[str, ReportingUnit], make_community: Any) -> None:
    """Every event once, in order, whatever is asked for as a mark; at the same cost for each page."""
    community = make_community(units["XC"])
    for households in range(1, 31):
        Community.objects.filter(pk=community.pk).update(households=households)
    trails = [own(community), under(Placement, community_id=community.pk)]
    seen, before, costs = list[str](), "", set[int]()
    while True:
        with CaptureQueriesContext(connection) as queries:
            page = read_history(trails, before=before, size=7)
        seen += [change.after for entry in page.moments for change in entry.changes if change.label == "户数"]
        if not page.older:
            break
        costs.add(len(queries))
        before = page.older
    assert seen == [str(number) for number in range(30, 0, -1)] and costs == {3}
    for nonsense in ("abc", "1~2", "9" * 40 + "~0~1", "1~x~1"):
        assert read_history(trails, before=nonsense, size=7).moments == read_history(trails, size=7).moments


def test_saving_without_a_change_is_no_entry(units: dict[str, ReportingUnit], make_community: Any) -> None:
    """Only the version went up."""
    community = make_community(units["XC"])
    save_version(community, {"name": community.name}, expected=1)
    assert [entry.title for entry in moments_of(community)] == ["新建"]


def test_a_new_record_does_not_repeat_who_and_when(units: dict[str, ReportingUnit], make_user: Any) -> None:
    """Fields that the line above already says are left out; another person's name is not."""
    person, other = make_user(), make_user(full_name="另一人")
    with pghistory.context(user=person.pk):
        mine = Membership.objects.create(user=other, role="leader", valid_from=dt.date(2013, 1, 1), granted_by=person)
        theirs = Membership.objects.create(user=person, role="leader", valid_from=dt.date(2013, 1, 1), granted_by=other)
    assert "授权人" not in [change.label for change in moments_of(mine)[0].changes]
    assert ("授权人", "没有填", "另一人") in lines(moments_of(theirs)[0])


def test_history_holds_no_secrets() -> None:
    """No tracked model's history has a column for one, but those that are known to be none."""
    from django.apps import apps

    tracked = [model for model in apps.get_models() if hasattr(model, "pgh_event_model")]
    columns = {f"{model.__name__}.{field.name}" for model in tracked for field in event_model(model)._meta.fields}
    assert len(tracked) > 20
    found = {name for name in columns if any(word in name.split(".")[1] for word in SECRETS)}
    assert found <= {"User.must_change_password", "User.password_changed_at", "Photo.phash"}


def test_moments_are_written_for_readers() -> None:
    """The line above an entry carries the year."""
    assert moment(dt.datetime(2013, 12, 20, 1, 0, tzinfo=dt.UTC), with_year=True) == "2013-12-20 09:00"
