"""Work on what a stranger sent is done by a child process with limits: the parent lives on whatever is in the file.

`run_limited` is for the parent. The same file, run as a program, is the child's first step: it limits itself and then
becomes the module that does the work, which reads standard input and writes its result to standard output.
"""

from __future__ import annotations

import os
import resource
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
# The child says by its exit status that it ran out of memory; everything else that is not 0 is a crash.
OUT_OF_MEMORY = 3
_TOLD = 2000
# Nothing of the parent's environment: it holds the addresses of databases and the secret key.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Failure(StrEnum):
    """How a child failed."""

    TOO_SLOW = "too_slow"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"


class ChildFailed(Exception):
    """A child gave no result. `failure` says how; `told` is the end of what it wrote to standard error."""

    def __init__(self, module: str, failure: Failure, told: str = "") -> None:
        super().__init__(f"{module}: {failure} {told}".strip())
        self.failure = failure
        self.told = told


def run_limited(
    module: str,
    given: bytes | Path | IO[bytes],
    *,
    arguments: Sequence[str] = (),
    memory: int,
    cpu_seconds: int,
    file_bytes: int,
    timeout: float,
) -> bytes:
    """Run `module` as a program of its own with `given` as its standard input; return its standard output.

    `given` is bytes, a path, or an open file, which is read from its beginning. `memory` is the address space in
    bytes, `cpu_seconds` computing time, `file_bytes` the most that the child may write to any file, its output among
    them, `timeout` seconds on the clock. Raises ChildFailed for a child that exceeds one of them, dies or ends with
    an error. At no time does the parent hold more than the result.
    """
    limits = [str(memory), str(cpu_seconds), str(file_bytes)]
    command = [sys.executable, "-m", "core.children", *limits, module, *arguments]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as told, _opened(given) as source:
        child = subprocess.Popen(  # noqa: S603  the portal's own interpreter and module
            command, stdin=source, stdout=out, stderr=told, cwd=ROOT, env=_ENVIRONMENT, start_new_session=True
        )
        try:
            status = child.wait(timeout)
        except subprocess.TimeoutExpired as late:
            raise ChildFailed(module, Failure.TOO_SLOW) from late
        finally:
            if child.poll() is None:
                _end(child)
        if status != 0:
            raise ChildFailed(module, _failure(status), _tail(told))
        out.seek(0)
        return out.read()


def _opened(given: bytes | Path | IO[bytes]) -> IO[bytes]:
    """A file that the child can read from its beginning, with a descriptor of its own."""
    if isinstance(given, Path):
        return given.open("rb")
    copy = tempfile.TemporaryFile()  # noqa: SIM115  the caller closes it
    if isinstance(given, bytes):
        copy.write(given)
    else:
        given.seek(0)
        while block := given.read(1 << 16):
            copy.write(block)
        given.seek(0)
    copy.seek(0)
    return copy


def _end(child: subprocess.Popen[bytes]) -> None:
    """The child and whatever it started: it leads a group of its own."""
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _failure(status: int) -> Failure:
    if status == -signal.SIGXCPU:
        return Failure.TOO_SLOW
    return Failure.OUT_OF_MEMORY if status == OUT_OF_MEMORY else Failure.CRASHED


def _tail(told: IO[bytes]) -> str:
    told.seek(max(0, told.seek(0, os.SEEK_END) - _TOLD))
    return told.read().decode("utf-8", "replace").strip()


def _become(limits: Sequence[str], module: str, arguments: Sequence[str]) -> None:
    """The child: limit oneself for good, then be the module."""
    memory, cpu_seconds, file_bytes = map(int, limits)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__")
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


if __name__ == "__main__":
    _become(sys.argv[1:4], sys.argv[4], sys.argv[5:])
