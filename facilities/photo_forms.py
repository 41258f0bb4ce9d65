"""Forms of photos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from facilities.evidence import photo_stages

# The element of the page that offers the spots known already.
SPOTS = "photo-spots"


class PhotoForm(forms.Form):
    """One photo, and what it shows. What is a photo at all is the action's to say."""

    picture = forms.FileField(
        label=_("照片"),
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": "image/*"}),
        help_text=_("JPEG、PNG 或 WebP，最多 15 MB。"),
        error_messages={"required": _("先选一张照片。"), "missing": _("先选一张照片。")},
    )
    stage = forms.TypedChoiceField(label=_("证明的阶段"), coerce=int)
    spot = forms.CharField(
        label=_("从哪里拍的"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"placeholder": _("如：东门"), "autocomplete": "off"}),
        help_text=_("同一位置的前后照片会放在一起比。"),
    )
    caption = forms.CharField(label=_("图说"), required=False, max_length=100, help_text=_("可不填。"))

    def __init__(self, *args: Any, spots: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.spots = spots
        self.fields["spot"].widget.attrs["list"] = SPOTS
        stage: Any = self.fields["stage"]
        stage.choices = [(each.value, each.label) for each in photo_stages()]


class InlinePhotoForm(PhotoForm):
    """The same within the page of the report: its controls belong to a form beside that of the report."""

    form_id = "photo-form"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="photo_%s", **kwargs)
        self.fields["stage"].widget = forms.HiddenInput()
        self.fields["picture"].label = _("选一张")
        self.fields["picture"].required = False
        for field in self.fields.values():
            field.widget.attrs["form"] = self.form_id


class WithdrawForm(forms.Form):
    """Why a photo is no evidence after all."""

    reason = forms.CharField(
        label=_("撤下原因"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("如“传错项目”。照片和原因都会留在记录里。"),
    )
