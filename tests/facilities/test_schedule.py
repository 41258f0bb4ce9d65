"""Plan against actual: what the light says, and that the picture stays on its axis."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from facilities.schedule import schedule_of
from facilities.workflow import Stage

days = st.dates(dt.date(2011, 1, 1), dt.date(2030, 1, 1))


@given(
    start=st.none() | days,
    finish=st.none() | days,
    reached=st.lists(st.tuples(st.sampled_from(Stage.values), days)),
    now=days,
)
def test_the_picture_stays_on_its_axis(
    start: dt.date | None, finish: dt.date | None, reached: list[tuple[int, dt.date]], now: dt.date
) -> None:
    reached.sort(key=lambda pair: pair[1])
    picture = schedule_of(start, finish, reached, now)
    if picture is None:
        assert not (start or finish or reached)
        return
    for span in filter(None, [picture.planned, picture.actual]):
        assert 0 <= float(span.x[:-1]) <= 100 and float(span.width[:-1]) > 0
    for mark in [*picture.marks, *picture.quarters, picture.now]:
        assert 0 <= float(mark.x[:-1]) <= 100


def test_a_plan_that_lies_ahead_leaves_room_for_the_present_day() -> None:
    picture = schedule_of(dt.date(2014, 3, 1), None, [], dt.date(2013, 12, 31))
    assert picture is not None
    assert [mark.label for mark in picture.quarters] == ["2013Q4", "2014Q1"]
    assert 45 < float(picture.now.x[:-1]) < 55


def test_a_step_that_was_taken_back_has_no_mark_and_one_reached_again_its_new_day() -> None:
    steps = [(Stage.STARTED, dt.date(2013, 1, 10)), (Stage.MAIN_WORKS, dt.date(2013, 3, 1))]
    fallen = [*steps, (Stage.FOUNDATION, dt.date(2013, 5, 1))]
    picture = schedule_of(None, None, fallen, dt.date(2013, 12, 31))
    assert picture is not None and picture.marks == []
    assert picture.actual is not None and picture.actual.first == dt.date(2013, 1, 10)
    again = schedule_of(None, None, [*fallen, (Stage.MAIN_WORKS, dt.date(2013, 9, 1))], dt.date(2013, 12, 31))
    assert again is not None
    assert [(mark.label, mark.day) for mark in again.marks] == [("主体", dt.date(2013, 9, 1))]


def test_a_skipped_step_shares_the_mark_of_the_one_that_passed_it() -> None:
    steps = [(Stage.STARTED, dt.date(2013, 1, 10)), (Stage.TOPPED_OUT, dt.date(2013, 6, 1))]
    picture = schedule_of(None, None, steps, dt.date(2013, 12, 31))
    assert picture is not None
    assert [(mark.label, mark.day) for mark in picture.marks] == [("封顶", dt.date(2013, 6, 1))]
