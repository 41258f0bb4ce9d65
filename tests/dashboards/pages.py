"""Reading the pages of figures as a person does: what is shown, and where a number leads."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

from django.test import Client

LEADER = "/dashboards/"
_LINK = re.compile(r'<a [^>]*href="(/dashboards/\d{4}Q\d/[^"]*)"[^>]*>(.*?)</a>', re.S)
_NUMBER = re.compile(r"\d[\d,.]*%?")


@dataclass(frozen=True)
class NumberLink:
    """A link to facts, and the number that it shows (empty where it shows none)."""

    url: str
    number: str


def source(client: Client, address: str = LEADER) -> str:
    """The page's source; it must be there."""
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return response.content.decode()


def words(text: str) -> str:
    """What a reader sees: no tags, one space at most."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def number_links(page: str) -> list[NumberLink]:
    """Every link to facts with its number."""
    found = []
    for address, inside in _LINK.findall(page):
        number = _NUMBER.search(words(inside))
        found.append(NumberLink(html.unescape(address), number[0] if number else ""))
    return found


def facts(client: Client, address: str) -> Any:
    """What the page of facts was made from."""
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return response.context["facts"]


def listed_on(client: Client, address: str) -> list[str]:
    """The names on all pages of a list."""
    separator = "&" if "?" in address else "?"
    page, names = facts(client, address).page, []
    for number in page.paginator.page_range:
        names += [row.name for row in facts(client, f"{address}{separator}page={number}").rows]
    return names
