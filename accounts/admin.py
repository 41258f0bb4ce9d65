"""Support access to accounts and the audit log: reading only, each administrator their part, by the one way in."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.models import Administrator, AdministratorKind, AuditEntry, User
from accounts.querysets import administrator_kind

# Django's own sign-in knows no second factor and its password form counts no guesses: both lead to the portal's.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


def _to_portal(name: str) -> Any:
    def view(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse(name))

    return view


admin.site.password_change = _to_portal("account_change_password")  # type: ignore[method-assign]
admin.site.password_change_done = _to_portal("my_account")  # type: ignore[method-assign]

# Tables in which a change would go past the actions (and one that holds secrets).
for _model in (Group, EmailAddress, Authenticator, *apps.get_app_config("axes").get_models()):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """May be read by the administrators named in `readers`; nobody writes here."""

    readers: ClassVar[frozenset[str]] = frozenset()

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Shown in the index to its readers."""
        return self._may_read(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Readers, and a superuser where there is one (never in production)."""
        return self._may_read(request)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody."""
        return False

    def _may_read(self, request: HttpRequest) -> bool:
        person: Any = request.user
        if not hasattr(request, "_administrator_kind"):
            request._administrator_kind = administrator_kind(person)  # type: ignore[attr-defined]
        return person.is_superuser or request._administrator_kind in self.readers  # type: ignore[attr-defined]


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Accounts, without their hashes."""

    readers = frozenset({AdministratorKind.SYSTEM, AdministratorKind.SECURITY})
    list_display = ["username", "full_name", "is_active", "must_change_password", "last_login", "is_sample"]
    list_filter = ["is_active", "must_change_password", "is_sample"]
    search_fields = ["username", "full_name"]
    fields = ["username", "full_name", "phone", "email", "is_active", "must_change_password", "password_changed_at"]


@admin.register(Administrator)
class AdministratorAdmin(ReadOnlyAdmin):
    """Who the administrators are."""

    readers = frozenset(AdministratorKind.values)
    list_display = ["user", "kind"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The audit log."""

    readers = frozenset({AdministratorKind.AUDIT})
    list_display = ["at", "username", "verb", "succeeded", "address", "target"]
    list_filter = ["verb", "succeeded"]
    search_fields = ["=username", "=address"]
    date_hierarchy = "at"
    show_full_result_count = False
