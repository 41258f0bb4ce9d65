"""What the processes hold when nobody asks anything, beside a process that has only loaded Django."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from bench.report import tell

REST_SECONDS = 5
BARE = "import django; from django.conf import settings as s; s.configure(); django.setup(); print(flush=True); input()"


def family_of(pid: int) -> list[int]:
    """A process and all its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in family_of(int(child)))]


def megabytes(pid: int) -> tuple[float, float]:
    """Resident memory, and the share of it that is the process's own (shared pages divided among their users)."""
    values = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, amount, *_unit = line.split()
        values[name] = int(amount) / 1024
    return values["Rss:"], values["Pss:"]


def at_rest(running: dict[str, subprocess.Popen[bytes]]) -> None:
    """Web, worker and beat, each with its children."""
    time.sleep(REST_SECONDS)
    bare = subprocess.Popen([sys.executable, "-c", BARE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert bare.stdin is not None and bare.stdout is not None
    bare.stdout.readline()
    yardstick = megabytes(bare.pid)[0]
    bare.communicate(b"\n")
    for name, process in running.items():
        held = [megabytes(pid) for pid in family_of(process.pid)]
        resident, own = (sum(part) for part in zip(*held, strict=True))
        tell(
            measure=f"memory at rest, {name}",
            yardstick="resident memory of a process that has loaded Django and nothing else",
            processes=len(held),
            rss_mb=round(resident, 1),
            pss_mb=round(own, 1),
            yardstick_mb=round(yardstick, 1),
            ratio=round(own / yardstick, 1),
        )
