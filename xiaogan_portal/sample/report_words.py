"""Made-up sentences of the sample reports."""

from __future__ import annotations

from facilities.workflow import Stage

TEXTS: dict[int, str] = {
    Stage.CONCEIVED: "正在摸底，收集居民意见。",
    Stage.SITED: "选址意见已批，正在做勘测定界。",
    Stage.LAND: "用地手续已办，场地正在清表。",
    Stage.APPROVED: "规划许可已办，施工图在审。",
    Stage.TENDERED: "招标完成，施工单位已进场准备。",
    Stage.STARTED: "围挡和临时水电完成，正在开挖。",
    Stage.FOUNDATION: "基础浇筑完成，正在回填。",
    Stage.MAIN_WORKS: "主体按计划施工，本月完成一层。",
    Stage.TOPPED_OUT: "主体已封顶，砌体和屋面在做。",
    Stage.FITTING_OUT: "内外粉刷和水电安装在做，门窗已进场。",
    Stage.BASICALLY_BUILT: "主体和装修完成，正在配齐设备、制度上墙。",
    Stage.ACCEPTED: "竣工验收完成，正在办移交。",
    Stage.IN_USE: "已投入使用。",
}
PROBLEMS = (
    "有 2 户没有签征迁协议，道路接口打不开。",
    "用地指标没有落实，手续停在国土部门。",
    "配套资金没有到位，施工单位放慢了进度。",
    "排水管网要穿过省道，许可没有批下来。",
    "连续下雨，基坑积水，停工一周。",
)
HELP = (
    "请市国土局协调用地指标。",
    "请市交通局协调穿越省道的许可。",
    "请市财政局督促配套资金拨付。",
)
RETURNS = (
    "封顶的层数与施工月报不一致，请核对。",
    "进度与上月一样，进展却写了新内容，请核对。",
    "问题写得太笼统，请写清是哪几户、卡在哪一步。",
)
