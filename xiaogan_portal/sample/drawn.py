"""Pictures of building sites for the sample city, drawn, with 示例 across a corner: nobody takes them for a photo."""

from __future__ import annotations

import datetime as dt
import io
import random
from decimal import Decimal
from typing import Any

from PIL import ExifTags, Image, ImageDraw, TiffImagePlugin

SIZE = 800, 600
_SKIES = ((168, 196, 222), (216, 222, 226), (118, 150, 190), (232, 206, 176), (140, 150, 160))
_WALLS = ((196, 184, 168), (150, 96, 80), (96, 104, 116), (226, 220, 208))
_EARTH = ((158, 132, 98), (104, 84, 62), (188, 176, 150), (120, 122, 124))
_GREEN = (112, 142, 100)
# 示 and 例 as strokes on a field of ten by ten: the portal brings no font that could write them.
_STROKES = (
    (((2, 1), (8, 1)), ((1, 4), (9, 4)), ((5, 4), (5, 9), (4, 8)), ((3, 6), (1, 8)), ((7, 6), (9, 8))),
    (
        ((3, 1), (1, 5)),
        ((2, 4), (2, 9)),
        ((3, 2), (7, 2)),
        ((5, 2), (3, 6)),
        ((4, 4), (6, 4), (3, 9)),
        ((4, 5), (5, 7)),
        ((7, 3), (7, 7)),
        ((9, 1), (9, 9), (8, 8)),
    ),
)


def site(seed: str, floors: int, noted: Image.Exif | None = None) -> bytes:
    """A JPEG of a building with so many floors standing. The same seed, the same picture; `noted` as a camera does."""
    rng = random.Random(seed)  # noqa: S311  a drawing, not a secret
    width, height = SIZE
    image = Image.new("RGB", SIZE, _near(rng, rng.choice(_SKIES)))
    draw = ImageDraw.Draw(image)
    ground = height - rng.randint(80, 240)
    hill = rng.randint(0, width)
    far = (hill - rng.randint(200, 500), hill, hill + rng.randint(200, 500))
    draw.polygon([(far[0], ground), (far[1], ground - rng.randint(60, 320)), (far[2], ground)], fill=_near(rng, _GREEN))
    for _ in range(rng.randint(1, 4)):  # houses behind
        left, wide, tall = rng.randint(-60, width), rng.randint(70, 200), rng.randint(80, 340)
        draw.rectangle((left, ground - tall, left + wide, ground), fill=_near(rng, rng.choice(_WALLS)))
    draw.rectangle((0, ground, width, height), fill=_near(rng, rng.choice(_EARTH)))
    _building(draw, rng, ground, floors)
    if floors < 6:
        _crane(draw, rng.randint(60, width - 60), ground)
    for _ in range(rng.randint(2, 6)):  # heaps and huts in front
        left, wide = rng.randint(-80, width - 60), rng.randint(60, 300)
        top = height - rng.randint(40, 170)
        heap = [(left, height), (left + wide // 3, top), (left + wide, height)]
        draw.polygon(heap, fill=_near(rng, rng.choice((*_EARTH, *_WALLS))))
    _mark(draw)
    file = io.BytesIO()
    # An Exif without tags of its own counts as empty, whatever its parts hold.
    image.save(file, "JPEG", quality=80, exif=Image.Exif() if noted is None else noted)
    return file.getvalue()


def camera_notes(taken: dt.datetime, latitude: Decimal, longitude: Decimal) -> Image.Exif:
    """When and where, as a phone writes them: local time; degrees, minutes, seconds (Exif 2.3, 4.6.5, 4.6.6)."""
    notes = Image.Exif()
    notes.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"{taken:%Y:%m:%d %H:%M:%S}"
    place = notes.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", _sexagesimal(latitude)
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E", _sexagesimal(longitude)
    return notes


def _sexagesimal(degrees: Decimal) -> tuple[TiffImagePlugin.IFDRational, ...]:
    seconds = int(degrees % 1 * 3600)
    return tuple(map(TiffImagePlugin.IFDRational, (int(degrees), seconds // 60, seconds % 60)))


def again(content: bytes) -> bytes:
    """The same picture as somebody would pass it on: smaller, and saved once more."""
    file = io.BytesIO()
    Image.open(io.BytesIO(content)).resize((640, 480)).save(file, "JPEG", quality=60)
    return file.getvalue()


def _near(rng: random.Random, colour: tuple[int, int, int]) -> tuple[int, ...]:
    lighter = rng.randint(-28, 28)
    return tuple(max(0, min(255, part + lighter + rng.randint(-6, 6))) for part in colour)


def _building(draw: ImageDraw.ImageDraw, rng: random.Random, ground: int, floors: int) -> None:
    left, bays, wide = rng.randint(-40, 460), rng.randint(3, 8), rng.randint(40, 90)
    tall, wall, glass = rng.randint(34, 66), _near(rng, rng.choice(_WALLS)), _near(rng, (120, 138, 156))
    for floor in range(floors):
        top = ground - (floor + 1) * tall
        draw.rectangle((left - 6, top, left + bays * wide + 6, top + 8), fill=_near(rng, (150, 140, 128)))
        for bay in range(bays):
            x = left + bay * wide
            draw.rectangle((x, top + 8, x + 10, top + tall), fill=wall)
            if rng.random() < 0.7:
                draw.rectangle((x + 16, top + 12, x + wide - 8, top + tall - 6), fill=glass)


def _crane(draw: ImageDraw.ImageDraw, x: int, ground: int) -> None:
    draw.rectangle((x - 5, 60, x + 5, ground), fill=(200, 142, 40))
    draw.rectangle((x - 60, 60, x + 190, 68), fill=(200, 142, 40))


def _mark(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((16, 16, 196, 106), fill=(22, 32, 43))
    for position, strokes in enumerate(_STROKES):
        for stroke in strokes:
            points: Any = [(26 + position * 82 + 8 * x, 20 + 8 * y) for x, y in stroke]
            draw.line(points, fill=(255, 255, 255), width=5, joint="curve")
