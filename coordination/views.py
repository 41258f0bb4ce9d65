"""Pages of policy documents, work teams and their pairing with pilots."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from communities.models import Community
from coordination import actions, exports
from coordination.filters import PairingFilter, TeamFilter
from coordination.forms import DocumentForm, PairingEndForm, PairingForm, TeamForm
from coordination.models import Pairing, PolicyDocument, SupportTeam
from core.components import Action, Column
from core.history import Trail, own, read_history, under
from core.periods import today
from core.views import ScopedCreateView, ScopedDetailView, ScopedListView, ScopedUpdateView


class DocumentListView(ScopedListView[PolicyDocument]):
    """The documents that the programme rests on."""

    queryset = PolicyDocument.objects.all()
    template_name = "coordination/document_list.html"
    export_title = _("政策文件")
    export_columns = exports.DOCUMENTS
    export_rule = exports.DOCUMENT_RULE
    ordering_fields: ClassVar[dict[str, str]] = {"order": "pk"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the heads of the table."""
        labels = [_t("标题"), _t("文号"), _t("成文日期"), _t("把握程度")]
        columns = [*map(Column, labels), Column(_t("操作"), hidden_label=True)]
        return super().get_context_data(columns=columns, **kwargs)


class DocumentDetailView(ScopedDetailView[PolicyDocument]):
    """What is known of a document, from where, and how surely."""

    queryset = PolicyDocument.objects.all()
    template_name = "coordination/document_detail.html"
    shows = (PolicyDocument,)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the history and what the person may do."""
        history = read_history([own(self.object)], before=self.request.GET.get("before", ""))
        context = super().get_context_data(history=history, **kwargs)
        if context["may_edit"]:
            url = reverse("coordination:document_edit", args=[self.object.pk])
            context["actions"] = [Action(_t("补充"), url, "edit", primary=True)]
        return context


class DocumentEditView(ScopedUpdateView[DocumentForm]):
    """Complete what is known of a document."""

    queryset = PolicyDocument.objects.all()
    template_name = "coordination/document_form.html"
    form_class = DocumentForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form gets a copy of its own: the page goes on to show the record as it is stored."""
        return {**super().get_form_kwargs(), "instance": self.get_visible(pk=self.object.pk)}

    def perform(self, form: DocumentForm) -> PolicyDocument:
        """Save it, unless somebody else has in between."""
        version = form.cleaned_data["version"]
        actor = cast(User, self.request.user)
        return actions.edit_document(self.object, form.values(), expected_version=version, actor=actor)


class TeamListView(ScopedListView[SupportTeam]):
    """Work teams, each with the pilot it supports today."""

    queryset = SupportTeam.objects.all()
    template_name = "coordination/team_list.html"
    export_title = _("包保工作队")
    export_columns = exports.TEAMS
    export_rule = _("一队包保一个试点；只写你可见范围内的试点。")
    filterset_class = TeamFilter
    ordering_fields: ClassVar[dict[str, str]] = {"name": "name", "department": "department"}

    def get_queryset(self) -> Any:
        """With the pairings in force that the person may see."""
        now = Pairing.objects.visible_to(self.request.user).on_day(today()).select_related("community")
        return super().get_queryset().prefetch_related(Prefetch("pairings", queryset=now, to_attr="now"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the heads of the table and what the person may do."""
        columns = [
            Column(_t("工作队"), "name"),
            Column(_t("派出单位"), "department"),
            Column(_t("现在包保")),
            Column(_t("从")),
            Column(_t("操作"), hidden_label=True),
        ]
        context = super().get_context_data(columns=columns, **kwargs)
        if context["may_create"]:
            context["actions"] = [Action(_t("登记工作队"), reverse("coordination:team_create"), "plus")]
        return context


class TeamDetailView(ScopedDetailView[SupportTeam]):
    """A team, the pilots it supports and supported, and its history."""

    queryset = SupportTeam.objects.all()
    template_name = "coordination/team_detail.html"
    shows = (SupportTeam, Pairing)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the pairings that the person may see."""
        pairings = Pairing.objects.visible_to(self.request.user).filter(team=self.object).select_related("community")
        history = read_history(self.trails(), before=self.request.GET.get("before", ""))
        return super().get_context_data(pairings=list(pairings.order_by("-valid_from")), history=history, **kwargs)

    def trails(self) -> list[Trail]:
        """The team's own, and its pairings with pilots that the person may see."""
        seen = Community.objects.visible_to(self.request.user).values("pk")
        return [own(self.object), under(Pairing, "community", team_id=self.object.pk, community_id__in=seen)]


class TeamCreateView(ScopedCreateView[TeamForm]):
    """A new work team."""

    queryset = SupportTeam.objects.all()
    template_name = "coordination/form.html"
    form_class = TeamForm
    success_message = _("工作队已登记。")
    extra_context: dict[str, Any] | None = {
        "heading": _("登记工作队"),
        "submit": _("登记工作队"),
        "list_label": _("工作队"),
        "list_name": "coordination:teams",
    }

    def perform(self, form: TeamForm) -> SupportTeam:
        """Register it."""
        return actions.create_team(actor=cast(User, self.request.user), **form.cleaned_data)

    def get_success_url(self) -> str:
        """The team's page."""
        return reverse("coordination:team", args=[self.written.pk])


class PairingListView(ScopedListView[Pairing]):
    """Which team supports which pilot, one to one."""

    queryset = Pairing.objects.select_related("team", "community")
    template_name = "coordination/pairing_list.html"
    export_title = _("包保与试点")
    export_columns = exports.PAIRINGS
    export_rule = _("工作队与试点一对一；截止那一天起不再包保。")
    filterset_class = PairingFilter
    ordering_fields: ClassVar[dict[str, str]] = {
        "community": "community__pinyin",
        "team": "team__name",
        "from": "valid_from",
    }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the heads of the table and what the person may do."""
        columns = [
            Column(_t("试点"), "community"),
            Column(_t("工作队"), "team"),
            Column(_t("派出单位")),
            Column(_t("起始"), "from"),
            Column(_t("截止")),
            Column(_t("操作"), hidden_label=True),
        ]
        context = super().get_context_data(columns=columns, today=today(), **kwargs)
        context["actions"] = [Action(_t("看工作队"), reverse("coordination:teams"), "users-group")]
        if context["may_create"]:
            new = Action(_t("安排包保"), reverse("coordination:pairing_create"), "plus", primary=True)
            context["actions"].append(new)
        return context


class PairingCreateView(ScopedCreateView[PairingForm]):
    """A team for a pilot."""

    queryset = Pairing.objects.all()
    template_name = "coordination/form.html"
    form_class = PairingForm
    success_message = _("包保已安排。")
    extra_context: dict[str, Any] | None = {
        "heading": _("安排包保"),
        "subtitle": _("一个工作队包保一个试点，同一时间都不能有第二个。"),
        "submit": _("安排包保"),
        "list_label": _("包保"),
        "list_name": "coordination:pairings",
    }

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form narrows its choices to the person."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        """The team or pilot that the person came from."""
        return {"team": self.request.GET.get("team", ""), "community": self.request.GET.get("community", "")}

    def perform(self, form: PairingForm) -> Pairing:
        """Arrange it."""
        return actions.create_pairing(actor=cast(User, self.request.user), **form.cleaned_data)

    def get_success_url(self) -> str:
        """Back to the list."""
        return reverse("coordination:pairings")


class PairingEndView(ScopedUpdateView[PairingEndForm]):
    """The end of a pairing."""

    queryset = Pairing.objects.select_related("team", "community")
    template_name = "coordination/form.html"
    form_class = PairingEndForm
    success_message = _("包保已结束。")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the words of the page."""
        return super().get_context_data(
            heading=_t("结束包保"),
            subtitle=_t("“%(team)s”从 %(start)s 起包保“%(community)s”。")
            % {"team": self.object.team, "community": self.object.community, "start": self.object.valid_from},
            submit=_t("结束包保"),
            list_label=_t("包保"),
            list_name="coordination:pairings",
            **kwargs,
        )

    def perform(self, form: PairingEndForm) -> Pairing:
        """End it."""
        day = form.cleaned_data["valid_until"]
        return actions.end_pairing(self.object, on=day, actor=cast(User, self.request.user))

    def get_success_url(self) -> str:
        """Back to the list."""
        return reverse("coordination:pairings")
