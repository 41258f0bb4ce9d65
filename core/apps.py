"""The core app: base classes, template tags and the developers' pages."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """No tables of its own."""

    name = "core"
