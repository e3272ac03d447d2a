"""A screen's description in, its facts in words out: what a reviewer has to know of it."""

from __future__ import annotations

from signage.content.values import Screen
from signage.office.said import Said, joined, named
from signage.office.whenwords import hours_text

_LAYOUTS = {
    "full": Said("全屏", "full screen"),
    "banner": Said("上有时钟，下有字幕", "clock above, ticker below"),
    "side": Said("右侧有通知栏", "notices at the side"),
}


def screen_facts(screen: Screen) -> dict[Said, Said]:
    """Give the facts by name, in the order to show them."""
    x, y = screen.position_px
    return {
        Said("名称", "Name"): named(screen.title),
        Said("标签", "Tags"): joined(map(named, sorted(screen.tags)), "、", ", "),
        Said("画面", "Picture"): _size(screen),
        Said("位置", "Position"): Said(f"{x},{y}，旋转 {screen.rotate}°", f"{x},{y}, turned {screen.rotate}°"),
        Said("版式", "Layout"): _LAYOUTS.get(screen.layout, named(screen.layout)),
        Said("开屏时间", "Hours"): hours_text(screen.hours),
        Said("地点", "Place"): named(",".join(map(str, screen.place)) if screen.place else ""),
        Said("时区", "Time zone"): named(screen.timezone.key),
        Said("声音", "Sound"): Said("有", "on") if screen.sound else Said("无", "off"),
    }


def _size(screen: Screen) -> Said:
    if screen.size_px is None:
        return Said("整个输出", "the whole output")
    return named("×".join(map(str, screen.size_px)))
