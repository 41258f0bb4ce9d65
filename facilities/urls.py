"""Addresses of construction."""

from __future__ import annotations

from django.urls import path

from facilities import views

app_name = "facilities"

urlpatterns = [
    path("", views.ProjectList.as_view(), name="list"),
    path("new/", views.ProjectCreate.as_view(), name="create"),
    path("<int:pk>/", views.ProjectDetail.as_view(), name="detail"),
    path("<int:pk>/edit/", views.ProjectEdit.as_view(), name="edit"),
    path("<int:pk>/stage/", views.StageEntry.as_view(), name="stage"),
    path("<int:pk>/history/", views.ProjectHistory.as_view(), name="history"),
]
