"""Pictures that people send: looked at by a child with limits, kept as they came, shown only re-encoded.

What is taken and what is refused, and why the limits are what they are: docs/decisions/0013-pictures.md.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.files import File
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _

from core.children import ChildFailed, run_limited
from core.errors import RuleViolation
from core.formats import thousands

MOST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 12_000
COPY_SIDE, THUMB_SIDE = 1600, 320
# 40 megapixels with transparency are 160 MB, twice while they are converted; the rest is the decoders themselves.
_MEMORY, _CPU_SECONDS, _SECONDS, _RESULT_BYTES = 1 << 30, 10, 20.0, 16 * 1024 * 1024
_SUFFIXES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
_logger = logging.getLogger(__name__)


class PictureRefused(RuleViolation):
    """The file is not taken as a picture; the message says why, with the limit and what was found."""

    def __init__(self, message: str) -> None:
        super().__init__(message, field="picture")


@dataclass(frozen=True)
class Picture:
    """One picture that may be kept. Width and height are the original's, upright; `copy` and `thumb` are JPEG files.

    `phash` is a signed 64-bit number: of two pictures that look alike it differs in few bits. `taken_at` and the
    place are what the camera noted, None where it noted nothing.
    """

    suffix: str
    sha256: str
    size: int
    width: int
    height: int
    phash: int
    copy: bytes
    thumb: bytes
    taken_at: dt.datetime | None
    taken_lat: Decimal | None
    taken_lon: Decimal | None


def look_at(file: File[Any]) -> Picture:
    """Everything that is to be known of a file that somebody sent as a picture.

    Raises PictureRefused, with a sentence, for what is too big in bytes or pixels, no JPEG, PNG or WebP by its
    content, animated, broken, or an archive as well. The file is left at its beginning.
    """
    size = int(file.size or 0)
    if size == 0:
        raise PictureRefused(_("文件是空的，没有传上来。请重新选一张。"))
    if size > MOST_BYTES:
        facts = {"size": f"{size / 1024 / 1024:.1f}", "most": MOST_BYTES // 1024 // 1024}
        raise PictureRefused(_("文件有 %(size)s MB，一张最多 %(most)d MB。请缩小后再传。") % facts)
    said, files = _ask_child(file)
    if "refused" in said:
        raise PictureRefused(_sentence(said))
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256")
    file.seek(0)
    return Picture(
        suffix=_SUFFIXES[said["kind"]],
        sha256=digest.hexdigest(),
        size=size,
        width=said["width"],
        height=said["height"],
        phash=int.from_bytes(bytes.fromhex(said["phash"]), signed=True),
        copy=files[: said["copy"]],
        thumb=files[said["copy"] :],
        taken_at=_moment(said.get("taken", "")),
        taken_lat=Decimal(said["lat"]) if "lat" in said else None,
        taken_lon=Decimal(said["lon"]) if "lon" in said else None,
    )


def distance(one: int, other: int) -> int:
    """In how many of 64 bits two perceptual hashes differ."""
    return ((one ^ other) & (1 << 64) - 1).bit_count()


def _ask_child(file: File[Any]) -> tuple[dict[str, Any], bytes]:
    limits = [str(each) for each in (MOST_PIXELS, LONGEST_SIDE, COPY_SIDE, THUMB_SIDE)]
    try:
        answer = run_limited(
            "core.pictures_child",
            file,
            arguments=limits,
            memory=_MEMORY,
            cpu_seconds=_CPU_SECONDS,
            file_bytes=_RESULT_BYTES,
            timeout=_SECONDS,
        )
    except ChildFailed as failed:
        _logger.warning("A picture could not be looked at: %s", failed)
        raise PictureRefused(_("这张图片处理不了。请在手机或电脑里另存为普通的 JPEG，再传。")) from failed
    line, _break, files = answer.partition(b"\n")
    return json.loads(line), files


def _sentence(said: dict[str, Any]) -> str:
    """A refusal in words: what is wrong, both numbers, the way out."""
    if said["refused"] == "too_large":
        facts = {"width": said["width"], "height": said["height"], "side": LONGEST_SIDE, "most": thousands(MOST_PIXELS)}
        sentence = _("图片是 %(width)d×%(height)d 像素，每边最多 %(side)d、一共最多 %(most)s。请缩小后再传。")
        return sentence % facts
    if said["refused"] == "no_picture" and said["kind"]:
        return _("这是 %(kind)s 文件，照片要 JPEG、PNG 或 WebP。请换一个文件。") % {"kind": said["kind"]}
    sentences = {
        "no_picture": _("这个文件不是图片，照片要 JPEG、PNG 或 WebP。请换一个文件。"),
        "animated": _("这是动图，只收静止的照片。请换一张。"),
        "broken": _("图片不完整或者坏了，打不开。请重新传，或换一张。"),
        "archive": _("图片后面接着别的文件，不收。请用相机原来的照片。"),
    }
    return sentences[said["refused"]]


def _moment(noted: str) -> dt.datetime | None:
    """What a camera noted; without a zone it is the clock of the place, which is the portal's."""
    try:
        moment = dt.datetime.fromisoformat(noted)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=get_default_timezone())
