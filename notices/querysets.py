"""Reads of notices. A delivery is its recipient's; a notice is read by who got it, who sent it and the city office."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Q, Value, When

from notices.office import follows_all
from notices.workflow import PORTAL

if TYPE_CHECKING:
    from notices.models import Delivery, Notice  # noqa: F401


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices."""

    def visible_to(self, user: Any) -> Self:
        """What the person received or sent; everything for the city office."""
        if not user.is_active:
            return self.none()
        if follows_all(user):
            return self
        return self.filter(Q(sender=user) | Exists(self._received().filter(recipient=user)))

    def editable_by(self, user: Any) -> Self:
        """None: what was said is not changed."""
        return self.none()

    def enterable_by(self, user: Any) -> bool:
        """Everybody with an account may have sent something."""
        return bool(user.is_active)

    def creatable_by(self, user: Any) -> bool:
        """Nobody writes one by hand: an act sends it."""
        return False

    def followed_by(self, user: Any) -> Self:
        """Notices of which the person reads who has signed: their own, and all for the city office."""
        if not user.is_active:
            return self.none()
        return self if follows_all(user) else self.filter(sender=user)

    def with_signatures(self) -> Self:
        """Adds `people`: to how many it went, and `signed`: how many of them have signed."""
        in_portal = Q(deliveries__channel=PORTAL)
        return self.annotate(
            people=Count("deliveries", filter=in_portal),
            signed=Count("deliveries", filter=in_portal & Q(deliveries__signed_at__isnull=False)),
        )

    def signature_missing(self) -> Self:
        """Notices for which somebody has not signed yet."""
        return self.filter(Exists(self._received().filter(signed_at__isnull=True)))

    def all_signed(self) -> Self:
        """Notices for which everybody has signed."""
        return self.filter(~Exists(self._received().filter(signed_at__isnull=True)))

    def of_kind(self, kind: str) -> Self:
        """Notices of a kind."""
        return self.filter(kind=kind)

    def newest_first(self) -> Self:
        """As they were sent, the newest first."""
        return self.order_by("-created_at", "-pk")

    def _received(self) -> Any:
        from notices.models import Delivery  # models build on this module

        return Delivery.objects.filter(notice=OuterRef("pk"), channel=PORTAL)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries. Nobody signs for another person, whatever their role."""

    def visible_to(self, user: Any) -> Self:
        """The person's own, in the portal."""
        return self.filter(recipient_id=user.pk, channel=PORTAL) if user.is_active else self.none()

    def editable_by(self, user: Any) -> Self:
        """What one received one signs for."""
        return self.visible_to(user)

    def enterable_by(self, user: Any) -> bool:
        """Everybody with an account has a page of their notices."""
        return bool(user.is_active)

    def creatable_by(self, user: Any) -> bool:
        """Nobody: sending a notice makes them."""
        return False

    def unsigned(self) -> Self:
        """Not signed for yet."""
        return self.filter(signed_at__isnull=True)

    def signed(self) -> Self:
        """Signed for."""
        return self.filter(signed_at__isnull=False)

    def unsigned_first(self) -> Self:
        """What waits for a signature, then the rest; the newest first in each."""
        done = Case(When(signed_at__isnull=True, then=Value(0)), default=Value(1), output_field=models.IntegerField())
        return self.order_by(done, "-notice__created_at", "-pk")
