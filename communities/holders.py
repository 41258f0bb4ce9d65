"""People as the security administrator sees them: through what they hold, never through what they enter."""

from __future__ import annotations

import datetime as dt
from typing import Self

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.models import User
from accounts.querysets import UserQuerySet
from communities.models import Membership
from communities.querysets import in_term

# A term that ends within so many days is shown beforehand, so that nobody stands before a closed door.
ENDING_DAYS = 30


class HolderQuerySet(UserQuerySet):
    """Accounts with their terms. Read and written by the security administrator."""

    readers = frozenset({"security"})
    writers = readers

    def with_terms(self) -> Self:
        """Adds the memberships with their places, newest first, and `has_factor`: a second factor is active."""
        terms = Membership.objects.select_related("unit", "community").order_by("-valid_from", "-pk")
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
        return (
            self.select_related("administrator")
            .prefetch_related(Prefetch("memberships", queryset=terms))
            .annotate(has_factor=Exists(factors))
        )

    def holding(self, day: dt.date, **terms: object) -> Self:
        """People who hold something on `day`, narrowed by lookups on the membership."""
        return self.filter(Exists(_held(day).filter(**terms)))

    def without_role(self, day: dt.date) -> Self:
        """Accounts in force that can do nothing on `day`: no role, and none of the three posts."""
        return self.active().filter(~Exists(_held(day)), administrator=None)

    def with_several_roles(self, day: dt.date) -> Self:
        """People who are more than one thing on `day`."""
        held = Q(memberships__in=Membership.objects.in_term(day))
        return self.annotate(roles_held=Count("memberships__role", filter=held, distinct=True)).filter(roles_held__gt=1)


def _held(day: dt.date) -> QuerySet[Membership]:
    return Membership.objects.filter(in_term(day), user=OuterRef("pk"))


def holders() -> HolderQuerySet:
    """Everybody with an account."""
    return HolderQuerySet(User)
