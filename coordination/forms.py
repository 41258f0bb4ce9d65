"""Forms of the working machinery: fields and choices, no rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from communities.form_fields import CommunityField
from communities.forms import date_input, fields_of, say_blanks
from communities.models import Community
from coordination.models import Pairing, PolicyDocument, SupportTeam


class DocumentForm(forms.ModelForm[PolicyDocument]):
    """What is known of a document. Carries the version it was opened with."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = PolicyDocument
        fields = ["title", "number", "issued_on", "certainty", "known", "source"]
        widgets = {"issued_on": date_input()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version

    def values(self) -> dict[str, Any]:
        """What was entered, for the action; the version is not a value."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class TeamForm(forms.ModelForm[SupportTeam]):
    """A new work team."""

    class Meta:
        model = SupportTeam
        fields = ["name", "department"]


class PairingForm(forms.Form):
    """A team for a pilot."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= fields_of(Pairing, "team")
        pilot = CommunityField(label=_("试点"), help_text=_("填试点的编号或全称。"))
        pilot.narrow(Community.objects.visible_to(user).filter(pilot_from__isnull=False))
        self.fields["community"] = pilot
        self.fields |= fields_of(Pairing, "valid_from", "valid_until")
        say_blanks(self)


class PairingEndForm(forms.Form):
    """The day on which a pairing ends."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= fields_of(Pairing, "valid_until", required=("valid_until",))
        self.fields["valid_until"].help_text = _("从这一天起不再包保。")
