"""Addresses of the exchange."""

from __future__ import annotations

from django.urls import path

from exchange import history_views, views

app_name = "exchange"

urlpatterns = [
    path("", views.BatchList.as_view(), name="list"),
    path("new/", views.Upload.as_view(), name="upload"),
    path("template/", views.TemplateDownload.as_view(), name="template"),
    path("<int:pk>/", views.BatchDetail.as_view(), name="batch"),
    path("<int:pk>/columns/", views.BatchColumns.as_view(), name="columns"),
    path("<int:pk>/apply/", views.BatchApply.as_view(), name="apply"),
    path("<int:pk>/discard/", views.BatchDiscard.as_view(), name="discard"),
    path("<int:pk>/undo/", views.BatchUndo.as_view(), name="undo"),
    path("<int:pk>/original/", views.BatchOriginal.as_view(), name="original"),
    path("<int:pk>/red/", views.BatchRed.as_view(), name="red"),
    path("<int:pk>/history/", history_views.BatchHistory.as_view(), name="history"),
]
