"""Policy documents and teams: what is known is shown, what is not says so, and an edit survives a new load."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from communities.models import ReportingUnit
from coordination import reference
from coordination.models import PolicyDocument, SupportTeam

pytestmark = pytest.mark.django_db
AsUser = Callable[[User], Client]


@pytest.fixture
def opinion() -> PolicyDocument:
    """The first of the five, the only one whose number is known."""
    reference.load()
    return PolicyDocument.objects.get(number="孝发〔2012〕2号")


def test_five_documents_and_nothing_inferred_without_a_mark(opinion: PolicyDocument) -> None:
    """Where a number or date is not known it is empty; what is inferred says 推定，待核定."""
    assert PolicyDocument.objects.count() == 5
    assert PolicyDocument.objects.exclude(number="").count() == 1
    assert not PolicyDocument.objects.filter(issued_on__isnull=False).exists()
    guidance = PolicyDocument.objects.get(title__contains="建设标准的指导意见")
    assert "2013-04-26" in guidance.known and "推定" in guidance.known and "待核定" in guidance.known
    assert not PolicyDocument.objects.filter(source="").exists()


def test_everybody_with_a_role_reads_them(
    opinion: PolicyDocument, units: dict[str, ReportingUnit], make_user: Callable[..., User], as_user: AsUser
) -> None:
    """With the source and what is not known; only the city office may add to them."""
    county = as_user(make_user("county_entry", unit=units["XC"]))
    text = county.get(reverse("coordination:documents")).content.decode()
    assert "孝发〔2012〕2号" in text and "不清楚" in text
    page = county.get(opinion.get_absolute_url()).content.decode()
    assert "人民网" in page and "补充</a>" not in page
    assert county.get(reverse("coordination:document_edit", args=[opinion.pk])).status_code == 403
    assert as_user(make_user()).get(opinion.get_absolute_url()).status_code == 404


def test_the_city_office_completes_one_and_a_new_load_leaves_it(
    opinion: PolicyDocument, make_user: Callable[..., User], as_user: AsUser
) -> None:
    """Nothing a user entered is overwritten; a second editor sees both texts."""
    office = make_user("city_office", full_name="陈立")
    client, address = as_user(office), reverse("coordination:document_edit", args=[opinion.pk])
    sent = {"title": opinion.title, "number": opinion.number, "issued_on": "2012-05-08", "known": "见到原件。"}
    sent |= {"source": "档案", "certainty": "H", "version": "1"}
    assert client.post(address, sent).status_code == 302
    assert reference.load()[0].changed == 0
    opinion.refresh_from_db()
    assert (opinion.known, opinion.version) == ("见到原件。", 2)
    stale = client.post(address, {**sent, "known": "别的。"})
    assert stale.status_code == 409
    assert "见到原件。" in stale.content.decode() and "别的。" in stale.content.decode()
    assert "陈立" in client.get(opinion.get_absolute_url()).content.decode()


def test_teams_are_registered_once(make_user: Callable[..., User], as_user: AsUser) -> None:
    """By the city office; the same name again is refused on the form."""
    client, address = as_user(make_user("city_office")), reverse("coordination:team_create")
    sent = {"name": "市住建局工作队", "department": "市住建局"}
    done = client.post(address, sent)
    team = SupportTeam.objects.get()
    assert done.status_code == 302 and done["Location"] == reverse("coordination:team", args=[team.pk])
    assert client.post(address, sent).status_code == 422
    listed = client.get(reverse("coordination:teams"), {"paired": "no", "q": "住建"}).content.decode()
    assert "市住建局工作队" in listed
    assert "市住建局工作队" not in client.get(reverse("coordination:teams"), {"paired": "yes"}).content.decode()
    assert as_user(make_user("leader")).get(address).status_code == 403
