"""Template tags for the small parts of a page: icons, lights, pills, table heads, pagers, filters, fields, bars.

The block-sized parts are includes. Both are listed, with parameters, in `templates/_components/README.md`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.forms import BoundField, Form
from django.http import HttpRequest, QueryDict
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import drawing
from core.components import Column, Number, Segment
from core.fields import Chip, FieldView, chips_of, field_view

register = template.Library()

LIGHTS = {
    "green": gettext_lazy("绿灯"),
    "yellow": gettext_lazy("黄灯"),
    "red": gettext_lazy("红灯"),
    "was_red": gettext_lazy("曾亮红灯"),
    "not_due": gettext_lazy("未到期"),
    "unknown": gettext_lazy("不判断"),
}
TYPES = {
    "city": gettext_lazy("城市"),
    "town": gettext_lazy("城镇"),
    "rural": gettext_lazy("农村"),
    "gap": gettext_lazy("缺口"),
    "none": gettext_lazy("不分类型"),
}


def built_file(name: str) -> str:
    """Address of a file of the front-end build.

    Without a manifest (tests, an error page before the files are collected) it is the plain address:
    an error page must never fail over its own style sheet.
    """
    try:
        return static(f"dist/{name}")
    except ValueError:
        return f"{settings.STATIC_URL}dist/{name}"


@register.simple_tag
def asset(name: str) -> str:
    """`{% asset "app.css" %}`: address of a built file."""
    return built_file(name)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite. Without a label it is decoration and hidden from screen readers."""
    speech = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" {} focusable="false"><use href="{}#{}"/></svg>',
        speech,
        built_file("icons.svg"),
        name,
    )


@register.simple_tag
def request_key() -> SafeString:
    """`{% request_key %}` inside a form that posts: sent twice, it is done once. A new key each time it is shown."""
    return format_html('<input type="hidden" name="request_key" value="{}">', uuid.uuid4())


@register.simple_tag
def first_entries(navigation: Iterable[Any], limit: int) -> list[Any]:
    """The first entries of the navigation, across its groups: what fits on the phone's bar."""
    return [entry for group in navigation for entry in group.entries][:limit]


@register.inclusion_tag("_components/light.html")
def light(state: str, word: str = "") -> dict[str, Any]:
    """Shape and word of a light: green, yellow, red, was_red, not_due, unknown. `word` replaces the usual one."""
    if state not in LIGHTS:
        raise template.TemplateSyntaxError(f"no such light: {state}")
    return {"state": state, "word": word or LIGHTS[state]}


@register.inclusion_tag("_components/pill.html")
def pill(text: str, tone: str = "", icon: str = "") -> dict[str, Any]:
    """A workflow state. Tones: empty (grey), info, ok, warn, bad."""
    return {"text": text, "tone": tone, "icon_name": icon}


@register.inclusion_tag("_components/type_tag.html")
def type_tag(kind: str, solid: bool = False, word: bool = True) -> dict[str, Any]:
    """Swatch and name of a community type; `solid` is the white-on-colour form."""
    kind = kind if kind in TYPES else "none"
    return {"kind": kind, "name": TYPES[kind], "solid": solid, "word": word}


@register.inclusion_tag("_components/sample_tag.html")
def sample_tag(text: str = "") -> dict[str, Any]:
    """示例, after the name of a sample record."""
    return {"text": text or _("示例")}


def _query(context: Context) -> QueryDict:
    request: HttpRequest | None = context.get("request")
    return request.GET.copy() if request is not None else QueryDict(mutable=True)


def _address(query: QueryDict, drop: Iterable[str] = (), change: tuple[str, object] | None = None) -> str:
    """The present address with some parameters dropped and one set; `?` alone when none is left."""
    changed = query.copy()
    for name in drop:
        changed.pop(name, None)
    if change is not None:
        changed[change[0]] = str(change[1])
    return f"?{changed.urlencode()}"


@register.inclusion_tag("_components/table_head.html", takes_context=True)
def table_head(context: Context, columns: Sequence[Column], sort_param: str = "sort") -> dict[str, Any]:
    """Heads of a table. A sortable one is a link; the page number is dropped when the order changes."""
    query = _query(context)
    now = str(context.get("sorted_by") or query.get(sort_param, ""))
    heads = []
    for column in columns:
        active = bool(column.sort) and now.lstrip("-") == column.sort
        falling = active and now.startswith("-")
        following = column.sort if not active or falling else f"-{column.sort}"
        heads.append(
            {
                "column": column,
                "url": _address(query, ("page",), (sort_param, following)) if column.sort else "",
                "order": ("descending" if falling else "ascending") if active else "",
            }
        )
    return {"heads": heads}


@register.inclusion_tag("_components/pager.html", takes_context=True)
def pager(context: Context, page_obj: Page[Any], page_param: str = "page") -> dict[str, Any]:
    """Which rows these are, of how many, and the way to the next ones."""
    query = _query(context)
    before = page_obj.previous_page_number() if page_obj.has_previous() else None
    after = page_obj.next_page_number() if page_obj.has_next() else None
    return {
        "page_obj": page_obj,
        "total": page_obj.paginator.count,
        "first": page_obj.start_index(),
        "last": page_obj.end_index(),
        "previous_url": _address(query, (), (page_param, before)) if before else "",
        "next_url": _address(query, (), (page_param, after)) if after else "",
    }


@register.inclusion_tag("_components/filter_bar.html", takes_context=True)
def filter_bar(context: Context, filterset: Any, count: int | None = None) -> dict[str, Any]:
    """Chips of a FilterSet, or of any form that is sent by GET. `count` is the number of results.

    More than three fold behind one button on a phone, where they would fill the first screen; what is set stays out.
    """
    form: Form = getattr(filterset, "form", filterset)
    query = _query(context)
    chips: list[Chip] = chips_of(form, lambda name: _address(query, ("page", name)))
    own = {chip.bound.html_name for chip in chips}
    kept = [(name, value) for name, value in query.items() if name not in own and name != "page"]
    return {
        "chips": chips,
        "errors": _filter_errors(form, count),
        "folds": sum(chip.kind != "search" for chip in chips) > 3,
        "kept": kept,
        "count": count,
        "any_active": any(chip.active for chip in chips),
        "clear_url": _address(query, ("page", *own)),
    }


def _filter_errors(form: Form, count: int | None) -> list[str]:
    """A sentence for each filter with a value that it does not know, instead of the form's own technical one."""
    if not form.is_bound:
        return []
    sentence = _("筛选条件“%s”不对，没有按它筛选。") if count else _("筛选条件“%s”不对，已不显示任何记录。")
    return [sentence % form[name].label for name in form.errors if name in form.fields]


@register.inclusion_tag("_components/field.html")
def field(bound: BoundField, last: str = "", unit: str = "", state: str = "", note: str = "") -> dict[str, FieldView]:
    """A field in its state (empty, changed, computed, warning); errors come from the form itself."""
    return {"field": field_view(bound, last=last, unit=unit, state=state, note=note)}


@register.inclusion_tag("_components/progress.html")
def progress(value: Number, total: Number, word: str = "") -> dict[str, Any]:
    """A bar with `n / total`."""
    return {"value": value, "total": total, "word": word}


@register.inclusion_tag("_components/stacked_bar.html")
def stacked_bar(segments: Sequence[Segment], total: Number | None = None, label: str = "") -> dict[str, Any]:
    """A bar of parts laid end to end, against `total` or their sum."""
    pieces = drawing.bar_pieces(segments, total)
    return {"pieces": pieces, "label": label or "，".join(piece.name for piece in pieces)}


@register.inclusion_tag("_components/loss_bar.html")
def loss_bar(lost: Number, worst: Number, largest: Number) -> dict[str, Any]:
    """Lost points as a bar, dark where the item that lost most stands."""
    width, dark = drawing.loss_widths(lost, worst, largest)
    return {"width": width, "dark": dark}
