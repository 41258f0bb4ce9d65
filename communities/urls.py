"""Addresses of the ground floor, below /communities/."""

from __future__ import annotations

from django.urls import path

from communities import absence_views, grant_views, history_views, period_views, views
from communities.models import ReportingMonth, ReportingQuarter

app_name = "communities"

_PERIODS = (("month", ReportingMonth), ("quarter", ReportingQuarter))

urlpatterns = [
    path("", views.CommunityListView.as_view(), name="list"),
    path("new/", views.CommunityCreateView.as_view(), name="create"),
    path("<int:pk>/", views.CommunityDetailView.as_view(), name="detail"),
    path("<int:pk>/edit/", views.CommunityEditView.as_view(), name="edit"),
    path("<int:pk>/move/", views.CommunityMoveView.as_view(), name="move"),
    path("<int:pk>/succeed/", views.CommunitySucceedView.as_view(), name="succeed"),
    path("<int:pk>/history/", history_views.CommunityHistoryView.as_view(), name="history"),
    path("absences/", absence_views.AbsenceListView.as_view(), name="absences"),
    path("absences/new/", absence_views.AbsenceCreateView.as_view(), name="absence_create"),
    path("absences/<int:pk>/end/", absence_views.AbsenceEndView.as_view(), name="absence_end"),
    path("absences/<int:pk>/history/", absence_views.AbsenceHistoryView.as_view(), name="absence_history"),
    path("memberships/", grant_views.MembershipsView.as_view(), name="memberships"),
    path("memberships/new/", grant_views.GrantView.as_view(), name="grant"),
    path("memberships/<int:pk>/extend/", grant_views.ExtendView.as_view(), name="extend"),
    path("memberships/<int:pk>/hand-over/", grant_views.HandOverView.as_view(), name="hand_over"),
    path("memberships/<int:pk>/end/", grant_views.EndView.as_view(), name="membership_end"),
    path("memberships/people/", grant_views.HoldersView.as_view(), name="holders"),
    path("memberships/people/<int:pk>/", grant_views.HolderView.as_view(), name="holder"),
    path("memberships/people/<int:pk>/factor/", grant_views.ResetFactorView.as_view(), name="reset_factor"),
    path("periods/", period_views.PeriodsView.as_view(), name="periods"),
    path("periods/month/<int:pk>/close/", period_views.MonthCloseView.as_view(), name="month_close"),
    path("periods/month/<int:pk>/reopen/", period_views.MonthReopenView.as_view(), name="month_reopen"),
]

for kind, model in _PERIODS:
    rows = model.objects.all()
    urlpatterns += [
        path(f"periods/{kind}/open/", period_views.PeriodOpenView.as_view(queryset=rows), name=f"{kind}_open"),
        path(f"periods/{kind}/<int:pk>/due/", period_views.PeriodDueView.as_view(queryset=rows), name=f"{kind}_due"),
        path(
            f"periods/{kind}/<int:pk>/history/",
            history_views.PeriodHistoryView.as_view(queryset=rows),
            name=f"{kind}_history",
        ),
    ]
