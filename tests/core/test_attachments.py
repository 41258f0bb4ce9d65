"""Files and rows: neither without the other, whatever fails in between."""

from __future__ import annotations

import datetime as dt
import errno
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from core.attachments import NotStored, keep, sweep
from facilities.models import Photo
from tests import factories

TOMORROW = dt.timedelta(days=1, minutes=1)


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def files(media: Path) -> list[str]:
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())


@pytest.fixture
def photo(db: None, units: Any) -> Photo:
    project = factories.make_project(factories.make_community(units["XC"]))
    return factories.make_photo(project, factories.make_month())


class Wrong(Exception):
    """Something goes wrong after the file was written."""


@pytest.mark.django_db(transaction=True)
def test_a_file_stays_with_the_commit_and_goes_with_the_rollback(media: Path) -> None:
    with transaction.atomic():
        name = keep("photos", "jpg", b"kept")
    with pytest.raises(Wrong), transaction.atomic():
        keep("photos", "jpg", b"gone")
        raise Wrong
    assert files(media) == [name]
    assert name.startswith(f"photos/{timezone.localtime():%Y/%m}/") and name.endswith(".jpg")


@pytest.mark.django_db(transaction=True)
def test_an_inner_rollback_takes_its_own_files_alone(media: Path) -> None:
    with transaction.atomic():
        outer = keep("photos", "jpg", b"outer")
        with pytest.raises(Wrong), transaction.atomic():
            keep("photos", "jpg", b"inner")
            raise Wrong
        assert files(media) == [outer]
    assert files(media) == [outer]


@pytest.mark.django_db(transaction=True)
def test_where_the_connection_is_lost_nobody_knows_and_the_file_is_left_to_the_sweep(media: Path) -> None:
    with pytest.raises(Exception), transaction.atomic():  # noqa: B017  whatever the driver says
        keep("photos", "jpg", b"who knows")
        connection.connection.close()
    assert len(files(media)) == 1
    connection.close()
    assert len(sweep(timezone.now() + TOMORROW).removed) == 1
    assert files(media) == []


def test_a_file_is_not_written_without_a_transaction_to_belong_to() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        keep("photos", "jpg", b"loose")


@pytest.mark.django_db
def test_a_full_disk_leaves_nothing_and_is_told(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        (media / "photos").mkdir(exist_ok=True)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(type(default_storage), "save", full, raising=False)
    with pytest.raises(NotStored, match="写不进去"):
        keep("photos", "jpg", b"x")
    assert files(media) == []


def test_the_sweep_heals_what_a_crash_left(media: Path, photo: Photo) -> None:
    default_storage.save("photos/2013/11/stray.jpg", default_storage.open(str(photo.thumb)))
    default_storage.save("audit/2013/other.gz", default_storage.open(str(photo.thumb)))
    assert sweep().removed == [], "a young file may belong to an open transaction"
    later = timezone.now() + TOMORROW
    assert sweep(later, remove=False).removed == ["photos/2013/11/stray.jpg"]
    assert sweep(later).removed == ["photos/2013/11/stray.jpg"]
    swept = sweep(later)
    assert (swept.removed, swept.missing) == ([], [])
    own = {str(photo.original), str(photo.display), str(photo.thumb)}
    assert set(files(media)) == {*own, "audit/2013/other.gz"}


def test_a_row_whose_file_is_gone_is_told_and_left_alone(photo: Photo) -> None:
    default_storage.delete(str(photo.display))
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("sweep_files", stdout=said)
    assert f"no file: {photo.display}" in said.getvalue() and "1 rows without a file" in said.getvalue()
    assert Photo.objects.filter(pk=photo.pk).exists()


def test_the_command_only_tells_when_asked_to(media: Path, photo: Photo) -> None:
    said = StringIO()
    call_command("sweep_files", "--dry-run", stdout=said)
    assert "0 files without a row would be removed, 0 rows without a file" in said.getvalue()
