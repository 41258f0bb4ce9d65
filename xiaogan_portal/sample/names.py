"""Made-up names: ordinary words of the region's place names, put together at random."""

from __future__ import annotations

import random
from collections.abc import Iterator

_FIRST = "翠龙芙清朝望梅凤石青竹桂金杨柳白双稻银玉松枫云长永新兴福安乐康和泰瑞祥嘉丰广东南西北明春秋"
_SECOND = "屏泉蓉水阳湖岭栖榴桥园花林溪河塘湾坡冲店港畈岗台城山口坪坝洲堤庙楼门庄集墩里村渡井池滩垸沟"
_TAIL = {"city": "社区", "town": "社区", "rural": "新村"}

DEPARTMENTS = [
    "市委组织部",
    "市民政局",
    "市住建局",
    "市国土局",
    "市规划局",
    "市财政局",
    "市交通局",
    "市水利局",
    "市农业局",
    "市卫生局",
    "市教育局",
    "市文体局",
    "市公安局",
    "市司法局",
    "市人社局",
    "市发改委",
    "市经信委",
    "市环保局",
    "市林业局",
    "市商务局",
    "市审计局",
    "市统计局",
    "市城管局",
    "市广电局",
]


def place_names(rng: random.Random) -> Iterator[str]:
    """Two-character place names without end, each once; with a third character when two no longer do."""
    pairs = [a + b for a in _FIRST for b in _SECOND]
    rng.shuffle(pairs)
    yield from pairs
    number = 1
    while True:
        number += 1
        yield from (f"{pair}{number}" for pair in pairs)


def community_name(place: str, type: str) -> str:
    """A community's name from its place's."""
    return place + _TAIL[type]
