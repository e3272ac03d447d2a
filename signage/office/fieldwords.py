"""A key of the store's files in, what staff call it out: forms, problems and the log say the same."""

from __future__ import annotations

from signage.content.templates import TEMPLATES
from signage.office.said import Said

_WORDS = {
    "title": Said("标题", "title"),
    "zone": Said("区域", "zone"),
    "where": Said("屏幕", "screens"),
    "when": Said("时段", "when"),
    "weight": Said("播放占比", "weight"),
    "priority": Said("等级", "priority"),
    "expires": Said("过期日期", "last day"),
    "play": Said("内容", "contents"),
    "seconds": Said("时长", "seconds"),
    "fit": Said("铺法", "fit"),
    "transition": Said("换法", "transition"),
    "from": Said("开始日期", "from"),
    "until": Said("结束日期", "until"),
    "file": Said("文件", "file"),
    "folder": Said("文件夹", "folder"),
    "template": Said("模板", "template"),
    "text": Said("文字", "text"),
    "order": Said("顺序", "order"),
    "limit": Said("最多几个", "limit"),
    "days": Said("星期", "days"),
    "hours": Said("时间", "hours"),
    "lunar": Said("农历", "lunar"),
    "photo": Said("照片", "photo"),
    "name": Said("姓名", "name"),
    "reason": Said("事迹", "reason"),
}
_OF_SCREENS = {
    "tags": Said("标签", "tags"),
    "size": Said("画面大小", "size"),
    "position": Said("画面位置", "position"),
    "rotate": Said("转动", "rotation"),
    "layout": Said("版式", "layout"),
    "place": Said("位置（纬度、经度）", "place"),
    "timezone": Said("时区", "time zone"),
    "sound": Said("声音", "sound"),
    "holidays": Said("放假的日子", "days off"),
    "workdays": Said("调休上班的日子", "adjusted workdays"),
    "years": Said("年份", "years"),
}


def field_words(key: str) -> Said | None:
    """Give what a key is called; None for one that no file of ours has."""
    known = _WORDS.get(key) or _OF_SCREENS.get(key)
    if known is not None:
        return known
    found = (field for template in TEMPLATES.values() if (field := template.field(key)) is not None)
    field = next(found, None)
    return Said(field.zh, field.en) if field else None
