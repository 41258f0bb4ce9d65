"""Start-up of the portal itself."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PortalConfig(AppConfig):
    """Last of the apps, so that what it does after a migration sees every table."""

    name = "xiaogan_portal"

    def ready(self) -> None:
        # The Celery app must exist in the web process too, or a wake-up call goes to a default broker.
        from xiaogan_portal import audit_job, celery, checks  # noqa: F401

        audit_job.register()

        post_migrate.connect(_after_migration, sender=self)


def _after_migration(*, using: str, **_: Any) -> None:
    from xiaogan_portal.roles import apply_privileges

    apply_privileges(using)
