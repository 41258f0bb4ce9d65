"""Policy documents, support teams and their pairing with pilots."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from communities.models import Community, no_overlap, term_in_order
from coordination import querysets
from core.history import tracked
from core.models import SampleModel, VersionedModel


@tracked()
class PolicyDocument(VersionedModel):
    """A document that the programme rests on, with what is known of it and how surely."""

    title = models.CharField(_("标题"), max_length=200, unique=True, help_text=_("文件全称。"))
    number = models.CharField(_("文号"), max_length=60, blank=True, help_text=_("如“孝发〔2012〕2号”；不清楚的留空。"))
    issued_on = models.DateField(_("成文日期"), null=True, blank=True, help_text=_("不清楚的留空。"))
    known = models.TextField(_("已知内容"), blank=True, help_text=_("从公开材料中知道什么，不知道什么。"))
    source = models.CharField(_("来源"), max_length=300, blank=True, help_text=_("出处。"))
    certainty = models.CharField(_("把握程度"), max_length=40, blank=True, help_text=_("H 高，M 中，L 低。"))

    objects = querysets.PolicyDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("政策文件")
        verbose_name_plural = _("政策文件")
        ordering = ["issued_on", "pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The document's own page."""
        return reverse("coordination:document", args=[self.pk])


@tracked()
class SupportTeam(VersionedModel, SampleModel):
    """A work team of a city department (工作队)."""

    name = models.CharField(_("名称"), max_length=60, unique=True, help_text=_("如“市住建局工作队”。"))
    department = models.CharField(_("派出单位"), max_length=60, help_text=_("市直部门。"))

    objects = querysets.SupportTeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("包保工作队")
        verbose_name_plural = _("包保工作队")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@tracked()
class Pairing(SampleModel):
    """One team for one pilot (一对一), for a term. Neither side may have two at a time."""

    team = models.ForeignKey(
        SupportTeam, models.PROTECT, related_name="pairings", verbose_name=_("工作队"), help_text=_("哪个工作队。")
    )
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="pairings", verbose_name=_("试点"), help_text=_("包保哪个试点。")
    )
    valid_from = models.DateField(_("起始日期"), help_text=_("从这一天起。"))
    valid_until = models.DateField(_("截止日期"), null=True, blank=True, help_text=_("到这一天为止（不含）。"))

    objects = querysets.PairingQuerySet.as_manager()

    class Meta:
        verbose_name = _("包保")
        verbose_name_plural = _("包保")
        ordering = ["community", "valid_from"]
        constraints = [
            no_overlap("team", name="pairing_team_once", message=_("这个工作队在这段时间已经包保了别的试点。")),
            no_overlap("community", name="pairing_pilot_once", message=_("这个试点在这段时间已经有工作队包保。")),
            term_in_order("pairing_term_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.team} → {self.community}"
