"""Pages of construction."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.components import Action, Column
from core.errors import RuleViolation, StaleVersion
from core.exports import ListExport
from core.views import ScopedCreateView, ScopedDetailView, ScopedListView, ScopedUpdateView
from exchange.links import upload_actions
from facilities import actions, exports
from facilities.calendar import present_day
from facilities.evidence import evidence_asked
from facilities.forms import NewProjectForm, PlanForm, ProjectFilter, ProjectForm, StageForm, VersionForm
from facilities.lights import judged, light_of, standing_of, with_light, with_red_mark, with_standing
from facilities.models import LightThreshold, OrderingExemption, Project, StageEvent
from facilities.money_reads import money_of, with_reported_money
from facilities.ordering import ordering_of
from facilities.photo_reads import gallery_of
from facilities.plan_actions import newest_plan, plan_of, plan_stages
from facilities.plan_reads import plan_table
from facilities.report_place import month_action
from facilities.schedule import schedule_of


def columns() -> list[Column]:
    """Heads of the list."""
    return [
        Column(_("项目"), sort="community"),
        Column(_("单位"), sort="unit"),
        Column(_("类型")),
        Column(_("设施"), sort="kind"),
        Column(_("目前阶段"), sort="stage"),
        Column(_("到达日期"), sort="day"),
        Column(_("计划建成"), sort="finish"),
        Column(_("亮灯")),
        Column(_("历史"), hidden_label=True),
    ]


def actor_of(view: Any) -> User:
    """The signed-in person; the base views let nobody else in."""
    user: User = view.request.user
    return user


class ProjectList(ScopedListView[Project]):
    """All projects that the person may see."""

    queryset = Project.objects.with_stage().with_place().select_related("community")
    template_name = "facilities/list.html"
    export_title = gettext_lazy("项目")
    export_columns = exports.PROJECTS
    export_rule = exports.PROJECT_RULE
    filterset_class = ProjectFilter
    ordering_fields: ClassVar[dict[str, str]] = {
        "community": "community__pinyin",
        "unit": "place_order",
        "kind": "kind",
        "stage": "stage",
        "day": "stage_on",
        "finish": "planned_finish",
    }

    def get_queryset(self) -> Any:
        """As filtered and sorted, each with its light, and whether one was red before."""
        return with_red_mark(with_light(super().get_queryset(), self.day))

    @cached_property
    def day(self) -> dt.date:
        """The day on which the lights are judged."""
        return present_day()

    def export_rows(self) -> Any:
        """The list, each with what arrived and was paid."""
        return with_reported_money(super().export_rows())

    def list_export(self) -> ListExport:
        """The list, each light with its reason."""
        found = super().list_export()
        return replace(found, rows=judged(found.rows, self.day))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds heads and the one action."""
        context = super().get_context_data(columns=columns(), **kwargs)
        page = context["page_obj"]
        page.object_list = list(judged(page, self.day))
        context["actions"] = [
            Action(_("建设顺序"), reverse("facilities:ordering"), "list-check"),
            Action(_("建设口径"), reverse("facilities:rules"), "file-text"),
        ]
        if context["may_create"]:
            context["actions"] += upload_actions(self.request.user, _("用 Excel 登记"), "projects")
            context["actions"].append(Action(_("登记项目"), reverse("facilities:create"), "plus", primary=True))
        return {**context, **self.lateness(context["page_obj"])}

    def lateness(self, page: Any) -> dict[str, Any]:
        """Of a list of what is late: the day, how many days each row is late, and how many the person cannot see."""
        filterset = cast(ProjectFilter, self.filterset)
        day = filterset.late_on
        if day is None:
            return {}
        for row in page:
            row.late_days = (day - row.late_since).days
        # What others have is told as the city's sum alone: with any further filter it would tell whose it is.
        given = {name for name, value in self.request.GET.items() if value}
        if given - {"late", "on", "sort", "page", "size"}:
            return {"late_on": day}
        kind = filterset.form.cleaned_data["late"]
        everywhere = Project.objects.with_place().late(day, "" if kind == "any" else kind).count()
        return {"late_on": day, "hidden": everywhere - page.paginator.count}


class ProjectDetail(ScopedDetailView[Project]):
    """One project: plan against actual, its stages, and the entry of the next one."""

    queryset = ProjectList.queryset
    template_name = "facilities/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the stages, the picture, and the form where the person may enter."""
        context = super().get_context_data(**kwargs)
        project, now = self.object, present_day()
        stages = list(project.stages.select_related("recorded_by").order_by("occurred_on", "pk"))
        reached, papers = [(event.stage, event.occurred_on) for event in stages], evidence_asked().papers
        plan = (project.planned_start, project.planned_finish)
        standing = with_standing(Project.objects.filter(pk=project.pk), now).get()
        rows = Project.objects.filter(pk=project.pk).select_related("community")
        context |= {
            "stages": stages[::-1],
            "schedule": schedule_of(*plan, reached, now),
            "light": light_of(standing_of(standing), now, LightThreshold.objects.on_day(now)),
            "red_marks": list(project.red_marks.all()),
            "plans": plan_table(project),
            "money": money_of(project),
            "order": [kept for kept in ordering_of(rows, now) if kept.later or kept.exempt],
            "withdrawn": list(project.ordering_exemptions.withdrawn().select_related("rule", "withdrawn_by")),
            "may_exempt": OrderingExemption.objects.all().creatable_by(self.request.user),
            "unproved": {event.pk for event in stages if not event.basis and event.stage in papers},
            "actions": self.actions(context["may_edit"]),
            "gallery": gallery_of(project, actor_of(self)),
        }
        if StageEvent.objects.creatable_by(self.request.user):
            context["stage_form"] = StageForm(latest=stages[-1] if stages else None)
            context["photo_url"] = reverse("facilities:stage_photos", args=[project.pk])
        return context

    def actions(self, may_edit: bool) -> list[Action]:
        """What concerns the project itself; at the right end the month's report, where the person may fill it in."""
        found = [Action(_("历史"), reverse("facilities:history", args=[self.object.pk]), "history")]
        if may_edit:
            if not actions.standing_on_project(self.object):
                found.append(Action(_("收回登记"), reverse("facilities:withdraw", args=[self.object.pk]), "trash"))
            found.append(Action(_("调整计划"), reverse("facilities:plan", args=[self.object.pk]), "calendar"))
            found.append(Action(_("修改"), reverse("facilities:edit", args=[self.object.pk]), "edit"))
        return [*found, *month_action(self.object, actor_of(self))]


class ProjectCreate(ScopedCreateView[NewProjectForm]):
    """Registers a project."""

    queryset = Project.objects.all()
    form_class = NewProjectForm
    template_name = "facilities/form.html"
    success_message = gettext_lazy("已登记。")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The person, whose communities may be chosen; a community named in the address is filled in."""
        known = {"community": self.request.GET.get("community", "")}
        return {**super().get_form_kwargs(), "actor": actor_of(self), "initial": known}

    def perform(self, form: NewProjectForm) -> Project:
        """Create it."""
        return actions.create_project(**form.cleaned_data, actor=actor_of(self))


class ProjectEdit(ScopedUpdateView[ProjectForm]):
    """Changes what a project builds, is called and plans."""

    queryset = Project.objects.select_related("community")
    form_class = ProjectForm
    template_name = "facilities/form.html"

    def perform(self, form: ProjectForm) -> Project:
        """Save it, unless somebody else has meanwhile."""
        values = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        version = form.cleaned_data["version"]
        return actions.edit_project(self.object, values, expected_version=version, actor=actor_of(self))


class PlanEntry(ScopedUpdateView[PlanForm]):
    """Plans the project's steps, or re-plans them with a reason."""

    queryset = Project.objects.select_related("community")
    form_class = PlanForm
    template_name = "facilities/plan.html"
    success_message = gettext_lazy("计划已存。")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The plan that the person has before them: what they left alone is no change of theirs."""
        sent = self.request.POST.get("version", "")
        seen = int(sent) if sent.isdecimal() and len(sent) < 19 else newest_plan(self.object)
        return {**super().get_form_kwargs(), "plan": plan_of(self.object, seen), "initial": {"version": seen}}

    def perform(self, form: PlanForm) -> Project:
        """Add what changed; the project is the page to go back to."""
        project: Project = self.object
        reason, seen = form.cleaned_data["reason"], form.cleaned_data["version"]
        plan_stages(project, form.days(), actor=actor_of(self), reason=reason, seen=seen)
        return project

    def refused(self, form: PlanForm, refusal: RuleViolation) -> HttpResponse:
        """Where somebody else planned meanwhile, the rest of the form follows them."""
        if isinstance(refusal, StaleVersion):
            form.show_now(plan_of(self.object))
        return super().refused(form, refusal)


class ProjectWithdraw(ScopedUpdateView[VersionForm]):
    """Takes back a registration that was a mistake, while nothing stands on it."""

    queryset = Project.objects.select_related("community")
    form_class = VersionForm
    template_name = "facilities/withdraw.html"
    success_message = gettext_lazy("登记已收回，历史里还在。")

    def get_initial(self) -> dict[str, Any]:
        """The version that is shown."""
        return {"version": self.object.version}

    def perform(self, form: VersionForm) -> Project:
        """Take it back."""
        version = form.cleaned_data["version"]
        actions.withdraw_project(self.object, expected_version=version, actor=actor_of(self))
        project: Project = self.object
        return project

    def get_success_url(self) -> str:
        """There is no such project any more; the list is."""
        return reverse("facilities:list")


class StageEntry(ScopedUpdateView[StageForm]):
    """Enters the stage that the project reached: the city office's (补登); counties report it."""

    queryset = Project.objects.select_related("community")
    form_class = StageForm
    template_name = "facilities/stage.html"
    success_message = gettext_lazy("已登记阶段。")

    def get_editable(self, **lookup: Any) -> Any:
        """The project, for those who may enter stages directly."""
        record = self.get_visible(**lookup)
        if not StageEvent.objects.all().creatable_by(self.request.user):
            raise PermissionDenied(_("阶段由县专班在月报里报，市新社区办补登。"))
        return record

    def get_form_kwargs(self) -> dict[str, Any]:
        """The latest stage, from which the next one follows."""
        return {**super().get_form_kwargs(), "latest": self.object.stages.latest_first().first()}

    def perform(self, form: StageForm) -> Project:
        """Record it; the project is the page to go back to."""
        return actions.record_stage(self.object, **form.cleaned_data, actor=actor_of(self)).project
