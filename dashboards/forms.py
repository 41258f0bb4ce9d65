"""The filters of a list of facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from communities.models import ReportingUnit
from dashboards.models import CellType
from facilities.models import FacilityKind


class FactsFilter(forms.Form):
    """Unit, type, kind of project, what is new, and words to find.

    The units offered are those whose figures the person may see.
    """

    unit = forms.ChoiceField(label=_("单位"), required=False)
    type = forms.ChoiceField(label=_("类型"), required=False, choices=[("", _("全部")), *CellType.choices])
    kind = forms.ChoiceField(label=_("设施"), required=False, choices=[("", _("全部")), *FacilityKind.choices])
    since = forms.ChoiceField(
        label=_("变动"),
        required=False,
        choices=[("", _("全部")), ("new", _("本季度新增")), ("gone", _("上季度计入、本季度不再计入"))],
    )
    q = forms.CharField(label=_("在列表中找"), required=False, max_length=100)

    def __init__(
        self, data: Any, *, units: Sequence[ReportingUnit], types: Sequence[str], kinds: bool, news: bool
    ) -> None:
        super().__init__(data)
        choices = [(unit.code, unit.short_name) for unit in units]
        self._field("unit").choices = [("", _("全部")), *choices]
        self._field("type").choices = [("", _("全部")), *(pair for pair in CellType.choices if pair[0] in types)]
        if not choices:
            del self.fields["unit"]
        if not kinds:
            del self.fields["kind"]
        if not news:
            del self.fields["since"]

    def _field(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field


class UnitFilter(forms.Form):
    """One of the units that the person may look at alone, or none."""

    unit = forms.ChoiceField(label=_("单位"), required=False)

    def __init__(self, data: Any, *, units: Sequence[ReportingUnit]) -> None:
        super().__init__(data)
        field = self.fields["unit"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("全部")), *((unit.code, unit.short_name) for unit in units)]


class LossesFilter(forms.Form):
    """Unit and section. The units offered are those whose figures the person may see."""

    def __init__(self, data: Any, *, units: Sequence[ReportingUnit], sections: Sequence[str]) -> None:
        super().__init__(data)
        numbered = [(str(number), name) for number, name in enumerate(sections, 1)]
        offered = [(unit.code, unit.short_name) for unit in units]
        if offered:
            self.fields["unit"] = self._choice(_("单位"), offered)
        self.fields["section"] = self._choice(_("部分"), numbered)

    @staticmethod
    def _choice(label: Any, choices: list[tuple[str, str]]) -> forms.ChoiceField:
        return forms.ChoiceField(label=label, required=False, choices=[("", _("全部")), *choices])


class RankingForm(forms.Form):
    """Whether units are ranked for everybody, and why that is changed."""

    ranking = forms.TypedChoiceField(
        label=_("各单位得分"),
        choices=[("yes", _("按名次")), ("no", _("不排名"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        help_text=_("不排名时，页面、打印和导出都按法定顺序列出得分，没有名次和名次变化。"),
    )
    reason = forms.CharField(label=_("原因"), max_length=200)
