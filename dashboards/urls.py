"""Addresses of the figures."""

from __future__ import annotations

from django.urls import path

from dashboards import community_views, completeness_views, home_views, leader_views, reference_views, urge_views, views
from dashboards.construction.views import ConstructionView

app_name = "dashboards"
urlpatterns = [
    path("", views.LeaderView.as_view(), name="leader"),
    path("home/", home_views.HomePageView.as_view(), name="home"),
    path("home/looked/", home_views.LookedView.as_view(), name="looked"),
    path("periods/", completeness_views.CompletenessView.as_view(), name="completeness"),
    path("periods/<int:pk>/urge/", urge_views.UrgeView.as_view(), name="urge"),
    path("construction/", ConstructionView.as_view(), name="construction"),
    path("wall/", leader_views.WallView.as_view(), name="wall"),
    path("ranking/", leader_views.RankingView.as_view(), name="ranking"),
    path("<str:quarter>/losses/", leader_views.LossesView.as_view(), name="losses"),
    path("communities/<int:pk>/", community_views.CommunityView.as_view(), name="community"),
    path("communities/<int:pk>/card/", community_views.CommunityCardView.as_view(), name="community_card"),
    path("communities/<int:pk>/history/", community_views.CommunityHistoryView.as_view(), name="community_history"),
    path("reference/", reference_views.ReferenceHistoryView.as_view(), name="reference"),
    path("<str:quarter>/<slug:indicator>/", views.FactsView.as_view(), name="facts"),
]
