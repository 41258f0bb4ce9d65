"""Under which account the servers run: PostgreSQL refuses root, so root lends it a system account."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from xiaogan_portal.embedded.errors import EmbeddedError, warn
from xiaogan_portal.embedded.place import Place

ACCOUNT_NAME = "xiaogan-portal"


@dataclass(frozen=True)
class Account:
    """Who runs the servers. `switched` says that it is not the account that runs this process."""

    uid: int
    gid: int
    switched: bool

    def launcher(self, death_signal: str) -> list[str]:
        """The words before a command that runs it as this account and signals it when its parent dies."""
        words = ["setpriv", "--pdeathsig", death_signal]
        if self.switched:
            words += ["--reuid", str(self.uid), "--regid", str(self.gid), "--clear-groups"]
        return words


def server_account() -> Account:
    """The caller's own account, or for root the system account, which is created at the first call."""
    if shutil.which("setpriv") is None:
        raise EmbeddedError("The program “setpriv” is missing; install the package util-linux.")
    if os.getuid() != 0:
        return Account(os.getuid(), os.getgid(), switched=False)
    try:
        entry = pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        warn(f"Creating the system account {ACCOUNT_NAME}: PostgreSQL refuses to run as root.")
        _create_account()
        entry = pwd.getpwnam(ACCOUNT_NAME)
    return Account(entry.pw_uid, entry.pw_gid, switched=True)


def _create_account() -> None:
    command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent"]
    command += ["--shell", "/usr/sbin/nologin", "--user-group", ACCOUNT_NAME]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        raise EmbeddedError(
            f"The program “useradd” is missing; create a system account named {ACCOUNT_NAME} yourself, "
            "or start the portal as an ordinary user."
        ) from None
    # 9: the name exists, because a second copy was faster.
    if done.returncode not in (0, 9):
        raise EmbeddedError(f"The system account {ACCOUNT_NAME} could not be created: {done.stderr.strip()}")


def open_the_way(path: Path, account: Account) -> None:
    """Let the account pass through `path` and its parents: o+x where it is missing, never o+r. Says what it changes."""
    if not account.switched:
        return
    for folder in (path, *path.parents):
        mode = stat.S_IMODE(folder.stat().st_mode)
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
            warn(f"Let the account {ACCOUNT_NAME} pass through {folder} (o+x; its contents stay unlisted).")


def usable_folder(folder: Path, parts: Sequence[str], package: str, place: Place, account: Account) -> Path:
    """A folder below which the account can run and read `parts` (relative paths of files and trees).

    That is `folder`, where packages are installed, if others may read it; otherwise a copy of the parts in the data
    directory, made once per version and laid out alike, because programs find their libraries by relative paths.
    """
    if not account.switched:
        return folder
    if all(_readable_by_others(folder / part) for part in parts):
        for part in parts:
            open_the_way((folder / part).parent, account)
        return folder
    copy = place.data / "programs" / f"{package}-{metadata.version(package)}"
    if not copy.exists():
        warn(f"Copying {package} to {copy}: the account {ACCOUNT_NAME} cannot read it in {folder}.")
        fresh = copy.with_name(f"{copy.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        for part in parts:
            _copy(folder / part, fresh / part)
        _let_others_read(fresh)
        fresh.rename(copy)
    for part in parts:
        open_the_way((copy / part).parent, account)
    return copy


def _readable_by_others(source: Path) -> bool:
    return all(_open_to_others(path) for path in (source, *source.rglob("*")) if not path.is_symlink())


def _open_to_others(path: Path) -> bool:
    mode = path.stat().st_mode
    wanted = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() or mode & stat.S_IXUSR else 0)
    return mode & wanted == wanted


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target)


def _let_others_read(root: Path) -> None:
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if executable else 0o644)
