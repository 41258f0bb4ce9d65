"""Exemptions that are taken back: by whom, once, with a reason; the violation shows again, everywhere."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from communities.models import ReportingUnit
from communities.roles import Role
from core.errors import NotAllowed, RuleViolation, WrongState
from core.history import events_of
from facilities import reference, rule_actions
from facilities.models import OrderingExemption, OrderingRule
from facilities.ordering import violations
from facilities.workflow import Stage
from tests import factories
from tests.api.conftest import Caller
from tests.conftest import BACKEND

DAY = dt.date(2013, 12, 31)


@pytest.fixture
def office(db: None) -> User:
    """The city office."""
    return factories.make_user(Role.CITY_OFFICE, full_name="张主任")


@pytest.fixture
def exemption(units: dict[str, ReportingUnit], office: User) -> OrderingExemption:
    """Shops that were let go before the homes."""
    reference.load()
    home = factories.make_community(units["XC"])
    factories.make_project(home, "resettlement")
    begun = (Stage.STARTED, dt.date(2013, 6, 18))
    shops = factories.make_project(home, "commercial", begun, name="商铺")
    rule = OrderingRule.objects.get(code="resettlement_first")
    return rule_actions.exempt(rule, shops, reason="会议纪要", actor=office)


def again(exemption: OrderingExemption, office: User) -> OrderingExemption:
    """The same rule and project, exempt anew."""
    return rule_actions.exempt(exemption.rule, exemption.project, reason="新的纪要", actor=office)


def test_what_was_exempt_is_a_violation_again(exemption: OrderingExemption, office: User) -> None:
    assert violations(DAY) == []
    taken = rule_actions.withdraw_exemption(exemption, reason=" 纪要作废 ", actor=office)
    assert (taken.withdrawn_by, taken.withdrawn_reason) == (office, "纪要作废") and taken.withdrawn_at
    assert [found.project for found in violations(DAY)] == [exemption.project]
    assert [event.pgh_label for event in events_of(taken)] == ["insert", "update"]


def test_it_is_the_city_offices_with_a_reason_and_once(exemption: OrderingExemption, office: User) -> None:
    entry = factories.make_user(Role.COUNTY_ENTRY, unit=ReportingUnit.objects.get(code="XC"))
    with pytest.raises(NotAllowed):
        rule_actions.withdraw_exemption(exemption, reason="纪要作废", actor=entry)
    with pytest.raises(RuleViolation, match="写明原因"):
        rule_actions.withdraw_exemption(exemption, reason=" ", actor=office)
    rule_actions.withdraw_exemption(exemption, reason="纪要作废", actor=office)
    with pytest.raises(WrongState, match="已经撤回"):
        rule_actions.withdraw_exemption(exemption, reason="再撤", actor=office)


def test_one_that_was_taken_back_can_be_granted_anew(exemption: OrderingExemption, office: User) -> None:
    with pytest.raises(RuleViolation, match="已经免了"):
        again(exemption, office)
    rule_actions.withdraw_exemption(exemption, reason="纪要作废", actor=office)
    new = again(exemption, office)
    assert violations(DAY) == [] and list(OrderingExemption.objects.in_force()) == [new]
    rule_actions.withdraw_exemption(new, reason="也作废", actor=office)
    assert len(violations(DAY)) == 1 and OrderingExemption.objects.count() == 2


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"reason": "别的"}, "not changed"),
        ({"granted_at": timezone.now()}, "not changed"),
        ({"withdrawn_at": timezone.now()}, "ordering_exempt_withdrawal_whole"),
        ({"withdrawn_reason": "作废"}, "ordering_exempt_withdrawal_whole"),
    ],
)
def test_the_database_lets_nothing_change_but_one_withdrawal(
    exemption: OrderingExemption, office: User, values: dict[str, Any], rule: str
) -> None:
    rows = OrderingExemption.objects.filter(pk=exemption.pk)
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        rows.update(**values)
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        rows.delete()
    rule_actions.withdraw_exemption(exemption, reason="纪要作废", actor=office)
    for later in ({"withdrawn_reason": "改写"}, {"withdrawn_at": None, "withdrawn_by": None, "withdrawn_reason": ""}):
        with pytest.raises(IntegrityError, match="final"), transaction.atomic():
            rows.update(**later)
    with pytest.raises(IntegrityError, match="ordering_exempt_once"), transaction.atomic():
        common = {"rule": exemption.rule, "project": exemption.project, "reason": "两次", "granted_by": office}
        for _ in range(2):
            OrderingExemption.objects.create(**common)


def test_the_pages_lead_to_it_and_tell_it_afterwards(exemption: OrderingExemption, office: User, as_user: Any) -> None:
    page, project = as_user(office), exemption.project
    address = reverse("facilities:exemption_withdraw", args=[exemption.pk])
    for shown in (reverse("facilities:ordering"), project.get_absolute_url()):
        assert address in page.get(shown).content.decode()
    asked = page.get(address).content.decode()
    assert "会议纪要" in asked and "张主任" in asked
    refused = page.post(address, {"reason": ""})
    assert refused.status_code == 422 and refused.context["form"].errors["reason"]
    answer = page.post(address, {"reason": "纪要作废"}, follow=True).content.decode()
    assert "豁免已撤回" in answer and "已豁免" not in answer and address not in answer
    told = page.get(project.get_absolute_url()).content.decode()
    assert "不符" in told and "撤回豁免，纪要作废" in told and address not in told
    history = page.get(reverse("facilities:history", args=[project.pk])).content.decode()
    assert "纪要作废" in history
    assert page.post(address, {"reason": "再撤"}).status_code == 409
    assert "已经撤回：纪要作废" in page.get(address).content.decode()


def test_others_read_the_exemption_and_are_not_led_to_it(
    exemption: OrderingExemption, units: dict[str, ReportingUnit], as_user: Any
) -> None:
    entry = as_user(factories.make_user(Role.COUNTY_ENTRY, unit=units["XC"]))
    address = reverse("facilities:exemption_withdraw", args=[exemption.pk])
    for shown in (reverse("facilities:ordering"), exemption.project.get_absolute_url()):
        text = entry.get(shown).content.decode()
        assert "会议纪要" in text and address not in text
    assert entry.get(address).status_code == 403


def test_the_api_takes_it_back(exemption: OrderingExemption, office: User) -> None:
    caller = Caller()
    caller.client.force_login(office, backend=BACKEND)
    address = f"ordering-exemptions/{exemption.pk}/withdraw/"
    answer = caller.post(address, {"reason": "纪要作废"})
    assert answer.status_code == 200 and answer.json()["withdrawn_reason"] == "纪要作废"
    assert answer.json()["withdrawn_at"] and len(violations(DAY)) == 1
    assert caller.post(address, {"reason": "再撤"}).status_code == 409
