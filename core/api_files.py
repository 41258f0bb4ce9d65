"""Resources to which files are sent: as the parts of a multipart form, which is read as strictly as JSON."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser

from core.api_fields import Body


class FormBody(Body):
    """What a form may hold: each part once, no part that is not asked for."""

    def to_internal_value(self, data: Any) -> Any:
        """The values. Raises ValidationError naming a part that came twice: one of the two would be lost."""
        if isinstance(data, QueryDict):
            twice = next((name for name, values in data.lists() if len(values) > 1), None)
            if twice is not None:
                raise ValidationError({twice[:50]: _("“%(name)s”写了不止一次。") % {"name": twice[:50]}})
        return super().to_internal_value(data)


class TakesFiles:
    """A resource whose rows are added by a form with a file; everything else of it speaks JSON."""

    def get_parsers(self) -> list[Any]:
        """A form's where rows are added."""
        if "create" in (getattr(self, "action_map", None) or {}).values():
            return [MultiPartParser()]
        return super().get_parsers()  # type: ignore[misc,no-any-return]
