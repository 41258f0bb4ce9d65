"""Pages of the system administrator: who has an account, and everything that can be done to one."""

from __future__ import annotations

from typing import Any, cast

from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import actions, exports, lockout, second_factor
from accounts.account_forms import AccountEditForm, AccountForm, ReasonForm
from accounts.filters import AccountFilter
from accounts.models import Administrator, ApiToken, User
from accounts.secrets_shown import ShowsSecretMixin
from core.components import Action, Column
from core.history import own, read_history, under
from core.views import ScopedActionView, ScopedCreateView, ScopedDetailView, ScopedListView, ScopedUpdateView


def accounts() -> Any:
    """Accounts with their post as one of the three administrators, where they have one."""
    return User.objects.select_related("administrator")


class AccountListView(ScopedListView[User]):
    """Every account: who, as what of the three, in which state, when last signed in."""

    queryset = accounts()
    template_name = "accounts/account_list.html"
    filterset_class = AccountFilter
    export_title = _("账号")
    export_columns = exports.ACCOUNTS
    export_rule = exports.ACCOUNT_RULE
    ordering_fields = {
        "username": "username",
        "name": "full_name",
        "last": "last_login",
        "opened": "date_joined",
    }

    def sort(self, rows: Any) -> Any:
        """Who never signed in comes last, whichever way round."""
        rows = super().sort(rows)
        if self.sorted_by.lstrip("-") != "last":
            return rows
        last = F("last_login")
        falling = self.sorted_by.startswith("-")
        return rows.order_by(last.desc(nulls_last=True) if falling else last.asc(nulls_last=True), "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the heads of the table, the state of each row, and the one action."""
        context = super().get_context_data(columns=list_columns(), **kwargs)
        names = [row.username.lower() for row in context["page_obj"]]
        locked = set(lockout.locked_names().filter(username__in=names).values_list("username", flat=True))
        for row in context["page_obj"]:
            row.state_words = state_words(row, locked=row.username.lower() in locked)
        context["actions"] = [Action(_t("开通账号"), reverse("accounts:create"), "plus", primary=True)]
        return context


def state_words(user: User, *, locked: bool) -> list[tuple[str, str]]:
    """The states of an account in words, each with the tone of its pill."""
    if not user.is_active:
        return [(_t("已停用"), "")]
    words = [(_t("锁定"), "bad")] if locked else []
    if user.must_change_password:
        words.append((_t("一次性密码没改"), "warn"))
    if user.last_login is None:
        words.append((_t("没登录过"), ""))
    return words or [(_t("在用"), "ok")]


def list_columns() -> list[Column]:
    """Heads of the list."""
    return [
        Column(_t("用户名"), "username"),
        Column(_t("姓名"), "name"),
        Column(_t("三员")),
        Column(_t("联系电话")),
        Column(_t("状态")),
        Column(_t("最近登录"), "last"),
        Column(_t("开通"), "opened"),
    ]


class AccountDetailView(ScopedDetailView[User]):
    """One account, what was done to it, and what can be done."""

    queryset = accounts()
    template_name = "accounts/account_detail.html"
    context_object_name = "account"
    shows = (User, Administrator, ApiToken)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the state, the second factor, the actions, and what was done to the account, its post and its tokens."""
        account, actor = self.object, cast(User, self.request.user)
        belongings = [
            under(model, name, user_id=account.pk) for model, name in ((Administrator, "kind"), (ApiToken, "name"))
        ]
        locked = lockout.is_locked(self.request, account.username)
        return super().get_context_data(
            states=state_words(account, locked=locked),
            locked=locked,
            lock_minutes=lockout.lock_minutes(),
            has_second_factor=is_mfa_enabled(account),
            factor_demanded=second_factor.required(account),
            actions=account_actions(account, actor) if account.is_active else [],
            history=read_history([own(account), *belongings], before=self.request.GET.get("before", "")),
            **kwargs,
        )


def account_actions(account: User, actor: User) -> list[Action]:
    """What can be done to an account in force; nothing but editing to one's own."""
    key = [account.pk]
    found = [Action(_t("修改姓名电话"), reverse("accounts:edit", args=key), "edit")]
    if account.pk != actor.pk:
        found.append(Action(_t("停用"), reverse("accounts:end", args=key), "lock"))
        found.append(Action(_t("发一次性密码"), reverse("accounts:password", args=key), "key", primary=True))
    return found


class _AccountMixin:
    """Back to the account, and its name for the templates."""

    queryset = accounts()

    def get_success_url(self, record: Any = None) -> str:
        """The account's own page."""
        written = record if record is not None else self.written  # type: ignore[attr-defined]
        return reverse("accounts:detail", args=[written.pk])


class _PasswordPageMixin(ShowsSecretMixin):
    """The page with the one-time password."""

    secret_template = "accounts/one_time_password.html"  # noqa: S105  a page, not a password

    def secret_context(self) -> dict[str, Any]:
        """Whose it is."""
        return {"account": self.written, "is_new": self.object is None}  # type: ignore[attr-defined]


class AccountCreateView(_PasswordPageMixin, _AccountMixin, ScopedCreateView[AccountForm]):
    """A new account; its one-time password is shown once."""

    template_name = "accounts/account_form.html"
    form_class = AccountForm
    success_message = _("账号已开通。")

    def perform(self, form: AccountForm) -> User:
        """Open it."""
        user, self.secret = actions.create_user(actor=cast(User, self.request.user), **form.cleaned_data)
        return user


class AccountEditView(_AccountMixin, ScopedUpdateView[AccountEditForm]):
    """Another name or telephone number."""

    template_name = "accounts/account_form.html"
    form_class = AccountEditForm

    def get_initial(self) -> dict[str, Any]:
        """What is known."""
        return {"full_name": self.object.full_name, "phone": self.object.phone}

    def perform(self, form: AccountEditForm) -> User:
        """Write it."""
        return actions.edit_account(self.object, actor=cast(User, self.request.user), **form.cleaned_data)


class AccountPasswordView(_PasswordPageMixin, _AccountMixin, ScopedUpdateView[forms.Form]):
    """Asks first, for every session of the person ends; then shows the password once."""

    template_name = "accounts/account_password.html"
    form_class = forms.Form
    success_message = _("一次性密码已生成。")

    def perform(self, form: forms.Form) -> User:
        """Issue it."""
        self.secret = actions.issue_one_time_password(self.object, actor=cast(User, self.request.user))
        return cast(User, self.object)


class AccountEndView(_AccountMixin, ScopedUpdateView[ReasonForm]):
    """Asks first and wants a reason: an ended account is not opened again."""

    template_name = "accounts/account_end.html"
    form_class = ReasonForm
    success_message = _("账号已停用。")

    def perform(self, form: ReasonForm) -> User:
        """End it."""
        actor = cast(User, self.request.user)
        return actions.end_account(self.object, actor=actor, reason=form.cleaned_data["reason"])


class AccountUnlockView(_AccountMixin, ScopedActionView):
    """Forget the wrong guesses."""

    success_message = _("已解锁。")

    def act(self, record: User) -> User:
        """Unlock it."""
        return actions.unlock(record, actor=cast(User, self.request.user))
