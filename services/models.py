"""Service centres, their standardisation, organisations and the catalogue of standards."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from communities.models import Community, ReportingUnit, no_overlap, term_in_order
from core.history import tracked
from core.models import SampleModel, VersionedModel
from facilities.models import Project
from facilities.workflow import Stage
from services import querysets
from services.workflow import RULES_OF_KIND


@tracked()
class ServiceCentre(VersionedModel, SampleModel):
    """A community's service centre (综合服务中心). It has no stage of its own: its project has."""

    community = models.OneToOneField(
        Community, models.PROTECT, related_name="centre", verbose_name=_("社区"), help_text=_("一个社区一个中心。")
    )
    project = models.OneToOneField(
        Project,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="centre",
        verbose_name=_("建设项目"),
        help_text=_("由哪个项目建成；早已建成的留空。"),
    )
    name = models.CharField(_("名称"), max_length=80, help_text=_("如“金桥社区综合服务中心”。"))
    area = models.DecimalField(
        _("建筑面积"), max_digits=8, decimal_places=2, null=True, blank=True, help_text=_("平方米；不清楚的留空。")
    )

    objects = querysets.ServiceCentreQuerySet.as_manager()

    class Meta:
        verbose_name = _("服务中心")
        verbose_name_plural = _("服务中心")
        ordering = ["community", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(area__isnull=True) | Q(area__gt=0),
                name="centre_area_positive",
                violation_error_message=_("面积应大于 0；不清楚的留空。"),
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="project_builds_this_centre",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF NEW.project_id IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM facilities_project WHERE id = NEW.project_id
                        AND community_id = NEW.community_id AND kind = 'service_centre' FOR SHARE
                    ) THEN
                        RAISE EXCEPTION 'project does not build this centre' USING ERRCODE = 'check_violation',
                            HINT = '选本社区的综合服务中心项目，或留空。';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The centre's own page."""
        return reverse("services:centre", args=[self.pk])

    @property
    def stage_label(self) -> str:
        """The project's stage in words, empty without a project. Only on rows read `with_stage()`."""
        stage: int | None = self.stage  # type: ignore[attr-defined]  # annotated
        return "" if stage is None else str(Stage(stage).label)


@tracked()
class Standardisation(SampleModel):
    """A centre's standardisation was accepted on a day, and counts until it is withdrawn."""

    centre = models.ForeignKey(
        ServiceCentre,
        models.PROTECT,
        related_name="standardisations",
        verbose_name=_("服务中心"),
        help_text=_("哪个中心。"),
    )
    valid_from = models.DateField(_("验收日期"), help_text=_("规范化建设验收通过之日。"))
    valid_until = models.DateField(
        _("撤销日期"), null=True, blank=True, help_text=_("不再算规范化之日；仍有效的留空。")
    )
    basis = models.CharField(_("认定依据"), max_length=100, blank=True, help_text=_("验收单、批复等。"))
    reason = models.CharField(_("撤销原因"), max_length=200, blank=True, help_text=_("撤销时必填。"))
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("验收登记人"),
        help_text=_("谁登记的。"),
    )

    objects = querysets.StandardisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("规范化验收")
        verbose_name_plural = _("规范化验收")
        ordering = ["centre", "valid_from"]
        constraints = [
            no_overlap("centre", name="standardisation_no_overlap", message=_("这个中心在这段时间已经算规范化。")),
            term_in_order("standardisation_term_in_order"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | ~Q(reason=""),
                name="standardisation_withdrawn_with_reason",
                violation_error_message=_("撤销规范化，请写明原因。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.centre} · {self.valid_from}"


class ProjectOfCentre(Project):
    """A project as far as a service centre stands on it: it may not turn into something else meanwhile."""

    class Meta:
        proxy = True
        verbose_name = _("服务中心项目")
        verbose_name_plural = _("服务中心项目")
        triggers = [
            pgtrigger.Trigger(
                name="centre_keeps_its_project",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF (NEW.kind <> 'service_centre' OR NEW.community_id <> OLD.community_id)
                        AND EXISTS (SELECT 1 FROM services_servicecentre WHERE project_id = NEW.id)
                    THEN
                        RAISE EXCEPTION 'a service centre stands on this project' USING ERRCODE = 'check_violation',
                            HINT = '服务中心登记册里的中心由这个项目建成。先在那里改掉，再改项目。';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]


class OrganisationKind(models.TextChoices):
    """The three kinds that are published."""

    PARTY = "party", _("党组织")
    AUTONOMOUS = "autonomous", _("自治组织")
    SOCIAL = "social", _("社会组织")


class CountingRule(models.TextChoices):
    """As what an organisation is counted. 8,132 autonomous organisations cannot all be committees of communities."""

    PARTY = "party", _("社区党组织")
    COMMITTEE = "committee", _("居委会、村委会")
    GROUP = "group", _("村（居）民小组等")
    REGISTERED = "registered", _("登记的社会组织")
    FILED = "filed", _("备案的社会组织")


def rule_of_kind(kind: str) -> Q:
    """Organisations of a kind that are counted by a rule of that kind."""
    return Q(kind=kind, counting_rule__in=RULES_OF_KIND[kind])


@tracked()
class Organisation(VersionedModel, SampleModel):
    """An organisation in a community, or in a unit with its village's name where it stands in no community."""

    kind = models.CharField(
        _("类别"), max_length=12, choices=OrganisationKind, help_text=_("党组织、自治组织、社会组织。")
    )
    name = models.CharField(_("名称"), max_length=100, help_text=_("全称。"))
    counting_rule = models.CharField(
        _("计数口径"), max_length=12, choices=CountingRule, help_text=_("按什么算一个；公布数的口径推定，待核定。")
    )
    community = models.ForeignKey(
        Community,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="organisations",
        verbose_name=_("社区"),
        help_text=_("在某个社区的填这里。"),
    )
    unit = models.ForeignKey(
        ReportingUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="organisations",
        verbose_name=_("单位"),
        help_text=_("不在社区的填所在单位和村名。"),
    )
    village_name = models.CharField(_("村名"), max_length=50, blank=True, help_text=_("不在社区的必填。"))
    valid_from = models.DateField(_("成立日期"), help_text=_("成立、登记或备案之日。"))
    valid_until = models.DateField(_("撤销日期"), null=True, blank=True, help_text=_("撤销之日；仍在的留空。"))

    objects = querysets.OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("组织")
        verbose_name_plural = _("组织")
        ordering = ["kind", "pk"]
        indexes = [
            # A cell of the roll-up: one unit's organisations of one kind.
            models.Index(fields=["unit", "kind"], name="organisation_by_unit"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(community__isnull=False, unit__isnull=True, village_name="")
                | (Q(community__isnull=True, unit__isnull=False) & ~Q(village_name="")),
                name="organisation_one_place",
                violation_error_message=_("要么填社区，要么填单位和村名，只填一种。"),
            ),
            term_in_order("organisation_term_in_order"),
            models.CheckConstraint(
                condition=rule_of_kind("party") | rule_of_kind("autonomous") | rule_of_kind("social"),
                name="organisation_rule_fits_kind",
                violation_error_message=_("这个类别不能按这个口径计数。"),
            ),
            models.UniqueConstraint(
                fields=["community", "kind", "name"],
                condition=Q(valid_until__isnull=True),
                name="organisation_once_in_community",
                violation_error_message=_("这个社区已经有同名的同类组织。"),
            ),
            models.UniqueConstraint(
                fields=["unit", "village_name", "kind", "name"],
                condition=Q(valid_until__isnull=True),
                name="organisation_once_in_village",
                violation_error_message=_("这个村已经有同名的同类组织。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The organisation's own page."""
        return reverse("services:organisation", args=[self.pk])


@tracked()
class Standard(models.Model):
    """One checkable standard with its thresholds, its source and how sure it is. None is a rule of the city yet."""

    code = models.CharField(_("编号"), max_length=5, unique=True, help_text=_("P 平台，O 组织，T 队伍，G 综合。"))
    dimension = models.CharField(_("体系"), max_length=10, help_text=_("平台、组织、队伍、综合。"))
    role = models.CharField(_("1 或 X"), max_length=2, help_text=_("“1+X”中的 1 或 X。"))
    item = models.CharField(_("项目"), max_length=100, help_text=_("查什么。"))
    unit = models.CharField(_("计量单位"), max_length=20, blank=True, help_text=_("如 ㎡。"))
    operator = models.CharField(_("关系"), max_length=10, help_text=_("不少于、不多于、介于等。"))
    city = models.CharField(_("城市"), max_length=20, blank=True, help_text=_("城市社区的标准值。"))
    town = models.CharField(_("城镇"), max_length=20, blank=True, help_text=_("城镇社区的标准值。"))
    rural = models.CharField(_("农村"), max_length=20, blank=True, help_text=_("农村社区的标准值。"))
    applies_to = models.CharField(_("适用"), max_length=40, blank=True, help_text=_("适用的类别。"))
    verified_by = models.CharField(_("核验方式"), max_length=100, blank=True, help_text=_("凭什么材料核验。"))
    source = models.TextField(_("来源"), blank=True, help_text=_("出处。"))
    source_url = models.CharField(_("网址"), max_length=300, blank=True, help_text=_("出处的网址。"))
    certainty = models.CharField(_("把握程度"), max_length=60, blank=True, help_text=_("H 高，M 中，L 低。"))
    note = models.TextField(_("说明"), blank=True, help_text=_("其他说明。"))

    objects = querysets.StandardQuerySet.as_manager()

    class Meta:
        verbose_name = _("建设标准")
        verbose_name_plural = _("建设标准")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.item}"
