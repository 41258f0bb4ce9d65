"""Words that people write into sheets. They are read, never shown, so no translation belongs to them."""

from __future__ import annotations

# Sheets that explain, not tell.
EXPLAINING = ("说明", "填表说明", "填报说明", "使用说明", "readme", "instructions")
# The line of the explaining sheet by which a template knows itself again.
TEMPLATE_MARK = "模板编号："
# The column that a returned workbook adds, and that is no column of the next upload.
REASONS = "错误原因"

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
    "万元": frozenset({"万元", "万"}),
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
}

YEAR, MONTH, DAY = "年", "月", "日号"
