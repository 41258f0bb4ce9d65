"""Pages of the rules that construction is judged by, of what breaks the ordering rules, and of exemptions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from communities.models import ReportingUnit
from communities.roles import Role
from communities.scoping import reach_of
from core.components import Action, Tab
from core.exports import ListExport, export_asked, export_link, table_link, xlsx_response
from core.history import Trail, read_history, under
from core.views import ScopedCreateView, ScopedPageView, ScopedUpdateView
from facilities import exports, light_actions, rule_actions, rule_forms
from facilities.calendar import present_day
from facilities.exports_rules import REGISTERS, register_export
from facilities.models import (
    InfrastructureType,
    LightThreshold,
    OrderingExemption,
    OrderingRule,
    Project,
    StageDefinition,
)
from facilities.ordering import Violation, ordering_of, violations
from facilities.views import actor_of


class RulesPage(ScopedPageView):
    """What steps mean, which kinds of infrastructure there are, what comes first, and when a light turns."""

    queryset = StageDefinition.objects.all()
    template_name = "facilities/rules.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        """The page, or one of its registers as a workbook (`&table=`); Http404 for one that there is not."""
        if not export_asked(request):
            return super().get(request, *args, **kwargs)
        register = REGISTERS.get(request.GET.get("table", "stages"))
        if register is None:
            raise Http404
        return xlsx_response(request, register_export(register), type(self))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The four kinds, and whether the person may change them."""
        return super().get_context_data(
            definitions=StageDefinition.objects.all(),
            types=InfrastructureType.objects.all(),
            rules=OrderingRule.objects.all(),
            thresholds=LightThreshold.objects.all(),
            may_edit=StageDefinition.objects.all().creatable_by(self.request.user),
            export=export_link(self.request, REGISTERS["stages"].count, without=["table"]),
            exports={name: table_link(self.request, name, each.count) for name, each in REGISTERS.items()},
            actions=[Action(_("历史"), reverse("facilities:rules_history"), "history")],
            **kwargs,
        )


class RulesHistory(ScopedPageView):
    """Who changed which rule, kind by kind."""

    queryset = StageDefinition.objects.all()
    template_name = "facilities/rules_history.html"
    shows: ClassVar[tuple[type[models.Model], ...]] = (
        StageDefinition,
        InfrastructureType,
        OrderingRule,
        LightThreshold,
    )
    names: ClassVar[dict[type[models.Model], str]] = {
        StageDefinition: "stage",
        InfrastructureType: "name",
        OrderingRule: "name",
        LightThreshold: "valid_from",
    }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """One kind's history, and the way to the others. An unknown kind is the first."""
        asked = self.request.GET.get("kind", "")
        chosen = next((model for model in self.shows if model._meta.model_name == asked), self.shows[0])
        trail: Trail = under(chosen, self.names[chosen])
        return super().get_context_data(
            history=read_history([trail], before=self.request.GET.get("before", "")),
            keep=f"kind={chosen._meta.model_name}",
            tabs=[self.tab(model, model is chosen) for model in self.shows],
            **kwargs,
        )

    def tab(self, model: type[models.Model], current: bool) -> Tab:
        """The way to one kind."""
        address = f"{reverse('facilities:rules_history')}?kind={model._meta.model_name}"
        return Tab(str(model._meta.verbose_name), address, current=current)


class _RuleEdit(ScopedUpdateView[Any]):
    """Changes one of the rules."""

    template_name = "facilities/rule_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The record as it is now."""
        return {**super().get_form_kwargs(), "instance": self.object}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the kind as the heading."""
        return super().get_context_data(heading=_("修改%s") % self.object._meta.verbose_name, **kwargs)

    def perform(self, form: Any) -> models.Model:
        """Save it, unless somebody else has meanwhile."""
        version, record = form.cleaned_data["version"], self.object
        written: models.Model = rule_actions.edit(record, form.values(), expected_version=version, actor=actor_of(self))
        return written

    def get_success_url(self) -> str:
        """Back to its place among the rules."""
        return f"{reverse('facilities:rules')}#{self.object._meta.model_name}"


class StageDefinitionEdit(_RuleEdit):
    """Changes what a step means."""

    queryset = StageDefinition.objects.all()
    form_class = rule_forms.StageDefinitionForm


class InfrastructureTypeEdit(_RuleEdit):
    """Changes a kind of infrastructure."""

    queryset = InfrastructureType.objects.all()
    form_class = rule_forms.InfrastructureTypeForm


class OrderingRuleEdit(_RuleEdit):
    """Changes a rule of what comes first."""

    queryset = OrderingRule.objects.all()
    form_class = rule_forms.OrderingRuleForm


class OrderingRuleReadAnew(_RuleEdit):
    """Reads a rule in another way from a day on."""

    queryset = OrderingRule.objects.all()
    form_class = rule_forms.NewReadingForm
    success_message = gettext_lazy("新口径已登记，原来的到那一天为止。")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Says what it is."""
        return {**super().get_context_data(**kwargs), "heading": _("换新口径")}

    def perform(self, form: Any) -> models.Model:
        """End the present reading, begin the new one."""
        version, rule = form.cleaned_data["version"], OrderingRule.objects.get(pk=self.object.pk)
        return rule_actions.read_anew(rule, expected_version=version, actor=actor_of(self), **form.values())


class LightThresholdEdit(_RuleEdit):
    """Corrects a set of thresholds."""

    queryset = LightThreshold.objects.all()
    form_class = rule_forms.LightThresholdForm

    def perform(self, form: Any) -> models.Model:
        """Save it, unless somebody else has meanwhile."""
        version = form.cleaned_data["version"]
        return light_actions.edit_thresholds(self.object, form.values(), expected_version=version, actor=actor_of(self))


class _RuleCreate(ScopedCreateView[Any]):
    """Adds to the rules."""

    template_name = "facilities/rule_form.html"
    heading: Any = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the heading."""
        return super().get_context_data(heading=self.heading, **kwargs)

    def get_success_url(self) -> str:
        """To its place among the rules."""
        return f"{reverse('facilities:rules')}#{self.written._meta.model_name}"


class InfrastructureTypeCreate(_RuleCreate):
    """A new kind of infrastructure."""

    queryset = InfrastructureType.objects.all()
    form_class = rule_forms.NewInfrastructureForm
    heading = gettext_lazy("登记基础设施类别")

    def perform(self, form: Any) -> InfrastructureType:
        """Add it."""
        return rule_actions.add_infrastructure(**form.cleaned_data, actor=actor_of(self))


class OrderingRuleCreate(_RuleCreate):
    """A new rule of what comes first."""

    queryset = OrderingRule.objects.all()
    form_class = rule_forms.NewOrderingRuleForm
    heading = gettext_lazy("登记建设顺序规则")

    def perform(self, form: Any) -> OrderingRule:
        """Add it."""
        return rule_actions.add_rule(**form.cleaned_data, actor=actor_of(self))


class LightThresholdCreate(_RuleCreate):
    """Thresholds from a day on."""

    queryset = LightThreshold.objects.all()
    form_class = rule_forms.NewThresholdForm
    heading = gettext_lazy("新一套亮灯标准")

    def perform(self, form: Any) -> LightThreshold:
        """Add them."""
        return light_actions.set_thresholds(**form.cleaned_data, actor=actor_of(self))


class OrderingPage(ScopedPageView):
    """What went before what should be first, rule by rule, with both records and both dates; and what is exempt.

    `?unit=XC` narrows it to one unit, `?export=xlsx` takes it out.
    """

    queryset = Project.objects.select_related("community")
    template_name = "facilities/ordering.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        """The page, or its rows as a workbook."""
        if export_asked(request):
            return xlsx_response(request, self.list_export(), type(self))
        return super().get(request, *args, **kwargs)

    def projects(self) -> Any:
        """The projects that the person may see, of one unit where the address names it."""
        rows: Any = Project.objects.visible_to(self.request.user).with_place().select_related("community")
        unit = self.request.GET.get("unit", "")
        return rows.filter(placed__unit__code=unit) if unit else rows

    def found(self) -> list[Violation]:
        """What is violated now."""
        return violations(present_day(), self.projects())

    def exemptions(self) -> list[OrderingExemption]:
        """What is exempt now, of the same projects."""
        rows = OrderingExemption.objects.in_force().filter(project__in=self.projects().values("pk"))
        return list(rows.select_related("rule", "project__community", "granted_by"))

    def export_rows(self) -> list[exports.OrderingRow]:
        """The rows of the page: what is violated, then what is exempt."""
        exempt = self.exemptions()
        projects = self.projects().in_bulk([each.project_id for each in exempt])
        return [
            *(exports.OrderingRow(each.rule, each.project, violation=each) for each in self.found()),
            *(exports.OrderingRow(each.rule, projects[each.project_id], exemption=each) for each in exempt),
        ]

    def list_export(self) -> ListExport:
        """The same rows."""
        rows = self.export_rows()
        code = self.request.GET.get("unit", "")
        unit = ReportingUnit.objects.visible_to(self.request.user).filter(code=code).first()
        return ListExport(
            title=_("违反建设顺序的项目"),
            columns=exports.ORDERING,
            rows=iter(rows),
            count=len(rows),
            rule=_("到 %(day)s，按各条规则的口径逐个社区比较；已豁免的列在后面，不再比较。") % {"day": present_day()},
            place=self.queryset.all().place_words(self.request.user),
            filters=[_("%(label)s：%(value)s") % {"label": _("单位"), "value": unit or code}] if code else [],
            has_samples=any(row.is_sample for row in rows),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Each rule with its violations and exemptions."""
        user, rules = self.request.user, ordering_of(self.projects(), present_day())
        found = [each for kept in rules for each in kept.found]
        exempt = sum(len(kept.exempt) for kept in rules)
        units = ReportingUnit.objects.reached_by(user)
        return super().get_context_data(
            rules=rules,
            total=len({each.project.pk for each in found}),
            day=present_day(),
            export=export_link(self.request, len(found) + exempt),
            units=units,
            unit=self.request.GET.get("unit", ""),
            may_exempt=Role.CITY_OFFICE in reach_of(user).city,
            **kwargs,
        )


class ExemptionWithdraw(ScopedUpdateView[rule_forms.ExemptionWithdrawForm]):
    """Takes an exemption back, with a reason; what it let pass is told again."""

    queryset = OrderingExemption.objects.select_related("rule", "project__community", "granted_by")
    form_class = rule_forms.ExemptionWithdrawForm
    template_name = "facilities/exemption_withdraw.html"
    success_message = gettext_lazy("豁免已撤回，原因记录在案。")

    def perform(self, form: rule_forms.ExemptionWithdrawForm) -> OrderingExemption:
        """Take it back."""
        reason = form.cleaned_data["reason"]
        return rule_actions.withdraw_exemption(self.object, reason=reason, actor=actor_of(self))

    def get_success_url(self) -> str:
        """Back to the list."""
        return reverse("facilities:ordering")


class Exempt(ScopedUpdateView[rule_forms.ExemptionForm]):
    """Lets a project go before what should be first. Asked with the violation before the eyes."""

    queryset = Project.objects.select_related("community")
    form_class = rule_forms.ExemptionForm
    template_name = "facilities/exempt.html"
    success_message = gettext_lazy("已豁免，原因记录在案。")

    def get_editable(self, **lookup: Any) -> Any:
        """The project, for the city office."""
        record = self.get_visible(**lookup)
        if not OrderingExemption.objects.all().creatable_by(self.request.user):
            raise PermissionDenied(_("豁免由市新社区办办。"))
        return record

    @property
    def rule(self) -> OrderingRule:
        """The rule that the address names; Http404 where there is none."""
        return get_object_or_404(OrderingRule, code=self.kwargs["rule"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the violation; Http404 where there is none."""
        rows = Project.objects.filter(pk=self.object.pk).select_related("community")
        found = violations(present_day(), rows, [self.rule])
        if not found:
            raise Http404
        return super().get_context_data(violation=found[0], **kwargs)

    def perform(self, form: rule_forms.ExemptionForm) -> OrderingExemption:
        """Grant it."""
        return rule_actions.exempt(self.rule, self.object, reason=form.cleaned_data["reason"], actor=actor_of(self))

    def get_success_url(self) -> str:
        """Back to the list."""
        return reverse("facilities:ordering")
