"""接口令牌: one's own tokens; the security administrator sees everybody's and can end each."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import exports, token_actions
from accounts.account_forms import TokenForm
from accounts.filters import TokenFilter
from accounts.models import AdministratorKind, ApiToken, User
from accounts.querysets import administrator_kind
from accounts.secrets_shown import ShowsSecretMixin
from core.components import Action, Column
from core.views import ScopedCreateView, ScopedListView, ScopedUpdateView


class TokenListView(ScopedListView[ApiToken]):
    """Tokens, newest first, those that ended too."""

    queryset = ApiToken.objects.select_related("user")
    template_name = "accounts/token_list.html"
    filterset_class = TokenFilter
    export_title = _("接口令牌")
    export_columns = exports.TOKENS
    export_rule = exports.TOKEN_RULE
    ordering_fields = {"made": "-pk"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the heads of the table, the state of each, and the one action."""
        keeps_all = administrator_kind(self.request.user) == AdministratorKind.SECURITY
        context = super().get_context_data(columns=token_columns(keeps_all), keeps_all=keeps_all, **kwargs)
        for row in context["page_obj"]:
            row.state = state_of(row)
        context["actions"] = [Action(_t("签发令牌"), reverse("accounts:token_create"), "plus", primary=True)]
        return context


def state_of(token: ApiToken) -> tuple[str, str, bool]:
    """A token's state in words, the tone of its pill, and whether it opens the door."""
    if token.revoked_at is not None:
        return _t("已吊销"), "", False
    if token.expires_at <= timezone.now():
        return _t("已到期"), "", False
    if not token.user.is_active:
        return _t("账号已停用"), "", False
    return _t("有效"), "ok", True


def token_columns(keeps_all: bool) -> list[Column]:
    """Heads of the list; whose a token is says only the security administrator's."""
    person = [Column(_t("人员"))] if keeps_all else []
    labels = [_t("开头"), _t("权限"), _t("状态"), _t("签发"), _t("到期"), _t("最近使用")]
    return [Column(_t("用途")), *person, *map(Column, labels), Column(_t("操作"), hidden_label=True)]


class TokenCreateView(ShowsSecretMixin, ScopedCreateView[TokenForm]):
    """A new token of one's own, shown once."""

    queryset = ApiToken.objects.all()
    template_name = "accounts/token_form.html"
    secret_template = "accounts/token_secret.html"  # noqa: S105  a page, not a password
    form_class = TokenForm
    success_message = _("令牌已签发。")

    def perform(self, form: TokenForm) -> ApiToken:
        """Issue it."""
        token, self.secret = token_actions.issue_token(actor=cast(User, self.request.user), **form.values())
        return token

    def get_success_url(self) -> str:
        """The list, which is where the page with the secret leads to."""
        return reverse("accounts:tokens")

    def secret_context(self) -> dict[str, Any]:
        """Which token it is."""
        return {"token": self.written}


class TokenRevokeView(ScopedUpdateView[forms.Form]):
    """Asks first: what uses the token stops working."""

    queryset = ApiToken.objects.select_related("user")
    template_name = "accounts/token_revoke.html"
    form_class = forms.Form
    success_message = _("令牌已吊销。")

    def perform(self, form: forms.Form) -> ApiToken:
        """Revoke it."""
        token_actions.revoke_token(self.object, actor=cast(User, self.request.user))
        return cast(ApiToken, self.object)

    def get_success_url(self) -> str:
        """Back to the list."""
        return reverse("accounts:tokens")
