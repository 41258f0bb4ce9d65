"""Fixtures of the embedded mode's tests."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.xiaogan_portal.embedded_helpers import kill_all


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """An empty data directory. Not pytest's own, which closes its parents to the servers' account again."""
    folder = Path(tempfile.mkdtemp(prefix="portal-data-"))
    yield folder
    kill_all(folder)
    shutil.rmtree(folder)
