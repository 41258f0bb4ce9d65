"""Three administrators and the business are kept apart, by the database too."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Administrator
from communities.models import Membership
from core.constraints import rules_as_sentences
from core.errors import RuleViolation
from core.periods import today

pytestmark = pytest.mark.django_db
MEMBERSHIP = (
    "INSERT INTO communities_membership (user_id, role, valid_from, valid_until, reason, is_sample)"
    " VALUES (%s, 'leader', %s, %s, '', FALSE)"
)
ADMINISTRATOR = "INSERT INTO accounts_administrator (user_id, kind) VALUES (%s, 'audit')"
LONG_AGO = dt.date(2012, 1, 1)


def sql(statement: str, *values: Any) -> None:
    """Past every rule in Python."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize("kind", ["system", "security", "audit"])
def test_an_administrator_gets_no_role(make_user: Any, kind: str) -> None:
    person = make_user(administrator=kind)
    with pytest.raises(IntegrityError):
        sql(MEMBERSHIP, person.pk, LONG_AGO, None)
    with pytest.raises(IntegrityError):
        sql(MEMBERSHIP, person.pk, today() + dt.timedelta(days=9), today() + dt.timedelta(days=99))
    assert not Membership.objects.exists()


def test_who_holds_a_role_now_or_later_is_not_appointed(make_user: Any) -> None:
    now, later = make_user("leader"), make_user("leader", valid_from=today() + dt.timedelta(days=9))
    for person in (now, later):
        with pytest.raises(IntegrityError):
            sql(ADMINISTRATOR, person.pk)
    assert not Administrator.objects.exists()


def test_a_role_that_ended_stands_in_nobodys_way(make_user: Any) -> None:
    person = make_user("leader", valid_until=today())
    sql(ADMINISTRATOR, person.pk)
    # Nor does putting an ended one right afterwards.
    Membership.objects.filter(user=person).update(reason="调离")
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(user=person).update(valid_until=None)


def test_the_refusal_is_a_sentence(make_user: Any) -> None:
    person = make_user("leader")
    with pytest.raises(RuleViolation, match="先终止任职"), rules_as_sentences(Administrator):
        Administrator.objects.create(user=person, kind="audit")
