"""Promise S17–S20: what is no plain table is refused before it is parsed, with the sentence that leads out."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from exchange import child, guard, reader
from exchange.guard import Format, Refused
from exchange.models import Batch
from tests.exchange import hostile
from tests.exchange.conftest import stored_files, upload, workbook


def inspect(content: bytes) -> Format:
    return guard.inspect(io.BytesIO(content), len(content))


@pytest.mark.parametrize("name", hostile.FILES)
def test_a_hostile_file_is_refused_with_its_own_sentence(name: str) -> None:
    make, code, words = hostile.FILES[name]
    with pytest.raises(Refused, match=words) as refusal:
        inspect(make())
    assert refusal.value.code == code


def test_the_guard_takes_little_memory_whatever_it_looks_at() -> None:
    """A hundred megabytes unpacked do not become memory: counted in a process of its own."""
    script = (
        "import resource, sys, django; django.setup()\n"
        "from exchange import guard\n"
        "from tests.exchange import hostile\n"
        "import io\n"
        "content = sys.stdin.buffer.read()\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    guard.inspect(io.BytesIO(content), len(content))\n"
        "except guard.Refused as found:\n"
        "    print(found.code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=hostile.bomb(), capture_output=True, cwd=settings.BASE_DIR, check=True
    )
    code, more = done.stdout.split()
    assert (code, int(more) < 20_000) == (b"bomb", True)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (hostile.plain(), Format.XLSX),
        ("编号,名称\nXC-P-001,金桥社区\n".encode(), Format.CSV),
        ("\ufeff编号,名称\nXC-P-001,𠮷祥社区\n".encode(), Format.CSV),
        ("编号,名称\nXC-P-001,𠮷祥社区\n".encode("gb18030"), Format.CSV),
        (workbook([["编号", "名称"], *[[f"XC-P-{n:03}", "金桥社区", *range(12)] for n in range(2000)]]), Format.XLSX),
    ],
)
def test_a_plain_table_passes(content: bytes, kind: Format) -> None:
    assert inspect(content) == kind


def test_a_far_cell_that_is_only_formatted_passes() -> None:
    rows = b'<row r="1048576" s="1"><c r="XFD1048576" s="0"/></row>'
    assert inspect(hostile.with_parts({}, replace=hostile._sheet(rows))) == Format.XLSX


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["bomb", "macros", "renamed HTML", ".xls"])
def test_the_page_says_it_at_the_field_and_keeps_nothing(name: str, clerk: Any, as_user: Any) -> None:
    make, _code, words = hostile.FILES[name]
    answer = as_user(clerk).post(reverse("exchange:upload"), {"file": SimpleUploadedFile("表.xlsx", make())})
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert (stored_files(), Batch.objects.count()) == ([], 0)


def limits_of_child() -> dict[str, int]:
    script = (
        "import json, resource\nfrom exchange import child\nchild.limit()\n"
        "print(json.dumps({n: resource.getrlimit(getattr(resource, n))[1]"
        " for n in ('RLIMIT_AS', 'RLIMIT_CPU', 'RLIMIT_FSIZE')}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=settings.BASE_DIR, check=True)
    return dict(json.loads(done.stdout))


def test_the_child_is_bounded_and_holds_no_secret() -> None:
    assert limits_of_child() == {
        "RLIMIT_AS": child.MEMORY,
        "RLIMIT_CPU": child.CPU_SECONDS,
        "RLIMIT_FSIZE": child.LARGEST_OUTPUT,
    }
    assert not {"DATABASE_URL", "SECRET_KEY", "REDIS_URL"} & set(reader._environment())


def test_a_file_that_eats_memory_ends_at_the_limit(tmp_path: Any) -> None:
    """With a limit small enough to be reached by a test: no answer but a refusal, and no dead machine."""
    path = tmp_path / "big.xlsx"
    path.write_bytes(workbook([["编号", "名称"], *[[f"{n}", f"{n}" * 1000] for n in range(20_000)]]))
    script = "from exchange import child; child.MEMORY = 100 * 1024 * 1024; child.main()"
    request = {"task": "read", "path": str(path), "format": "xlsx", "encoding": "", "columns": [], "maps": []}
    command = [sys.executable, "-c", script]
    sent = json.dumps(request).encode()
    environment = reader._environment()
    done = subprocess.run(command, input=sent, capture_output=True, cwd=settings.BASE_DIR, env=environment, check=False)
    # It says so, or dies of it; `reader.ask` takes both for the same.
    assert done.stdout in (b"", b'{"refused": "memory"}\n')


@pytest.mark.django_db
def test_a_child_that_hangs_is_ended(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "WALL_SECONDS", 0.01)
    batch = upload(clerk, hostile.plain())
    assert (batch.state, "读得太久" in batch.trouble) == ("refused", True)


@pytest.mark.django_db
def test_broken_xml_is_refused_by_the_child(clerk: Any) -> None:
    content = hostile.with_parts({}, replace={"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row>"})
    batch = upload(clerk, content)
    assert (batch.state, "文件损坏" in batch.trouble) == ("refused", True)
