"""Plan against actual: what the light says, and that the picture stays on its axis."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilities.schedule import schedule_of, verdict_of
from facilities.workflow import Stage

START, FINISH = dt.date(2013, 4, 1), dt.date(2013, 11, 30)
NOW = dt.date(2013, 12, 31)


@pytest.mark.parametrize(
    ("reached", "light", "words"),
    [
        ([(Stage.BASICALLY_BUILT, dt.date(2013, 11, 30))], "green", "按期建成"),
        ([(Stage.BASICALLY_BUILT, dt.date(2013, 12, 10))], "yellow", "建成比计划晚 10 天"),
        ([(Stage.STARTED, START)], "yellow", "还没建成，比计划晚 31 天"),
        # Falling back takes the earlier arrival away.
        (
            [(Stage.BASICALLY_BUILT, FINISH), (Stage.FITTING_OUT, dt.date(2013, 12, 1))],
            "yellow",
            "还没建成，比计划晚 31 天",
        ),
    ],
)
def test_the_light_says_what_the_dates_say(reached: list[tuple[int, dt.date]], light: str, words: str) -> None:
    verdict = verdict_of(START, FINISH, reached, NOW)
    assert verdict is not None and (verdict.light, verdict.words) == (light, words)


def test_before_the_finish_is_due_the_start_is_judged() -> None:
    now = dt.date(2013, 5, 1)
    late = verdict_of(START, FINISH, [], now)
    begun = verdict_of(START, FINISH, [(Stage.STARTED, dt.date(2013, 4, 11))], now)
    waiting = verdict_of(START, FINISH, [], dt.date(2013, 3, 1))
    assert late is not None and late.words == "还没动工，比计划晚 30 天"
    assert begun is not None and begun.words == "动工比计划晚 10 天"
    assert waiting is not None and waiting.light == "not_due"
    assert verdict_of(None, None, [(Stage.STARTED, START)], now) is None


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
