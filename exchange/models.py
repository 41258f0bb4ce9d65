"""Uploads: the batch with its original file, its rows as they were read and judged, and remembered columns."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.attachments import StoredFileField
from core.history import tracked
from core.sentences import SentenceField
from exchange import querysets, registry
from exchange.places import CITY
from exchange.workflow import BUSY, MOVES, BatchState, Outcome

FOLDER = "exchange"

TONES = {
    BatchState.READING: "info",
    BatchState.MAPPING: "warn",
    BatchState.READY: "warn",
    BatchState.REFUSED: "bad",
    BatchState.APPLYING: "info",
    BatchState.APPLIED: "ok",
    BatchState.UNDOING: "info",
    BatchState.UNDONE: "",
    BatchState.DISCARDED: "",
}
_DONE = [BatchState.APPLIED, BatchState.UNDOING, BatchState.UNDONE]
_MOVE_TABLE = " OR ".join(
    f"(OLD.state = '{state}' AND NEW.state IN ({', '.join(repr(str(to)) for to in sorted(targets))}))"
    for state, targets in MOVES.items()
    if targets
)


@tracked()
class Batch(models.Model):
    """One upload of one file: read, looked at, then taken over or given up, and possibly taken back."""

    target = models.CharField(_("导入到"), max_length=40, help_text=_("导入哪类数据，由各模块登记。"))
    place = models.CharField(_("单位"), max_length=20, help_text=_("导入到哪个单位；全市的为 city。"))
    place_name = models.CharField(_("单位名称"), max_length=50, help_text=_("上传时的名称。"))
    scope = models.CharField(
        _("期间"), max_length=20, blank=True, help_text=_("按月的表填月份，如 2013-12；其他为空。")
    )
    state = models.CharField(
        _("状态"),
        max_length=10,
        choices=BatchState,
        default=BatchState.READING,
        help_text=_("先核对，看过再导入；没有新改动时可以撤回。"),
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("上传人"),
        help_text=_("谁上传的。"),
    )
    uploaded_at = models.DateTimeField(_("上传时间"), db_default=Now(), help_text=_("服务器时间。"))
    original = StoredFileField(
        _("原件"),
        upload_to=FOLDER,
        max_length=200,
        help_text=_("上传的文件，一字不改地保存。"),
    )
    original_name = models.CharField(_("文件名"), max_length=200, help_text=_("上传时的文件名，只用来显示。"))
    format = models.CharField(
        _("格式"), max_length=4, choices=[("xlsx", "xlsx"), ("csv", "CSV")], help_text=_("按内容判断，不看扩展名。")
    )
    size = models.PositiveIntegerField(_("字节"), help_text=_("文件大小。"))
    sha256 = models.CharField("SHA-256", max_length=64, help_text=_("文件的散列，用来认出同一个文件。"))
    template_version = models.CharField(
        _("模板"), max_length=100, blank=True, help_text=_("下载的模板上的编号；自己的表没有。")
    )
    layout = models.JSONField(_("版式"), default=dict, blank=True, help_text=_("表头在哪里，各列是什么。"))
    new = models.PositiveIntegerField(_("新增"), default=0, help_text=_("登记里还没有的行。"))
    changed = models.PositiveIntegerField(_("有变化"), default=0, help_text=_("与登记不同的行。"))
    unchanged = models.PositiveIntegerField(_("没有变化"), default=0, help_text=_("与登记相同的行。"))
    rejected = models.PositiveIntegerField(_("不能导入"), default=0, help_text=_("有错的行，原因在各行里。"))
    trouble = SentenceField(_("说明"), blank=True, help_text=_("没有读成、没有导入或不能撤回的原因。"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("导入人"),
        help_text=_("谁决定导入、放弃或撤回。"),
    )
    applied_at = models.DateTimeField(_("导入时间"), null=True, blank=True, help_text=_("写入登记的时间。"))

    objects = querysets.BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("导入批次")
        verbose_name_plural = _("导入批次")
        indexes = [
            # A place's list, newest first.
            models.Index(F("place"), F("id").desc(), name="batch_by_place"),
            # Whether the same file was taken over before.
            models.Index(fields=["sha256"], name="batch_by_content"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=BatchState.values),
                name="batch_state_known",
                violation_error_message=_("没有这种导入状态。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=_DONE, applied_at__isnull=False, decided_by__isnull=False)
                | (~Q(state__in=_DONE) & Q(applied_at__isnull=True)),
                name="batch_applied_has_time",
                violation_error_message=_("已导入的批次要有导入时间和导入人，其他的没有导入时间。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=BatchState.REFUSED) | ~Q(trouble=""),
                name="batch_refusal_has_reason",
                violation_error_message=_("没有读成的，要写明原因。"),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="moves_as_allowed",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state IS DISTINCT FROM NEW.state"),
                func=f"""
                    IF NOT ({_MOVE_TABLE}) THEN
                        RAISE EXCEPTION 'batch %: no way from % to %', OLD.id, OLD.state, NEW.state
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return " · ".join(part for part in (self.target_label, self.place_name, self.scope, self.original_name) if part)

    def get_absolute_url(self) -> str:
        """The batch's own page."""
        return reverse("exchange:batch", args=[self.pk])

    @property
    def target_label(self) -> str:
        """What it is brought into, in words; the code where this process does not know it."""
        target = registry.find(self.target)
        return str(target.label) if target else self.target

    @property
    def is_of_old_template(self) -> bool:
        """Whether it was filled in on a template whose columns have changed since. Its heads say what it holds."""
        target, told = registry.find(self.target), self.template_version.split("/")
        return target is not None and len(told) == 4 and told[1] != str(target.version)

    @property
    def tone(self) -> str:
        """How the state's pill looks."""
        return TONES[BatchState(self.state)]

    @property
    def is_busy(self) -> bool:
        """Whether a worker is at it."""
        return self.state in BUSY

    @property
    def rows_in(self) -> int:
        """Rows of the sheet, whatever became of them."""
        return self.new + self.changed + self.unchanged + self.rejected

    @property
    def reading(self) -> int:
        """How often it was read or judged: by this somebody says which preview they had before them."""
        return int(self.layout.get("reading", 0))

    @property
    def to_write(self) -> int:
        """Rows that are written when the good ones are taken."""
        return self.new + self.changed

    @property
    def is_of_city(self) -> bool:
        """Whether it belongs to no unit."""
        return self.place == CITY


class StagedRow(models.Model):
    """A row of the sheet as it was read, what becomes of it and why, and, once written, what takes it back."""

    batch = models.ForeignKey(
        Batch, models.CASCADE, related_name="rows", verbose_name=_("批次"), help_text=_("属于哪次上传。")
    )
    number = models.PositiveIntegerField(_("行号"), help_text=_("在表里的行号。"))
    cells = models.JSONField(_("原值"), default=dict, help_text=_("各列单元格里写的。"))
    values = models.JSONField(_("值"), default=dict, help_text=_("读懂以后的值。"))
    outcome = models.CharField(
        _("结果"), max_length=10, choices=Outcome, help_text=_("新增、有变化、没有变化、不能导入。")
    )
    problems = models.JSONField(_("错误"), default=list, blank=True, help_text=_("哪一列、什么原因。"))
    changes = models.JSONField(_("变化"), default=list, blank=True, help_text=_("哪一列、从什么改成什么。"))
    base = models.JSONField(_("依据"), default=dict, blank=True, help_text=_("核对时登记里的那条和它的版本。"))
    undo = models.JSONField(_("撤回"), default=dict, blank=True, help_text=_("导入时写下的，撤回时用。"))

    objects = querysets.StagedRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("导入行")
        verbose_name_plural = _("导入行")
        ordering = ["batch", "number"]
        indexes = [
            # A tab of the preview.
            models.Index(fields=["batch", "outcome", "number"], name="staged_by_outcome"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "number"],
                name="staged_row_once",
                violation_error_message=_("同一批次里行号不能重复。"),
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values),
                name="staged_outcome_known",
                violation_error_message=_("没有这种核对结果。"),
            ),
            models.CheckConstraint(
                condition=(Q(outcome=Outcome.REJECTED) & ~Q(problems=[]))
                | (~Q(outcome=Outcome.REJECTED) & Q(problems=[])),
                name="staged_rejected_has_reason",
                violation_error_message=_("不能导入的行要写明原因，其他的没有错误。"),
            ),
        ]

    def __str__(self) -> str:
        return _t("第 %(number)s 行") % {"number": self.number}


@tracked()
class ColumnMap(models.Model):
    """Which column of a place's own sheet means what: said once by a person, used for every sheet with these heads."""

    target = models.CharField(_("导入到"), max_length=40, help_text=_("导入哪类数据。"))
    place = models.CharField(_("单位"), max_length=20, help_text=_("哪个单位的表。"))
    signature = models.CharField(_("表头"), max_length=64, help_text=_("表头的散列；表头一变就要重选。"))
    columns = models.JSONField(_("对应"), default=dict, help_text=_("每一项在表的第几列。"))

    objects = querysets.ColumnMapQuerySet.as_manager()

    class Meta:
        verbose_name = _("列对应")
        verbose_name_plural = _("列对应")
        constraints = [
            models.UniqueConstraint(
                fields=["target", "place", "signature"],
                name="column_map_once",
                violation_error_message=_("这种表头已经记住了。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.target_label} · {self.place}"

    @property
    def target_label(self) -> str:
        """What it is brought into, in words."""
        target = registry.find(self.target)
        return str(target.label) if target else self.target
