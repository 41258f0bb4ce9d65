"""The coordination app: the working machinery behind the programme."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoordinationConfig(AppConfig):
    """Policy documents, support teams and their pairing with pilots."""

    name = "coordination"
    verbose_name = _("统筹")
