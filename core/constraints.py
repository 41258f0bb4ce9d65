"""What the database refuses becomes the sentence of the rule that it holds, instead of a crash.

Forms check constraints beforehand; two people (or one double click) can still meet in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction

from core.errors import RuleViolation
from core.sentences import gettext as _
from core.sentences import said, said_by


@contextmanager
def rules_as_sentences(*touched: type[models.Model]) -> Iterator[None]:
    """Turn a broken constraint of one of the models into RuleViolation with the constraint's own message.

    The block runs in a savepoint, so the transaction around it stays usable. A trigger that refuses with
    `check_violation` may give its sentence as HINT; what has no sentence gets a general one.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise _violation(touched, error) from error


def require_valid(record: models.Model) -> None:
    """Check a record's fields and constraints before it is written.

    Raises RuleViolation with the first broken rule's sentence, on its field where it has just one.
    """
    try:
        record.full_clean(validate_constraints=False)
        _check_constraints(record)
    except ValidationError as error:
        field, sentence = _first_of(error)
        raise RuleViolation(sentence, field=field) from error


def require_fields(record: models.Model) -> None:
    """The part of `require_valid` that asks no database: each field for itself, keys of other records left out."""
    keys = {each.name for each in record._meta.concrete_fields if each.is_relation}
    try:
        record.clean_fields(exclude=keys)
    except ValidationError as error:
        name, sentence = _first_of(error)
        raise RuleViolation(sentence, field=name) from error


def _check_constraints(record: models.Model) -> None:
    """One after the other, checks first: a term that ends before it begins is no range that could be compared."""
    for model, constraints in record.get_constraints():
        for constraint in sorted(constraints, key=lambda each: not isinstance(each, models.CheckConstraint)):
            try:
                constraint.validate(model, record)
            except ValidationError as error:
                raise RuleViolation(_first_of(error)[1], field=_only_field(constraint)) from error


def _first_of(error: ValidationError) -> tuple[str | None, str]:
    if not hasattr(error, "error_dict"):
        return None, said_by(error.error_list[0])
    field, errors = next(iter(error.error_dict.items()))
    return None if field == NON_FIELD_ERRORS else field, said_by(errors[0])


def _violation(touched: tuple[type[models.Model], ...], error: IntegrityError) -> RuleViolation:
    report: Any = getattr(error.__cause__, "diag", None)
    name = getattr(report, "constraint_name", None) or ""
    for model in touched:
        for constraint in model._meta.constraints:
            if constraint.name == name:
                sentence = said(constraint.violation_error_message or "") % {"name": name}
                return RuleViolation(sentence, field=_only_field(constraint))
        for field in model._meta.concrete_fields:
            if field.unique and name.startswith(f"{model._meta.db_table}_{field.column}_"):
                return RuleViolation(_("“%s”重复，已经有一条。") % field.verbose_name, field=field.name)
    hint = getattr(report, "message_hint", None)
    return RuleViolation(said(hint) if hint else _("没有存上：与已经登记的内容矛盾。刷新后再看一遍。"))


def _only_field(constraint: models.BaseConstraint) -> str | None:
    fields = getattr(constraint, "fields", ())
    return str(fields[-1]) if fields else None
