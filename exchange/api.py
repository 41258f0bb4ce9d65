"""The REST resources of uploads: bring a file, follow it, say its columns, decide, and read what became of each row."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import exceptions, serializers

from accounts.api import Creates, ResourceViewSet, deed
from core.api_fields import Answer, Body
from core.api_files import FormBody, TakesFiles
from core.sentences import told
from exchange import actions, registry
from exchange.filters import BatchFilter, RowFilter
from exchange.forms import ColumnsForm, layout_at
from exchange.models import Batch, StagedRow
from exchange.places import places_of
from exchange.preview import unread
from exchange.workflow import BatchState

# Of a layout, what one needs to say the columns.
SHOWN = ("sheet", "head", "depth", "labels", "columns", "sample")


class LayoutAnswer(serializers.Serializer[Any]):
    """A sheet whose columns are to be said: where its head seems to be, and its first rows."""

    sheet = serializers.CharField(help_text=_("工作表。"))
    head = serializers.IntegerField(help_text=_("看来是表头的那一行。"))
    depth = serializers.IntegerField(help_text=_("表头占几行。"))
    labels: Any = serializers.DictField(child=serializers.CharField(), help_text=_("列 → 表头；A 列为 1。"))
    columns = serializers.DictField(child=serializers.IntegerField(), help_text=_("已认出的：项 → 列。"))
    sample = serializers.ListField(child=serializers.ListField(), help_text=_("前几行：行号，列 → 内容。"))


class UnreadAnswer(serializers.Serializer[Any]):
    """A column of the sheet that was not read."""

    column = serializers.CharField(help_text=_("列号，如 E。"))
    head = serializers.CharField(help_text=_("表头；没有表头的为空。"))
    filled = serializers.IntegerField(help_text=_("有几行写了内容。"))


class BatchAnswer(Answer[Batch]):
    """An upload."""

    uploaded_by = serializers.SlugRelatedField[Any]("full_name", read_only=True, help_text=_("上传人的姓名。"))
    layout = serializers.SerializerMethodField(help_text=_("待选列和待确认时：表头和前几行；其他时候为空。"))
    reading = serializers.IntegerField(
        read_only=True, help_text=_("核对过几次；选列、导入时写回，之后又核对过的不做。")
    )
    unread = serializers.SerializerMethodField(help_text=_("没有读的列，里面写的不会导入。"))

    class Meta:
        model = Batch
        fields = [
            "id",
            "target",
            "place",
            "scope",
            "state",
            "original_name",
            "format",
            "size",
            "sha256",
            "template_version",
            "layout",
            "reading",
            "unread",
            "new",
            "changed",
            "unchanged",
            "rejected",
            "trouble",
            "uploaded_by",
            "uploaded_at",
            "applied_at",
        ]

    @extend_schema_field(LayoutAnswer(allow_null=True))
    def get_layout(self, batch: Batch) -> dict[str, Any] | None:
        """What there is to choose from."""
        if batch.state not in (BatchState.MAPPING, BatchState.READY):
            return None
        return {name: batch.layout[name] for name in SHOWN if name in batch.layout}

    @extend_schema_field(UnreadAnswer(many=True))
    def get_unread(self, batch: Batch) -> list[dict[str, Any]]:
        """What the page names above the rows and below them."""
        return [{"column": each.letter, "head": each.head, "filled": each.filled} for each in unread(batch)]


class BatchCreate(FormBody):
    """A file, and what it is to be brought into. Its kind is judged by content."""

    target = serializers.CharField(max_length=40, help_text=_("导入哪类数据，如 communities、projects。"))
    place = serializers.CharField(max_length=20, help_text=_("单位代码。"))
    scope = serializers.CharField(
        max_length=20, required=False, allow_blank=True, help_text=_("按月的表写月份，如 2013-12；其他不写。")
    )
    file = serializers.FileField(
        allow_empty_file=True,
        help_text=_("填好的模板，或本单位自己的表：.xlsx 或 .csv，不超过 10 MB、20,000 行。"),
    )

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """The same choices as on the page: kinds of sheet, the person's places."""
        user, place = self.context["request"].user, values["place"]
        target = registry.find(values["target"])
        if target is None:
            known = _t("、").join(each.code for each in registry.targets())
            raise exceptions.ValidationError({"target": _t("没有这类表。可以导入的：%(known)s。") % {"known": known}})
        if place not in places_of(user).entered or not target.takes(place):
            raise exceptions.ValidationError({"place": _t("没有这一条，或不归你办。")})
        return values


class SeenBody(Body):
    """About which preview it is."""

    seen = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, help_text=_("看过的那次核对（reading）；不写的不比较。")
    )


class ColumnsBody(SeenBody):
    """Which column of the sheet means what."""

    head = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, help_text=_("表头在哪一行；不写的，是读到的那一行。")
    )
    columns = serializers.DictField(
        child=serializers.IntegerField(min_value=1, max_value=2**31 - 1),
        help_text=_("项 → 列，A 列为 1；表里没有的不写。"),
    )


class BatchViewSet(TakesFiles, Creates[Batch]):
    """Uploads of the places that the person sees. A worker reads, takes over and takes back: ask again how it went."""

    queryset = Batch.objects.select_related("uploaded_by")
    serializer_class = BatchAnswer
    create_serializer = BatchCreate
    filterset_class = BatchFilter
    ordering_fields: ClassVar[dict[str, str]] = {"uploaded_at": "pk", "applied_at": "applied_at"}
    default_ordering = "-uploaded_at"

    def add(self, values: dict[str, Any]) -> Batch:
        """Guard and keep it."""
        file = values["file"]
        return actions.upload(**values, actor=self.person, name=file.name, size=file.size)

    @deed("columns", _("选各列是什么"), ColumnsBody)
    def say_columns(self, record: Batch, values: dict[str, Any]) -> Batch:
        """Remember which column means what, and have the file read again."""
        layout = _layout_of(record, values.get("head"))
        columns = _checked(record, layout, values["columns"])
        where = {"head": layout["head"], "depth": layout["depth"], "seen": values.get("seen")}
        return actions.say_columns(record, actor=self.person, columns=columns, **where)

    @deed("apply", _("导入"), SeenBody)
    def apply(self, record: Batch, values: dict[str, Any]) -> Batch:
        """Have the good rows taken over."""
        return actions.apply_batch(record, actor=self.person, seen=values.get("seen"))

    @deed("discard", _("放弃"))
    def discard(self, record: Batch, values: dict[str, Any]) -> Batch:
        """Nothing is written."""
        return actions.discard_batch(record, actor=self.person)

    @deed("undo", _("撤回这次导入"))
    def undo(self, record: Batch, values: dict[str, Any]) -> Batch:
        """Have everything put back."""
        return actions.undo_batch(record, actor=self.person)


def _layout_of(batch: Batch, head: int | None) -> dict[str, Any]:
    """The sheet as it was read. Raises ValidationError where it was not, or the row is none of those shown."""
    if not batch.layout.get("sample"):
        raise exceptions.ValidationError({"columns": _t("这个文件没有读到表头，不能选列。")})
    try:
        return layout_at(batch.layout, head)
    except LookupError as error:
        raise exceptions.ValidationError({"head": _t("表头要在表的前几行里，读到的行号见 layout。")}) from error


def _checked(batch: Batch, layout: dict[str, Any], columns: dict[str, int]) -> dict[str, int]:
    """The columns, as the page's form takes them. Raises ValidationError naming the one that is wrong."""
    form = ColumnsForm(columns, target=registry.get(batch.target), layout=layout)
    unknown = next((code for code in columns if code not in form.fields), None)
    if unknown is not None:
        told = {"name": unknown[:50]}
        raise exceptions.ValidationError({"columns": {unknown[:50]: _t("没有“%(name)s”这个字段。") % told}})
    if not form.is_valid():
        raise exceptions.ValidationError({"columns": {code: [*said] for code, said in form.errors.items()}})
    return form.columns()


class RowAnswer(Answer[StagedRow]):
    """A row of an upload."""

    problems = serializers.SerializerMethodField(help_text=_("哪一列、什么原因。"))

    class Meta:
        model = StagedRow
        fields = ["id", "batch", "number", "cells", "outcome", "problems", "changes"]

    def get_problems(self, row: StagedRow) -> list[dict[str, str]]:
        """In the reader's language; an empty column stands for the row as a whole."""
        return [{"column": each["column"], "message": told(each)} for each in row.problems]


class RowViewSet(ResourceViewSet[StagedRow]):
    """Rows of uploads: what was read, and what becomes of it."""

    queryset = StagedRow.objects.all()
    serializer_class = RowAnswer
    filterset_class = RowFilter
    ordering_fields: ClassVar[dict[str, str]] = {"number": "number"}
    default_ordering = "number"
