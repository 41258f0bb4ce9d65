"""Addresses of the figures."""

from __future__ import annotations

from django.urls import path

from dashboards import views

app_name = "dashboards"
urlpatterns = [
    path("", views.LeaderView.as_view(), name="leader"),
    path("<str:quarter>/<slug:indicator>/", views.FactsView.as_view(), name="facts"),
]
