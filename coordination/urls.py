"""Addresses of the working machinery, below /coordination/."""

from __future__ import annotations

from django.urls import path

from coordination import history_views, views

app_name = "coordination"

urlpatterns = [
    path("documents/", views.DocumentListView.as_view(), name="documents"),
    path("documents/<int:pk>/", views.DocumentDetailView.as_view(), name="document"),
    path("documents/<int:pk>/edit/", views.DocumentEditView.as_view(), name="document_edit"),
    path("teams/", views.TeamListView.as_view(), name="teams"),
    path("teams/new/", views.TeamCreateView.as_view(), name="team_create"),
    path("teams/<int:pk>/", views.TeamDetailView.as_view(), name="team"),
    path("pairings/", views.PairingListView.as_view(), name="pairings"),
    path("pairings/new/", views.PairingCreateView.as_view(), name="pairing_create"),
    path("pairings/<int:pk>/end/", views.PairingEndView.as_view(), name="pairing_end"),
    path("pairings/<int:pk>/history/", history_views.PairingHistoryView.as_view(), name="pairing_history"),
]
