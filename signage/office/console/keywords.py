"""A role in, what office staff are told of its key out: what it is, what a new one does, when one is due."""

from __future__ import annotations

from dataclasses import dataclass

from signage.office.said import NOTHING, Said


@dataclass(frozen=True, slots=True)
class KeyWords:
    """What is said of one of the office's keys. `after` is what has to be done once it is new; empty if nothing."""

    title: Said
    does: Said
    when: Said
    after: Said


_ROOT_COPY = Said(
    "请马上把 keys 文件夹再复制一份到 U 盘：旧的那份从此打不开屏幕的信任。",
    "Copy the keys folder to the USB stick again at once: screens trust the old copy no more.",
)
WORDS = {
    "root": KeyWords(
        Said("信任根", "Root"),
        Said("总密钥：屏幕登记时认下的就是它；只在换密钥、改审核级数和续签时用", "what screens are enrolled with"),
        Said(
            "存过它的 U 盘丢了，或者有人可能拿到了它和口令时换。屏幕自己跟上，不用重新登记。",
            "When a stick with it was lost, or somebody may have it. Screens follow by themselves.",
        ),
        _ROOT_COPY,
    ),
    "targets": KeyWords(
        Said("授权", "Authority"),
        Said("决定谁可以审核、谁可以发紧急指令", "says who reviews and who may order"),
        Said(
            "存过它的 U 盘丢了，或者有人可能拿到了它和口令时换。审核员不受影响。",
            "When a stick with it was lost, or somebody may have it. Reviewers stay as they are.",
        ),
        _ROOT_COPY,
    ),
    "snapshot": KeyWords(
        Said("目录签名", "Snapshot"),
        Said("自动续签，不用管；平常不用换", "renewed by itself"),
        Said(
            "这台电脑可能被人动过，或者坏了送修过时换。",
            "When somebody may have been at this computer, or it was away for repair.",
        ),
        NOTHING,
    ),
    "timestamp": KeyWords(
        Said("每日签名", "Timestamp"),
        Said("自动续签，不用管；平常不用换", "renewed by itself"),
        Said(
            "这台电脑可能被人动过时换；电脑时钟曾经调快、校准以后屏幕不再更新时，也换它。",
            "When somebody may have been at this computer; or after its clock was fast and screens stand still.",
        ),
        NOTHING,
    ),
    "release": KeyWords(
        Said("发布", "Release"),
        Said("不审核：办公室自己签发", "no review: the office itself signs"),
        Said(
            "发布口令可能被人知道，或者管发布的人离任时换。",
            "When somebody may know the passphrase, or who publishes leaves.",
        ),
        Said(
            "请重新发布一次；屏幕在这之前照常播原来的内容。“直接发布”已关闭。",
            "Publish once more; screens play on until then. Direct publishing is off.",
        ),
    ),
    "urgent": KeyWords(
        Said("紧急", "Urgent"),
        Said("紧急插播和一键黑屏", "takeover and blackout"),
        Said(
            "值班口令可能被人知道，或者值班的人离任时换。",
            "When somebody may know the passphrase, or who is on duty leaves.",
        ),
        Said(
            "原来的紧急插播和黑屏都失效了，还需要的请重发；值班的人要重新解锁。",
            "Orders of before end with this: give them anew, and unlock again.",
        ),
    ),
}


def review_words(level: str, is_own: bool) -> tuple[Said, Said]:
    """Give the title of a review level and what it does; `is_own` where the office itself signs."""
    if is_own:
        return WORDS["release"].title, WORDS["release"].does
    title = Said(f"第 {level} 级审核", f"Review level {level}")
    return title, Said("签过字的内容才能上屏", "what screens show")
