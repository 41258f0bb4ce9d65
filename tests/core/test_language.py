"""Chinese unless somebody chooses English; the choice is theirs alone and stays."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def test_a_browser_that_prefers_english_still_gets_chinese(client: Client) -> None:
    page = client.get("/accounts/login/", headers={"accept-language": "en-US,en;q=0.9"})
    assert page["Content-Language"] == "zh-hans"
    assert '<html lang="zh-Hans"' in page.text


def test_the_switch_turns_the_page_into_english_and_back(client: Client) -> None:
    answer = client.post("/language/", {"language": "en", "next": "/accounts/login/"})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    page = client.get("/accounts/login/")
    assert '<html lang="en"' in page.text
    assert "简体中文" in page.text
    client.post("/language/", {"language": "zh-hans", "next": "/accounts/login/"})
    assert '<html lang="zh-Hans"' in client.get("/accounts/login/").text


def test_an_error_page_says_which_language_it_is_in(client: Client) -> None:
    client.cookies["portal_language"] = "en"
    page = client.get("/nowhere/")
    assert page.status_code == 404 and '<html lang="en"' in page.text
    client.cookies["portal_language"] = "zh-hans"
    assert '<html lang="zh-Hans"' in client.get("/nowhere/").text


@pytest.mark.parametrize("chosen", ["xx", "", "en'\"", "zh-hans;en"])
def test_an_unknown_language_is_chinese(client: Client, chosen: str) -> None:
    client.cookies["portal_language"] = chosen
    assert client.get("/accounts/login/")["Content-Language"] == "zh-hans"


def test_the_switch_leads_nowhere_else(client: Client) -> None:
    answer = client.post("/language/", {"language": "en", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
