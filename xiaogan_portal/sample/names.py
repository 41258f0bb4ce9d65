"""Made-up names: ordinary words of the region's place names, put together at random."""

from __future__ import annotations

import random
from collections.abc import Iterator

_FIRST = "翠龙芙清朝望梅凤石青竹桂金杨柳白双稻银玉松枫云长永新兴福安乐康和泰瑞祥嘉丰广东南西北明春秋"
_SECOND = "屏泉蓉水阳湖岭栖榴桥园花林溪河塘湾坡冲店港畈岗台城山口坪坝洲堤庙楼门庄集墩里村渡井池滩垸沟"
_TAIL = {"city": "社区", "town": "社区", "rural": "新村"}

_OFFICES = (
    "委组织部 民政局 住建局 国土局 规划局 财政局 交通局 水利局 农业局 卫生局 教育局 文体局 "
    "公安局 司法局 人社局 发改委 经信委 环保局 林业局 商务局 审计局 统计局 城管局 广电局"
)
DEPARTMENTS = [f"市{office}" for office in _OFFICES.split()]


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
