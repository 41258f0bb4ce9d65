"""Addresses of construction."""

from __future__ import annotations

from django.urls import path

from facilities import (
    batch_views,
    batch_withdraw_views,
    history_views,
    photo_views,
    report_pages,
    report_views,
    review_views,
    rule_views,
    views,
)

app_name = "facilities"

urlpatterns = [
    path("", views.ProjectList.as_view(), name="list"),
    path("new/", views.ProjectCreate.as_view(), name="create"),
    path("reports/", report_pages.ReportList.as_view(), name="reports"),
    path("reports/<int:pk>/", report_pages.ReportDetail.as_view(), name="report"),
    path("reports/<int:pk>/withdraw/", report_views.ReportWithdraw.as_view(), name="report_withdraw"),
    path("reports/<int:pk>/approve/", review_views.ReportApprove.as_view(), name="report_approve"),
    path("reports/<int:pk>/return/", review_views.ReportReturn.as_view(), name="report_return"),
    path("reports/<int:pk>/correct/", report_views.ReportCorrect.as_view(), name="report_correct"),
    path("months/<str:month>/", batch_views.BatchMonth.as_view(), name="batch"),
    path("months/<str:month>/drafts/", batch_views.BatchDrafts.as_view(), name="batch_drafts"),
    path("months/<str:month>/withdraw/", batch_withdraw_views.BatchWithdraw.as_view(), name="batch_withdraw"),
    path("review/", review_views.ReviewInbox.as_view(), name="review"),
    path("review/approve/", review_views.ReviewApprove.as_view(), name="review_approve"),
    path("review/return/", review_views.ReviewReturn.as_view(), name="review_return"),
    path("ordering/", rule_views.OrderingPage.as_view(), name="ordering"),
    path("ordering/<slug:rule>/<int:pk>/exempt/", rule_views.Exempt.as_view(), name="exempt"),
    path("ordering/exemptions/<int:pk>/withdraw/", rule_views.ExemptionWithdraw.as_view(), name="exemption_withdraw"),
    path("rules/", rule_views.RulesPage.as_view(), name="rules"),
    path("rules/history/", rule_views.RulesHistory.as_view(), name="rules_history"),
    path("rules/stages/<int:pk>/", rule_views.StageDefinitionEdit.as_view(), name="definition_edit"),
    path("rules/infrastructure/new/", rule_views.InfrastructureTypeCreate.as_view(), name="infrastructure_create"),
    path("rules/infrastructure/<int:pk>/", rule_views.InfrastructureTypeEdit.as_view(), name="infrastructure_edit"),
    path("rules/ordering/new/", rule_views.OrderingRuleCreate.as_view(), name="ordering_rule_create"),
    path("rules/ordering/<int:pk>/", rule_views.OrderingRuleEdit.as_view(), name="ordering_rule_edit"),
    path("rules/ordering/<int:pk>/anew/", rule_views.OrderingRuleReadAnew.as_view(), name="ordering_rule_anew"),
    path("rules/lights/new/", rule_views.LightThresholdCreate.as_view(), name="thresholds_create"),
    path("rules/lights/<int:pk>/", rule_views.LightThresholdEdit.as_view(), name="thresholds_edit"),
    path("photos/<int:pk>/", photo_views.PhotoDetail.as_view(), name="photo"),
    path("photos/<int:pk>/withdraw/", photo_views.PhotoWithdraw.as_view(), name="photo_withdraw"),
    path("photos/<int:pk>/thumb/", photo_views.PhotoThumb.as_view(), name="photo_thumb"),
    path("photos/<int:pk>/display/", photo_views.PhotoDisplay.as_view(), name="photo_display"),
    path("photos/<int:pk>/original/", photo_views.PhotoOriginal.as_view(), name="photo_original"),
    path("<int:pk>/", views.ProjectDetail.as_view(), name="detail"),
    path("<int:pk>/edit/", views.ProjectEdit.as_view(), name="edit"),
    path("<int:pk>/withdraw/", views.ProjectWithdraw.as_view(), name="withdraw"),
    path("<int:pk>/plan/", views.PlanEntry.as_view(), name="plan"),
    path("<int:pk>/stage/", views.StageEntry.as_view(), name="stage"),
    path("<int:pk>/history/", history_views.ProjectHistory.as_view(), name="history"),
    path("<int:pk>/months/<str:month>/", report_views.ReportEntry.as_view(), name="report_form"),
    path("<int:pk>/months/<str:month>/draft/", report_views.ReportDraft.as_view(), name="report_draft"),
    path("<int:pk>/months/<str:month>/unchanged/", report_views.ReportUnchanged.as_view(), name="report_unchanged"),
    path("<int:pk>/months/<str:month>/photos/", photo_views.ReportPhotoAdd.as_view(), name="report_photos"),
    path("<int:pk>/photos/", photo_views.StagePhotoAdd.as_view(), name="stage_photos"),
]
