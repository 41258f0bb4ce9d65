"""The developers' page: every shared part in each of its states, with made-up values. Not part of the product."""

from __future__ import annotations

import datetime as dt
import json
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.generic import TemplateView

from core.components import Action, Cell, Change, Column, FunnelRow, MatrixRow, Moment, Segment, Tab


class SampleFilter(forms.Form):
    """A filter bar's form; the real ones are django-filter sets."""

    unit = forms.ChoiceField(label="单位", required=False, choices=[("", "全部"), ("XC", "孝昌县"), ("DW", "大悟县")])
    kind = forms.ChoiceField(label="类型", required=False, choices=[("", "全部"), ("city", "城市"), ("town", "城镇")])
    q = forms.CharField(label="名称", required=False)


class SampleForm(forms.Form):
    """One field for each state."""

    plain = forms.DecimalField(label="资金到位累计")
    changed = forms.DecimalField(label="本月投资")
    computed = forms.DecimalField(label="累计投资")
    wrong = forms.DecimalField(label="累计到位")
    odd = forms.IntegerField(label="形象进度")
    reason = forms.CharField(
        label="退回理由",
        required=False,
        help_text="必填，填报人会看到",
        widget=forms.TextInput(attrs={"placeholder": "写清楚改哪里、怎么改"}),
    )
    stage = forms.ChoiceField(label="阶段", choices=[("base", "基础"), ("main", "主体施工")])
    password = forms.CharField(label="密码", widget=forms.PasswordInput(render_value=True))
    pilot = forms.BooleanField(label="列为试点", required=False)


def _form() -> SampleForm:
    values = {
        "plain": "60.00", "changed": "22.00", "computed": "58.00", "wrong": "1120.00", "odd": "85",
        "stage": "base", "password": "not-a-secret",
    }  # fmt: skip
    form = SampleForm(values, auto_id="sample_%s")
    form.add_error("wrong", "不能比上月少。上月 1,200.00。")
    return form


def _kinds(city: int, town: int, rural: int, gap: int = 0) -> list[Segment]:
    values = {"city": (city, "城市"), "town": (town, "城镇"), "rural": (rural, "农村"), "gap": (gap, "缺口")}
    return [Segment(value, kind, label, f"#{kind}") for kind, (value, label) in values.items() if value]


def _funnel() -> list[FunnelRow]:
    return [
        FunnelRow("规划新社区", 89, _kinds(40, 25, 24), None, None, "#89"),
        FunnelRow("已开工", 82, _kinds(38, 23, 21, 7), 82 / 89, 12, "#82"),
        FunnelRow("服务中心主体动工", 72, _kinds(34, 20, 18, 17), 72 / 89, 14, "#72"),
        FunnelRow("服务中心基本建成", 49, _kinds(25, 13, 11, 40), 49 / 89, -1, "#49"),
    ]


def _matrix() -> dict[str, Any]:
    def row(label: str, *numbers: int, current: int = -1) -> MatrixRow:
        cells = [Cell(n, f"#{label}{i}", i == current) for i, n in enumerate(numbers)]
        return MatrixRow(label, cells, Cell(sum(numbers), f"#{label}"))

    return {
        "columns": ["城市", "城镇", "农村", "合计"],
        "rows": [row("孝南", 8, 3, 3), row("孝昌", 3, 2, 2, current=1), row("高新区", 5, 1, 0)],
        "foot": row("合计", 16, 6, 5),
    }


def _trends() -> list[dict[str, Any]]:
    series = {
        "已开工": ([31, 52, 70, 82], 89),
        "主体动工": ([18, 39, 58, 72], 89),
        "规范化": ([168, 190, 214, 236], 330),
    }
    quarters = ["一季", "二季", "三季", "四季"]
    return [
        {
            "id": f"trend-{number}",
            "title": title,
            "base": base,
            "data": {"base": base, "points": [{"name": q, "value": v} for q, v in zip(quarters, values, strict=True)]},
            "rows": list(zip(quarters, values, strict=True)),
            "label": f"{title}：" + "，".join(f"{q} {v}" for q, v in zip(quarters, values, strict=True)),
        }
        for number, (title, (values, base)) in enumerate(series.items())
    ]


BUILT = {
    "孝南区": (10, 14, 4), "大悟县": (3, 9, 1), "孝昌县": (3, 9, 1), "云梦县": (5, 10, 2),
    "应城市": (7, 11, 3), "安陆市": (8, 11, 4), "汉川市": (6, 13, 2),
}  # fmt: skip
LABELS = {"孝南区": (113.97, 31.0), "孝昌县": (113.94, 31.3), "云梦县": (113.76, 31.06)}
ZONES = (
    ("双峰山", "1/2", 2, (114.08, 31.14), (114.46, 31.12)),
    ("高新区", "5/6", 4, (113.9, 30.9), (114.46, 30.94)),
    ("临空区", "1/4", 1, (114.06, 30.88), (114.46, 30.84)),
)


def _map() -> dict[str, Any]:
    shapes = json.loads((settings.BASE_DIR / "data" / "xiaogan_counties.geojson").read_text(encoding="utf-8"))
    return {
        "geojson": shapes,
        "name_field": "name",
        "regions": [
            {
                "name": name,
                "label": name[:2],
                "text": f"{n}/{of}",
                "step": step,
                "url": f"#{name}",
                "label_at": LABELS.get(name),
            }
            for name, (n, of, step) in BUILT.items()
        ],
        "zones": [
            {"label": name, "text": text, "step": step, "at": at, "label_at": label_at, "url": f"#{name}"}
            for name, text, step, at, label_at in ZONES
        ],
    }


def _history() -> list[Moment]:
    at = dt.datetime(2013, 12, 27, 10, 42, tzinfo=timezone.get_default_timezone())
    return [
        Moment(at, "审核通过", who="胡军（县审核）", tone="ok"),
        Moment(at, "改了 2 项", who="周敏（县填报）", changes=[Change("形象进度", "30%", "85%", "+55.0 个百分点")]),
        Moment(at, "被退回", text="进度 85%，阶段还是“基础”。", who="胡军（县审核）", tone="bad"),
        Moment(at, "新建", who="周敏（县填报）"),
    ]


RANKING = (
    (1, "安陆市", 94.6, 2.5, 1, 5.4, 2.1, "项目进度"),
    (2, "市高新区", 93.8, 0.8, -1, 6.2, 2.4, "1+X 组织"),
    (3, "孝南区", 92.4, 0.0, 0, 7.6, 2.8, "项目进度"),
    (4, "汉川市", 86.9, -3.4, -3, 13.1, 7.4, "项目进度"),
    (5, "孝昌县", 79.3, None, None, 20.7, 9.8, "项目进度"),
)


class ComponentsView(LoginRequiredMixin, TemplateView):
    """Shows the parts. Exists only with DEBUG or in the embedded mode; reads no record."""

    template_name = "core/components.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """404 on a real installation."""
        if not (settings.DEBUG or settings.EMBEDDED):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Made-up values for every part."""
        return super().get_context_data(
            form=_form(),
            filter_form=SampleFilter(self.request.GET or {"unit": "XC"}, auto_id="filter_%s"),
            columns=[
                Column("社区", sort="name"),
                Column("单位"),
                Column("类型"),
                Column("开工日期", sort="started"),
                Column("户数", number=True, sort="households"),
                Column("操作", hidden_label=True),
            ],
            sorted_by="-started",
            page_obj=Paginator(range(1, 2401), 12).page(2),
            funnel=_funnel(),
            parts=_kinds(38, 23, 21),
            states=[
                Segment(31, "ok", "已通过"), Segment(12, "wait", "待审核"),
                Segment(3, "bad", "被退回"), Segment(14, "empty", "未填"),
            ],
            matrix=_matrix(),
            ranking=[SimpleNamespace(place=p, unit=u, score=s, move=m, rank=r, lost=lost, worst=w, item=i)
                     for p, u, s, m, r, lost, w, i in RANKING],
            trends=_trends(),
            chart_columns=("季度", "个数"),
            map_columns=("单位", "建成", "规划"),
            map_rows=[(name, n, of) for name, (n, of, _step) in BUILT.items()],
            map=_map(),
            history=_history(),
            changes=[Change("形象进度", "30%", "85%", "+55.0 个百分点"), Change("阶段", "", "基础")],
            tabs=[Tab("概况", "#a", current=True), Tab("1+X 逐项", "#b", 35), Tab("问题", "#c", 0)],
            actions=[Action("打印", "#p", "printer"), Action("下达整改", "#s", "send", primary=True)],
            computed_at=dt.datetime(2014, 2, 28, 9, 42, tzinfo=timezone.get_default_timezone()),
            kinds=("city", "town", "rural", "gap"),
            lights=("green", "yellow", "red", "was_red", "not_due", "unknown"),
            **kwargs,
        )  # fmt: skip
