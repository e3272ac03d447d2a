"""A screen's as-run words in (what it showed, why it broke off), the words of staff out: pages and tables say the same.

Source: the reasons are those of `player.showing` and `player.journal`; one that is not known stands as it came.
"""

from __future__ import annotations

import re

from signage.office.said import Said, joined, named

_ITEMS = {
    "off": Said("关屏", "screen off"),
    "slate": Said("待机画面", "standby picture"),
    "ticker": Said("滚动字幕", "ticker"),
    "": Said("—", "—"),
}
_REASONS = {
    "takeover": Said("被紧急插播打断", "takeover"),
    "blackout": Said("被一键黑屏打断", "blackout"),
    "player stopped": Said("播放程序被关闭", "player stopped"),
    "player stopped without warning": Said("播放程序突然停止（可能断电）", "player stopped without warning"),
    "programme replaced": Said("换成了新发布的内容", "programme replaced"),
    "joined after its start": Said("中途开始播（刚开机或刚换内容）", "joined after its start"),
    "replaced early": Said("提前换成下一条", "replaced early"),
    "not ready in time": Said("没来得及准备好", "not ready in time"),
    "replaced before it reached the screen": Said("还没上屏就换掉了", "replaced before it reached the screen"),
    "the first that was ready": Said("顶替：先准备好的先播", "stood in: the first that was ready"),
    "there is not enough memory for its picture": Said("内存不够，画不出来", "not enough memory for its picture"),
    "": Said("—", "—"),
}
_INSTEAD = re.compile(r"instead of (?P<item>.+?): (?P<fault>.+)", re.DOTALL)
_CLOCK = re.compile(r"the clock was set (?P<way>forwards|back) by (?P<span>.+)")
_UNREADY = re.compile(r"not ready after (?P<span>[\d.]+) s")
OUTCOMES = {
    "shown": Said("播完", "shown"),
    "cut": Said("切走", "cut"),
    "failed": Said("没放出来", "failed"),
}


def item_words(item: str) -> Said:
    """Give what people call an item of an as-run log."""
    return _ITEMS.get(item) or named(item_name(item))


def item_name(item: str) -> str:
    """Give a card's title, a file's own name without folders."""
    template, colon, title = item.partition(":")
    if colon and title and "/" not in template:
        return title
    return item.rpartition("/")[2] or item


def reason_words(reason: str) -> Said:
    """Give why a showing was cut or failed; a row may have several reasons, with semicolons between."""
    return joined((_one_reason(part) for part in reason.split("; ")), "；", "; ")


def _one_reason(part: str) -> Said:
    if found := _INSTEAD.fullmatch(part):
        item, fault = item_words(found["item"]), _one_reason(found["fault"])
        return Said(f"顶替“{item.zh}”：{fault.zh}", f"in place of “{item.en}”: {fault.en}")
    if found := _CLOCK.fullmatch(part):
        way = "快" if found["way"] == "forwards" else "慢"
        return Said(f"电脑时钟被调{way}了 {found['span']}", part)
    if found := _UNREADY.fullmatch(part):
        return Said(f"{found['span']} 秒还没准备好", part)
    return _REASONS.get(part) or named(part)


def outcome_words(outcome: str) -> Said:
    """Give how a showing ended."""
    return OUTCOMES.get(outcome, named(outcome))
