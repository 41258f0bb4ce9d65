"""The states of an upload: the table of moves is the database's, too."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from core.errors import NotAllowed, WrongState
from exchange import actions
from exchange.models import Batch
from exchange.workflow import MOVES, BatchState, may_move
from tests import factories
from tests.exchange.conftest import table, upload
from tests.exchange.test_import import NEW

pytestmark = pytest.mark.django_db
DONE = {BatchState.APPLIED, BatchState.UNDOING, BatchState.UNDONE}


def make(state: BatchState, clerk: Any) -> Batch:
    """A batch as if it had come there."""
    return Batch.objects.create(
        target="communities",
        place="XC",
        place_name="孝昌",
        state=state,
        uploaded_by=clerk,
        decided_by=clerk,
        original="exchange/none.xlsx",
        original_name="表.xlsx",
        format="xlsx",
        size=1,
        sha256="0" * 64,
        trouble="原因",
        applied_at=Now() if state in DONE else None,
    )


def test_the_database_refuses_every_move_that_the_table_does_not_have(clerk: Any) -> None:
    for start, to in itertools.permutations(BatchState, 2):
        batch = make(start, clerk)
        values = {"state": to, "applied_at": Now() if to in DONE else None}
        try:
            with transaction.atomic():
                Batch.objects.filter(pk=batch.pk).update(**values)
            moved = True
        except IntegrityError:
            moved = False
        assert moved == may_move(start, to) == (to in MOVES[start]), (start, to)


@pytest.mark.parametrize("state", [state for state in BatchState if state != BatchState.READY])
def test_only_what_was_looked_at_is_taken_over(state: BatchState, clerk: Any) -> None:
    with pytest.raises(WrongState):
        actions.apply_batch(make(state, clerk), actor=clerk)


def test_only_people_who_enter_for_the_place_act(clerk: Any, units: Any) -> None:
    batch = upload(clerk, table(NEW))
    reviewer = factories.make_user("county_reviewer", unit=units["XC"])
    other = factories.make_user("county_entry", unit=units["DW"])
    for person, act in itertools.product((reviewer, other), (actions.apply_batch, actions.discard_batch)):
        with pytest.raises(NotAllowed):
            act(batch, actor=person)
    for person, place in ((reviewer, "XC"), (clerk, "DW"), (clerk, "city")):
        with pytest.raises(NotAllowed):
            upload(person, b"a,b\n1,2\n", place=place)


def test_the_city_office_uploads_for_any_unit(clerk: Any, units: Any) -> None:
    office = factories.make_user("city_office")
    batch = upload(office, "编号,名称\nDW-P-001,甲\n".encode(), place="DW")
    assert (batch.place, batch.place_name, batch.rejected) == ("DW", "大悟", 1)
    assert not Batch.objects.visible_to(clerk).exists()
    assert Batch.objects.visible_to(office).exists()
