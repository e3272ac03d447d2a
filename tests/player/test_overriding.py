"""Order of right: blackout, takeover, programme; an order shows at once, ends at its time, and leaves no gap."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.content.values import Kind, MediaFile, Screen, Store
from signage.player.orderbook import Standing
from signage.player.overriding import OverridingProgramme, overriding, screen_under
from signage.release.orders import Order, OrderKind
from tests.player.simulation import START_MS, Rotation, StationRun, film, picture, store_of

DAY_MS = 86_400_000
FIRE = picture("fire.jpg", 10)
LONG = film("long.mp4", 3600)


def standing(kind: OrderKind, since_ms: int = START_MS, until_ms: int | None = None, sequence: int = 7) -> Standing:
    item = FIRE if kind is OrderKind.TAKEOVER else None
    return Standing(Order(str(sequence), sequence, kind, since_ms, until_ms=until_ms, item=item), since_ms)


class OrderedRun(StationRun):
    """A station with a film of an hour on air, and an order that the test sets."""

    def __init__(self, order: Standing | None = None, layout: str = "full") -> None:
        self.order = order
        self.plain = store_of(LONG, FIRE, layout=layout)
        programmes = overriding(
            lambda _store, _screen, zone: Rotation([LONG if zone == "main" else picture(zone)], zone),
            lambda: self.order,
        )
        super().__init__(self.laid_out(), programmes)
        self.station.start()

    def laid_out(self) -> Store:
        return store_of(LONG, FIRE, layout=screen_under(self.plain.screens["lobby"], self.order).layout)

    def give(self, order: Standing | None) -> None:
        self.order = order
        self.feed.give(self.laid_out())

    @property
    def names(self) -> list[str]:
        return [cue.item.name for _, cue in self.stage.shown]


@pytest.mark.parametrize(("kind", "shown"), [(OrderKind.TAKEOVER, "fire.jpg"), (OrderKind.BLACKOUT, "off")])
def test_an_order_is_on_screen_within_a_second_whatever_plays(kind: OrderKind, shown: str) -> None:
    run = OrderedRun()
    run.run(60)

    run.give(standing(kind, run.clock.now_ms()))
    run.run(1)

    assert run.names == ["long.mp4", shown]


def test_a_takeover_by_a_pdf_shows_its_pages_one_after_the_other_by_the_clock() -> None:
    pages = replace(FIRE, name="plan.pdf#page=1", kind=Kind.PAGE, duration_ms=15_000, media=page_file(3))
    order = Order("7", 7, OrderKind.TAKEOVER, START_MS, until_ms=START_MS + 70_000, item=pages)

    run = OrderedRun(Standing(order, START_MS))
    run.run(80)

    assert run.names == [*(f"plan.pdf#page={page}" for page in (1, 2, 3, 1, 2)), "long.mp4"]
    assert [cue.item.page for _, cue in run.stage.shown][:5] == [1, 2, 3, 1, 2]
    assert [cue.item.duration_ms for _, cue in run.stage.shown][:5] == [15_000] * 5


def page_file(pages: int) -> MediaFile:
    return MediaFile("plan.pdf", Kind.PAGE, FIRE.sha256, 1000, 0, (595, 842), pages=pages, mime="application/pdf")


def test_a_blackout_comes_before_a_takeover_that_stands() -> None:
    run = OrderedRun(standing(OrderKind.TAKEOVER))
    run.run(5)

    run.give(standing(OrderKind.BLACKOUT, run.clock.now_ms(), sequence=8))
    run.run(1)

    assert run.names == ["fire.jpg", "off"]


def test_when_an_order_is_ended_the_programme_is_back_at_once_where_the_clock_says() -> None:
    run = OrderedRun(standing(OrderKind.BLACKOUT))
    run.run(30)

    run.give(None)
    run.run(1)

    assert run.names == ["off", "long.mp4"]
    cue = run.stage.shown[-1][1]
    assert cue.origin_ms == START_MS
    assert cue.due_ms >= START_MS + 30_000


def test_an_order_with_an_end_ends_at_that_instant_by_itself() -> None:
    run = OrderedRun(standing(OrderKind.TAKEOVER, until_ms=START_MS + 20_000))

    run.run(25)

    assert run.names == ["fire.jpg", "long.mp4"]
    assert run.stage.shown[-1][0] == START_MS + 20_000


def test_an_order_stands_for_days() -> None:
    run = OrderedRun(standing(OrderKind.BLACKOUT))

    run.run(2.5 * 86_400)

    assert set(run.names) == {"off"}


def test_an_order_takes_the_whole_screen_and_gives_it_back() -> None:
    run = OrderedRun(layout="banner")
    run.run(5)

    run.give(standing(OrderKind.TAKEOVER, run.clock.now_ms()))
    run.run(5)
    run.give(None)
    run.run(5)

    assert [screen.layout for screen in run.screens] == ["banner", "full", "banner"]


def test_what_an_order_shows_is_in_the_log_and_belongs_to_no_playlist() -> None:
    run = OrderedRun(standing(OrderKind.TAKEOVER))

    run.run(5)

    row = run.journal.rows[-1]
    assert row.item is FIRE
    assert row.slot.playlist is None
    assert row.slot.order == "takeover 7"


def test_if_a_takeover_cannot_be_shown_the_slate_stands_in_and_nothing_else(expect_log: object) -> None:
    expect_log("fire", required=False)  # type: ignore[operator]
    run = OrderedRun()
    run.stage.behaviours["fire.jpg"] = type(run.stage.default)(refused="no such picture")
    run.run(5)

    run.give(standing(OrderKind.TAKEOVER, run.clock.now_ms()))
    run.run(20)

    assert set(run.names) == {"long.mp4", "slate"}


@given(
    since_s=st.integers(-100, 300),
    length_s=st.one_of(st.none(), st.integers(1, 400)),
    at_s=st.lists(st.integers(-200, 900), min_size=1, max_size=8),
    kind=st.sampled_from([OrderKind.BLACKOUT, OrderKind.TAKEOVER]),
)
def test_whatever_the_order_something_is_on_screen_at_every_instant(
    since_s: int, length_s: int | None, at_s: list[int], kind: OrderKind
) -> None:
    since_ms = START_MS + since_s * 1000
    until_ms = None if length_s is None else since_ms + length_s * 1000
    programme = OverridingProgramme(
        Rotation([picture("a"), picture("b", 7)]), standing(kind, since_ms, until_ms), "lobby", "main"
    )

    for instant_s in at_s:
        instant_ms = START_MS + instant_s * 1000
        slot = programme.slot_at(instant_ms)
        is_ordered = since_ms <= instant_ms and (until_ms is None or instant_ms < until_ms)
        assert slot.start_ms <= instant_ms < slot.end_ms
        assert bool(slot.order) == is_ordered
        assert not is_ordered or slot.item.kind is (Kind.OFF if kind is OrderKind.BLACKOUT else Kind.PICTURE)
        assert until_ms is None or not is_ordered or slot.end_ms <= until_ms


def test_a_screen_without_an_order_is_laid_out_as_it_is_described() -> None:
    screen = Screen(name="lobby", layout="side")

    assert screen_under(screen, None) is screen
