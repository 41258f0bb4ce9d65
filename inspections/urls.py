"""Addresses of inspection."""

from __future__ import annotations

from django.urls import path

from inspections import history_views as histories
from inspections import scoring_views as scoring
from inspections import views

app_name = "inspections"

urlpatterns = [
    path("", scoring.InspectionList.as_view(), name="list"),
    path("new/", scoring.InspectionCreate.as_view(), name="create"),
    path("<int:pk>/", scoring.InspectionDetail.as_view(), name="detail"),
    path("<int:pk>/score/", scoring.ScoreEntry.as_view(), name="score"),
    path("<int:pk>/submit/", scoring.SubmitEntry.as_view(), name="submit"),
    path("<int:pk>/history/", histories.InspectionHistory.as_view(), name="history"),
    path("rounds/", views.RoundList.as_view(), name="rounds"),
    path("rounds/new/", views.RoundOpen.as_view(), name="round_open"),
    path("rounds/<int:pk>/", views.RoundDetail.as_view(), name="round"),
    path("rounds/<int:pk>/close/", views.RoundClose.as_view(), name="close"),
    path("rounds/<int:pk>/history/", histories.RoundHistory.as_view(), name="round_history"),
    path("sheets/<int:pk>/", views.SheetDetail.as_view(), name="sheet"),
    path("sheets/<int:pk>/history/", histories.SheetHistory.as_view(), name="sheet_history"),
]
