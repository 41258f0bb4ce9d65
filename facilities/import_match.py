"""Which project a row of a sheet means: by the portal's number, or by its community and name, as counties know it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from communities.models import Community
from core.sentences import gettext as _t
from exchange.registry import Row
from facilities.models import Project

K = TypeVar("K")
V = TypeVar("V")
# So many names are offered where one is not found.
OFFERED = 5


class NoMatch(Exception):
    """The row means no project, or more than one: in which column that shows, and the sentence with the way out."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message


class Finder:
    """Some projects, and the communities that they may stand in, by everything that a sheet calls them by."""

    def __init__(self, projects: Iterable[Project], communities: Iterable[Community]) -> None:
        self.projects = {project.pk: project for project in projects}
        self.communities = {community.code: community for community in communities}
        self._by_name = _Names(("", row.name, row) for row in self.communities.values())
        self._by_project = _Names((row.community_id, row.name, row) for row in self.projects.values())
        self._taken: dict[int, int] = {}

    def numbered(self, number: str) -> Project | None:
        """The project with this number."""
        return self.projects.get(int(number)) if number.isdecimal() and len(number) < 19 else None

    def community(self, row: Row) -> Community:
        """The community that the row names: by its code or, without one, by its name. Raises NoMatch."""
        code, name = row.values.get("community_code") or "", row.values.get("community") or ""
        if code and code not in self.communities:
            raise NoMatch("community_code", _t("“%(code)s”不是这个单位的社区。核对社区编号。") % {"code": code})
        if code:
            return self.communities[code]
        if not name:
            column = "community_code" if "community_code" in row.values else "community"
            raise NoMatch(column, _t("没有写社区。写社区编号或社区名称，每一行都要写（合并的单元格只算它的第一行）。"))
        found = self._by_name.find("", name)
        if not found:
            sentence = _t("这个单位没有叫“%(name)s”的社区。社区名称要和登记的一样，或写社区编号。")
            raise NoMatch("community", sentence % {"name": name})
        if len(found) > 1:
            told = {"name": name, "codes": "、".join(f"{row.name}（{row.code}）" for row in found)}
            raise NoMatch("community", _t("这个单位叫“%(name)s”的社区不止一个：%(codes)s。写社区编号。") % told)
        return found[0]

    def named(self, community: Community, name: str) -> Sequence[Project]:
        """The community's projects that may be meant by a name: one as a rule, none, or several."""
        return self._by_project.find(community.pk, name)

    def project(self, row: Row) -> Project:
        """The project that the row means; whatever the row says of it besides must be true. Raises NoMatch."""
        number = row.values.get("number") or ""
        project = self.numbered(number) if number else self._by_names(row)
        if project is None:
            sentence = _t("这个单位这个月没有编号为 %(number)s 的项目。核对项目编号；不知道的留空，写社区和项目名称。")
            raise NoMatch("number", sentence % {"number": number})
        _require_agreement(row, project)
        return project

    def take(self, project: Project, row: Row) -> None:
        """Note that the row is this project's. Raises NoMatch where a row further up is, however either names it."""
        first = self._taken.setdefault(project.pk, row.number)
        if first != row.number:
            told = {"row": first, "project": project.name}
            raise NoMatch("", _t("这一行和第 %(row)s 行是同一个项目（“%(project)s”）。只留一行。") % told)

    def _by_names(self, row: Row) -> Project:
        community, name = self.community(row), row.values.get("project") or ""
        if not name:
            raise NoMatch("project", _t("没有写项目，看不出是哪一个。写项目名称，或写项目编号。"))
        found = self.named(community, name)
        if len(found) == 1:
            return found[0]
        told = {"community": community.name, "name": name}
        if found:
            told["known"] = "、".join(f"{row.name}（{row.pk}）" for row in found)
            sentence = _t("%(community)s叫“%(name)s”的项目不止一个：%(known)s。写项目编号（括号里的）。")
            raise NoMatch("project", sentence % told)
        known = [row.name for row in self.projects.values() if row.community_id == community.pk]
        if not known:
            sentence = _t("%(community)s这个月没有要报的项目，找不到“%(name)s”。核对社区；新项目先登记。")
            raise NoMatch("project", sentence % told)
        told["known"] = "、".join(known[:OFFERED]) + ("…" if len(known) > OFFERED else "")
        sentence = _t(
            "%(community)s没有叫“%(name)s”的项目，要报的有：%(known)s。名称要和登记的一样，或写项目编号；新项目先登记。"
        )
        raise NoMatch("project", sentence % told)


class _Names(Generic[K, V]):
    """Records by key and name. A name that is written a little differently is the same where no other is meant."""

    def __init__(self, named: Iterable[tuple[K, str, V]]) -> None:
        self.exact: dict[tuple[K, str], list[V]] = {}
        self.alike: dict[tuple[K, str], list[V]] = {}
        for key, name, record in named:
            self.exact.setdefault((key, name), []).append(record)
            self.alike.setdefault((key, plain(name)), []).append(record)

    def find(self, key: K, name: str) -> Sequence[V]:
        """Those with exactly this name, else those whose name differs in blanks and width of letters alone."""
        return self.exact.get((key, name)) or self.alike.get((key, plain(name))) or ()


def plain(name: str) -> str:
    """A name as it is compared: half-width, without blanks, in small letters."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).lower()


def _require_agreement(row: Row, project: Project) -> None:
    """Raises NoMatch where the row says of its project what is not so: then nobody knows which one is meant."""
    community = project.community
    for column, stored in (
        ("community_code", community.code),
        ("community", community.name),
        ("project", project.name),
    ):
        given = row.values.get(column)
        if given and plain(given) != plain(stored):
            told = {"project": project.name, "number": project.pk, "community": f"{community.name}（{community.code}）"}
            sentence = _t(
                "这一行按编号是%(community)s的“%(project)s”（%(number)s），这里写的是“%(given)s”，对不上。改编号，或改这里。"
            )
            raise NoMatch(column, sentence % {**told, "given": given})
