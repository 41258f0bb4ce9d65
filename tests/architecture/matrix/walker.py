"""Walks one route as every person and reports each answer that the written row does not allow."""

from __future__ import annotations

import io
import itertools
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import URLPattern, reverse

from tests.architecture.matrix.world import PEOPLE, World

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SAFE = ("GET", "HEAD", "OPTIONS")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
CITY = frozenset({"city_office", "leader"})
UNIT = frozenset({"county_entry", "county_reviewer"})
STOPS = frozenset({"inspector", "work_team", "deputy"})
ALL = CITY | UNIT | STOPS


@dataclass(frozen=True)
class Row:
    """Who may see and who may change behind a route. Written by hand: it repeats no code of the portal.

    `record` names the world's record that the route's key stands for; without one the route is a list or page.
    `view` may read it, `edit` may write it; only `everywhere` roles reach a foreign unit's record.
    `form`: reading the page already needs the right to change. `shared`: the record belongs to no unit.
    """

    record: str = ""
    view: frozenset[str] = ALL
    edit: frozenset[str] = frozenset()
    methods: tuple[str, ...] = ("GET",)
    form: bool = False
    shared: bool = False
    everywhere: frozenset[str] = CITY
    kwargs: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    # Speaks JSON, with a key and a version; nobody without a right is led to a sign-in page.
    api: bool = False
    # Speaks JSON, but what is added comes as a form with a file.
    files: bool = False


def cells(row: Row, deep: bool) -> Iterator[tuple[str, str, str]]:
    """(person, place, method): all when deep; otherwise what reads and writes for all, the rest for one in five."""
    places = ("own", "foreign") if row.record and not row.shared else ("own",)
    people = ["", *PEOPLE]
    for n, (person, place, method) in enumerate(itertools.product(people, places, METHODS)):
        often = method in (row.methods if row.api else ("GET", "POST"))
        if row.api and method != "GET" and person not in row.edit:
            # Whoever may not write: one half at the own place, the other at the foreign one.
            often = often and (people.index(person) % 2 == 0) == (place == "own")
        if deep or n % 5 == 0 or often:
            yield person, place, method


def expected(row: Row, person: str, place: str, method: str) -> set[int]:
    """The statuses that the row allows."""
    if not person:
        return _for_strangers(row, method)
    if method not in row.methods and method not in SAFE:
        return {403, 404, 405}
    reaches = person in row.view and (place == "own" or person in row.everywhere)
    if row.record and not reaches:
        return {404} if method in row.methods else {404, 405}
    if not reaches:
        return {403} if method in row.methods or not row.api else {403, 405}
    writing = method not in SAFE
    if (writing or row.form) and person not in row.edit:
        return {403}
    if method not in row.methods:
        return {405}
    # A permitted write with an empty body: refused by the form, by a rule, or done.
    return ({200, 201, 204, 400, 403, 409, 412} if row.api else {200, 302, 400, 409, 422}) if writing else {200}


def _for_strangers(row: Row, method: str) -> set[int]:
    if row.api:
        return {401}
    return {302, 401, 403, 405} if method != "GET" else {302, 401}


def writes() -> int:
    """Rows inserted, updated or deleted in this transaction so far, tried ones included, on every portal table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(SUM(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_xact_user_tables"
            " WHERE relname NOT IN ('django_session', 'accounts_auditentry', 'accounts_receipt', 'portal_cache')"
            " AND relname NOT LIKE 'axes_%%'"
        )
        return int(cursor.fetchone()[0])


def address(name: str, row: Row, world: World, place: str) -> str:
    """The route's address for one place."""
    kwargs = dict(row.kwargs)
    if row.record:
        kwargs["pk"] = world.records[place][row.record].pk
    return reverse(name, kwargs=kwargs) + row.query


def clients_of(world: World) -> dict[str, Client]:
    """Everybody signed in, and a stranger."""
    clients = {person: Client(raise_request_exception=False) for person in ["", *PEOPLE]}
    for person, user in world.people.items():
        clients[person].force_login(user, backend=BACKEND)
    return clients


def ask(client: Client, method: str, address: str, row: Row) -> Any:
    """One request, with an empty body."""
    if not row.api:
        return client.generic(method, address)
    headers = {"Idempotency-Key": str(uuid.uuid4()), "If-Match": '"v1"'}
    if row.files and method == "POST":
        return client.generic(method, address, encode_multipart(BOUNDARY, {}), MULTIPART_CONTENT, headers=headers)
    return client.generic(method, address, "{}", content_type="application/json", headers=headers)


def walk(name: str, row: Row, world: World, *, deep: bool, clients: Mapping[str, Client] | None = None) -> list[str]:
    """Everything that is wrong with a route."""
    faults: list[str] = []
    clients = clients or clients_of(world)
    asked = [(person, place, method, "") for person, place, method in cells(row, deep)]
    if not row.record and not row.form and not row.api and "GET" in row.methods:
        # A list may be taken out as a file: by whoever sees the page, and with nothing that the page does not show.
        asked += [(person, "own", "GET", "export=xlsx") for person in clients]
    for person, place, method, query in asked:
        before = writes()
        url = address(name, row, world, place)
        response = ask(clients[person], method, f"{url}{'&' if '?' in url else '?'}{query}" if query else url, row)
        allowed = expected(row, person, place, method)
        cell = f"{name} {method} {query} as {person or 'anonymous'} on {place}"
        if response.status_code not in allowed:
            faults.append(f"{cell}: {response.status_code}, allowed {sorted(allowed)}")
        refused = response.status_code in (401, 403, 404, 405) or person not in row.edit or method in SAFE
        if refused and writes() != before:
            faults.append(f"{cell}: wrote behind a refusal")
        faults += leaks(cell, row, world, person, place, response)
    return faults


def leaks(cell: str, row: Row, world: World, person: str, place: str, response: Any) -> list[str]:
    """A foreign record's name in any answer to somebody who may not see it."""
    if person in CITY | row.everywhere:
        return []
    text = text_of(response)
    found = [f"{cell}: shows a foreign record"] if world.marks["foreign"] in text else []
    if person not in row.view and world.marks["own"] in text:
        found.append(f"{cell}: shows a record to somebody without a right to it")
    return found


def text_of(response: Any) -> str:
    """Everything that an answer holds as text; of a workbook the parts that Excel would read."""
    if not getattr(response, "streaming", False):
        return str(response.content.decode("utf-8", "replace"))
    content = b"".join(response.streaming_content)
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return " ".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())


def takes_key(pattern: URLPattern) -> bool:
    """Whether a route names one record."""
    return "pk" in pattern.pattern.converters
