"""The 100-point scoring sheet, as a proposal: the city's own table is not public."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from core.reference import Loaded
from inspections.models import ScoringSheet, SheetItem

CODE = "XG-100"
# Section → (title, full marks, guidance). The sections' sums are the proposal's; the split into items is ours.
_SECTIONS: dict[str, list[tuple[str, int, str]]] = {
    "组织领导": [
        ("工作专班与责任分工", 4, "看专班文件和分工；没有专班扣 4 分，分工不清扣 1 至 2 分。"),
        ("研究部署", 3, "看会议记录；本季度没有研究部署扣 3 分。"),
        ("包保联系与问题协调", 3, "看走访记录和协调结果；问题没有回音的，每个扣 1 分。"),
    ],
    "规划选址土地": [
        ("规划编制与三规衔接", 5, "看规划批复；没有规划扣 5 分，三规不衔接扣 1 至 3 分。"),
        ("选址优先（三个优先）", 5, "看选址意见；服务中心晚于住房选址的扣 2 至 5 分。"),
        ("用地落实与手续", 5, "看用地批复；没有落实扣 5 分，手续不全扣 1 至 3 分。"),
    ],
    "项目进度": [
        ("还建房进度", 10, "对照计划和现场；每慢一个阶段扣 2 分。"),
        ("综合服务中心进度", 15, "对照计划和现场；每慢一个阶段扣 3 分。"),
        ("配套设施进度", 6, "道路、管网、养老、卫生、幼教等；每项慢一个阶段扣 1 分。"),
        ("建设次序（三先三后）", 4, "对照开工日期；一项不符扣 2 分。"),
    ],
    "1+X 平台": [
        ("综合服务中心面积与布局", 5, "看测绘或竣工资料；按建设标准，不足的扣 1 至 5 分。"),
        ("服务窗口与办事公开", 3, "看现场；没有办事指南扣 1 分，不公开扣 1 分。"),
        ("养老、卫生、幼教等设施", 4, "看现场和许可；缺一项扣 1 分。"),
        ("日常使用与居民满意", 3, "看开放记录，问居民；建而不用扣 3 分。"),
    ],
    "1+X 组织": [
        ("社区党组织", 4, "看成立批复；应建未建扣 4 分，设置不合规定扣 1 至 2 分。"),
        ("居（村）民自治组织", 3, "看选举结果；应建未建扣 3 分。"),
        ("社会组织培育", 3, "看登记、备案和活动场所；每缺一类扣 1 分。"),
    ],
    "1+X 队伍": [
        ("社区“两委”干部配备", 4, "看花名册；缺职每人扣 1 分。"),
        ("大学生和社工人才", 3, "看名册和证书；没有的各扣 1.5 分。"),
        ("志愿服务", 3, "看注册和活动记录；没有队伍扣 3 分，没有活动扣 1 分。"),
    ],
    "资料报送与整改": [
        ("月报与资料及时、准确", 3, "迟报一次扣 1 分，数据不符每处扣 1 分。"),
        ("上次问题整改", 2, "看整改前后；没有整改的每个扣 1 分。"),
    ],
}


def load() -> list[Loaded]:
    """The first edition of the sheet. A sheet that is there is never changed: scores may rest on it."""
    full = Decimal(sum(marks for items in _SECTIONS.values() for _, marks, _ in items))
    sheet, added = ScoringSheet.objects.get_or_create(
        code=CODE,
        edition=1,
        defaults={
            "title": "城乡三类新社区建设检查评分表（100 分，建议稿）",
            "full_marks": full,
            "is_proposal": True,
            "effective_from": dt.date(2013, 1, 1),
            "source": "参照外地公开的评分办法拟定；本市评分表没有公开。推定，待市新社区办核定。",
        },
    )
    if added:
        SheetItem.objects.bulk_create(_items(sheet))
    count = sheet.items.count()
    return [
        Loaded(str(ScoringSheet._meta.verbose_name), 1, int(added), 0),
        Loaded(str(SheetItem._meta.verbose_name), count, count if added else 0, 0),
    ]


def _items(sheet: ScoringSheet) -> list[SheetItem]:
    lines = [(section, *item) for section, items in _SECTIONS.items() for item in items]
    return [
        SheetItem(sheet=sheet, order=order, section=section, title=title, full_marks=marks, guidance=guidance)
        for order, (section, title, marks, guidance) in enumerate(lines, 1)
    ]
