"""Pages of the security administrator: who holds what, granting, extending, handing over, ending, second factors."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import second_factor
from accounts.actions import reset_second_factor
from accounts.models import User
from communities import actions, exports_grants
from communities.grant_filters import HolderFilter, MembershipFilter
from communities.grant_forms import CUSTOMARY_TERM, EndForm, ExtendForm, GrantForm, HandOverForm, ReasonForm
from communities.holders import ENDING_DAYS, holders
from communities.models import Membership
from communities.roles import Role
from core.components import Action, Column, Tab
from core.history import read_history, under
from core.periods import today
from core.views import ScopedCreateView, ScopedDetailView, ScopedListView, ScopedUpdateView

ROWS = Membership.objects.select_related("user", "unit", "community", "granted_by", "predecessor__user")

# An inspector holds a term for each stop: more places than this are counted.
MOST_PLACES = 3


def grant_tabs(current: str) -> list[Tab]:
    """People and terms are two views of the same."""
    parts = [("holders", _t("按人看")), ("memberships", _t("按任职看"))]
    return [Tab(label, reverse(f"communities:{part}"), current=part == current) for part, label in parts]


def grant_action(user: User | None = None) -> Action:
    """The one button."""
    query = f"?user={user.username}" if user is not None else ""
    return Action(_t("授权"), reverse("communities:grant") + query, "plus", primary=True)


def term_words(row: Membership) -> tuple[str, str]:
    """The state of a term in words, and the tone of its pill."""
    day, end = today(), row.valid_until
    if end is not None and end <= day:
        return _t("已截止"), ""
    if row.valid_from > day:
        return _t("未开始"), "info"
    left = (end - day).days if end is not None else None
    if left is not None and left <= ENDING_DAYS:
        return _t("还有 %(days)d 天到期") % {"days": left}, "warn"
    return _t("在任"), "ok"


def roles_in_brief(held: list[Membership]) -> list[tuple[str, str]]:
    """A line for each role, with the first places, and what is to be said of its term, if anything."""
    lines = []
    for role in dict.fromkeys(term.role for term in held):
        terms = [term for term in held if term.role == role]
        words = {"role": terms[0].get_role_display(), "places": "、".join(term.place for term in terms[:MOST_PLACES])}
        line = _t("%(role)s · %(places)s") % words
        if len(terms) > MOST_PLACES:
            line = _t("%(role)s · %(places)s等 %(number)d 处") % {**words, "number": len(terms)}
        warnings = [text for text, tone in map(term_words, terms) if tone == "warn"]
        lines.append((line, warnings[0] if warnings else ""))
    return lines


class HoldersView(ScopedListView[User]):
    """Everybody with an account, and what they hold today."""

    queryset = holders().with_terms()
    template_name = "communities/holders.html"
    filterset_class = HolderFilter
    export_title = _("人员岗位")
    export_columns = exports_grants.HOLDERS
    export_rule = exports_grants.HOLDER_RULE
    ordering_fields = {"username": "username", "name": "full_name"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds what each holds today, in words, and the one action."""
        columns = [Column(_t("人员"), "name"), Column(_t("用户名"), "username"), Column(_t("岗位"))]
        columns += [Column(_t("动态验证码")), Column(_t("办理"), hidden_label=True)]
        context = super().get_context_data(columns=columns, tabs=grant_tabs("holders"), **kwargs)
        for row in context["page_obj"]:
            row.roles = roles_in_brief([term for term in row.memberships.all() if term.holds_on(today())])
        context["actions"] = [grant_action()]
        return context


class MembershipsView(ScopedListView[Membership]):
    """Every term, those that ended and those to come too."""

    queryset = ROWS
    template_name = "communities/memberships.html"
    filterset_class = MembershipFilter
    export_title = _("任职")
    export_columns = exports_grants.MEMBERSHIPS
    export_rule = exports_grants.MEMBERSHIP_RULE
    ordering_fields = {
        "newest": "-valid_from",
        "from": "valid_from",
        "until": "valid_until",
        "person": "user__full_name",
    }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the state of each term; whoever may grant gets the button."""
        labels = [(_t("人员"), "person"), (_t("岗位"), ""), (_t("地点"), ""), (_t("起"), "from"), (_t("止"), "until")]
        columns = [*(Column(*each) for each in labels), Column(_t("状态")), Column(_t("事由"))]
        columns.append(Column(_t("办理"), hidden_label=True))
        context = super().get_context_data(columns=columns, **kwargs)
        for row in context["page_obj"]:
            row.state = term_words(row)
        if context["may_create"]:
            context |= {"actions": [grant_action()], "tabs": grant_tabs("memberships")}
        return context


class HolderView(ScopedDetailView[User]):
    """One person: every term there was, the second factor, and what can be done."""

    queryset = holders().with_terms()
    template_name = "communities/holder.html"
    context_object_name = "holder"
    shows = (Membership,)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the terms with who came before and after, the actions, and who granted and ended them, from where."""
        holder = self.object
        terms = list(ROWS.filter(user=holder).prefetch_related("successors__user").order_by("-valid_from", "-pk"))
        for term in terms:
            term.state = term_words(term)  # type: ignore[attr-defined]
        held = {term.role for term in terms if term.holds_on(today())}
        found = [grant_action(holder)] if _eligible(holder) else []
        if Authenticator.objects.filter(user=holder).exists() and holder.pk != self.request.user.pk:
            found.append(
                Action(_t("重置第二因素"), reverse("communities:reset_factor", args=[holder.pk]), "shield-lock")
            )
        grants = [under(Membership, "role", user_id=holder.pk)]
        return super().get_context_data(
            terms=terms,
            history=read_history(grants, before=self.request.GET.get("before", ""), addresses=True),
            together=held >= {Role.COUNTY_ENTRY, Role.COUNTY_REVIEWER},
            factor_demanded=second_factor.required(holder),
            factor_roles=settings.SECOND_FACTOR_REQUIRED,
            actions=found,
            **kwargs,
        )


def _eligible(user: User) -> bool:
    return user.is_active and getattr(user, "administrator", None) is None


class _GrantMixin:
    """Back to the person."""

    written: Any

    def get_success_url(self) -> str:
        """The page of whose term it is."""
        person = self.written.user if isinstance(self.written, Membership) else self.written
        return reverse("communities:holder", args=[person.pk])


class GrantView(_GrantMixin, ScopedCreateView[GrantForm]):
    """A new term."""

    queryset = ROWS
    template_name = "communities/grant_form.html"
    form_class = GrantForm
    success_message = _("已授权，马上生效。")

    def get_initial(self) -> dict[str, Any]:
        """The person that the address names; from today."""
        return {
            "user": self.request.GET.get("user", ""),
            "valid_from": today(),
            "valid_until": today() + CUSTOMARY_TERM,
        }

    def perform(self, form: GrantForm) -> Membership:
        """Grant it."""
        return actions.grant_membership(actor=cast(User, self.request.user), **form.cleaned_data)


class ExtendView(_GrantMixin, ScopedUpdateView[ExtendForm]):
    """The same post, on from where the term ends."""

    queryset = ROWS
    template_name = "communities/grant_extend.html"
    form_class = ExtendForm
    success_message = _("已续任。")

    def get_initial(self) -> dict[str, Any]:
        """As long again as is customary."""
        end = self.object.valid_until
        # A term may be written to the last day that there is.
        return {"until": min(end, dt.date.max - CUSTOMARY_TERM) + CUSTOMARY_TERM} if end is not None else {}

    def perform(self, form: ExtendForm) -> Membership:
        """Extend it."""
        return actions.extend_membership(self.object, actor=cast(User, self.request.user), **form.cleaned_data)


class HandOverView(_GrantMixin, ScopedUpdateView[HandOverForm]):
    """Somebody else takes over."""

    queryset = ROWS
    template_name = "communities/grant_hand_over.html"
    form_class = HandOverForm
    success_message = _("已接替：前任当天截止，后任当天起任职。")

    def perform(self, form: HandOverForm) -> Membership:
        """Hand it over."""
        return actions.hand_over(self.object, actor=cast(User, self.request.user), **form.cleaned_data)


class EndView(_GrantMixin, ScopedUpdateView[EndForm]):
    """The end of a term, at once or on a day to come."""

    queryset = ROWS
    template_name = "communities/grant_end.html"
    form_class = EndForm
    success_message = _("任职已终止。")

    def perform(self, form: EndForm) -> Any:
        """End it; where it never lasted a day the person is what remains."""
        ended = actions.end_membership(self.object, actor=cast(User, self.request.user), **form.cleaned_data)
        return ended or self.object.user


class ResetFactorView(_GrantMixin, ScopedUpdateView[ReasonForm]):
    """A lost second factor is taken away."""

    queryset = holders()
    template_name = "communities/grant_reset_factor.html"
    form_class = ReasonForm
    success_message = _("第二因素已重置，下次登录重新启用。")

    def perform(self, form: ReasonForm) -> User:
        """Reset it."""
        return reset_second_factor(self.object, actor=cast(User, self.request.user), **form.cleaned_data)
