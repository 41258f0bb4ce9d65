"""Pages of organisations."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.components import Action, Column
from core.views import ScopedCreateView, ScopedDetailView, ScopedListView, ScopedUpdateView
from facilities.views import actor_of
from services import exports
from services import organisation_actions as actions
from services.forms import EndForm, OrganisationFilter, OrganisationForm
from services.models import Organisation


def columns() -> list[Column]:
    """Heads of the list."""
    return [
        Column(_("组织"), sort="entered"),
        Column(_("类别"), sort="kind"),
        Column(_("计数口径"), sort="rule"),
        Column(_("单位"), sort="unit"),
        Column(_("社区或村")),
        Column(_("成立日期"), sort="since"),
        Column(_("状态"), sort="until"),
        Column(_("历史"), hidden_label=True),
    ]


class OrganisationList(ScopedListView[Organisation]):
    """All organisations that the person may see."""

    queryset = Organisation.objects.with_place().select_related("community")
    template_name = "services/organisations.html"
    export_title = gettext_lazy("组织")
    export_columns = exports.ORGANISATIONS
    export_rule = exports.ORGANISATION_RULE
    filterset_class = OrganisationFilter
    ordering_fields: ClassVar[dict[str, str]] = {
        "entered": "pk",
        "kind": "kind",
        "rule": "counting_rule",
        "unit": "place_order",
        "since": "valid_from",
        "until": "valid_until",
    }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds heads and the one action."""
        context = super().get_context_data(columns=columns(), **kwargs)
        if context["may_create"]:
            create = reverse("services:organisation_create")
            context["actions"] = [Action(_("登记组织"), create, "plus", primary=True)]
        return context


class OrganisationDetail(ScopedDetailView[Organisation]):
    """One organisation."""

    queryset = OrganisationList.queryset
    template_name = "services/organisation.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds what the person may do."""
        context = super().get_context_data(**kwargs)
        key, found = [self.object.pk], []
        if context["may_edit"]:
            found.append(Action(_("修改"), reverse("services:organisation_edit", args=key), "edit"))
            if self.object.valid_until is None:
                found.append(Action(_("登记撤销"), reverse("services:organisation_end", args=key), "archive"))
        history = Action(_("历史"), reverse("services:organisation_history", args=key), "history")
        return {**context, "actions": [*found, history]}


class OrganisationCreate(ScopedCreateView[OrganisationForm]):
    """Registers an organisation."""

    queryset = Organisation.objects.all()
    form_class = OrganisationForm
    template_name = "services/organisation_form.html"
    success_message = gettext_lazy("已登记。")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The person, whose places may be chosen; what the address names is filled in."""
        asked = self.request.GET
        known = {name: asked[name] for name in ("community", "kind", "counting_rule") if name in asked}
        return {**super().get_form_kwargs(), "actor": actor_of(self), "initial": known}

    def perform(self, form: OrganisationForm) -> Organisation:
        """Create it."""
        values = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        return actions.create_organisation(**values, actor=actor_of(self))


class OrganisationEdit(ScopedUpdateView[OrganisationForm]):
    """Changes an organisation."""

    queryset = Organisation.objects.select_related("community")
    form_class = OrganisationForm
    template_name = "services/organisation_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """The person, whose places may be chosen."""
        return {**super().get_form_kwargs(), "actor": actor_of(self)}

    def perform(self, form: OrganisationForm) -> Organisation:
        """Save it, unless somebody else has meanwhile."""
        values = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        version = form.cleaned_data["version"]
        return actions.edit_organisation(self.object, values, expected_version=version, actor=actor_of(self))


class OrganisationEnd(ScopedUpdateView[EndForm]):
    """Enters that an organisation exists no longer."""

    queryset = Organisation.objects.select_related("community")
    form_class = EndForm
    template_name = "services/organisation_end.html"
    success_message = gettext_lazy("已登记撤销。")

    def get_initial(self) -> dict[str, Any]:
        """The version that the page shows."""
        return {**super().get_initial(), "version": self.object.version}

    def perform(self, form: EndForm) -> Organisation:
        """End it."""
        on, version = form.cleaned_data["on"], form.cleaned_data["version"]
        return actions.end_organisation(self.object, on=on, expected_version=version, actor=actor_of(self))
