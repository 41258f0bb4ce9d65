"""Pages of service centres."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.components import Action, Column
from core.views import ScopedCreateView, ScopedDetailView, ScopedListView, ScopedUpdateView
from facilities.models import Project
from facilities.views import actor_of
from services import actions, exports
from services.forms import AcceptForm, CentreFilter, CentreForm, NewCentreForm, WithdrawForm
from services.models import ServiceCentre, Standardisation


def columns() -> list[Column]:
    """Heads of the list."""
    return [
        Column(_("服务中心"), sort="community"),
        Column(_("单位"), sort="unit"),
        Column(_("类型")),
        Column(_("面积（㎡）"), sort="area", number=True),
        Column(_("建设阶段"), sort="stage"),
        Column(_("规范化"), sort="day"),
        Column(_("历史"), hidden_label=True),
    ]


class CentreList(ScopedListView[ServiceCentre]):
    """All centres that the person may see."""

    queryset = (
        ServiceCentre.objects.with_place().with_stage().with_standardisation().select_related("community", "project")
    )
    template_name = "services/centres.html"
    export_title = gettext_lazy("服务中心")
    export_columns = exports.CENTRES
    export_rule = exports.CENTRE_RULE
    filterset_class = CentreFilter
    ordering_fields: ClassVar[dict[str, str]] = {
        "community": "community__pinyin",
        "unit": "place_order",
        "area": "area",
        "stage": "stage",
        "day": "standardised_on",
    }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds heads and the one action."""
        context = super().get_context_data(columns=columns(), **kwargs)
        if context["may_create"]:
            context["actions"] = [Action(_("登记服务中心"), reverse("services:centre_create"), "plus", primary=True)]
        return context


class CentreDetail(ScopedDetailView[ServiceCentre]):
    """One centre: its project's stage and its acceptances."""

    queryset = CentreList.queryset
    template_name = "services/centre.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds acceptances and what the person may do."""
        context = super().get_context_data(**kwargs)
        terms = list(self.object.standardisations.select_related("accepted_by").order_by("-valid_from"))
        context |= {"terms": terms, "actions": self.actions(context["may_edit"], terms)}
        return context

    def actions(self, may_edit: bool, terms: list[Standardisation]) -> list[Action]:
        """Acceptance for the city office, change for whoever may edit, history for everybody."""
        found, key = [], [self.object.pk]
        if Standardisation.objects.accepting(self.request.user):
            if terms and terms[0].valid_until is None:
                found.append(Action(_("撤销规范化"), reverse("services:withdraw", args=key), "arrow-back-up"))
            else:
                accept = reverse("services:accept", args=key)
                found.append(Action(_("登记规范化验收"), accept, "circle-check", primary=True))
        if may_edit:
            found.append(Action(_("修改"), reverse("services:centre_edit", args=key), "edit"))
        return [*found, Action(_("历史"), reverse("services:centre_history", args=key), "history")]


class CentreCreate(ScopedCreateView[NewCentreForm]):
    """Registers a centre."""

    queryset = ServiceCentre.objects.all()
    form_class = NewCentreForm
    template_name = "services/centre_form.html"
    success_message = gettext_lazy("已登记。")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The person, whose communities may be chosen; a community named in the address is filled in."""
        known = {"community": self.request.GET.get("community", "")}
        return {**super().get_form_kwargs(), "actor": actor_of(self), "initial": known}

    def perform(self, form: NewCentreForm) -> ServiceCentre:
        """Create it, with the community's service-centre project if there is one."""
        project = Project.objects.service_centres().filter(community=form.cleaned_data["community"]).first()
        return actions.create_centre(**form.cleaned_data, project=project, actor=actor_of(self))


class CentreEdit(ScopedUpdateView[CentreForm]):
    """Changes name, area or project."""

    queryset = ServiceCentre.objects.select_related("community")
    form_class = CentreForm
    template_name = "services/centre_form.html"

    def perform(self, form: CentreForm) -> ServiceCentre:
        """Save it, unless somebody else has meanwhile."""
        values = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        version = form.cleaned_data["version"]
        return actions.edit_centre(self.object, values, expected_version=version, actor=actor_of(self))


class OfficeUpdateView(ScopedUpdateView[Any]):
    """A form about a centre that is the city office's alone."""

    queryset = ServiceCentre.objects.select_related("community")
    template_name = "services/standardisation.html"
    title: Any = ""
    submit: Any = ""

    def get_editable(self, **lookup: Any) -> Any:
        """404 where the centre may not be seen, 403 where its acceptance is not the person's to enter."""
        record = self.get_visible(**lookup)
        if not Standardisation.objects.accepting(self.request.user):
            raise PermissionDenied(_("规范化由市新社区办验收登记。"))
        return record

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the words of the page."""
        return super().get_context_data(title=self.title, submit=self.submit, **kwargs)


class Accept(OfficeUpdateView):
    """Enters that standardisation was accepted."""

    form_class = AcceptForm
    title = gettext_lazy("登记规范化验收")
    submit = gettext_lazy("登记验收")
    success_message = gettext_lazy("已登记验收。")

    def perform(self, form: AcceptForm) -> ServiceCentre:
        """Accept it; the centre is the page to go back to."""
        return actions.accept_standardisation(self.object, **form.cleaned_data, actor=actor_of(self)).centre


class Withdraw(OfficeUpdateView):
    """Withdraws the acceptance in force."""

    form_class = WithdrawForm
    title = gettext_lazy("撤销规范化")
    submit = gettext_lazy("撤销规范化")
    success_message = gettext_lazy("已撤销。")

    def perform(self, form: WithdrawForm) -> ServiceCentre:
        """Withdraw it; the centre is the page to go back to."""
        return actions.withdraw_standardisation(self.object, **form.cleaned_data, actor=actor_of(self)).centre
