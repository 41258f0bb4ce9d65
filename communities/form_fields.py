"""Choosing a community by typing: a list of all of them would be too long for a select."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms.renderers import BaseRenderer
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from communities.models import Community
from communities.querysets import CommunityQuerySet

# More suggestions than this make the page heavy; the field itself takes any community.
SUGGESTIONS = 500


class SuggestingInput(forms.TextInput):
    """A text field with the browser's own list of suggestions; works without script."""

    suggestions: Any = ()

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        """The input, followed by its datalist."""
        options = format_html_join("", '<option value="{}">{}</option>', self.suggestions)
        field = super().render(name, value, {**(attrs or {}), "list": f"{name}-choices"}, renderer)
        return format_html('{}<datalist id="{}-choices">{}</datalist>', field, name, options)


class CommunityField(forms.CharField):
    """Takes a community's code (its name may follow) or full name and gives the community; `narrow` says which ones."""

    widget = SuggestingInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.communities: CommunityQuerySet = Community.objects.none()
        self.widget.attrs |= {"autocomplete": "off"}

    def narrow(self, communities: CommunityQuerySet) -> None:
        """Offer and accept these communities alone."""
        self.communities = communities
        rows = communities.order_by("pinyin", "pk").values_list("code", "name")[:SUGGESTIONS]
        assert isinstance(self.widget, SuggestingInput)
        self.widget.suggestions = rows

    def prepare_value(self, value: Any) -> Any:
        """Code and name, when the form is given a community."""
        return f"{value.code} {value.name}" if isinstance(value, Community) else value

    def clean(self, value: Any) -> Any:
        """The one community of that code or name; a sentence where there is none or more than one."""
        text = super().clean(value)
        if not text:
            return None
        named = Q(code__iexact=text.split()[0]) | Q(name=text)
        found = list(self.communities.filter(named).order_by("code")[:4])
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError(_("没有找到“%s”。写社区的编号或全称，只能选你负责的社区。") % text)
        codes = "、".join(community.code for community in found)
        raise ValidationError(_("叫“%(name)s”的不止一个：%(codes)s。写编号。") % {"name": text, "codes": codes})
