"""Hostile files and pictures sent to the running portal: each is refused in a sentence; web and worker live on."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from playwright.sync_api import expect

from facilities.models import Photo
from tests.browser.city import City
from tests.browser.conftest import Visit
from tests.browser.filing import form_of
from tests.browser.test_import import SECONDS, send
from tests.browser.watch import Watch
from tests.exchange import hostile
from tests.pictures import photo, png_bomb, zipped
from tests.servers import Servers

MB = 1024
# What they may grow by while they look at bombs of hundreds of megabytes.
MORE = 120 * MB
PICTURES = {
    "bomb.png": (png_bomb(), "13000×13000"),
    "archive.jpg": (photo(27) + zipped(), "别的文件"),
    "script.jpg": (b"\xff\xd8\xff\xe0<script>alert(1)</script>" + bytes(200), "打不开"),
}


def processes(servers: Servers) -> dict[int, int]:
    """Web and worker with their children, and the most memory that each has had, in KB."""
    pids = [pid for name in ("web", "worker") for pid in (servers.pid(name), *servers.children(name))]
    return {pid: _peak(pid) for pid in pids}


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def unharmed(servers: Servers, before: dict[int, int]) -> None:
    """Web and worker are those of before, and have not had much more memory."""
    assert servers.ended() == []
    after = processes(servers)
    assert after.keys() == before.keys(), "none died and was started anew"
    assert {pid: after[pid] - before[pid] for pid in after if after[pid] - before[pid] > MORE} == {}


def test_hostile_files_are_refused_and_web_and_worker_live_on(
    visit: Visit, city: City, watch: Watch, servers: Servers, tmp_path: Path
) -> None:
    page = visit("xn_entry", city)
    # Pages at rest have loaded what they load.
    page.goto("/exchange/new/")
    before = processes(servers)
    watch.allowed_status = {400, 413}
    for number, (make, _code, words) in enumerate(hostile.FILES.values()):
        path = tmp_path / f"{number}.xlsx"
        path.write_bytes(make())
        send(page, path)
        expect(page.locator("main")).to_contain_text(words)
    damaged = hostile.with_parts({}, replace={"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row>"})
    (tmp_path / "damaged.xlsx").write_bytes(damaged)
    send(page, tmp_path / "damaged.xlsx")
    expect(page.locator("main")).to_contain_text("文件损坏", timeout=SECONDS)
    unharmed(servers, before)
    book = openpyxl.Workbook()
    book.active.append(["小区全称", "不认识的一列"])  # type: ignore[union-attr]
    book.save(tmp_path / "good.xlsx")
    send(page, tmp_path / "good.xlsx")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("正在", timeout=SECONDS)


def test_hostile_pictures_are_refused_and_web_and_worker_live_on(
    visit: Visit, city: City, watch: Watch, servers: Servers, tmp_path: Path
) -> None:
    project = city.sites[-1]
    page = visit("xn_entry", city)
    page.goto(f"{form_of(project)}photos/")
    before = processes(servers)
    watch.allowed_status = {400}
    for name, (content, words) in PICTURES.items():
        (tmp_path / name).write_bytes(content)
        page.set_input_files("[name=picture]", tmp_path / name)
        page.get_by_role("button", name="传这张").click()
        expect(page.locator("main")).to_contain_text(words)
    unharmed(servers, before)
    assert not Photo.objects.filter(project=project).exists()
    (tmp_path / "good.jpg").write_bytes(photo(29))
    page.set_input_files("[name=picture]", tmp_path / "good.jpg")
    page.get_by_role("button", name="传这张").click()
    expect(page.locator(".toasts")).to_contain_text("照片已传上")
