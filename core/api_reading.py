"""How requests of the API are read and in what they are answered: JSON.

The REST framework reads this while it is itself being imported, so nothing here builds on its views.
"""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser


class PlainJSONParser(JSONParser):
    """JSON that a program can be expected to send: nothing nested without end, no half characters."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The value. Raises ParseError."""
        try:
            value = super().parse(stream, media_type, parser_context)
            # Half of a surrogate pair can be escaped in JSON, but neither be stored nor repeated in a refusal.
            json.dumps(value, ensure_ascii=False).encode()
        except RecursionError as error:
            raise exceptions.ParseError(_("内容嵌套太深。")) from error
        except UnicodeEncodeError as error:
            raise exceptions.ParseError(_("有一个值太大、太长或写法不对。")) from error
        return value


class AlwaysJSON(DefaultContentNegotiation):
    """Answers are JSON, whatever the client would like to have."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        """The first renderer there is."""
        return renderers[0], renderers[0].media_type
