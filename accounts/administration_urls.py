"""Addresses of the administrators' pages, and of one's own tokens, below /people/."""

from __future__ import annotations

from django.urls import path

from accounts import account_views, audit_views, token_views

app_name = "accounts"

urlpatterns = [
    path("", account_views.AccountListView.as_view(), name="list"),
    path("new/", account_views.AccountCreateView.as_view(), name="create"),
    path("<int:pk>/", account_views.AccountDetailView.as_view(), name="detail"),
    path("<int:pk>/edit/", account_views.AccountEditView.as_view(), name="edit"),
    path("<int:pk>/password/", account_views.AccountPasswordView.as_view(), name="password"),
    path("<int:pk>/end/", account_views.AccountEndView.as_view(), name="end"),
    path("<int:pk>/unlock/", account_views.AccountUnlockView.as_view(), name="unlock"),
    path("log/", audit_views.LogView.as_view(), name="log"),
    path("log/<int:pk>/", audit_views.EntryView.as_view(), name="entry"),
    path("log/exports/", audit_views.ExportsView.as_view(), name="exports"),
    path("log/exports/<int:pk>/", audit_views.ExportView.as_view(), name="export"),
    path("log/exports/<int:pk>/file/", audit_views.ExportFileView.as_view(), name="export_file"),
    path("tokens/", token_views.TokenListView.as_view(), name="tokens"),
    path("tokens/new/", token_views.TokenCreateView.as_view(), name="token_create"),
    path("tokens/<int:pk>/revoke/", token_views.TokenRevokeView.as_view(), name="token_revoke"),
]
