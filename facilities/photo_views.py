"""Pages of photos: adding one, one by itself, withdrawing it, and its three files."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from communities.models import ReportingMonth
from core.components import Action
from core.exports import exported
from core.views import ScopedDetailView, ScopedUpdateView
from facilities import photo_actions
from facilities.models import MOST_PHOTOS, Photo, Project, StageEvent
from facilities.photo_forms import PhotoForm, WithdrawForm
from facilities.photo_reads import alike_words, facts_of, likenesses, photos_in_hand, spots_of, tiles
from facilities.report_place import form_url
from facilities.report_views import ProjectMonth, wants_json
from facilities.views import actor_of


class _PhotoEntry(ScopedUpdateView[PhotoForm]):
    """Adds one photo. A script gets JSON: `{html}`, the list of photos anew, or `{message}`."""

    form_class = PhotoForm
    template_name = "facilities/photo_form.html"
    success_message = gettext_lazy("照片已传上。")
    object: Project

    def month_of_report(self) -> ReportingMonth | None:
        """The month with whose report the photo goes."""
        raise NotImplementedError

    def suggested_stage(self) -> int | None:
        """The stage that the photo most likely shows."""
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A script is told in its own way."""
        response = super().dispatch(request, *args, **kwargs)
        if request.method != "POST" or not wants_json(request) or not request.user.is_authenticated:
            return response
        if isinstance(response, HttpResponseRedirect):
            return self.told()
        errors = getattr(response, "context_data", {})["form"].errors
        said = " ".join(str(error) for each in errors.values() for error in each)
        return JsonResponse({"message": said}, status=response.status_code)

    def told(self) -> HttpResponse:
        """The photos as they are now; what would be said on the next page is said here."""
        list(messages.get_messages(self.request))
        photos = photos_in_hand(self.object, self.month_of_report())
        shown = {"tiles": tiles(photos, actor_of(self)), "may_withdraw": True, "month": self.month_of_report()}
        html = render_to_string("facilities/_photo_tiles.html", shown, request=self.request)
        return JsonResponse({"html": html, "count": len(photos)})

    def get_form_kwargs(self) -> dict[str, Any]:
        """Opens with the stage that the report says, where it asks for photos."""
        known = {"initial": {"stage": self.suggested_stage()}, "spots": spots_of(self.object)}
        return {**super().get_form_kwargs(), **known}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds what is there already."""
        photos = photos_in_hand(self.object, self.month_of_report())
        return super().get_context_data(
            month=self.month_of_report(),
            tiles=tiles(photos, actor_of(self)),
            most=MOST_PHOTOS,
            full=len(photos) >= MOST_PHOTOS,
            may_withdraw=True,
            back_url=self.get_success_url(),
            **kwargs,
        )

    def perform(self, form: PhotoForm) -> Photo:
        """Keep it; say at once where it looks like another one."""
        month = self.month_of_report()
        photo = photo_actions.add_photo(self.object, month, **form.cleaned_data, actor=actor_of(self))
        for words in alike_words(likenesses([photo], actor_of(self)).get(photo.pk, [])):
            messages.warning(self.request, _("这张照片%(like)s。用错了请撤下重传。") % {"like": words})
        return photo


class ReportPhotoAdd(ProjectMonth, _PhotoEntry):
    """Adds a photo to the month's report."""

    def month_of_report(self) -> ReportingMonth | None:
        """The month of the address."""
        return self.month

    def suggested_stage(self) -> int | None:
        """What the draft says, or else the records."""
        return self.report.stage if self.report else self.last["stage"]

    def get_success_url(self) -> str:
        """Back to the report."""
        return form_url(self.object, self.month)


class StagePhotoAdd(_PhotoEntry):
    """Adds a photo to a stage that the city office entered directly (补登)."""

    queryset = Project.objects.with_place().with_stage().select_related("community")

    def get_editable(self, **lookup: Any) -> Any:
        """The project, for those who may enter stages directly."""
        record = self.get_visible(**lookup)
        if not StageEvent.objects.all().creatable_by(self.request.user):
            raise PermissionDenied(_("照片由县专班随月报传，市新社区办补传。"))
        return record

    def month_of_report(self) -> ReportingMonth | None:
        """None: it goes with no report."""
        return None

    def suggested_stage(self) -> int | None:
        """The present one."""
        return int(self.object.stage)  # type: ignore[attr-defined]  # annotated

    def get_success_url(self) -> str:
        """To the project."""
        return self.object.get_absolute_url()


class PhotoDetail(ScopedDetailView[Photo]):
    """One photo, large, with what is known of it and what it looks like."""

    queryset = Photo.objects.select_related("project__community", "month", "uploaded_by", "withdrawn_by")
    template_name = "facilities/photo.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the facts; likenesses and the original only for the unit and the city office."""
        photo, user = self.object, actor_of(self)
        details = Photo.objects.with_details_for(user).filter(pk=photo.pk).exists()
        alike = likenesses([photo], user).get(photo.pk, []) if details else []
        return super().get_context_data(
            facts=facts_of(photo, details=details),
            alike=alike,
            original=reverse("facilities:photo_original", args=[photo.pk]) if details else "",
            actions=self.actions(details),
            **kwargs,
        )

    def actions(self, details: bool) -> list[Action]:
        """Withdrawing it while that can be done."""
        undecided = self.object.month is None or Photo.objects.awaiting().filter(pk=self.object.pk).exists()
        if not details or self.object.withdrawn_at is not None or not undecided:
            return []
        return [Action(_("撤下"), reverse("facilities:photo_withdraw", args=[self.object.pk]), "trash")]


class PhotoWithdraw(ScopedUpdateView[WithdrawForm]):
    """Takes a photo out of the evidence, with a reason."""

    queryset = Photo.objects.select_related("project__community", "month", "uploaded_by")
    form_class = WithdrawForm
    template_name = "facilities/photo_withdraw.html"
    success_message = gettext_lazy("照片已撤下，记录里还在。")

    def perform(self, form: WithdrawForm) -> Photo:
        """Withdraw it."""
        return photo_actions.withdraw_photo(self.object, actor=actor_of(self), reason=form.cleaned_data["reason"])

    def get_success_url(self) -> str:
        """Back to the report, or to the project."""
        photo: Photo = self.object
        return form_url(photo.project, photo.month) if photo.month else photo.project.get_absolute_url()


class _PhotoFile(ScopedDetailView[Photo]):
    """One of a photo's files. Files are given out by these views alone."""

    queryset = Photo.objects.all()
    file_field: ClassVar[str]
    caching = "private, max-age=3600"
    as_attachment = False

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The file, for this person alone to keep; 404 where it is gone from the storage."""
        photo = self.get_object()
        name = str(getattr(photo, self.file_field))
        self.check(photo)
        if not default_storage.exists(name):
            raise Http404
        response = FileResponse(
            default_storage.open(name),
            as_attachment=self.as_attachment,
            filename=f"photo-{photo.pk}.{name.rpartition('.')[2]}",
        )
        response["Cache-Control"] = self.caching
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def check(self, photo: Photo) -> None:
        """Whether the person may have this very file."""


class PhotoThumb(_PhotoFile):
    """The thumbnail."""

    file_field = "thumb"


class PhotoDisplay(_PhotoFile):
    """The picture as pages show it."""

    file_field = "display"


class PhotoOriginal(_PhotoFile):
    """The file as it was sent, with all that the camera noted: for the unit and the city office, and on record."""

    file_field = "original"
    caching = "private, no-store"
    as_attachment = True

    def check(self, photo: Photo) -> None:
        """Refuses everybody else; writes down who took it, as for lists."""
        if not Photo.objects.with_details_for(self.request.user).filter(pk=photo.pk).exists():
            raise PermissionDenied(_("原件带有拍摄地点，只有本单位和市新社区办能下载。"))
        if self.request.method == "GET":
            title = _("照片原件 %(number)d") % {"number": photo.pk}
            exported.send(type(self), request=self.request, title=title, filters=[f"SHA-256 {photo.sha256}"], rows=1)
