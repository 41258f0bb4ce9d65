"""Pages of the communities: list, one community, its history, and the forms that change it."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from communities import actions, exports
from communities.filters import CommunityFilter
from communities.forms import CommunityCreateForm, CommunityForm, MoveForm, SuccessionForm
from communities.models import BuildCategory, Community, Placement, Population
from core.components import Action, Column, Tab
from core.periods import today
from core.views import ScopedCreateView, ScopedDetailView, ScopedListView, ScopedUpdateView
from exchange.links import upload_actions


class CommunityListView(ScopedListView[Community]):
    """The register of communities."""

    queryset = Community.objects.with_placement()
    template_name = "communities/community_list.html"
    filterset_class = CommunityFilter
    export_title = _("社区")
    export_columns = exports.COMMUNITIES
    export_rule = exports.COMMUNITY_RULE
    export_group = exports.population_of
    ordering_fields = {
        "name": "pinyin",
        "code": "code",
        "unit": "unit_order",
        "type": "type",
        "population": "population",
        "households": "households",
        "residents": "residents",
    }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the heads of the table, the words of each row, and the one action."""
        context = super().get_context_data(columns=list_columns(), **kwargs)
        for row in context["page_obj"]:
            describe(row)
        if context["may_create"]:
            register = Action(_t("登记社区"), reverse("communities:create"), "plus", primary=True)
            context["actions"] = [*upload_actions(self.request.user, _t("用 Excel 登记"), "communities"), register]
        return context


def describe(row: Any) -> None:
    """Put the words of a listed community's codes beside them: `population_label`, `category_label`, `is_pilot`."""
    row.population_label = dict(Population.choices).get(row.population, "")
    row.category_label = dict(BuildCategory.choices).get(row.category, "")
    row.is_pilot = row.is_pilot_on(today())


def list_columns() -> list[Column]:
    """Heads of the register."""
    return [
        Column(_t("社区"), "name"),
        Column(_t("编号"), "code"),
        Column(_t("单位"), "unit"),
        Column(_t("类型"), "type"),
        Column(_t("口径"), "population"),
        Column(_t("建设类别")),
        Column(_t("户数"), "households", number=True),
        Column(_t("人口"), "residents", number=True),
        Column(_t("操作"), hidden_label=True),
    ]


def tabs_of(community: Community, current: str) -> list[Tab]:
    """The register's own parts of a community's record, after the page where everything about it is gathered.

    That page is higher up: the portal says where it is (`ABSOLUTE_URL_OVERRIDES`), and a community's address
    leads there. Without it the register's page is the community's page.
    """
    parts = [("detail", _t("登记信息")), ("history", _t("登记历史"))]
    found = [
        Tab(label, reverse(f"communities:{part}", args=[community.pk]), current=part == current)
        for part, label in parts
    ]
    gathered = community.get_absolute_url()
    return found if gathered == found[0].url else [Tab(_t("概况"), gathered), *found]


class CommunityDetailView(ScopedDetailView[Community]):
    """The register's page of a community: what is known, where it counts and counted, what became of it."""

    queryset = Community.objects.with_placement().select_related("division__parent")
    template_name = "communities/community_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds placements, successions and the actions that the person has."""
        context = super().get_context_data(**kwargs)
        community, user = self.object, self.request.user
        placements = list(community.placements.select_related("unit").order_by("-valid_from"))
        steps = list(community.successions.select_related("successor"))
        origins = list(community.predecessions.exclude(predecessor=community).select_related("predecessor"))
        near = [step.successor_id for step in steps if step.successor_id] + [step.predecessor_id for step in origins]
        return context | {
            "placements": placements,
            "present": next((placement for placement in placements if placement.valid_until is None), None),
            "successions": steps,
            "predecessions": origins,
            "linked": set(self.queryset.filter(pk__in=near).visible_to(user).values_list("pk", flat=True)),
            "is_pilot": community.is_pilot_on(today()),
            "tabs": tabs_of(community, "detail"),
            "actions": detail_actions(community, context["may_edit"], Placement.objects.all().creatable_by(user)),
        }


def detail_actions(community: Community, may_edit: bool, may_move: bool) -> list[Action]:
    """What the person may do with the community; what they do most stands out."""
    key, found = [community.pk], []
    if may_move and getattr(community, "unit_id", None) is not None:
        found.append(Action(_t("登记沿革"), reverse("communities:succeed", args=key), "git-commit"))
        found.append(Action(_t("调整归属"), reverse("communities:move", args=key), "arrows-exchange"))
    if may_edit:
        found.append(Action(_t("修改"), reverse("communities:edit", args=key), "edit", primary=True))
    return found


class CommunityCreateView(ScopedCreateView[CommunityCreateForm]):
    """A new community."""

    queryset = Community.objects.all()
    template_name = "communities/community_form.html"
    form_class = CommunityCreateForm
    success_message = _("已登记。")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form narrows its choices to the person."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def perform(self, form: CommunityCreateForm) -> Community:
        """Register it."""
        return actions.create_community(actor=cast(User, self.request.user), **form.values())


class CommunityEditView(ScopedUpdateView[CommunityForm]):
    """What is known of a community."""

    queryset = Community.objects.all()
    template_name = "communities/community_form.html"
    form_class = CommunityForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form gets a copy of its own: the page goes on to show the record as it is stored."""
        kwargs = super().get_form_kwargs()
        return {**kwargs, "instance": self.get_visible(pk=self.object.pk), "user": self.request.user}

    def perform(self, form: CommunityForm) -> Community:
        """Save it, unless somebody else has in between."""
        version = form.cleaned_data["version"]
        actor = cast(User, self.request.user)
        return actions.edit_community(self.object, form.values(), expected_version=version, actor=actor)


class _CityFormView(ScopedUpdateView[Any]):
    """A form on a community that only the city office has."""

    queryset = Community.objects.all()

    def get_editable(self, **lookup: Any) -> Any:
        """A visible community, if the person may move communities at all."""
        record = self.get_visible(**lookup)
        if not Placement.objects.all().creatable_by(self.request.user):
            raise PermissionDenied(_t("归属和沿革由市新社区办调整。"))
        return record

    @cached_property
    def present(self) -> Placement | None:
        """Where the community counts now."""
        return Placement.objects.current().filter(community=self.object).select_related("unit").first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the present placement, to be seen beside the form."""
        return super().get_context_data(present=self.present, **kwargs)

    def get_success_url(self) -> str:
        """The community's page."""
        return self.object.get_absolute_url()  # type: ignore[no-any-return]


class CommunityMoveView(_CityFormView):
    """To another unit, type, population or category, from a day on."""

    template_name = "communities/community_move.html"
    form_class = MoveForm
    success_message = _("归属已调整。以前季度的数字不变。")

    def get_initial(self) -> dict[str, Any]:
        """The present placement."""
        now = self.present
        parts = ("unit", "type", "population", "category")
        return {"version": now.pk, **{part: getattr(now, part) for part in parts}} if now else {}

    def perform(self, form: MoveForm) -> Placement:
        """End the present placement and begin the new one."""
        values = {**form.cleaned_data}
        expected = values.pop("version")
        return actions.move_placement(self.object, actor=cast(User, self.request.user), expected=expected, **values)


class CommunitySucceedView(_CityFormView):
    """Merged, split, renamed or ended."""

    template_name = "communities/community_succeed.html"
    form_class = SuccessionForm
    success_message = _("沿革已登记。")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form narrows its choices to the person."""
        return {**super().get_form_kwargs(), "user": self.request.user, "community": self.object}

    def perform(self, form: SuccessionForm) -> Any:
        """Register the step."""
        return actions.succeed(self.object, actor=cast(User, self.request.user), **form.cleaned_data)
