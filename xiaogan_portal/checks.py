"""System checks: an unsafe setting is refused at start, with a sentence that says what to do."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Critical, Error, Tags, Warning, register
from django.db import DatabaseError, connection
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.audit_archive import LEAST_KEPT_DAYS
from accounts.querysets import superusers_exist
from core.scoping import METHODS

LEAST_KEY = 50


@register(Tags.security)
def unsafe_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Settings that are right only on a desk, wherever the portal runs as a server."""
    if settings.EMBEDDED:
        return []
    found: list[CheckMessage] = []
    rules = [
        (settings.DEBUG, "portal.E001", "DEBUG is on: error pages would show source and settings. Set DEBUG=false."),
        (len(settings.SECRET_KEY) < LEAST_KEY, "portal.E002", "SECRET_KEY is shorter than 50 characters."),
        ("*" in settings.ALLOWED_HOSTS, "portal.E003", "ALLOWED_HOSTS allows every host. Name the portal's own."),
        (not settings.SESSION_COOKIE_SECURE, "portal.E004", "HTTPS is off: sign-in would travel in clear."),
        (settings.AXES_FAILURE_LIMIT > 5, "portal.E005", "More than 5 guesses before the lock."),
        (
            settings.AXES_LOCKOUT_PARAMETERS != ["username"],
            "portal.E006",
            "The lock must be on the user name alone: with the address in it, every address has guesses of its own.",
        ),
        (
            "owner" in settings.DATABASES
            and settings.DATABASES["owner"]["USER"] == settings.DATABASES["default"]["USER"],
            "portal.E007",
            "DATABASE_URL and DATABASE_OWNER_URL name the same role: the portal's role must own nothing.",
        ),
        (
            not settings.SECOND_FACTOR_REQUIRED,
            "portal.E008",
            "No role needs a second factor. Set SECOND_FACTOR_REQUIRED.",
        ),
    ]
    rules.append(
        (
            not settings.AUDIT_SIGNING_KEY,
            "portal.E011",
            "The daily export of the log has no key. Set AUDIT_SIGNING_KEY; manage.py make_audit_key FILE makes one.",
        )
    )
    found += [Error(message, id=id) for broken, id, message in rules if broken]
    if settings.IDLE_MINUTES > 30 or settings.IDLE_MINUTES_ADMINISTRATORS > 15:
        found.append(Warning("Idle sessions live longer than 30 (administrators 15) minutes.", id="portal.W001"))
    return found


@register(Tags.security)
def log_is_kept(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Nothing may take the log away before six months are over, however they fall: 184 days."""
    message = "AUDIT_KEEP_DAYS is below 184: the law asks for six months of logs."
    return [Error(message, id="portal.E012")] if settings.AUDIT_KEEP_DAYS < LEAST_KEPT_DAYS else []


@register(Tags.security)
def content_policy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The Content-Security-Policy allows neither inline code nor another host."""
    allowed = {"'self'", "'none'", "data:"}
    sources = {source for value in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].values() for source in value}
    extra = sorted(sources - allowed)
    return [Error(f"The Content-Security-Policy allows {source}.", id="portal.E009") for source in extra]


@register(Tags.database)
def portal_role(app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The portal's own database role is no superuser, owns nothing and cannot write to history."""
    if not databases or "default" not in databases:
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rolsuper OR rolcreaterole OR rolbypassrls,"
                " EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid),"
                " EXISTS (SELECT FROM pg_class c WHERE c.relname LIKE '%%event' AND c.relkind = 'r'"
                "   AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'pgh_id')"
                "   AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))"
                " FROM pg_roles r WHERE rolname = current_user"
            )
            superuser, owner, historian = cursor.fetchone()
    except DatabaseError:
        return []  # a database that is away is told by /health/ready
    rules = [
        (superuser, "portal.C001", "The portal's database role is a superuser or may make roles."),
        (owner, "portal.C002", "The portal's database role owns tables: it could switch history off."),
        (
            historian,
            "portal.C003",
            "The portal's database role may write to history. Run manage.py migrate.",
        ),
    ]
    return [Critical(message, id=id) for broken, id, message in rules if broken]


@register(Tags.database)
def no_superuser(app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A server has no active superuser: the three administrators act, and nobody is above them."""
    if settings.EMBEDDED or not databases or "default" not in databases:
        return []
    try:
        found = superusers_exist()
    except DatabaseError:
        return []  # away or not migrated, which /health/ready tells
    message = "An active account is a superuser. End it: the three administrators act instead."
    return [Critical(message, id="portal.C004")] if found else []


@register(Tags.urls)
def every_route_is_scoped(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A route without a scoped queryset cannot exist, unless it is listed with its reason."""
    from xiaogan_portal.urls import OPEN_ROUTES

    found: list[CheckMessage] = []
    for name, pattern in routes():
        if not is_scoped(pattern.callback) and not any(fnmatch.fnmatch(name, known) for known in OPEN_ROUTES):
            found.append(Error(f"The route “{name}” ({pattern.pattern}) has no scope.", id="portal.E010"))
    return found


def routes(resolver: Any = None, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the URLconf with its full name."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern, inner)
        else:
            yield f"{namespace}{pattern.name or ''}", pattern


def is_scoped(callback: Any) -> bool:
    """Whether a view is built on core's scoped bases and has a queryset of its own that is scoped."""
    view = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    if view is None or getattr(view, "scope", "") != "scoped":
        return False
    queryset = getattr(callback, "view_initkwargs", {}).get("queryset", view.queryset)
    return all(hasattr(queryset, method) for method in METHODS)
