"""Indicators of the existing communities and of the 1+X systems: standardised centres, organisations."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from communities.models import Community, Population
from core.periods import Quarter
from dashboards.indicators.base import Indicator, Rows, Sort, placed, with_place
from services.models import Organisation, OrganisationKind, Standardisation


class ExistingIndicator(Indicator):
    """Counts existing communities. They are never a denominator of the programme, nor the other way round."""

    subject = Community
    population_label = _("现有社区")

    def population(self, quarter: Quarter) -> Rows:
        return with_place(Community.objects.all(), quarter.last_day, population=Population.EXISTING)


class Existing(ExistingIndicator):
    """Existing communities."""

    code = "existing"
    label = _("现有社区")
    rule = _("季度最后一天归属口径为“现有社区”的社区，每个计 1；与规划新社区分开计算。")
    presumed = False
    evidence_label = _("列入日期")

    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        return rows.annotate(evidence_on=F("placed__valid_from"), evidence=F("placed__reason"))


class StandardisedIndicator(ExistingIndicator):
    """Asks whether the service centre's standardisation was in force on the quarter's last day."""

    evidence_label = _("验收日期")

    def condition(self, quarter: Quarter) -> Combinable | Q:
        accepted = Standardisation.objects.on_day(quarter.last_day)
        return Exists(accepted.filter(centre__community=OuterRef("pk")))

    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        accepted = Standardisation.objects.on_day(quarter.last_day).filter(centre__community=OuterRef("pk"))
        return rows.annotate(
            evidence_on=Subquery(accepted.values("valid_from")[:1]), evidence=Subquery(accepted.values("basis")[:1])
        )


class Standardised(StandardisedIndicator):
    """Existing communities with an accepted standardisation."""

    code = "standardised"
    label = _("规范化建设社区")
    rule = _("现有社区中，服务中心的规范化验收在季度最后一天有效的，每个社区计 1。推定，待核定。")


class StandardisedRate(StandardisedIndicator):
    """The share of existing communities with an accepted standardisation."""

    code = "standardised_rate"
    label = _("规范化率")
    measure = "%"
    sort = Sort.RATE
    rule = _("规范化建设社区数除以现有社区数，同在季度最后一天计；先各自相加，最后相除。推定，待核定。")


class OrganisationIndicator(Indicator):
    """Organisations of one kind. Where they stand in a community they count where it does, otherwise in their unit."""

    subject = Organisation
    kind: OrganisationKind
    evidence_label = _("成立日期")

    def population(self, quarter: Quarter) -> Rows:
        there = Organisation.objects.filter(kind=self.kind).on_day(quarter.last_day)
        # One in a community that is placed nowhere on that day counts nowhere.
        return (
            placed(there, quarter.last_day, "community__")
            .filter(Q(placed__isnull=False) | Q(community__isnull=True))
            .annotate(
                fact_unit=Coalesce(F("placed__unit_id"), F("unit_id")),
                fact_type=Coalesce(F("placed__type"), Value("none")),
            )
        )

    def within(self, quarter: Quarter, unit: int) -> list[Rows]:
        rows = self.contributions(quarter)
        return [rows.filter(placed__unit=unit), rows.filter(community__isnull=True, unit=unit)]

    def with_evidence(self, rows: Rows, quarter: Quarter) -> Rows:
        return rows.annotate(evidence_on=F("valid_from"), evidence=F("counting_rule"))


class PartyOrganisations(OrganisationIndicator):
    """Party organisations."""

    code = "party_organisations"
    label = _("党组织")
    population_label = _("党组织")
    kind = OrganisationKind.PARTY
    rule = _("季度最后一天存在的党组织各计 1；在社区的随社区归属，不在社区的计入所在单位。推定，待核定。")


class AutonomousOrganisations(OrganisationIndicator):
    """Autonomous organisations. 8,132 cannot all be committees of communities, hence the presumed rule."""

    code = "autonomous_organisations"
    label = _("自治组织")
    population_label = _("自治组织")
    kind = OrganisationKind.AUTONOMOUS
    rule = _("季度最后一天存在的自治组织，居（村）委会和村（居）民小组等各计 1；不在社区的计入所在单位。推定，待核定。")


class SocialOrganisations(OrganisationIndicator):
    """Social organisations, registered or filed."""

    code = "social_organisations"
    label = _("社会组织")
    population_label = _("社会组织")
    kind = OrganisationKind.SOCIAL
    rule = _("季度最后一天存在的社区社会组织，登记的和备案的各计 1；不在社区的计入所在单位。推定，待核定。")
