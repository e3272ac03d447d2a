"""The frequent texts of takeovers: ready to send as they are, to be changed by the office under 紧急."""

from __future__ import annotations

USUAL_TEXTS = (
    "停水通知\n因供水管道抢修，现在停水。请各户提前储水、关好水龙头。恢复时间另行通知。",
    "停电通知\n因线路检修，现在停电。电梯停用，请走楼梯，注意脚下安全。恢复时间另行通知。",
    "暴雨预警\n暴雨将至。请关好门窗，收回阳台物品，不要在树下、广告牌下停留，地下车库车辆请尽快移出。",
    "大风预警\n大风将至。请收回阳台、窗台物品，远离广告牌和大树，关好门窗。",
    "燃气泄漏\n小区内发生燃气泄漏。不要开关电器，不要使用明火，请立即从楼梯撤到室外空旷处。",
    "火灾疏散\n发生火情。请立即从安全出口撤离，不要乘坐电梯，捂住口鼻，弯腰前行。",
    "寻人启事\n有老人（儿童）走失。看到的居民请马上联系社区值班室。",
    "电梯故障\n电梯发生故障，正在抢修。请走楼梯，给您带来不便请谅解。",
)
MOST_TEXTS = 20
MOST_CHARACTERS = 2000


def texts_of(own: tuple[str, ...]) -> tuple[str, ...]:
    """Give the office's own texts, or the usual ones where it has none."""
    return own or USUAL_TEXTS


def title_of(text: str) -> str:
    """Give the first line, by which people call it."""
    return text.partition("\n")[0].strip()


def read_texts(written: str) -> tuple[str, ...]:
    """Give the texts that somebody wrote into one field, with empty lines between them; at most 20."""
    blocks = "\n".join(line.rstrip() for line in written.replace("\r", "").split("\n")).split("\n\n")
    return tuple(block.strip()[:MOST_CHARACTERS] for block in blocks if block.strip())[:MOST_TEXTS]
