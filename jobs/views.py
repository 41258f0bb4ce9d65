"""The page where a system administrator sees what failed and lets it run again."""

from __future__ import annotations

from typing import Any, cast

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.components import Column
from core.views import ScopedActionView, ScopedListView
from jobs import actions, exports
from jobs.filters import JobFilter
from jobs.models import Job


class JobListView(ScopedListView[Job]):
    """The ledger: parked jobs first, with their errors."""

    queryset = Job.objects.all()
    template_name = "jobs/job_list.html"
    export_title = _("后台作业")
    export_columns = exports.JOBS
    export_rule = exports.JOB_RULE
    filterset_class = JobFilter

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds how many are parked and the heads of the table."""
        parked = self.queryset.all().visible_to(self.request.user).parked().count()
        return super().get_context_data(parked=parked, columns=table_columns(), **kwargs)


def table_columns() -> list[Column]:
    """Heads of the ledger's table."""
    labels = [_t("作业"), _t("状态"), _t("已试"), _t("登记"), _t("开始"), _t("结束")]
    return [*(Column(label) for label in labels), Column(_t("操作"), hidden_label=True)]


class JobRetryView(ScopedActionView):
    """One click: three new attempts."""

    queryset = Job.objects.all()
    success_message = _("已放回等待，马上重做。")

    def act(self, record: Job) -> Job:
        """Let it wait again."""
        return actions.retry(record, actor=cast(User, self.request.user))

    def get_success_url(self, record: Job) -> str:
        """Back to the list."""
        return reverse("jobs:list")
