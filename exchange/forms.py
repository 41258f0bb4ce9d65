"""Forms of the exchange: what for and where, the file, which column means what; no rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exchange import registry
from exchange.heads import SHOWN_COLUMNS
from exchange.places import places_of
from exchange.registry import Target

SAMPLES = 2
Pairs = list[tuple[str, str]]


class SheetForm(forms.Form):
    """Which kind of sheet, for which place and period. Bound to the address; what is missing there is the first one."""

    target = forms.ChoiceField(label=_("导入到"))
    place = forms.ChoiceField(label=_("单位"))
    scope = forms.ChoiceField(label=_("期间"), required=False)

    def __init__(self, asked: Any, *, user: Any) -> None:
        targets: Pairs = [(target.code, str(target.label)) for target in registry.targets()]
        kind = _one_of(asked.get("target"), targets)
        target = registry.find(kind)
        places = [pair for pair in places_of(user).entered_choices if target is not None and target.takes(pair[0])]
        place = _one_of(asked.get("place"), places)
        scopes: Pairs = [*target.scopes(place, user)] if target is not None else []
        chosen = {"target": kind, "place": place, "scope": _one_of(asked.get("scope"), scopes)}
        super().__init__(chosen)
        for name, choices in (("target", targets), ("place", places), ("scope", scopes)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        if not scopes:
            del self.fields["scope"]
        self.place_name = dict(places).get(place, "")

    @property
    def sheet(self) -> tuple[Target, str, str]:
        """Target, place and scope. Raises LookupError where the person may bring in nothing."""
        values = self.data
        return registry.get(values["target"]), values["place"], values.get("scope", "")


def _one_of(asked: Any, choices: Pairs) -> str:
    codes = [code for code, _label in choices]
    return str(asked) if asked in codes else next(iter(codes), "")


class UploadForm(forms.Form):
    """The file. Its kind is judged by content; the list of endings only helps to find it."""

    file = forms.FileField(
        label=_("文件"),
        allow_empty_file=True,
        help_text=_("填好的模板，或本单位自己的表：.xlsx 或 .csv，不超过 10 MB、20,000 行。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )


def layout_at(layout: dict[str, Any], head: int | None) -> dict[str, Any]:
    """The layout as read, or with another of the rows that were shown for its head. LookupError where it is none."""
    if head is None or head == layout["head"]:
        return layout
    labels = dict(layout["sample"])[head]
    return {**layout, "head": head, "depth": 1, "labels": labels, "columns": {}}


class ColumnsForm(forms.Form):
    """For each item of the target the column of the sheet; opens with what could be guessed."""

    def __init__(self, *args: Any, target: Target, layout: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.target = target
        offered = _offered(layout)
        for column in target.columns:
            self.fields[column.code] = forms.TypedChoiceField(
                label=str(column.label),
                choices=[("", _("表里没有")), *offered],
                coerce=int,
                empty_value=None,
                required=column.required,
                help_text=str(column.help),
                initial=layout["columns"].get(column.code),
            )

    def clean(self) -> dict[str, Any]:
        """Refuses columns by which no row is known, at the first of those that would do."""
        chosen = super().clean() or self.cleaned_data
        if sentence := self.target.lacking([code for code, place in chosen.items() if place is not None]):
            self.add_error(self.target.known_by[0][0], sentence)
        return chosen

    def columns(self) -> dict[str, int]:
        """Places in the sheet by code, those that were chosen."""
        return {code: place for code, place in self.cleaned_data.items() if place is not None}


def _offered(layout: dict[str, Any]) -> Pairs:
    """The sheet's columns: letter, head, and the first values beneath, so that one knows them again.

    With those that have no head, read or not.
    """
    places = [*layout["columns"].values(), *(each["place"] for each in layout.get("unread", ()))]
    without = dict.fromkeys(map(str, places), "")
    below = [cells for number, cells in layout["sample"] if number >= layout["head"] + layout["depth"]]
    found = []
    for place, text in sorted({**without, **layout["labels"]}.items(), key=lambda item: int(item[0])):
        if int(place) <= SHOWN_COLUMNS:
            values = [cells[place] for cells in below if cells.get(place)][:SAMPLES]
            example = f"（{'、'.join(values)}）" if values else ""
            head = text[:30] or str(_("没有表头"))
            found.append((str(place), f"{letter(int(place))}　{head}{example}"))
    return found


def letter(place: int) -> str:
    """The column's letters as a sheet shows them: 1 is A, 27 is AA."""
    letters = ""
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
