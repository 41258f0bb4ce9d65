"""Addresses of the 1+X services."""

from __future__ import annotations

from django.urls import path

from services import history_views as histories
from services import organisation_views as organisations
from services import views

app_name = "services"

urlpatterns = [
    path("centres/", views.CentreList.as_view(), name="centres"),
    path("centres/new/", views.CentreCreate.as_view(), name="centre_create"),
    path("centres/<int:pk>/", views.CentreDetail.as_view(), name="centre"),
    path("centres/<int:pk>/edit/", views.CentreEdit.as_view(), name="centre_edit"),
    path("centres/<int:pk>/accept/", views.Accept.as_view(), name="accept"),
    path("centres/<int:pk>/withdraw/", views.Withdraw.as_view(), name="withdraw"),
    path("centres/<int:pk>/history/", histories.CentreHistory.as_view(), name="centre_history"),
    path("organisations/", organisations.OrganisationList.as_view(), name="organisations"),
    path("organisations/new/", organisations.OrganisationCreate.as_view(), name="organisation_create"),
    path("organisations/<int:pk>/", organisations.OrganisationDetail.as_view(), name="organisation"),
    path("organisations/<int:pk>/edit/", organisations.OrganisationEdit.as_view(), name="organisation_edit"),
    path("organisations/<int:pk>/end/", organisations.OrganisationEnd.as_view(), name="organisation_end"),
    path("organisations/<int:pk>/history/", histories.OrganisationHistory.as_view(), name="organisation_history"),
]
