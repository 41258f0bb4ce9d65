"""Addresses of the ledger's page."""

from __future__ import annotations

from django.urls import path

from jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.JobListView.as_view(), name="list"),
    path("<int:pk>/retry/", views.JobRetryView.as_view(), name="retry"),
]
