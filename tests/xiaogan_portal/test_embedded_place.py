"""The data directory: sockets that the kernel accepts, a private key, locks, refusals in a sentence."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.xiaogan_portal.embedded_helpers import embedded, free_port
from xiaogan_portal import env
from xiaogan_portal.embedded import EmbeddedError
from xiaogan_portal.embedded.commands import environment_of
from xiaogan_portal.embedded.locks import FileLock
from xiaogan_portal.embedded.place import LONGEST_SOCKET_NAME, LONGEST_SOCKET_PATH, Place, private_directory
from xiaogan_portal.embedded.run import refuse_taken_port


def test_sockets_lie_in_the_data_directory_while_the_kernel_accepts_the_path() -> None:
    assert Place(Path("/srv/portal")).sockets == Path("/srv/portal/sockets")


@pytest.mark.parametrize("folder", ["/srv/" + "long/" * 30, "/srv/" + "孝感" * 20])
def test_a_long_data_directory_gets_short_sockets_of_its_own(folder: str) -> None:
    sockets = Place(Path(folder)).sockets

    assert len(os.fsencode(sockets / LONGEST_SOCKET_NAME)) <= LONGEST_SOCKET_PATH
    assert sockets != Place(Path(folder) / "other").sockets
    assert sockets == Place(Path(folder)).sockets


@pytest.mark.parametrize("folder", ["/srv/portal", "/srv/Upper Case+and 100%", "/srv/孝感"])
def test_settings_read_the_sockets_out_of_the_address(
    folder: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECRET_KEY", "given")
    place = Place(Path(folder))
    for name, value in environment_of(place).items():
        monkeypatch.setenv(name, value)

    config = env.database("DATABASE_URL")

    assert (config["HOST"], config["USER"], config["NAME"]) == (str(place.sockets), "portal", "portal")
    assert env.database("DATABASE_OWNER_URL")["USER"] == "portal_owner"


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    place = Place(tmp_path)

    key = place.secret_key()

    assert len(key) > 50
    assert place.secret_key() == key
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_a_private_directory_is_closed_to_others(tmp_path: Path) -> None:
    private_directory(tmp_path / "sockets", os.getuid(), os.getgid())

    assert (tmp_path / "sockets").stat().st_mode & 0o777 == 0o700


def test_a_link_in_place_of_the_private_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sockets").symlink_to("/etc")

    with pytest.raises(EmbeddedError, match="belongs to somebody else"):
        private_directory(tmp_path / "sockets", os.getuid(), os.getgid())


def test_a_lock_has_one_holder_and_ends_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    code = (
        "import sys, time, pathlib; from xiaogan_portal.embedded.locks import FileLock;"
        "lock = FileLock(pathlib.Path(sys.argv[1])); lock.take(holder='first');"
        "print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with FileLock(path) as lock:
            assert not lock.take()
            assert lock.holder() == f"first (process {holder.pid})"
            holder.kill()
            holder.wait()
            assert lock.take()


def test_a_second_copy_on_the_same_data_is_refused_in_a_sentence(data: Path) -> None:
    Place(data).prepare()
    with FileLock(data / "run" / "postgres.lock") as lock:
        lock.take(holder="make run")

        done = embedded(data, "run", PORT=str(free_port()))

    assert done.returncode == 1
    assert f"The data in {data} is in use by make run (process {os.getpid()})." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(EmbeddedError, match=f"Port {port} cannot be used"):
            refuse_taken_port(port)

        done = embedded(tmp_path / "data", "run", PORT=str(port))

    assert done.returncode == 1
    assert f"Port {port} cannot be used (Address already in use)." in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("port", ["0", "65536", "http", "８０００"])
def test_a_port_that_is_no_port_is_refused(port: str, tmp_path: Path) -> None:
    done = embedded(tmp_path / "data", "run", PORT=port)

    assert done.returncode == 1
    assert "PORT must be a number from 1 to 65535" in done.stderr
