"""Pictures: what is taken, what is refused and in which words, and that nothing of the camera goes on."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import resource
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core import children, pictures
from core.pictures import Picture, PictureRefused, distance, look_at
from tests.pictures import animated, drawn, encoded, exif, photo, png_bomb, zipped


def looked(content: bytes, name: str = "a.jpg") -> Picture:
    return look_at(ContentFile(content, name))


def refusal(content: bytes, name: str = "a.jpg") -> str:
    with pytest.raises(PictureRefused) as refused:
        looked(content, name)
    assert refused.value.field == "picture"
    return refused.value.message


@pytest.mark.parametrize(("kind", "suffix"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_a_picture_is_known_by_its_content(kind: str, suffix: str) -> None:
    content = encoded(drawn(), kind)
    found = looked(content, "说是.txt")
    assert (found.suffix, found.width, found.height, found.size) == (suffix, 640, 480, len(content))
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    for file, side in ((found.copy, 640), (found.thumb, 320)):
        shown = Image.open(io.BytesIO(file))
        assert (shown.format, max(shown.size)) == ("JPEG", side)


def test_a_large_one_is_shown_at_1600() -> None:
    found = looked(encoded(drawn(1, (4000, 3000))))
    assert Image.open(io.BytesIO(found.copy)).size == (1600, 1200)
    assert (found.width, found.height) == (4000, 3000)


def test_time_and_place_are_read_and_go_no_further() -> None:
    found = looked(photo(exif=exif(), comment=b"secret words", dpi=(300, 300)))
    assert found.taken_at == dt.datetime.fromisoformat("2013-11-05T09:30:00+08:00")
    assert (found.taken_lat, found.taken_lon) == (Decimal("30.920000"), Decimal("113.910000"))
    for file in (found.copy, found.thumb):
        shown = Image.open(io.BytesIO(file))
        assert not shown.getexif() and not {"exif", "comment", "icc_profile", "xmp", "dpi"} & set(shown.info)
        assert not any(word in file for word in (b"TestCamera", b"Exif", b"secret"))


def test_south_and_west_and_a_zone_of_its_own() -> None:
    noted = exif(place=(-30.5, -113.25))
    noted.get_ifd(0x8769)[0x9011] = "+00:00"
    found = looked(photo(exif=noted))
    assert (found.taken_lat, found.taken_lon) == (Decimal("-30.5"), Decimal("-113.25"))
    assert found.taken_at == dt.datetime(2013, 11, 5, 9, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize("taken", ["0000:00:00 00:00:00", "2013:13:45 99:99:99", "yesterday", "", "20131105"])
def test_a_time_that_is_none_is_left_out(taken: str) -> None:
    found = looked(photo(exif=exif(taken, place=(0, 0))))
    assert (found.taken_at, found.taken_lat, found.taken_lon) == (None, None, None)


def test_exif_full_of_garbage_is_no_obstacle() -> None:
    content = photo(exif=b"Exif\0\0II*\0\xff\xff\xff\x7f" + bytes(range(256)) * 4)
    assert looked(content).taken_at is None


@pytest.mark.parametrize(
    ("orientation", "upright"), [(1, (640, 480)), (3, (640, 480)), (6, (480, 640)), (8, (480, 640))]
)
def test_it_is_turned_upright(orientation: int, upright: tuple[int, int]) -> None:
    image = Image.new("RGB", (640, 480), "white")
    image.paste("red", (0, 0, 100, 100))
    found = looked(encoded(image, exif=exif(orientation=orientation)))
    assert (found.width, found.height) == ((480, 640) if orientation > 4 else (640, 480))
    shown = Image.open(io.BytesIO(found.copy)).convert("RGB")
    left, top = {1: (5, 5), 3: (-6, -6), 6: (-6, 5), 8: (5, -6)}[orientation]
    red, green, _blue = shown.crop((left % shown.width, top % shown.height, shown.width, shown.height)).tobytes()[:3]
    assert red > 200 and green < 60


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_kind_of_pixel(mode: str) -> None:
    image = Image.new("I;16", (64, 64), 60_000) if mode == "I;16" else drawn().convert(mode)
    assert looked(encoded(image, "JPEG" if mode == "CMYK" else "PNG")).copy


def test_transparent_becomes_white() -> None:
    shown = Image.open(io.BytesIO(looked(encoded(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "PNG")).copy))
    assert shown.getpixel((9, 9)) == (255, 255, 255)


# --- What is refused -------------------------------------------------------------------------------


def test_a_bomb_is_refused_by_its_header() -> None:
    content = png_bomb()
    assert len(content) < 50_000
    assert "13000×13000" in refusal(content) and "12000" in refusal(content) and "40,000,000" in refusal(content)


@pytest.mark.parametrize("size", [(12_001, 10), (8_000, 5_001)])
def test_one_pixel_over_either_limit(size: tuple[int, int]) -> None:
    assert f"{size[0]}×{size[1]}" in refusal(encoded(Image.new("L", size), "PNG"))


def test_just_within_the_limits() -> None:
    assert looked(encoded(Image.new("RGBA", (8_000, 5_000)), "PNG", compress_level=1)).width == 8_000
    assert looked(encoded(Image.new("L", (12_000, 10)), "PNG")).width == 12_000


def test_too_many_bytes_are_refused_with_both_numbers() -> None:
    message = refusal(photo() + b"\0" * pictures.MOST_BYTES)
    assert "15.0 MB" in message and "15 MB" in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空的"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "HTML"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "HEIC"),
        (b"%PDF-1.7\n", "PDF"),
        (zipped(), "ZIP"),
        (b"hello", "不是图片"),
        (b"\xff\xd8\xff", "打不开"),
        (b"\x89PNG\r\n\x1a\n", "打不开"),
        (b"RIFF\0\0\0\0WEBPVP8X", "打不开"),
        (photo()[:4000], "打不开"),
        (encoded(drawn(), "PNG")[:4000], "打不开"),
        (encoded(drawn(), "WEBP")[:4000], "打不开"),
        (animated("GIF"), "动图"),
        (animated("PNG"), "动图"),
        (animated("WEBP"), "动图"),
        (photo() + zipped(), "别的文件"),
        (encoded(drawn(), "PNG") + zipped(), "别的文件"),
        (encoded(drawn(), "WEBP") + b"Rar!\x1a\x07\0", "别的文件"),
        (photo() + b"\n%PDF-1.7\n", "别的文件"),
        (photo(comment=zipped()), "别的文件"),
    ],
)
def test_what_is_no_photo_is_refused_in_words(content: bytes, said: str) -> None:
    assert said in refusal(content)


def test_what_phones_append_is_no_obstacle_and_is_left_behind() -> None:
    found = looked(photo() + b"\0\0\0\x18ftypmp42" + b"SEFH" * 900)
    assert b"ftyp" not in found.copy and b"SEFH" not in found.copy


@settings(max_examples=15)
@given(at=st.integers(2, 2000), junk=st.binary(min_size=1, max_size=60))
def test_any_damage_is_a_picture_or_a_sentence(at: int, junk: bytes) -> None:
    whole = photo()
    try:
        assert looked(whole[:at] + junk + whole[at + len(junk) :]).copy
    except PictureRefused as refused:
        assert refused.message.endswith("。")


def test_the_parent_stays_small() -> None:
    look_at(ContentFile(photo(), "a.jpg"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    image = encoded(Image.new("RGB", (7_000, 5_000)), "PNG", compress_level=1)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    look_at(ContentFile(image, "a.png"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - max(before, own) < 30_000  # KiB


def test_a_child_that_dies_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_MEMORY", 1 << 27)
    assert "处理不了" in refusal(encoded(Image.new("RGB", (6_000, 6_000)), "PNG"))


# --- Alike -------------------------------------------------------------------------------------------


def test_a_copy_of_a_picture_looks_alike_and_another_does_not() -> None:
    image = drawn(7, (1600, 1200))
    first = looked(encoded(image, quality=95)).phash
    for again in (encoded(image, quality=40), encoded(image.resize((700, 525))), encoded(image, "WEBP", quality=60)):
        assert distance(first, looked(again).phash) <= 6
    assert all(distance(first, looked(photo(seed)).phash) > 12 for seed in (1, 2, 3))
    assert distance(-1, 0) == 64 and distance(5, 5) == 0


# --- The child itself ----------------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Writes a module that a child can become."""

    def write(text: str) -> str:
        (tmp_path / "its_module.py").write_text(text)
        return "its_module"

    monkeypatch.setattr(children, "_ENVIRONMENT", {**children._ENVIRONMENT, "PYTHONPATH": str(tmp_path)})
    return write


LIMITS: dict[str, Any] = {"memory": 1 << 28, "cpu_seconds": 1, "file_bytes": 1000, "timeout": 20.0}


@pytest.mark.parametrize(
    ("text", "limits", "failure"),
    [
        ("x = bytearray(1 << 30)", {}, "out_of_memory"),
        ("while True: pass", {}, "too_slow"),
        ("import time; time.sleep(60)", {"timeout": 0.5}, "too_slow"),
        ("import sys; sys.stdout.write('x' * 5000)", {}, "crashed"),
        ("raise SystemExit(7)", {}, "crashed"),
        ("import os; os.abort()", {}, "crashed"),
    ],
)
def test_a_child_cannot_take_more_than_it_is_given(
    program: Callable[[str], str], text: str, limits: dict[str, float], failure: str
) -> None:
    with pytest.raises(children.ChildFailed) as failed:
        children.run_limited(program(text), b"", **{**LIMITS, **limits})
    assert failed.value.failure == failure


def test_a_child_gets_its_input_and_none_of_the_parents_secrets(
    program: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "very-secret")
    name = program("import os, sys; print(sys.argv[1], sys.stdin.read(), os.environ.get('SECRET_KEY'))")
    path = tmp_path / "in"
    path.write_bytes(b"given")
    for given_ in (b"given", path, io.BytesIO(b"given")):
        assert children.run_limited(name, given_, arguments=["a"], **LIMITS) == b"a given None\n"
