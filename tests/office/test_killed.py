"""A process killed at any write, and two at once: screens go on, and the next command mends what was left."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from signage.base.clock import ManualClock
from signage.content.values import Item, Kind
from signage.office.approval import approve, list_drafts
from signage.office.drafts import DraftState
from signage.office.office import Office
from signage.office.prune import prune
from signage.office.publish import publish
from signage.office.urgent import give_order, orders_out
from signage.release.layout import blob_path
from signage.release.orders import OrderKind
from signage.release.verify import Accepted
from tests.office.desk import COST, PASSPHRASE, Follower, add_reviewer, make_office, make_store

KILLED = 9
MOST_WRITES = 40


def child(work: Callable[[], object]) -> int:
    """Begin the work in a process of its own; give its id. It never comes back here, whatever happens in it."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return pid


def exit_code(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def killed_at(step: int, work: Callable[[], object]) -> int:
    """Do the work in a child that is killed before its `step`-th rename: each is one step of what is put out."""

    def counted() -> None:
        left = [step]
        rename = os.replace
        path_rename = Path.replace

        def count() -> None:
            left[0] -= 1
            if left[0] < 0:
                os._exit(KILLED)

        def replace(source: object, target: object) -> None:
            count()
            rename(source, target)  # type: ignore[type-var, arg-type]

        def replace_path(self: Path, target: Path) -> Path:
            count()
            return path_rename(self, target)

        os.replace = replace  # type: ignore[assignment]
        Path.replace = replace_path  # type: ignore[method-assign, assignment]
        work()

    return exit_code(child(counted))


def again(office: Office, clock: ManualClock) -> Office:
    return Office(office.folder, lambda name: PASSPHRASE, clock, COST)


@pytest.mark.parametrize("work", ["publish", "draft", "approve", "order"])
def test_a_process_killed_at_any_step_leaves_the_old_or_the_new_and_the_next_one_goes_on(
    tmp_path: Path, clock: ManualClock, work: str
) -> None:
    codes = []
    for step in range(MOST_WRITES):
        office = make_office(tmp_path / f"office{step}", clock)
        publish(office, make_store(tmp_path / "old", {"old.png": b"old"}))
        if work in ("draft", "approve"):
            add_reviewer(office, "li", 1)
        new = make_store(tmp_path / "new", {f"{number}.png": b"%d" % number for number in range(3)})
        if work == "approve":
            publish(office, new)
        screen = Follower(tmp_path / f"screen{step}", office, clock)
        screen.look()
        mine = again(office, clock)
        works: dict[str, Callable[[], object]] = {
            "publish": lambda mine=mine, new=new: publish(mine, new),  # type: ignore[misc]
            "draft": lambda mine=mine, new=new: publish(mine, new),  # type: ignore[misc]
            "approve": lambda mine=mine: approve(mine, 2, "li"),  # type: ignore[misc]
            "order": lambda mine=mine: give_order(mine, OrderKind.BLACKOUT),  # type: ignore[misc]
        }

        codes.append(killed_at(step, works[work]))

        assert screen.look().news.order_fault == ""
        finish(again(office, clock), work, tmp_path / "new")
        outcome = screen.look()
        assert isinstance(outcome, Accepted), (step, outcome)
        if work == "order":
            assert [order.kind for order in outcome.news.orders or ()][-1] is OrderKind.BLACKOUT
        else:
            assert screen.shows(outcome) == ["0.png", "1.png", "2.png"], step
        assert len(list(office.folder.rglob("*.tmp"))) <= 4
        on_air = [one.state for one in list_drafts(office) if one.number == outcome.manifest.number]
        assert set(on_air) <= {DraftState.APPROVED}, "also where it was killed right after it had published"
        if codes[-1] == 0:
            break

    assert codes[-1] == 0
    assert set(codes[:-1]) == {KILLED}
    assert len(codes) > 3


def finish(office: Office, work: str, new: Path) -> None:
    """Do what a person would do who sees that the command did not come to its end."""
    store = make_store(new, {f"{number}.png": b"%d" % number for number in range(3)})
    if work == "order":
        give_order(office, OrderKind.BLACKOUT)
        return
    if work == "publish":
        publish(office, store)
        return
    published = publish(office, store)
    waiting = [one.number for one in list_drafts(office) if one.missing]
    if published is not None and waiting:
        approve(office, waiting[-1], "li")


def test_commands_of_several_processes_at_once_all_count(tmp_path: Path, clock: ManualClock) -> None:
    office = make_office(tmp_path / "office", clock)
    publish(office, make_store(tmp_path / "old", {"old.png": b"old"}))
    add_reviewer(office, "li", 1)
    publish(office, make_store(tmp_path / "new", {"new.png": b"new"}))
    screen = Follower(tmp_path / "screen", office, clock)

    works: list[Callable[[Office], object]] = [
        lambda mine: approve(mine, 2, "li"),
        *(lambda mine: give_order(mine, OrderKind.BLACKOUT, screens=["gate"]) for _ in range(3)),
        *(lambda mine: give_order(mine, OrderKind.BLACKOUT, screens=["hall"]) for _ in range(3)),
    ]
    pids = [child(lambda do=do: do(again(office, clock))) for do in works]  # type: ignore[misc]
    codes = [exit_code(pid) for pid in pids]

    assert codes == [0] * len(works)
    outcome = screen.look()
    assert screen.shows(outcome) == ["new.png"]
    assert len(orders_out(office)) == 6
    assert len({order.sequence for order in outcome.news.orders or ()}) == 6


@pytest.mark.parametrize("work", ["publish", "takeover"])
def test_what_a_kill_left_half_copied_is_gone_with_the_next_copy(tmp_path: Path, clock: ManualClock, work: str) -> None:
    office = make_office(tmp_path / "office", clock)
    store = make_store(tmp_path / "store", {"a.png": b"a"})
    photo = store.media["a.png"]
    into = office.pending if work == "publish" else office.repository.folder
    half = into / "blobs" / "ab" / f".{'ab' * 32}.0123abcd.tmp"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half of a film")

    if work == "publish":
        publish(office, store)
    else:
        item = Item("a", Kind.PICTURE, photo.sha256, 10_000, media=photo)
        give_order(office, OrderKind.TAKEOVER, item=item, source=store.path_of(photo))

    assert not half.exists()
    assert (office.repository.folder / blob_path(photo.sha256)).read_bytes() == b"a"


def test_half_written_files_are_pruned_when_they_are_old(tmp_path: Path, clock: ManualClock) -> None:
    office = make_office(tmp_path / "office", clock)
    publish(office, make_store(tmp_path / "store", {"a.png": b"a"}))
    now_s = clock.now_ms() / 1000
    for folder in (office.repository.folder / "metadata", office.drafts):
        for name, age_days in ((".old.0123abcd.tmp", 3), (".new.0123abcd.tmp", 1)):
            (folder / name).write_bytes(b"half")
            os.utime(folder / name, (now_s - age_days * 86_400,) * 2)

    with office.repository.locked():
        prune(office, keep=0, slack=0)

    left = sorted(path.name for path in office.folder.rglob("*.tmp"))
    assert left == [".new.0123abcd.tmp", ".new.0123abcd.tmp"]
