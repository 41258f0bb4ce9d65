"""Every field that a form could show has a label and a help text, and every term stands in the glossary."""

from __future__ import annotations

from pathlib import Path

import pghistory.models
import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

OURS = [
    model
    for model in apps.get_models()
    if model._meta.app_label in settings.PORTAL_APPS
    and not issubclass(model, pghistory.models.Event)
    and not model._meta.proxy
]
GLOSSARY = Path(settings.BASE_DIR / "docs" / "glossary.md")


@pytest.mark.parametrize("model", OURS, ids=lambda m: m._meta.label)
def test_fields_speak_chinese_to_the_clerk(model: type[models.Model]) -> None:
    mute = []
    for field in model._meta.get_fields():
        if not isinstance(field, models.Field) or field.name == "id":
            continue
        if field.model is not model or field.name in ("password", "last_login", "is_superuser", "username", "is_staff"):
            continue
        if field.name in ("is_active", "date_joined", "groups", "user_permissions"):
            continue  # Django's own, with Django's own words
        label_given = str(field.verbose_name) != field.name.replace("_", " ")
        if not label_given or not str(field.help_text):
            mute.append(field.name)
    assert mute == []


@pytest.mark.parametrize("model", OURS, ids=lambda m: m._meta.label)
def test_models_say_what_they_are(model: type[models.Model]) -> None:
    assert model.__doc__
    assert not model.__doc__.startswith(f"{model.__name__}(")
    assert str(model._meta.verbose_name) != model.__name__.lower()


@pytest.mark.parametrize("model", OURS, ids=lambda m: m._meta.label)
def test_constraints_speak_to_people(model: type[models.Model]) -> None:
    default = models.CheckConstraint.default_violation_error_message
    for constraint in model._meta.constraints:
        assert str(constraint.violation_error_message) != str(default), constraint.name


@pytest.mark.parametrize("model", OURS, ids=lambda m: m._meta.label)
def test_the_glossary_pairs_the_term_with_its_name(model: type[models.Model]) -> None:
    line = f"| {model._meta.verbose_name} |"
    rows = [row for row in GLOSSARY.read_text(encoding="utf-8").splitlines() if row.startswith(line)]
    assert any(f"`{model.__name__}`" in row for row in rows), line
