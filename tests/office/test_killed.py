"""A process killed at any write, and two at once: screens go on, and the next command mends what was left."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from signage.base.clock import ManualClock
from signage.content.values import Item, Kind
from signage.office.approval import approve, list_drafts, return_draft
from signage.office.desk import open_desk
from signage.office.drafts import DraftState
from signage.office.history import History
from signage.office.office import Office
from signage.office.prune import prune
from signage.office.publish import kept_releases, publish, roll_back
from signage.office.urgent import give_order, orders_out
from signage.release.errors import ReleaseError
from signage.release.layout import blob_path
from signage.release.orders import OrderKind
from signage.release.verify import Accepted
from tests.office.desk import COST, PASSPHRASE, Follower, add_reviewer, make_office, make_reviewed_office, make_store

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


def killed_while_it_publishes(office: Office, step: int, number: int) -> None:
    """Have `wang`'s approval, the last that draft `number` lacks, killed before its `step`-th rename."""
    assert killed_at(step, lambda: approve(office, number, "wang")) == KILLED


def rename_of(office: Office, clock: ManualClock, name: str, number: int) -> int:
    """Give which rename of wang's approval of draft `number` puts the metadata file of that name in place."""
    folder = office.folder.with_name("rehearsal")
    shutil.copytree(office.folder, folder)
    rehearsed = Office(folder, lambda name: PASSPHRASE, clock, COST)
    names: list[str] = []
    rename = os.replace
    path_rename = Path.replace
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", lambda old, new: (names.append(Path(new).name), rename(old, new))[1])
        patch.setattr(Path, "replace", lambda old, new: (names.append(Path(new).name), path_rename(old, new))[1])
        approve(rehearsed, number, "wang")
    return len(names) - 1 - names[::-1].index(name)


def test_a_release_that_was_half_put_out_never_passes_for_one(tmp_path: Path, clock: ManualClock) -> None:
    office = make_reviewed_office(tmp_path / "office", clock, make_store(tmp_path / "store", {"a.png": b"a"}))
    publish(office, make_store(tmp_path / "store", {"b.png": b"b"}))
    approve(office, 2, "li")
    killed_while_it_publishes(office, rename_of(office, clock, "2.review2.json", 2), 2)
    office = again(office, clock)

    kept_before = kept_releases(office)
    return_draft(office, 2, "not good")
    publish(office, make_store(tmp_path / "store", {"c.png": b"c"}))
    approve(office, 3, "li")
    approve(office, 3, "wang")

    assert kept_before == [1]
    assert kept_releases(office) == [1, 3]
    with pytest.raises(ReleaseError, match="not kept"):
        roll_back(office, 2)


def test_a_draft_that_was_published_is_called_so_though_it_could_not_be_noted(
    tmp_path: Path, clock: ManualClock
) -> None:
    office = make_reviewed_office(tmp_path / "office", clock, make_store(tmp_path / "store", {"a.png": b"a"}))
    publish(office, make_store(tmp_path / "store", {"b.png": b"b"}))
    approve(office, 2, "li")
    killed_while_it_publishes(office, rename_of(office, clock, "timestamp.json", 2) + 1, 2)
    office = again(office, clock)
    states = []

    with closing(open_desk(tmp_path / "store", office.folder, clock=clock, takes_in=False)) as desk:
        states += [one.state for one in History(desk).all() if one.number == 2]
        publish(office, make_store(tmp_path / "store", {"c.png": b"c"}))
        approve(office, 3, "li")
        approve(office, 3, "wang")
        states += [one.state for one in History(desk).all() if one.number == 2]
    states += [one.state for one in list_drafts(office) if one.number == 2]

    assert states == [DraftState.APPROVED] * 3
