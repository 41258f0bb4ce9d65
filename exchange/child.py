"""The process in which a file is parsed: bounded in memory, time and output, without secrets, without the database.

`python -m exchange.child` reads one request (JSON) from its input and answers in lines of JSON. No Django here:
whatever a file does to the parser, it happens to this process alone.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Mapping
from typing import Any

MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 60
LARGEST_OUTPUT = 128 * 1024 * 1024


def limit() -> None:
    """Bind this process before it touches the file; what it starts would inherit it."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_OUTPUT),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main() -> int:
    """Do what the request asks; the last line says how it ended: `end`, or `refused` with a code."""
    limit()
    request = json.load(sys.stdin)
    try:
        end = _mark(request) if request["task"] == "mark" else _read(request)
    except MemoryError:
        return _refuse("memory")
    except RecursionError:
        return _refuse("damaged")
    except Exception as error:  # whatever a parser raises at a broken file
        print(f"{type(error).__name__}: {error}"[:500], file=sys.stderr)  # noqa: T201 - the parent logs it
        return _refuse("damaged")
    _say(end)
    return 0


def _read(request: Mapping[str, Any]) -> dict[str, Any]:
    from exchange import heads
    from exchange.sheets import open_sheets

    sheets, mark = open_sheets(request["path"], request["format"], request["encoding"])
    layout, sheet = heads.find(sheets, request)
    layout.mark = mark
    _say({"layout": layout.as_json()})
    if sheet is None:
        return {"refused": "no_head"}
    if not layout.found:
        return {"end": {"rows": 0, "skipped": [], "unread": []}}
    key = next((layout.columns.get(column["code"]) for column in request["columns"] if column["key"]), None)
    count, skipped, totals = 0, [], False
    places, unread = layout.columns.items(), heads.Unread(layout, request["passed_by"])
    for number, cells in sheet.rows():
        told = sum(heads.filled(cells.get(place)) for _code, place in places)
        if number < layout.head + layout.depth or not told:
            continue
        if heads.is_remark(cells, key, alone=totals and told == 1):
            skipped.append(number)
            totals = totals or heads.is_total(cells)
            continue
        count += 1
        if count > request["most_rows"]:
            return {"refused": "too_many_rows"}
        unread.see(cells)
        _say({"row": number, "cells": {code: cells[place] for code, place in places if place in cells}})
    return {"end": {"rows": count, "skipped": skipped[:50], "unread": unread.told()}}


def _mark(request: Mapping[str, Any]) -> dict[str, Any]:
    from exchange import marked

    marked.write(request)
    return {"end": {"rows": len(request["problems"])}}


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")


def _refuse(code: str) -> int:
    _say({"refused": code})
    return 0


if __name__ == "__main__":
    sys.exit(main())
