"""The city office's data about construction: what steps mean, infrastructure, ordering rules, exemptions."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from communities.actions.checks import require_city_office, require_reason
from core.constraints import require_valid, rules_as_sentences
from core.errors import RuleViolation, WrongState
from core.models import VersionedModel, save_version
from facilities.calendar import present_day
from facilities.models import InfrastructureType, OrderingExemption, OrderingRule, Project, StageDefinition
from facilities.ordering import violating

M = TypeVar("M", StageDefinition, InfrastructureType, OrderingRule)

# What a form may set of each.
EDITABLE: dict[type[VersionedModel], tuple[str, ...]] = {
    StageDefinition: ("definition", "evidence", "needs_photo", "source", "presumed"),
    InfrastructureType: ("name", "underground", "order", "is_active"),
    OrderingRule: (
        "name",
        "first",
        "then",
        "measure",
        "statement",
        "source",
        "presumed",
        "valid_from",
        "valid_until",
    ),
}


# How a rule is read: once that is settled, another reading begins on a day, and what was judged before stays so.
READING = ("first", "then", "measure", "valid_from")


@transaction.atomic
def edit(record: M, values: dict[str, Any], *, expected_version: int, actor: User) -> M:
    """Change one of them. `values` holds its EDITABLE fields; others raise KeyError.

    Raises NotAllowed for anybody but the city office, StaleVersion, RuleViolation; this also where the reading of an
    ordering rule that is not presumed would change.
    """
    if unknown := values.keys() - set(EDITABLE[type(record)]):
        raise KeyError(sorted(unknown))
    require_city_office(actor)
    if isinstance(record, OrderingRule):
        _require_same_reading(record, values)
    with rules_as_sentences(type(record)):
        return save_version(record, values, expected=expected_version)


def _require_same_reading(rule: OrderingRule, values: dict[str, Any]) -> None:
    stored = OrderingRule.objects.get(pk=rule.pk)
    changed = [name for name in READING if name in values and values[name] != getattr(stored, name)]
    if changed and not stored.presumed:
        raise RuleViolation(_("口径已经核定，不能改。请用“换新口径”，从某一天起按新的判断。"), field=changed[0])


@transaction.atomic
def add_rule(*, code: str, family: str, actor: User, **values: Any) -> OrderingRule:
    """A new rule of what comes first. `values` holds fields of EDITABLE; others raise KeyError.

    Raises NotAllowed for anybody but the city office, RuleViolation where the code is taken or the rule is none.
    """
    if unknown := values.keys() - set(EDITABLE[OrderingRule]):
        raise KeyError(sorted(unknown))
    require_city_office(actor)
    rule = OrderingRule(code=code, family=family, **values)
    require_valid(rule)
    with rules_as_sentences(OrderingRule):
        rule.save(force_insert=True)
    return rule


@transaction.atomic
def read_anew(
    rule: OrderingRule, *, valid_from: dt.date, expected_version: int, actor: User, **values: Any
) -> OrderingRule:
    """A rule is read in another way from a day on; the reading until then ends there. Returns the new one.

    `values` holds name, first, then, measure, statement, source and presumed. Raises NotAllowed for anybody but the
    city office, StaleVersion, WrongState for a reading that has an end already, RuleViolation for a day that is not
    after its beginning.
    """
    require_city_office(actor)
    stored = OrderingRule.objects.select_for_update().get(pk=rule.pk)
    if stored.valid_until is not None:
        raise WrongState(_("“%s”已经有截止日期，不能再换新口径。") % stored)
    if valid_from <= stored.valid_from:
        raise RuleViolation(_("新口径应晚于现在这套的起始日期 %s。") % stored.valid_from, field="valid_from")
    code = f"{stored.code.partition('-')[0][:21]}-{valid_from:%Y%m%d}"
    reading = OrderingRule(code=code, family=stored.family, valid_from=valid_from, **values)
    require_valid(reading)
    with rules_as_sentences(OrderingRule):
        save_version(stored, {"valid_until": valid_from}, expected=expected_version)
        reading.save(force_insert=True)
    return reading


@transaction.atomic
def add_infrastructure(
    *, code: str, name: str, actor: User, underground: bool = False, order: int = 0
) -> InfrastructureType:
    """A new kind of infrastructure. Raises NotAllowed, RuleViolation where code or name is taken."""
    require_city_office(actor)
    row = InfrastructureType(code=code, name=name.strip(), underground=underground, order=order)
    require_valid(row)
    with rules_as_sentences(InfrastructureType):
        row.save(force_insert=True)
    return row


@transaction.atomic
def exempt(rule: OrderingRule, project: Project, *, reason: str, actor: User) -> OrderingExemption:
    """Let a project go before what should be first. It must violate the rule now.

    Raises NotAllowed for anybody but the city office; RuleViolation without a reason, for a project that keeps the
    rule, or a second time. After a withdrawal it may be granted anew.
    """
    require_city_office(actor)
    why = require_reason(reason)
    if OrderingExemption.objects.in_force().filter(rule=rule, project=project).exists():
        raise RuleViolation(_("这个项目已经免了这条规则。"))
    if not violating(rule, present_day(), Project.objects.filter(pk=project.pk)).exists():
        raise RuleViolation(_("这个项目现在没有违反“%s”，不用豁免。") % rule)
    with rules_as_sentences(OrderingExemption):
        return OrderingExemption.objects.create(
            rule=rule, project=project, reason=why, granted_by=actor, is_sample=project.is_sample
        )


@transaction.atomic
def withdraw_exemption(exemption: OrderingExemption, *, reason: str, actor: User) -> OrderingExemption:
    """Take an exemption back: what it let pass is a violation again, of earlier quarters too. The row stays.

    Raises NotAllowed for anybody but the city office, RuleViolation without a reason, WrongState the second time.
    """
    require_city_office(actor)
    why = require_reason(reason)
    stored = OrderingExemption.objects.select_for_update(of=("self",)).get(pk=exemption.pk)
    if stored.withdrawn_at is not None:
        raise WrongState(_("这条豁免已经撤回。"))
    stored.withdrawn_at, stored.withdrawn_by, stored.withdrawn_reason = timezone.now(), actor, why
    with rules_as_sentences(OrderingExemption):
        stored.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    return stored
