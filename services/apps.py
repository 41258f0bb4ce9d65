"""The services app: the 1+X service systems."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ServicesConfig(AppConfig):
    """Service centres, their standardisation, and organisations."""

    name = "services"
    verbose_name = _("服务")
