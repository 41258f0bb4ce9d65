"""`python -m bench [part …]`: every part unless some are named. JSON lines on stdout, progress on stderr."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import sys
from collections.abc import Callable
from contextlib import nullcontext
from itertools import groupby
from pathlib import Path

import django

from bench.place import Processes, own_place, processes
from bench.report import Rounds, tell
from xiaogan_portal.embedded.errors import warn

# In this order, whatever the order of asking: the later ones add to the city what would weigh on the earlier ones.
PARTS = ("pages", "export", "memory", "projects", "rollup", "batch", "photos", "import", "rollup-large")
# Those that ask the portal's own processes. The others have the machine to themselves.
SERVED = frozenset({"pages", "export", "memory", "projects", "batch"})
SMALL, LARGE = 419, 20_000


def main(arguments: list[str]) -> int:
    """Take the measures that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)}; all unless named")
    parser.add_argument("--communities", type=int, default=SMALL, help="size of the sample city")
    parser.add_argument("--large", type=int, default=LARGE, help="size of the city for rollup-large")
    parser.add_argument("--rounds", type=int, help="take each measure at most so often: a look whether all works")
    chosen = parser.parse_args(arguments)
    Rounds.most = chosen.rounds
    parts = chosen.parts or list(PARTS)
    if unknown := sorted(set(parts) - set(PARTS)):
        parser.error(f"no such part: {', '.join(unknown)}")
    tell(**machine())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaogan_portal.settings")
    for size, group in ((chosen.communities, PARTS[:-1]), (chosen.large, PARTS[-1:])):
        asked = [part for part in group if part in parts]
        # Settings are read once: the second city has a process of its own.
        if asked and os.fork() == 0:
            os._exit(_take(asked, size))
        if asked and os.waitstatus_to_exitcode(os.wait()[1]) != 0:
            return 1
    return 0


def _take(parts: list[str], communities: int) -> int:
    warn(f"{', '.join(parts)}: preparing a city of {communities} communities …")
    try:
        with own_place(communities) as place:
            django.setup()
            for served, group in groupby(parts, key=SERVED.__contains__):
                with processes(place) if served else nullcontext() as started:
                    steps = _steps(started, full=communities >= SMALL)
                    for part in group:
                        warn(f"{part} …")
                        steps[part]()
            django.db.connections.close_all()
    except SystemExit as failure:
        warn(str(failure))
        return 1
    return 0


def _steps(started: Processes | None, *, full: bool) -> dict[str, Callable[[], None]]:
    """What each part does, with the portal's processes where it asks them."""
    from bench import batch, figures, imports, memory, photos, web

    if started is None:
        return {
            "rollup": figures.rollups,
            "photos": lambda: photos.alike(full=full),
            "import": lambda: imports.imported(full=full),
            "rollup-large": figures.rollups,
        }
    port, running = started.port, started.running
    return {
        "pages": lambda: web.pages(port),
        "export": lambda: web.export(port, full=full),
        "memory": lambda: memory.at_rest(running),
        "projects": lambda: web.projects(port),
        "batch": lambda: batch.whole_unit(port),
    }


def machine() -> dict[str, object]:
    """What the figures were taken on."""
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    return {
        "taken_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "memory_gb": round(int(memory.split()[1]) / 1024**2, 1),
        "load_before": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "django": django.get_version(),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
