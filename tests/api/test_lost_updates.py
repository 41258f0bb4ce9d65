"""Many writers of one record: each adds one and none is lost. Who comes second is told, and adds to what is there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from communities.models import Community
from core.history import events_of
from tests import factories
from tests.api.conftest import Caller
from tests.conftest import DEEP

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS, ROUNDS = (20, 50) if DEEP else (6, 4)


def add_one(caller: Caller, address: str) -> Any:
    """Reads and writes until its addition is in, or something else than a newer version is in the way."""
    while True:
        read = caller.get(address).json()
        answer = caller.patch(address, {"households": read["households"] + 1}, version=read["version"])
        if answer.status_code != 412:
            return answer


def test_no_update_is_lost(call_with_token: Callable[..., Caller]) -> None:
    community = factories.make_community(factories.make_units()["XC"], households=0)
    caller = call_with_token(factories.make_user("city_office"))
    barrier, answers = threading.Barrier(WRITERS), list[int]()

    def write() -> None:
        mine = Caller(headers=caller.headers)
        barrier.wait()
        try:
            answers.extend(add_one(mine, f"communities/{community.pk}/").status_code for _ in range(ROUNDS))
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * WRITERS * ROUNDS
    stored = Community.objects.get()
    assert (stored.households, stored.version) == (WRITERS * ROUNDS, WRITERS * ROUNDS + 1)
    assert events_of(stored).count() == WRITERS * ROUNDS + 1
