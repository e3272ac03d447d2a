"""What can be wrong with a release: the error that its readers raise, and the reasons for which a screen refuses."""

from __future__ import annotations

from enum import StrEnum

from signage.base.errors import SignageError


class ReleaseError(SignageError):
    """Signed or offered data is not what it must be; nothing of it may be used."""


class Reason(StrEnum):
    """Why a release was refused. `title_zh` says it to staff."""

    UNREACHABLE = "unreachable"
    NOTHING_PUBLISHED = "nothing-published"
    NOT_FOR_THIS_SCREEN = "not-for-this-screen"
    EXPIRED = "expired"
    ROLLED_BACK = "rolled-back"
    NOT_SIGNED = "not-signed"
    UNDER_SIGNED = "under-signed"
    DAMAGED = "damaged"
    DISK = "disk"

    @property
    def title_zh(self) -> str:
        return _TITLES_ZH[self]


_TITLES_ZH = {
    Reason.UNREACHABLE: "连不上办公室",
    Reason.NOTHING_PUBLISHED: "还没有发布过内容",
    Reason.NOT_FOR_THIS_SCREEN: "发布内容里没有这块屏幕",
    Reason.EXPIRED: "签名已过期（或本机时钟不准）",
    Reason.ROLLED_BACK: "收到的是旧内容",
    Reason.NOT_SIGNED: "签名不是本办公室的",
    Reason.UNDER_SIGNED: "审核签名不齐",
    Reason.DAMAGED: "内容损坏或被改动",
    Reason.DISK: "本机磁盘写不进去",
}


class Rejection(ReleaseError):  # noqa: N818  an outcome that is told, not only a fault
    """A release was refused, for `reason`."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
