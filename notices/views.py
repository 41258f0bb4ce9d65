"""Pages of notices: one's own, what was sent with who has signed, one notice, its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views import View

from accounts.models import User
from core.components import Action, Column, Tab
from core.history import Names, Trail, own
from core.history_views import ScopedHistoryView
from core.views import ScopedActionView, ScopedDetailView, ScopedListView, ScopedMixin
from notices import actions, exports
from notices.filters import DeliveryFilter, NoticeFilter
from notices.models import Delivery, Notice
from notices.workflow import PORTAL

# No page shows more notices than this.
MOST_SEEN = 100


def actor_of(view: Any) -> User:
    """The person who acts."""
    return cast(User, view.request.user)


def tabs_of(user: Any, current: str) -> list[Tab]:
    """What one received, and what was sent; none for who has sent nothing."""
    if current == "list" and not Notice.objects.followed_by(user).exists():
        return []
    return [
        Tab(_t("收到的"), reverse("notices:list"), current=current == "list"),
        Tab(_t("发出的"), reverse("notices:sent"), current=current == "sent"),
    ]


class InboxView(ScopedListView[Delivery]):
    """One's own notices, what waits for a signature first."""

    queryset = Delivery.objects.select_related("notice__sender")
    template_name = "notices/list.html"
    filterset_class = DeliveryFilter
    export_title = _("收到的通知")
    export_rule = _("发给本人的通知，每条一行；签收时间空着的还没有签收。")
    export_columns = exports.RECEIVED

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds how many wait, and the one action."""
        waiting = self.queryset.all().visible_to(self.request.user).unsigned().count()
        sign_all = Action(_t("全部签收"), reverse("notices:sign_all"), "check", primary=True, post=True)
        context = super().get_context_data(waiting=waiting, actions=[sign_all] if waiting else [], **kwargs)
        unseen = [row.pk for row in context["page_obj"] if row.seen_at is None]
        return context | {"tabs": tabs_of(self.request.user, "list"), "unseen": ",".join(map(str, unseen))}


class SentView(ScopedListView[Notice]):
    """What was sent, with how many have signed: one's own, for the city office everybody's."""

    queryset = Notice.objects.select_related("sender").with_signatures().newest_first()
    template_name = "notices/sent.html"
    filterset_class = NoticeFilter
    export_title = _("发出的通知")
    export_rule = _("每条通知一行，送达和签收按人数；没有签收的在通知页上逐人列出。")
    export_columns = exports.SENT

    def get_queryset(self) -> Any:
        """Of what the person sees that which they follow, with who has not signed."""
        unsigned = Delivery.objects.filter(channel=PORTAL).unsigned().select_related("recipient").order_by("pk")
        rows = super().get_queryset().followed_by(self.request.user)
        return rows.prefetch_related(Prefetch("deliveries", unsigned, to_attr="unsigned"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds heads and the way to what was received."""
        labels = [_t("通知"), _t("种类"), _t("发送人"), _t("发出"), _t("签收"), _t("没签收的")]
        columns = list(map(Column, labels))
        return super().get_context_data(columns=columns, tabs=tabs_of(self.request.user, "sent"), **kwargs)


class NoticeView(ScopedDetailView[Notice]):
    """One notice; for who follows it also who has signed."""

    queryset = Notice.objects.select_related("sender")
    template_name = "notices/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the person's own delivery, and everybody's where they may read them."""
        user = actor_of(self)
        mine = Delivery.objects.visible_to(user).filter(notice=self.object).first()
        everybody = self.object.deliveries.select_related("recipient").order_by("-channel", "pk")
        followed = Notice.objects.followed_by(user).filter(pk=self.object.pk).exists()
        columns = [
            Column(label) for label in (_t("收件人"), _t("渠道"), _t("送达"), _t("看到"), _t("签收"), _t("状态"))
        ]
        shown = list(everybody) if followed else []
        return super().get_context_data(mine=mine, deliveries=shown, columns=columns, **kwargs)


class NoticeHistory(ScopedHistoryView[Notice]):
    """When a notice was sent, delivered and signed for."""

    queryset = Notice.objects.all()
    shows = (Notice, Delivery)

    def trails(self) -> Sequence[Trail]:
        """The notice's own and the deliveries': all of them for who follows it, otherwise one's own."""
        user = actor_of(self)
        followed = Notice.objects.followed_by(user).filter(pk=self.object.pk).exists()
        mine = Q() if followed else Q(recipient_id=user.pk, channel=PORTAL)
        shown = ("state", "seen_at", "signed_at")
        where = {"notice_id": self.object.pk}
        return [own(self.object), Trail(Delivery, where, _recipient, said=("recipient_id",), only=mine, shown=shown)]

    def crumbs(self) -> Sequence[Tab]:
        """The list and the notice."""
        return [Tab(_t("通知"), reverse("notices:list")), Tab(self.object.title, self.object.get_absolute_url())]


def _recipient(event: Any, names: Names) -> str:
    return names.of(User, event.recipient_id)


class SignView(ScopedActionView):
    """One click: signed for."""

    queryset = Delivery.objects.all()
    success_message = _("已签收。")

    def act(self, record: Delivery) -> Delivery:
        """Sign."""
        return actions.sign(record, actor=actor_of(self))

    def get_success_url(self, record: Any) -> str:
        """Back to the page that the button stood on."""
        return str(record.get_absolute_url()) if "stay" in self.request.POST else reverse("notices:list")


class SignAllView(ScopedMixin, View):
    """One click: everything signed for."""

    queryset = Delivery.objects.all()
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Sign, say how many, go back to the list."""
        number = actions.sign_all(actor=actor_of(self))
        messages.success(request, _t("已签收 %(number)d 条。") % {"number": number} if number else _t("没有要签收的。"))
        return HttpResponseRedirect(reverse("notices:list"))


class SeenView(ScopedMixin, View):
    """The page says which notices came into view. Reading it alone never counts: browsers fetch pages ahead, too."""

    queryset = Delivery.objects.all()
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Remember the look; what is no key of the person's is passed over."""
        asked = request.POST.get("keys", "").split(",")[:MOST_SEEN]
        keys = [int(key) for key in asked if key.isascii() and key.isdigit() and len(key) < 19]
        actions.mark_seen(keys, actor=actor_of(self))
        return HttpResponse()
