"""Excel out of a list, as it is shown: the same scope, filters and order, all its pages (`?export=xlsx`)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.dispatch import Signal
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core import formats
from core.components import ExportLink
from core.fields import filters_in_words
from core.incidents import error_page
from core.xlsx import ExportColumn, Sheet, write_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Longer lists are refused with a sentence: nobody reads them, and a request may not take minutes.
MOST_ROWS = 100_000
# Rows that the database hands over at a time.
CHUNK = 2_000

# Sent before the file leaves: sender (the view's class), request, title, filters (list of str), rows (int).
exported = Signal()


@dataclass(frozen=True)
class ListExport:
    """A list to be written. `rows` is read once, from front to back; `count` is how many they are.

    `place` is what the person sees of the city, `rule` how the rows are counted, `notes` whatever else stands above
    them; `group` see `core.xlsx.Sheet`; `has_samples` whether sample rows are among them (each then needs `is_sample`).
    """

    title: str
    columns: Sequence[ExportColumn]
    rows: Iterable[Any]
    count: int
    rule: str = ""
    place: str = ""
    filters: Sequence[str] = ()
    notes: Sequence[str] = ()
    group: Callable[[Any], str] | None = None
    has_samples: bool = False


def export_asked(request: HttpRequest) -> bool:
    """Whether the address asks for the list as a workbook."""
    return request.GET.get("export") == "xlsx"


def export_link(request: HttpRequest, count: int, *, without: Sequence[str] = ()) -> ExportLink | None:
    """The button's address: the list as shown, without its page; None where there is nothing to take out.

    `without` names what in the address asks for another list of the same page.
    """
    query = request.GET.copy()
    for name in ("page", "size", *without):
        query.pop(name, None)
    query["export"] = "xlsx"
    return ExportLink(f"?{query.urlencode()}", count) if count else None


def table_link(request: HttpRequest, table: str, count: int) -> ExportLink | None:
    """The button of one of several tables of a page: `&table=` says which."""
    link = export_link(request, count, without=["table"])
    return link and ExportLink(f"{link.url}&{urlencode({'table': table})}", count)


def xlsx_response(request: HttpRequest, export: ListExport, sender: type) -> HttpResponseBase:
    """The workbook as a download, or a page that says why not. The file has no name on disk and goes with the answer.

    The file is whole before the first byte leaves: an error half way is an error page, not half a list.
    """
    if export.count > MOST_ROWS:
        return _too_long(request, export.count)
    file = tempfile.TemporaryFile(prefix="portal-export-")  # noqa: SIM115 - the answer closes it
    try:
        rows = write_workbook(file, _sheet(request, export), export.rows)
        exported.send(sender, request=request, title=export.title, filters=list(export.filters), rows=rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    name = f"{export.title}-{timezone.localtime():%Y%m%d-%H%M}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


def _too_long(request: HttpRequest, count: int) -> HttpResponse:
    numbers = {"rows": formats.thousands(count), "most": formats.thousands(MOST_ROWS)}
    sentence = _("这个列表有 %(rows)s 条，一次最多导出 %(most)s 条。请先筛选，再分几次导出。")
    return error_page(request, 413, sentence % numbers, heading=_("列表太长，没有导出"))


def _sheet(request: HttpRequest, export: ListExport) -> Sheet:
    person, now = str(request.user), formats.moment(timezone.now(), with_year=True)
    lead = []
    if export.place:
        lead.append(_("范围：%(place)s") % {"place": export.place})
    lead.append(_("筛选：%(filters)s") % {"filters": "；".join(export.filters) or _("没有筛选")})
    if export.rule:
        lead.append(_("口径：%(rule)s") % {"rule": export.rule})
    lead += export.notes
    numbers = {"moment": now, "person": person, "rows": formats.thousands(export.count)}
    lead.append(_("%(moment)s 由%(person)s导出，共 %(rows)s 条") % numbers)
    foot = _("%(moment)s %(person)s 导出") % {"moment": now, "person": person}
    return Sheet(export.title, lead, export.columns, foot, export.group, export.has_samples)


class ListExportMixin:
    """For `ScopedListView`: `?export=xlsx` where `export_columns` are stated.

    `export_title` is the first row and the file's name, `export_rule` a sentence that says what counts as a row,
    `export_group` names what a row is added up with where not everything adds up (`core.xlsx.Sheet`).
    """

    export_columns: ClassVar[Sequence[ExportColumn]] = ()
    export_title: ClassVar[str | Promise] = ""
    export_rule: ClassVar[str | Promise] = ""
    export_group: ClassVar[Callable[[Any], str] | None] = None
    request: HttpRequest
    queryset: Any

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The workbook where the address asks for it, the page otherwise."""
        if self.export_columns and export_asked(request):
            return xlsx_response(request, self.list_export(), type(self))
        return super().get(request, *args, **kwargs)  # type: ignore[misc,no-any-return]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the button, for `_components/page_header.html`."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        count = context["paginator"].count if self.export_columns else 0
        return {**context, "export": export_link(self.request, count)}

    def export_rows(self) -> Any:
        """The rows as shown; a view that shows more than its queryset holds adds it here."""
        return self.get_queryset()  # type: ignore[attr-defined]

    def list_export(self) -> ListExport:
        """The list as it is written."""
        rows = self.export_rows()
        filterset = getattr(self, "filterset", None)
        place_words = getattr(self.queryset.all(), "place_words", None)
        has_mark = any(field.name == "is_sample" for field in rows.model._meta.get_fields())
        return ListExport(
            title=str(self.export_title),
            columns=self.export_columns,
            rows=rows.iterator(chunk_size=CHUNK),
            count=rows.count(),
            rule=str(self.export_rule),
            place=place_words(self.request.user) if place_words else "",
            filters=filters_in_words(filterset.form) if filterset is not None else [],
            group=type(self).export_group,
            has_samples=has_mark and rows.filter(is_sample=True).exists(),
        )
