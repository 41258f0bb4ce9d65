"""Pictures made for tests: drawn, with what a camera notes, and hostile ones."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image, ImageDraw, TiffImagePlugin


def drawn(seed: int = 1, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A picture with large shapes, another one for each seed."""
    rng = random.Random(seed)
    image = Image.new("RGB", size, _colour(rng))
    draw = ImageDraw.Draw(image)
    for _ in range(24):
        left, top = rng.uniform(-0.2, 0.9) * size[0], rng.uniform(-0.2, 0.9) * size[1]
        box = (left, top, left + rng.uniform(0.1, 0.5) * size[0], top + rng.uniform(0.1, 0.5) * size[1])
        (draw.rectangle if rng.random() < 0.5 else draw.ellipse)(box, fill=_colour(rng))
    return image


def _colour(rng: random.Random) -> tuple[int, int, int]:
    return rng.randrange(256), rng.randrange(256), rng.randrange(256)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The picture as a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def photo(seed: int = 1, **options: Any) -> bytes:
    """A JPEG."""
    return encoded(drawn(seed), quality=90, **options)


def exif(
    taken: str = "2013:11:05 09:30:00", place: tuple[float, float] | None = (30.92, 113.91), orientation: int = 1
) -> Image.Exif:
    """What a camera notes."""
    noted = Image.Exif()
    noted[0x0112] = orientation
    noted[0x010F] = "TestCamera"
    noted.get_ifd(0x8769)[0x9003] = taken
    if place is not None:
        part = noted.get_ifd(0x8825)
        for at, (value, letters) in enumerate(zip(place, ("NS", "EW"), strict=True)):
            part[1 + 2 * at] = letters[value < 0]
            part[2 + 2 * at] = tuple(map(TiffImagePlugin.IFDRational, (int(abs(value)), 0, abs(value) % 1 * 3600)))
    return noted


def png_bomb(side: int = 13_000) -> bytes:
    """A PNG of so many pixels each way, all black, that is small as a file."""
    rows = zlib.compressobj(9)
    row = b"\0" + bytes((side + 7) // 8)
    packed = b"".join(rows.compress(row) for _ in range(side)) + rows.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


def zipped(text: str = "hello") -> bytes:
    """An archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", text)
    return file.getvalue()


def animated(kind: str) -> bytes:
    """Two frames."""
    return encoded(drawn(1, (80, 60)), kind, save_all=True, append_images=[drawn(2, (80, 60))], duration=100)
