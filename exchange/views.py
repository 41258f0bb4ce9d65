"""Pages of the exchange: uploads, one upload with its rows, the columns of a sheet, and what is downloaded."""

from __future__ import annotations

import tempfile
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.components import Action, Column
from core.exports import XLSX, exported
from core.views import ScopedActionView, ScopedCreateView, ScopedDetailView, ScopedListView, ScopedUpdateView
from exchange import actions, exports, preview, progress, registry, returned
from exchange.filters import BatchFilter
from exchange.forms import ColumnsForm, SheetForm, UploadForm, layout_at
from exchange.models import Batch
from exchange.template import write_template
from exchange.workflow import BatchState
from jobs.models import Job

ROWS_A_PAGE = 50
_JOBS = {BatchState.READING: actions.READ, BatchState.APPLYING: actions.APPLY, BatchState.UNDOING: actions.UNDO}


def actor_of(view: Any) -> User:
    """The signed-in person; the base views let nobody else in."""
    return cast(User, view.request.user)


def seen_by(request: HttpRequest) -> int | None:
    """The reading of the upload that the person had before them, by the address."""
    asked = request.GET.get("seen", "")
    return int(asked) if asked.isdecimal() and len(asked) < 10 else None


class BatchList(ScopedListView[Batch]):
    """Uploads of the places that the person sees, newest first."""

    queryset = Batch.objects.select_related("uploaded_by")
    template_name = "exchange/batches.html"
    export_title = _("导入批次")
    export_rule = _("每上传一个文件算一批；行数是核对时的，撤销的仍在列。")
    export_columns = exports.BATCHES
    filterset_class = BatchFilter

    def sort(self, rows: Any) -> Any:
        """Newest first."""
        return rows.newest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds heads and the one action."""
        labels = [_t("文件"), _t("导入到"), _t("单位"), _t("状态"), _t("结果"), _t("上传")]
        context = super().get_context_data(columns=[Column(label) for label in labels], **kwargs)
        if context["may_create"]:
            context["actions"] = [Action(_t("导入"), reverse("exchange:upload"), "upload", primary=True)]
        return context


class SheetMixin:
    """For pages about a kind of sheet, a place and a period, which stand in the address."""

    request: HttpRequest

    @cached_property
    def sheet(self) -> SheetForm:
        """What the address asks for, or the first of each. PermissionDenied where the person has none of them."""
        form = SheetForm(self.request.GET, user=self.request.user)
        if not form.data["target"] or not form.data["place"]:
            raise PermissionDenied(_t("你的岗位没有可以导入的表。"))
        return form


class Upload(SheetMixin, ScopedCreateView[UploadForm]):
    """The way in: choose the sheet, take its template, bring the file."""

    queryset = Batch.objects.all()
    form_class = UploadForm
    template_name = "exchange/upload.html"
    success_message = _("已收到，正在核对。")

    def perform(self, form: UploadForm) -> Batch:
        """Guard and keep it."""
        target, place, scope = self.sheet.sheet
        file = form.cleaned_data["file"]
        return actions.upload(
            actor=actor_of(self),
            target=target.code,
            place=place,
            scope=scope,
            file=file,
            name=file.name,
            size=file.size,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the sheet and where its template is."""
        target, _place, scope = self.sheet.sheet
        template_url = f"{reverse('exchange:template')}?{self.request.GET.urlencode()}"
        several = any(len(cast(Any, field).choices) > 1 for field in self.sheet.fields.values())
        return super().get_context_data(
            sheet=self.sheet,
            several=several,
            target=target,
            closed=target.by_period and not scope,
            template_url=template_url,
            **kwargs,
        )


class TemplateDownload(SheetMixin, ScopedCreateView[UploadForm]):
    """The workbook to fill in, with what is known. Who took it is in the log."""

    http_method_names = ["get", "head", "options"]
    queryset = Batch.objects.all()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The file as a download."""
        target, place, scope = self.sheet.sheet
        if target.by_period and not scope:
            raise Http404(_t("现在没有填报中的期间。"))
        name = self.sheet.place_name
        file = tempfile.TemporaryFile(prefix="portal-template-")  # noqa: SIM115 - the answer closes it
        try:
            rows = write_template(file, target, place=place, place_name=name, scope=scope, user=request.user)
            title = "-".join(part for part in (str(target.label), name, scope, _t("模板")) if part)
            exported.send(type(self), request=request, title=title, filters=[], rows=rows)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return FileResponse(file, as_attachment=True, filename=f"{title}.xlsx", content_type=XLSX)


class BatchDetail(ScopedDetailView[Batch]):
    """One upload: what will become of its rows, what became of them, and what can be done now."""

    queryset = Batch.objects.select_related("uploaded_by", "decided_by")
    template_name = "exchange/batch.html"
    context_object_name = "batch"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        """While a worker is at it the page asks again by itself; when that is over it is shown whole."""
        response = super().render_to_response(context, **kwargs)
        if self.request.headers.get("X-Background") and not self.object.is_busy:
            response["HX-Refresh"] = "true"
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds progress, or rows by tab, and the actions that the state allows."""
        context = super().get_context_data(**kwargs)
        batch = self.object
        if batch.is_busy:
            work = Job.objects.parked().filter(kind=_JOBS[BatchState(batch.state)], key=str(batch.pk))
            return {**context, "progress": progress.read(batch.pk), "stopped": work.exists()}
        earlier = Batch.objects.same_file(batch).first() if batch.state == BatchState.READY else None
        said = {"earlier": earlier, "converted": preview.converted(batch) if batch.rows_in else ""}
        choose = f"{reverse('exchange:columns', args=[batch.pk])}?seen={batch.reading}"
        said |= {"lost": preview.lost(batch), "columns_url": choose, "unread": preview.in_a_line(preview.unread(batch))}
        return {**context, **self.rows(), **said, "actions": self.actions(context["may_edit"])}

    def rows(self) -> dict[str, Any]:
        """The rows of the tab, page by page."""
        batch = self.object
        tab = preview.first_tab(batch, self.request.GET.get("rows", ""))
        found = batch.rows.all().of_outcome(tab).order_by("number")
        page = Paginator(found, ROWS_A_PAGE).get_page(self.request.GET.get("page"))
        tabs = preview.tabs_of(batch, tab, batch.get_absolute_url()) if batch.rows_in else []
        return {"page_obj": page, "rows": preview.shown(batch, page.object_list), "outcomes": tabs, "tab": tab}

    def actions(self, may_edit: bool) -> list[Action]:
        """Take over, give up, choose columns, take back; the red file."""
        batch, found = self.object, []
        if batch.rejected:
            found.append(Action(_t("下载有错的行"), reverse("exchange:red", args=[batch.pk]), "download"))
        offers = {
            BatchState.READY: [("discard", _t("放弃"), "", False)],
            BatchState.MAPPING: [("discard", _t("放弃"), "", False)],
            BatchState.APPLIED: [("undo", _t("撤回这次导入"), "arrow-back-up", False)],
        }
        seen = f"?seen={batch.reading}"
        if batch.state == BatchState.READY and batch.to_write:
            label = _t("导入 %(rows)s 行") % {"rows": f"{batch.to_write:,}"}
            offers[BatchState.READY].append(("apply", label, "check", True))
        for name, label, icon, primary in offers.get(BatchState(batch.state), []) if may_edit else []:
            address = reverse(f"exchange:{name}", args=[batch.pk]) + (seen if name == "apply" else "")
            found.append(Action(label, address, icon, primary, post=True))
        choose = {BatchState.MAPPING: _t("选各列是什么"), BatchState.READY: _t("重新对应列")}
        if batch.state in choose and may_edit:
            columns = reverse("exchange:columns", args=[batch.pk]) + seen
            is_next = batch.state == BatchState.MAPPING
            at = len(found) if is_next else 0
            found.insert(at, Action(choose[BatchState(batch.state)], columns, "table", primary=is_next))
        return found


class BatchColumns(ScopedUpdateView[ColumnsForm]):
    """Which column of the place's own sheet means what; asked once for each kind of head, and said anew at will."""

    queryset = Batch.objects.all()
    form_class = ColumnsForm
    template_name = "exchange/columns.html"
    success_message = _("记住了，以后同样的表不用再选。正在核对。")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The target's items and the sheet's heads, of the row that the address names."""
        return {**super().get_form_kwargs(), "target": registry.get(self.object.target), "layout": self.layout}

    @cached_property
    def layout(self) -> dict[str, Any]:
        """The layout as read, or with another row for its head. 404 where there was none."""
        layout: dict[str, Any] = self.object.layout
        if not layout.get("sample"):
            raise Http404
        asked = self.request.GET.get("head", "")
        return layout_at(layout, next((number for number, _cells in layout["sample"] if asked == str(number)), None))

    def perform(self, form: ColumnsForm) -> Batch:
        """Remember and read again."""
        where = {"head": self.layout["head"], "depth": self.layout["depth"], "seen": seen_by(self.request)}
        return actions.say_columns(self.object, actor=actor_of(self), columns=form.columns(), **where)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the rows that could be the head."""
        rows = [(number, "　".join(list(cells.values())[:6])) for number, cells in self.layout["sample"]]
        seen = seen_by(self.request)
        return super().get_context_data(heads=rows, head=self.layout["head"], seen=seen, **kwargs)


class BatchApply(ScopedActionView):
    """Take the good rows."""

    queryset = Batch.objects.all()
    success_message = _("正在导入，可以离开这个页面。")

    def act(self, record: Batch) -> Batch:
        """Have them taken over."""
        return actions.apply_batch(record, actor=actor_of(self), seen=seen_by(self.request))


class BatchDiscard(ScopedActionView):
    """Give it up."""

    queryset = Batch.objects.all()
    success_message = _("已放弃，登记没有变。")

    def act(self, record: Batch) -> Batch:
        """Nothing is written."""
        return actions.discard_batch(record, actor=actor_of(self))


class BatchUndo(ScopedActionView):
    """Put everything back."""

    queryset = Batch.objects.all()
    success_message = _("正在撤回，可以离开这个页面。")

    def act(self, record: Batch) -> Batch:
        """Have it put back."""
        return actions.undo_batch(record, actor=actor_of(self))


class BatchOriginal(ScopedDetailView[Batch]):
    """The file as it was uploaded. Who took it is in the log."""

    queryset = Batch.objects.all()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The file as a download; 404 where it is gone."""
        batch = self.get_object()
        if not batch.original.storage.exists(str(batch.original.name)):
            raise Http404
        exported.send(type(self), request=request, title=str(batch), filters=[], rows=batch.rows_in)
        return _download(batch.original.open("rb"), batch.original_name)


class BatchRed(ScopedDetailView[Batch]):
    """The person's own workbook with the wrong cells in red and the reasons in its last column."""

    queryset = Batch.objects.all()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The file as a download; 404 where no row was rejected."""
        batch = self.get_object()
        if not batch.rejected:
            raise Http404
        name = returned.red_name(batch)
        try:
            file = returned.red_file(batch)
        except FileNotFoundError as error:
            raise Http404(_t("原件不在了，红色表做不出来。")) from error
        exported.send(type(self), request=request, title=name, filters=[], rows=batch.rejected)
        return _download(file, name)


def _download(file: Any, name: str) -> HttpResponseBase:
    # Never shown in the browser, whatever it is called.
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/octet-stream")
