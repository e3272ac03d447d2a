"""What a screen said last, what the office has published and ordered, and the time in; one state with its reason out.

Pure. A screen is green only when it shows what it should, now; everything else has a word and a reason of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from signage.office.said import Said
from signage.office.screens.states import Care, Judgement, Known, State, Times, Wanted
from signage.release.orders import Order, OrderKind
from signage.wire import Heartbeat

MOST_OFFSET_MS = 10_000
FROZEN_S = 60.0
SWITCH_MS = 60_000
SLOWEST_LOADING_MS = 30 * 60_000
ORDER_MS = 45_000
OVERDUE_MS = 120_000
HOT_C = 80.0
LEAST_DISK_SHARE, LEAST_DISK_BYTES = 0.05, 500_000_000
LEAST_MEMORY_SHARE = 0.05
_DARK_LUMA = 24.0


def judge(known: Known, wanted: Wanted, times: Times) -> Judgement:
    """Give how the screen fares now."""
    absent = _absence(known, times)
    heartbeat = known.heartbeat
    if absent is not None or heartbeat is None:
        return absent or Judgement(State.WAITING, Said("已登记，还没有报到", "enrolled, not heard of yet"))
    cares = tuple(_cares(heartbeat))
    for state, reason in _faults(known, heartbeat, wanted, times):
        return Judgement(state, reason, cares)
    if cares:
        return Judgement(State.CARE, cares[0].text, cares)
    return Judgement(State.GOOD, _what_is_on(heartbeat, wanted))


def _absence(known: Known, times: Times) -> Judgement | None:
    if known.enrolled_ms is None:
        return Judgement(State.UNENROLLED, Said("这块屏幕还没有登记", "this screen has not been paired yet"))
    if known.revoked_ms is not None:
        return Judgement(
            State.REVOKED, Said("已停用，它的报告不再接受", "it was shut out; its reports are not taken any more")
        )
    heard_ms = known.heard_ms if known.heard_ms is not None else known.enrolled_ms
    silent_ms = times.now_ms - heard_ms
    if silent_ms <= times.offline_after_s * 1000:
        return None
    if times.now_ms - times.listening_since_ms <= times.offline_after_s * 1000:
        return Judgement(
            State.WAITING, Said("管理台刚启动，等它报到", "the office has just started and waits to hear from it")
        )
    if known.heard_ms is None:
        return Judgement(
            State.OFFLINE,
            Said("登记后一直没有连上，请检查网络", "never heard of since it was enrolled; check its network"),
        )
    return Judgement(
        State.OFFLINE,
        Said(
            f"{_lasting_zh(silent_ms)}没有消息，请检查电源和网络",
            f"not heard of for {_lasting_en(silent_ms)}; check power and network",
        ),
    )


def _faults(known: Known, said: Heartbeat, wanted: Wanted, times: Times) -> Iterator[tuple[State, Said]]:
    """Give what is to be told of this screen, the most important first; nothing if it shows what it should."""
    yield from _of_order(said, wanted.order, times)
    if not said.is_blackout and not said.is_off_hours:
        yield from _of_output(said)
    yield from _of_clock(known, said)
    yield from _of_release(said, wanted, times)
    if wanted.order is not None and wanted.order.kind is OrderKind.TAKEOVER:
        yield State.TAKEOVER, Said("正在显示紧急插播的内容", "shows what was ordered")
    if said.is_off_hours:
        yield (
            State.OFF_HOURS,
            Said("不在它的播出时段，屏幕按计划关着", "outside its hours; the screen is dark as planned"),
        )


def _of_order(said: Heartbeat, order: Order | None, times: Times) -> Iterator[tuple[State, Said]]:
    is_late = order is not None and times.now_ms - order.issued_ms > ORDER_MS
    if order is not None and said.order_in_force != order.id and is_late:
        what = Said("黑屏", "the blackout") if order.kind is OrderKind.BLACKOUT else Said("紧急插播", "the takeover")
        yield (
            State.DISOBEYING,
            Said(f"{what.zh}指令已发出，但它还没有确认", f"{what.en} was ordered, and it has not confirmed"),
        )
    if order is not None and order.kind is OrderKind.BLACKOUT and said.order_in_force == order.id:
        look = said.output
        if look is not None and look.luma > _DARK_LUMA and look.taken_ms > order.issued_ms + ORDER_MS:
            yield State.DISOBEYING, Said("它说已黑屏，但输出的画面还亮着", "it says it is black, but its output is lit")
        yield State.BLACKOUT, Said("已按指令黑屏", "black as ordered")
    if order is None and (said.is_blackout or said.order_in_force):
        yield (
            State.BLACKOUT if said.is_blackout else State.TAKEOVER,
            Said(
                "它还在执行管理台里没有的指令：可能来自U盘，或解除的指令还没送到",
                "it obeys an order that is not out here: from a USB stick, or the end of it has not reached the screen",
            ),
        )


def _of_output(said: Heartbeat) -> Iterator[tuple[State, Said]]:
    look = said.output
    if look is not None and look.is_black:
        yield State.BLACK, Said("应该有画面，但输出是黑的", "something should show, and the output is black")
    if look is not None and look.frozen_s >= FROZEN_S:
        minutes = _lasting_zh(int(look.frozen_s * 1000)), _lasting_en(int(look.frozen_s * 1000))
        yield State.FROZEN, Said(f"画面{minutes[0]}没有变过", f"the picture has not changed for {minutes[1]}")
    for zone in said.on_air:
        overdue_ms = said.sent_ms - zone.until_ms
        if zone.until_ms and overdue_ms > OVERDUE_MS and not said.order_in_force:
            yield (
                State.FROZEN,
                Said(
                    f"“{zone.item}”早该结束了，节目没有往下走",
                    f"“{zone.item}” should have ended {_lasting_en(overdue_ms)} ago",
                ),
            )


def _of_clock(known: Known, said: Heartbeat) -> Iterator[tuple[State, Said]]:
    offset_ms = known.clock_offset_ms or 0
    if abs(offset_ms) > MOST_OFFSET_MS:
        way = ("快", "fast") if offset_ms > 0 else ("慢", "slow")
        yield (
            State.CLOCK,
            Said(
                f"它的时钟{way[0]}了{_lasting_zh(abs(offset_ms))}，请检查校时",
                f"its clock is {_lasting_en(abs(offset_ms))} {way[1]}; check its time server",
            ),
        )
    elif said.clock_fault:
        yield State.CLOCK, Said(f"它的时钟不可靠：{said.clock_fault}", said.clock_fault)


def _of_release(said: Heartbeat, wanted: Wanted, times: Times) -> Iterator[tuple[State, Said]]:
    if wanted.release == 0:
        if said.release == 0:
            yield (
                State.EMPTY,
                Said("还没有给它发布过内容，显示待机画面", "nothing has been published for it yet; it shows the slate"),
            )
        return
    if said.release != wanted.release:
        yield _of_another_release(said, wanted, times.now_ms - wanted.since_ms)
    elif said.is_stale:
        yield (
            State.STALE,
            Said(
                f"它有一阵子没能向管理台核对内容{'：' + said.message if said.message else ''}",
                f"it could not check its content with the office for a while. {said.message}".strip(),
            ),
        )


def _of_another_release(said: Heartbeat, wanted: Wanted, late_ms: int) -> tuple[State, Said]:
    """Give whether a screen that does not show what is published is on its way there, or stuck with what is old."""
    which = (
        Said(f"还在播第 {said.release} 号", f"shows release {said.release}")
        if said.release
        else Said("还没有内容", "has nothing yet")
    )
    if said.missing_bytes and late_ms <= SLOWEST_LOADING_MS:
        size = f"{said.missing_bytes / 1e6:.1f} MB"
        zh = f"正在下载第 {wanted.release} 号，还差 {size}"
        return State.LOADING, Said(zh, f"downloads release {wanted.release}; {size} to come")
    if late_ms <= SWITCH_MS:
        zh = f"刚发布第 {wanted.release} 号，{which.zh}"
        return State.LOADING, Said(zh, f"release {wanted.release} is new; it {which.en}")
    why_zh, why_en = (f"：{said.message}", f": {said.message}") if said.message else ("", "")
    missing = f"，还差 {said.missing_bytes / 1e6:.1f} MB" if said.missing_bytes else ""
    return State.STALE, Said(
        f"{which.zh}，第 {wanted.release} 号已发布{_lasting_zh(late_ms)}{missing}{why_zh}",
        f"{which.en}; release {wanted.release} has been out for {_lasting_en(late_ms)}{why_en}",
    )


def _cares(said: Heartbeat) -> Iterator[Care]:
    health = said.health
    free, total = health.disk_free_bytes, health.disk_total_bytes
    if free is not None and (free < LEAST_DISK_BYTES or (total and free < total * LEAST_DISK_SHARE)):
        yield Care(
            "disk", Said(f"磁盘快满了，只剩 {free / 1e9:.1f} GB", f"its disk is full but for {free / 1e9:.1f} GB")
        )
    if health.temperature_c is not None and health.temperature_c >= HOT_C:
        degrees = f"{health.temperature_c:.0f} °C"
        yield Care("hot", Said(f"温度 {degrees}，请检查散热", f"it has {degrees}; check its cooling"))
    available, memory = health.memory_available_bytes, health.memory_total_bytes
    if available is not None and memory and available < memory * LEAST_MEMORY_SHARE:
        yield Care(
            "memory", Said(f"内存快用完了，只剩 {available / 1e6:.0f} MB", f"{available / 1e6:.0f} MB of memory left")
        )
    if said.release and not said.on_air and not said.is_blackout and not said.is_off_hours:
        yield Care("unsaid", Said("它没有说正在播什么", "it does not say what it shows"))
    for zone in said.on_air:
        if zone.stands_in:
            yield Care(
                "stands-in", Said(f"有素材放不出来，用别的顶替：{zone.stands_in}", f"stands in: {zone.stands_in}")
            )
            break


def _what_is_on(said: Heartbeat, wanted: Wanted) -> Said:
    main = next((zone for zone in said.on_air if zone.zone == "main"), None)
    if main is not None and main.playlist is None and wanted.order is None:
        return Said("现在没有排节目，显示待机画面", "nothing is scheduled now; it shows the slate")
    return Said(f"正在播第 {said.release} 号", f"shows release {said.release}")


def _lasting_zh(ms: int) -> str:
    value, unit = _lasting(ms)
    return f"{value} {('秒', '分钟', '小时', '天')[unit]}"


def _lasting_en(ms: int) -> str:
    value, unit = _lasting(ms)
    return f"{value} {('s', 'min', 'h', 'days')[unit]}"


def _lasting(ms: int) -> tuple[int, int]:
    seconds = max(0, ms) // 1000
    for unit, (length, most) in enumerate(((1, 120), (60, 7200), (3600, 172_800))):
        if seconds < most:
            return seconds // length, unit
    return seconds // 86_400, 3
