"""Who a request of the API is, and whether its token may write.

The REST framework reads this while it is itself being imported, so nothing here builds on its views.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts import second_factor, token_actions
from accounts.middleware import password_is_due
from accounts.models import ApiToken, User


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`: a living token of an account that may be used."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The owner and the token; None without one. 401 for a token that is none, 403 for what is due first."""
        scheme, _space, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = token_actions.recognise(secret.strip())
        if token is None:
            token_actions.note_refused(secret.strip(), request._request)
            raise exceptions.AuthenticationFailed(_("令牌不对、已过期或已吊销。"))
        if password_is_due(token.user):
            raise exceptions.PermissionDenied(_("密码该换了。先登录网页改密码，令牌才能再用。"))
        if second_factor.missing(token.user):
            raise exceptions.PermissionDenied(_("你的岗位须用动态验证码。先登录网页启用，令牌才能再用。"))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tells the schema of it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer"}


class MayWrite(BasePermission):
    """A read-only token reads."""

    message = _lazy("这个令牌只读，不能写入。")

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the token, if it is one, goes with the method."""
        return request.method in SAFE_METHODS or not (isinstance(request.auth, ApiToken) and request.auth.read_only)
