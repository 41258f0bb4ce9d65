"""`python -m bench [part …]`: every part unless some are named. JSON lines on stdout, progress on stderr."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import sys
from pathlib import Path

import django

from bench.place import own_place, processes
from bench.report import Rounds, tell
from xiaogan_portal.embedded.errors import warn

PARTS = ("pages", "export", "memory", "rollup", "rollup-large")
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
    for size, group in ((chosen.communities, PARTS[:4]), (chosen.large, PARTS[4:])):
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
            from bench import figures, memory, web

            if {"pages", "export", "memory"} & set(parts):
                with processes(place) as started:
                    steps = {
                        "pages": lambda: web.pages(started.port),
                        "export": lambda: web.export(started.port, full=communities >= SMALL),
                        "memory": lambda: memory.at_rest(started.running),
                    }
                    for part in parts:
                        if part in steps:
                            warn(f"{part} …")
                            steps[part]()
            if any(part.startswith("rollup") for part in parts):
                warn("roll-up …")
                figures.rollups()
            django.db.connections.close_all()
    except SystemExit as failure:
        warn(str(failure))
        return 1
    return 0


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
