"""The shared page parts: what they say, what they link to, and that the strict policy has nothing to refuse."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import django_filters
import pytest
from django import forms
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.http import Http404
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.test import RequestFactory

from core.components import Action, Cell, Column, FunnelRow, MatrixRow, Segment
from core.drawing import bar_pieces, loss_widths
from core.views_components import ComponentsView, SampleFilter, SampleForm

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def render(source: str, address: str = "/", **context: Any) -> str:
    """A template's text, as a page at that address would show it."""
    request = RequestFactory().get(address)
    return Template("{% load ui numbers %}" + source).render(Context({"request": request, **context}))


class Tags(HTMLParser):
    """Collects start tags with their attributes, and complains about what is left open or closed twice."""

    VOID = frozenset(["meta", "link", "input", "br", "img", "hr", "path", "circle", "rect", "use"])

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open, f"closed and never opened: {tag}"
            assert self.open.pop() == tag, f"closed out of turn: {tag}"


def components_page() -> str:
    """The developers' page, without going through sign-in."""
    request = RequestFactory().get("/dev/components/")
    view = ComponentsView()
    view.setup(request)
    return render_to_string("core/components.html", view.get_context_data())


def test_the_developers_page_is_well_formed_and_clean_for_the_policy() -> None:
    tags = Tags(components_page())
    assert len([tag for tag, _ in tags.seen if tag == "h1"]) == 1
    for tag, attributes in tags.seen:
        assert "style" not in attributes, tag
        assert tag != "style"
        assert not [name for name in attributes if name.startswith(("on", "hx-on"))], (tag, attributes)
        if tag == "script":
            assert "src" in attributes or attributes["type"] == "application/json"


def test_ids_on_the_developers_page_are_unique_and_labels_find_their_field() -> None:
    tags = Tags(components_page())
    ids = [attributes["id"] for _, attributes in tags.seen if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = {attributes["for"] for tag, attributes in tags.seen if tag == "label" and "for" in attributes}
    described = {a["aria-describedby"] for _, a in tags.seen if "aria-describedby" in a}
    assert wanted | described <= set(ids)


def test_the_developers_page_is_absent_on_a_real_installation(settings: Any, rf: RequestFactory) -> None:
    settings.DEBUG = settings.EMBEDDED = False
    with pytest.raises(Http404):
        ComponentsView.as_view()(rf.get("/dev/components/"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_carry_no_inline_style_script_or_colour(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"))
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"(?<![&\w/\"'])#[0-9a-fA-F]{6}\b|rgba?\(", text)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    listed = set((ROOT / "frontend" / "icons.txt").read_text(encoding="utf-8").split("\n"))
    named = {
        name for path in TEMPLATES for name in re.findall(r"{% icon \"([\w-]+)\"", path.read_text(encoding="utf-8"))
    }
    pills = {
        name for path in TEMPLATES for name in re.findall(r"{% pill \S+ \"\w*\" \"([\w-]+)\"", path.read_text("utf-8"))
    }
    assert named
    assert named | pills <= listed


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 429, 500, 503])
def test_error_pages_stand_alone_and_carry_the_number(status: int) -> None:
    text = render_to_string(f"errors/{status}.html", {"incident": "7F3A09", "message": "<这句话>", "status": status})
    Tags(text)
    assert "编号 7F3A09，可告诉管理员。" in text
    assert "&lt;这句话&gt;" in text


def test_a_missing_manifest_does_not_break_an_error_page(settings: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    settings.STATIC_ROOT = "/nonexistent"
    assert 'href="/static/dist/app.css"' in render_to_string("errors/503.html", {})


def test_light_says_its_word_and_refuses_an_unknown_state() -> None:
    assert "曾亮红灯" in render('{% light "was_red" %}')
    assert "晚 34 天" in render('{% light "yellow" "晚 34 天" %}')
    with pytest.raises(TemplateSyntaxError):
        render('{% light "purple" %}')


def test_text_in_a_pill_is_escaped() -> None:
    assert "<b>" not in render("{% pill text %}", text="<b>")


def test_sortable_heads_turn_round_and_go_back_to_the_first_page() -> None:
    columns = [
        Column("名称", sort="name"),
        Column("户数", sort="households", number=True),
        Column("操作", hidden_label=True),
    ]
    text = render("{% table_head columns %}", "/?unit=XC&page=3&sort=name", columns=columns)
    assert 'aria-sort="ascending"' in text
    assert 'href="?unit=XC&amp;sort=-name"' in text
    assert 'href="?unit=XC&amp;sort=households"' in text
    assert "page=" not in text
    falling = render("{% table_head columns %}", "/", columns=columns, sorted_by="-name")
    assert 'aria-sort="descending"' in falling
    assert 'href="?sort=name"' in falling


def test_pager_counts_and_keeps_the_filter() -> None:
    pages = Paginator(range(2400), 12)
    text = render("{% pager page_obj %}", "/?unit=XC&page=2", page_obj=pages.page(2))
    assert "第 13–24 条，共 2,400 条" in text
    assert 'href="?unit=XC&amp;page=1"' in text
    assert 'href="?unit=XC&amp;page=3"' in text
    assert "共 0 条" in render("{% pager page_obj %}", page_obj=Paginator([], 12).page(1))
    assert "翻页" not in render("{% pager page_obj %}", page_obj=Paginator(range(5), 12).page(1))


def test_filter_bar_marks_what_is_in_force_and_keeps_the_order() -> None:
    form = SampleFilter({"unit": "XC", "q": ""})
    text = render("{% filter_bar form count=12 %}", "/?unit=XC&sort=-name&page=4", form=form)
    assert text.count("chip is-active") == 1
    assert 'href="?sort=-name"' in text
    assert '<input type="hidden" name="sort" value="-name">' in text
    assert 'name="page"' not in text
    assert "12 条" in text
    assert "清除筛选" not in render("{% filter_bar form count=3 %}", form=SampleFilter({}))


def test_the_empty_choice_of_a_filter_means_all() -> None:
    class Kinds(django_filters.FilterSet):
        kind = django_filters.ChoiceFilter(label="类型", choices=[("city", "城市")])

    text = render("{% filter_bar filterset %}", filterset=Kinds({}, queryset=ContentType.objects.none()))
    assert ">全部</option>" in text
    assert "---" not in text


def test_more_than_three_filters_fold_behind_a_button() -> None:
    def filters(number: int) -> str:
        named = {f"f{each}": forms.CharField(required=False) for each in range(number)}
        form = type("Many", (forms.Form,), {**named, "q": forms.CharField(required=False)})
        return render("{% filter_bar form %}", form=form())

    assert "data-unfold" not in filters(3) and "is-folded" not in filters(3)
    assert 'aria-expanded="false"' in filters(4) and "is-folded" in filters(4)


def test_field_ties_the_error_to_the_control() -> None:
    form = SampleForm({"plain": "x"})
    tags = Tags(render("{% field form.plain unit='万元' %}", form=form))
    control = next(attributes for tag, attributes in tags.seen if tag == "input")
    assert control["aria-invalid"] == "true"
    assert control["inputmode"] == "decimal"
    assert control["aria-describedby"] in {attributes.get("id") for _, attributes in tags.seen}


def test_a_computed_field_cannot_be_typed_into_and_an_unknown_state_is_refused() -> None:
    form = SampleForm({"plain": "1"})
    text = render("{% field form.plain state='computed' %}", form=form)
    assert "readonly" in text
    assert "自动算" in text
    with pytest.raises(ValueError, match="odd"):
        render("{% field form.plain state='odd' %}", form=form)


def test_required_is_marked_only_where_most_fields_are_optional() -> None:
    class Mostly(forms.Form):
        name = forms.CharField(label="名称")
        note = forms.CharField(label="备注", required=False)
        phone = forms.CharField(label="电话", required=False)

    assert "必填" in render("{% field form.name %}", form=Mostly())
    assert "必填" not in render("{% field form.plain %}", form=SampleForm())


def test_the_bar_leaves_out_what_is_empty_and_fills_the_whole() -> None:
    pieces = bar_pieces([Segment(3, "city", "城市"), Segment(0, "town", "城镇"), Segment(1, "gap", "缺口")])
    assert [(piece.x, piece.width, piece.name) for piece in pieces] == [
        ("0.000%", "75.000%", "城市 3"),
        ("75.000%", "25.000%", "缺口 1"),
    ]
    assert bar_pieces([Segment(3, "city")], 12)[0].width == "25.000%"
    assert bar_pieces([Segment(0, "city")], 0) == []
    assert loss_widths(-5, -2, 20) == ("25.000%", "10.000%")


def test_funnel_row_links_the_number_and_its_parts() -> None:
    rows = [FunnelRow("已开工", 82, [Segment(82, "city", "城市", "/c")], 82 / 89, 12, "/started")]
    text = render('{% include "_components/funnel.html" with rows=rows base=89 only %}', rows=rows)
    assert '<a href="/started">82</a>' in text
    assert 'aria-label="城市 82"' in text
    assert "92.1%" in text
    assert "增加 12" in text


def test_matrix_links_no_zero_and_marks_the_filter_in_force() -> None:
    row = MatrixRow("孝昌", [Cell(2, "/a", True), Cell(0, "/b"), Cell(None, "/c")], Cell(2, "/d"))
    text = render(
        '{% include "_components/matrix.html" with rows=rows columns=columns only %}', rows=[row], columns="abc"
    )
    assert 'href="/a" aria-current="true"' in text
    assert 'href="/b"' not in text
    assert "不清楚" in text


def test_an_action_that_posts_carries_the_token() -> None:
    actions = [Action("关闭", "/close", post=True)]
    source = '{% include "_components/page_header.html" with title="轮次" actions=actions %}'
    assert 'value="token"' in render(source, actions=actions, csrf_token="token")
