"""The five policy documents that the programme rests on, with what is known of each, and how surely."""

from __future__ import annotations

from coordination.models import PolicyDocument
from core.reference import Loaded, upsert

_PEOPLE = "人民网 2014-02-26《关于湖北省孝感市三类新社区和三个“1+X”服务体系建设创新成果的说明》四（一）"
_GUIDANCE = "市民政网站《关于全市城乡三类新社区三个“1+X”建设标准的指导意见》转载页（网页日期 2013-04-26）"
_ONLY_TITLE = "公开材料中只见标题。文号、成文日期、正文：不清楚，待市新社区办补充。"
_DOCUMENTS = [
    {
        "title": "关于加强城乡新型社区综合服务中心建设的意见",
        "number": "孝发〔2012〕2号",
        "known": (
            "文号见于 2013 年指导意见的开头：“根据《关于加强城乡新型社区综合服务中心建设的意见》"
            "（孝发[2012]2号）文件精神”。"
            "成文日期、正文：不清楚，待市新社区办补充。"
        ),
        "source": f"{_PEOPLE}；文号：{_GUIDANCE}",
        "certainty": "H（标题、文号）",
    },
    {
        "title": "全市城乡一体化和新农村建设示范线、示范村（社区）建设工作方案",
        "number": "",
        "known": _ONLY_TITLE,
        "source": _PEOPLE,
        "certainty": "H（标题）",
    },
    {
        "title": "关于加快城乡新社区建设试点工作的通知",
        "number": "",
        "known": _ONLY_TITLE,
        "source": _PEOPLE,
        "certainty": "H（标题）",
    },
    {
        "title": "孝感市城乡三类新社区建设工作推进方案",
        "number": "",
        "known": _ONLY_TITLE,
        "source": _PEOPLE,
        "certainty": "H（标题）",
    },
    {
        "title": "关于全市城乡三类新社区三个“1+X”建设标准的指导意见",
        "number": "",
        "known": (
            "网页日期 2013-04-26，成文日期：不清楚。主送各县（市、区）委组织部、农办，政府民政局、城乡规划局，"
            "市高新区、临空经济区、双峰山旅游度假区。三个“1+X”指社区综合服务平台、社区组织网络、社区干部队伍；"
            "“把居民满意程度作为检验工作成效的重要标准”。公开页面到“二、基本原则”中断："
            "“1”和“X”各指什么、标准数值：不清楚，待市新社区办补充。"
            "联合发文单位：推定为市委组织部、市委农办、市民政局、市城乡规划局，待核定。"
        ),
        "source": f"{_PEOPLE}；{_GUIDANCE}",
        "certainty": "H（标题、网页日期、开头）；M（联合发文单位）",
    },
]


def load() -> list[Loaded]:
    """The five documents. One that the city office has edited since is left as it is."""
    return [upsert(PolicyDocument, _DOCUMENTS, key=("title",), keep=lambda document: document.version > 1)]
