"""Words that people write into sheets. They are read, never shown, so no translation belongs to them."""

from __future__ import annotations

# Sheets that explain, not tell.
EXPLAINING = ("说明", "填表说明", "填报说明", "使用说明", "readme", "instructions")
# The line of the explaining sheet by which a template knows itself again.
TEMPLATE_MARK = "模板编号："
# The column that a returned workbook adds, and that is no column of the next upload.
REASONS = "错误原因"

# Heads of columns that only count the rows.
NUMBERING = frozenset({"序", "序号", "行号", "no", "no."})

# How a row begins that sums up, and one that only speaks.
TOTALS = ("合计", "总计", "小计", "合 计", "总 计", "小 计", "total")
REMARKS = (
    "注：",
    "注:",
    "备注：",
    "备注:",
    "说明：",
    "说明:",
    "填表人",
    "制表人",
    "审核人",
    "负责人",
    "单位负责人",
    "填报人",
)

# What stands for “nothing known” where a number, day or choice is asked for.
NOTHING = frozenset(
    {"", "-", "--", "—", "——", "/", "\\", "无", "不详", "不清楚", "未知", "空", "暂无", "未定", "n/a", "unknown"}
)

YES = frozenset({"是", "√", "✓", "✔", "有", "对", "y", "yes", "true", "1", "已"})
NO = frozenset({"否", "×", "✗", "✘", "x", "无", "没有", "不是", "n", "no", "false", "0", "未"})

# A unit and the ways in which it is written behind a number, after compatibility forms are resolved (㎡ → m2).
UNITS: dict[str, frozenset[str]] = {
    "元": frozenset({"元", "人民币元"}),
    "千元": frozenset({"千元"}),
    "万元": frozenset({"万元", "万", "人民币万元"}),
    "百万元": frozenset({"百万元"}),
    "亿元": frozenset({"亿元", "亿"}),
    "%": frozenset({"%", "百分之"}),
    "㎡": frozenset({"m2", "m²", "平方米", "平米", "平方"}),
    "户": frozenset({"户"}),
    "人": frozenset({"人", "口"}),
    "套": frozenset({"套"}),
    "个": frozenset({"个"}),
    "亩": frozenset({"亩"}),
    "米": frozenset({"米", "m"}),
    "公里": frozenset({"公里", "千米", "km"}),
    "栋": frozenset({"栋", "幢"}),
    "万户": frozenset({"万户"}),
    "万人": frozenset({"万人"}),
    "万套": frozenset({"万套"}),
}
# Units of one kind, each by its power of ten: what is held in one of them can be told in another.
SCALES: tuple[dict[str, int], ...] = (
    {"元": 0, "千元": 3, "万元": 4, "百万元": 6, "亿元": 8},
    {"户": 0, "万户": 4},
    {"人": 0, "万人": 4},
    {"套": 0, "万套": 4},
    {"米": 0, "公里": 3},
)
# What is counted one by one: a head that says 户 of what the portal counts in 套 means the same number.
COUNTED = frozenset({"户", "人", "套", "个", "栋"})
# Alone it is short for so many of what the column counts, or for money.
TEN_THOUSAND = "万"
MONEY = "万元"
# Behind this word and a colon stands the unit of a whole table.
UNIT_WORD = "单位"

YEAR, MONTH, DAY = "年", "月", "日号"
