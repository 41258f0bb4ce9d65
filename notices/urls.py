"""Addresses of notices."""

from __future__ import annotations

from django.urls import path

from notices import views

app_name = "notices"
urlpatterns = [
    path("", views.InboxView.as_view(), name="list"),
    path("sent/", views.SentView.as_view(), name="sent"),
    path("seen/", views.SeenView.as_view(), name="seen"),
    path("sign/", views.SignAllView.as_view(), name="sign_all"),
    path("sign/<int:pk>/", views.SignView.as_view(), name="sign"),
    path("<int:pk>/", views.NoticeView.as_view(), name="detail"),
    path("<int:pk>/history/", views.NoticeHistory.as_view(), name="history"),
]
