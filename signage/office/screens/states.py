"""The words for how a screen fares, and the values that it is judged by: see `judging`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from signage.office.said import Said
from signage.release.orders import Order
from signage.wire import HEARTBEAT_S, Heartbeat


class State(StrEnum):
    """How a screen fares; in the order in which it is looked for."""

    UNENROLLED = "unenrolled"
    REVOKED = "revoked"
    WAITING = "waiting"
    OFFLINE = "offline"
    DISOBEYING = "disobeying"
    BLACKOUT = "blackout"
    BLACK = "black"
    FROZEN = "frozen"
    CLOCK = "clock"
    EMPTY = "empty"
    STALE = "stale"
    LOADING = "loading"
    TAKEOVER = "takeover"
    OFF_HOURS = "off_hours"
    CARE = "care"
    GOOD = "good"

    @property
    def zh(self) -> str:
        return _WORDS[self][0]

    @property
    def en(self) -> str:
        return _WORDS[self][1]

    @property
    def tone(self) -> str:
        """Give the class of its colour: good, warn, bad, calm or off."""
        return _WORDS[self][2]

    @property
    def weight(self) -> int:
        """Give how urgently a person should look: what is worst comes first on the wall."""
        return {"bad": 0, "warn": 1, "calm": 2, "good": 3, "off": 4}[self.tone]


_WORDS = {
    State.UNENROLLED: ("未登记", "Not enrolled", "off"),
    State.REVOKED: ("已停用", "Shut out", "off"),
    State.WAITING: ("等待报到", "Waiting to hear", "off"),
    State.OFFLINE: ("离线", "Offline", "bad"),
    State.DISOBEYING: ("指令未执行", "Order not carried out", "bad"),
    State.BLACKOUT: ("一键黑屏中", "Blacked out", "calm"),
    State.BLACK: ("黑屏异常", "Black, but should not be", "bad"),
    State.FROZEN: ("画面卡住", "Picture frozen", "bad"),
    State.CLOCK: ("时钟不准", "Clock is wrong", "bad"),
    State.EMPTY: ("等待首次发布", "Waits for a release", "warn"),
    State.STALE: ("内容过期", "Content out of date", "bad"),
    State.LOADING: ("正在更新", "Updating", "warn"),
    State.TAKEOVER: ("紧急插播中", "Takeover", "calm"),
    State.OFF_HOURS: ("非播出时段", "Outside hours", "off"),
    State.CARE: ("需要留意", "Needs care", "warn"),
    State.GOOD: ("正常", "Fine", "good"),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What the office knows of a screen: from its row, and from what it said last."""

    name: str
    enrolled_ms: int | None = None
    revoked_ms: int | None = None
    heard_ms: int | None = None
    clock_offset_ms: int | None = None
    heartbeat: Heartbeat | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the screen should show: the release of its channel, since when; and the order that names it, if any."""

    release: int = 0
    since_ms: int = 0
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """Now, since when this office has been listening, and after how long without a heartbeat a screen is offline."""

    now_ms: int
    listening_since_ms: int = 0
    offline_after_s: float = 3 * HEARTBEAT_S


@dataclass(frozen=True, slots=True)
class Care:
    """Something about the computer that needs a person before it becomes a fault. `kind` names its alarm."""

    kind: str
    text: Said


@dataclass(frozen=True, slots=True)
class Judgement:
    """The state, why, and what else needs care."""

    state: State
    reason: Said
    cares: tuple[Care, ...] = ()
