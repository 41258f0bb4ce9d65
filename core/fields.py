"""What a template needs to know of a form field: its look, its notes, and the attributes that tie them together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

STATES = ("", "changed", "computed", "warning")


@dataclass(frozen=True)
class FieldView:
    """A bound field, ready to be shown. `widget` is the rendered control with its description attached."""

    bound: BoundField
    widget: SafeString
    kind: str
    state: str
    errors: list[str]
    mark: object = ""
    last: str = ""
    unit: str = ""
    note: str = ""
    required_mark: bool = False


@dataclass(frozen=True)
class Chip:
    """A filter in the bar: the control, whether it is in force, and the address without it."""

    bound: BoundField
    kind: str
    active: bool
    remove_url: str
    widget: SafeString = field(default_factory=lambda: SafeString(""))


def widget_kind(bound: BoundField) -> str:
    """`check`, `group` (radios, several boxes), `select`, `password`, `long`, `file` or `text`."""
    widget = bound.field.widget
    kinds: tuple[tuple[type[forms.Widget], str], ...] = (
        (forms.CheckboxInput, "check"),
        (forms.RadioSelect, "group"),
        (forms.CheckboxSelectMultiple, "group"),
        (forms.SelectMultiple, "long"),
        (forms.Select, "select"),
        (forms.Textarea, "long"),
        (forms.PasswordInput, "password"),
        (forms.FileInput, "file"),
    )
    return next((name for cls, name in kinds if isinstance(widget, cls)), "text")


def mostly_optional(form: forms.BaseForm) -> bool:
    """Whether the required fields are the fewer, so that marking them tells something."""
    shown = [f for f in form.fields.values() if not f.widget.is_hidden]
    return sum(f.required for f in shown) * 2 < len(shown)


def _control_attributes(bound: BoundField, state: str, described: bool) -> dict[str, str | bool]:
    attributes: dict[str, str | bool] = {}
    if described:
        attributes["aria-describedby"] = f"{bound.auto_id}_note"
    if bound.errors:
        attributes["aria-invalid"] = "true"
    if state == "computed":
        attributes |= {"readonly": True, "tabindex": "-1"}
    if isinstance(bound.field, forms.DecimalField | forms.FloatField):
        attributes["inputmode"] = "decimal"
    elif isinstance(bound.field, forms.IntegerField) and not isinstance(bound.field, forms.DecimalField):
        attributes["inputmode"] = "numeric"
    return attributes


def field_view(bound: BoundField, *, last: str = "", unit: str = "", state: str = "", note: str = "") -> FieldView:
    """A field in its state. Raises ValueError for a state that does not exist; an error always wins."""
    if state not in STATES:
        raise ValueError(f"no such field state: {state}")
    errors = [str(error) for error in bound.errors]
    described = bool(errors or note or bound.help_text)
    marks = {"changed": _("已改"), "computed": "", "warning": ""}
    return FieldView(
        bound=bound,
        widget=bound.as_widget(attrs=_control_attributes(bound, state, described)),
        kind=widget_kind(bound),
        state="error" if errors else state,
        errors=errors,
        mark=marks.get(state, ""),
        last=last,
        unit=str(_("自动算")) if state == "computed" and not unit else unit,
        note=note,
        required_mark=bound.field.required and mostly_optional(bound.form),
    )


def chips_of(form: forms.BaseForm, address_without: Callable[[str], str]) -> list[Chip]:
    """The visible fields of a filter form as chips; `q` is the search box."""
    chips = []
    for bound in form.visible_fields():
        value = bound.value() if form.is_bound else None
        kind = "search" if bound.name == "q" else widget_kind(bound)
        attributes: dict[str, str | bool] = {}
        if isinstance(bound.field.widget, forms.Select):
            # Django's dashes say nothing; in a filter the empty choice means all.
            choices = bound.field.widget.choices
            bound.field.widget.choices = [(key, text if key else _("全部")) for key, text in choices]
        if kind == "search":
            attributes = {"type": "search", "placeholder": str(_("在列表中找")), "autocomplete": "off"}
        chips.append(
            Chip(
                bound=bound,
                kind=kind,
                active=value not in (None, "", [], [""]),
                remove_url=address_without(bound.html_name),
                widget=bound.as_widget(attrs=attributes),
            )
        )
    return chips


def filters_in_words(form: forms.BaseForm) -> list[str]:
    """The filters in force, each as `label：value` in the words of its choice. None of them where the form is wrong."""
    if not form.is_bound or not form.is_valid():
        return []
    chosen = [(name, value) for name, value in form.cleaned_data.items() if value not in (None, "", [], False)]
    words = [(form.fields[name], value) for name, value in chosen if name in form.fields]
    return [
        str(_("%(label)s：%(value)s") % {"label": field.label, "value": _in_words(field, value)})
        for field, value in words
    ]


def _in_words(field: forms.Field, value: Any) -> str:
    if isinstance(value, list | tuple | QuerySet):
        return "、".join(_in_words(field, each) for each in value)
    if value is True:
        return str(_("是"))
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    return str(value)
