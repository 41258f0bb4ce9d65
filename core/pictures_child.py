"""The child that looks at one picture. Runs under `core.children`, knows no database and no settings.

Standard input is the file; the arguments are the most pixels, the longest side, the long sides of copy and thumbnail.
Standard output is one line of JSON, `{"refused": code, …}` or what was found, then the bytes of copy and thumbnail.
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from typing import Any

from core.picture_header import Broken, Header, NoPicture, read_header

# What stands behind a picture and is opened as something else. Phones append films and previews; those are harmless.
_ARCHIVES = (b"PK\3\4", b"PK\5\6", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08", b"%PDF-")
_QUALITY = {"copy": 85, "thumb": 80}
# EXIF tags: orientation; the parts with times and with the place; original, digitised and changed time with offsets.
_ORIENTATION, _TIMES, _PLACE = 0x0112, 0x8769, 0x8825
_TAKEN = ((0x9003, 0x9011), (0x9004, 0x9012))


class Refused(Exception):
    """The picture is not taken: a code, and the numbers of its sentence."""

    def __init__(self, code: str, **numbers: Any) -> None:
        super().__init__(code)
        self.said = {"refused": code, **numbers}


def main(arguments: list[str]) -> None:
    """Read, judge, write."""
    most_pixels, longest, copy_side, thumb_side = map(int, arguments)
    content = sys.stdin.buffer.read()
    try:
        header = judge(content, most_pixels, longest)
        said, files = look(content, header, copy_side, thumb_side)
    except Refused as refusal:
        said, files = refusal.said, []
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + b"".join(files))


def judge(content: bytes, most_pixels: int, longest: int) -> Header:
    """The header, where by it the picture may be decoded."""
    try:
        header = read_header(content)
    except NoPicture as error:
        raise Refused("animated" if error.kind == "GIF" else "no_picture", kind=error.kind) from error
    except Broken as error:
        raise Refused("broken") from error
    size = {"width": header.width, "height": header.height}
    if header.width * header.height > most_pixels or max(header.width, header.height) > longest:
        raise Refused("too_large", **size)
    if header.animated:
        raise Refused("animated", kind=header.kind)
    if content[header.end :].lstrip(b"\0\r\n ").startswith(_ARCHIVES) or zipfile.is_zipfile(io.BytesIO(content)):
        raise Refused("archive")
    return header


def look(content: bytes, header: Header, copy_side: int, thumb_side: int) -> tuple[dict[str, Any], list[bytes]]:
    """What there is to know, and the two files. The decoders come in only now."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # judged already, with both numbers at hand
    try:
        image: Any = Image.open(io.BytesIO(content), formats=[header.kind])
        exif = _exif_of(image)
        image.draft("RGB", (copy_side, copy_side))
        image.load()
    except MemoryError:
        raise
    except Exception as error:  # every decoder has errors of its own
        raise Refused("broken") from error
    turned = exif.get(_ORIENTATION) if exif else None
    clean = _clean(image, copy_side, turned)
    thumb = clean.copy()
    thumb.thumbnail((thumb_side, thumb_side))
    files = [_jpeg(clean, _QUALITY["copy"]), _jpeg(thumb, _QUALITY["thumb"])]
    width, height = (header.height, header.width) if turned in (5, 6, 7, 8) else (header.width, header.height)
    said = {"kind": header.kind, "width": width, "height": height, "phash": _phash(clean), "copy": len(files[0])}
    return said | _taken(exif) | _place(exif), files


def _clean(image: Any, side: int, turned: Any) -> Any:
    """A new picture of pixels alone, upright, on white: nothing else of the file comes along."""
    from PIL import Image

    if image.mode.startswith("I"):  # 16 bits a pixel
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode not in ("L", "RGB", "CMYK", "YCbCr"):
        image = image.convert("RGBA" if "A" in image.mode or "transparency" in image.info else "RGB")
    image.thumbnail((side, side))
    clean = Image.new("RGB", image.size, "white")
    clean.paste(image.convert("RGB"), mask=image.getchannel("A") if image.mode == "RGBA" else None)
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    return clean.transpose(turns[turned]) if turned in turns else clean


def _jpeg(image: Any, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue()


def _phash(image: Any) -> str:
    import imagehash

    return str(imagehash.phash(image))


def _exif_of(image: Any) -> Any:
    """None for what cannot be read: a picture without a time is as good."""
    try:
        return image.getexif()
    except MemoryError:
        raise
    except Exception:
        return None


def _taken(exif: Any) -> dict[str, str]:
    """The time as the camera noted it: without a zone unless it noted one."""
    try:
        times = exif.get_ifd(_TIMES)
        found = [(times.get(at), times.get(offset)) for at, offset in _TAKEN]
        for at, offset in [*found, (exif.get(0x0132), None)]:
            match = re.fullmatch(r"((?:19|20)\d\d):(\d\d):(\d\d) (\d\d:\d\d:\d\d)", str(at or "").strip("\0 "))
            if match:
                zone = str(offset or "").strip("\0 ")
                zone = zone if re.fullmatch(r"[+-]\d\d:\d\d", zone) else ""
                return {"taken": "{}-{}-{}T{}".format(*match.groups()) + zone}
    except Exception:  # noqa: S110  garbage where a time should be is no time
        pass
    return {}


def _place(exif: Any) -> dict[str, str]:
    """Latitude and longitude in degrees, six places; nothing where the camera knew none."""
    try:
        place = exif.get_ifd(_PLACE)
        lat, lon = _degrees(place[2], place[1] == "S"), _degrees(place[4], place[3] == "W")
        if abs(lat) <= 90 and abs(lon) <= 180 and (lat, lon) != (0, 0):
            return {"lat": f"{lat:.6f}", "lon": f"{lon:.6f}"}
    except Exception:  # noqa: S110  garbage where a place should be is no place
        pass
    return {}


def _degrees(parts: Any, negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return (-1 if negative else 1) * (degrees + minutes / 60 + seconds / 3600)


if __name__ == "__main__":
    main(sys.argv[1:])
