"""Every address of the portal."""

from __future__ import annotations

from django.urls import path

from xiaogan_portal import health

urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
]
