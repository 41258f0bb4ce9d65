"""Addresses of the figures."""

from __future__ import annotations

from django.urls import path

from dashboards import completeness_views, home_views, views

app_name = "dashboards"
urlpatterns = [
    path("", views.LeaderView.as_view(), name="leader"),
    path("home/", home_views.HomePageView.as_view(), name="home"),
    path("home/looked/", home_views.LookedView.as_view(), name="looked"),
    path("periods/", completeness_views.CompletenessView.as_view(), name="completeness"),
    path("<str:quarter>/<slug:indicator>/", views.FactsView.as_view(), name="facts"),
]
