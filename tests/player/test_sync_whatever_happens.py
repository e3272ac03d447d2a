"""Whatever office, attacker, disk and clock do, in any order: a screen shows whole releases, never older ones."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signage.base.clock import ManualClock
from signage.base.errors import SignageError
from signage.player.cache import Cache
from signage.player.download import Downloader
from signage.player.http import Http
from signage.player.sync import Sync
from signage.release.orders import OrderKind
from tests.player.office import SmallOffice
from tests.player.syncing import SHORT, FailingDisk, content_of

DAY_MS = 86_400_000
MISHAPS = ("foreign", "replayed", "under-signed", "cut", "damaged", "emptied", "full", "set-back", "forged")
STEPS = ("publish", "update", "restart", "blackout", "resume", *MISHAPS)


class World:
    """An office with two review levels, one screen, and everything that can befall them. Holds what must be true."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
        self.office = SmallOffice(folder / "office", self.clock, levels=2)
        self.foreign = SmallOffice(folder / "foreign", self.clock)
        self.foreign.publish({"evil.png": b"evil"}, number=99)
        self.disk = FailingDisk()
        self.http = Http(self.clock)
        self.released: dict[int, dict[str, bytes]] = {}
        self.highest = 0
        self.is_black = False
        self.step = {name: getattr(self, f"_{name.replace('-', '_')}") for name in STEPS}
        self._publish()
        shutil.copytree(self.office.folder, folder / "old")
        self._restart()

    def check(self) -> None:
        """See that what is on air is whole, as it was published, and no older than before."""
        store, number = self.sync.store, self.sync.status.number
        assert number >= self.highest
        self.highest = number
        if store is not None:
            assert {path: store.path_of(m).read_bytes() for path, m in store.media.items()} == self.released[number]

    def _publish(self) -> None:
        number = len(self.released) + 1
        contents = {"same.png": b"same", "new.png": content_of(number, 300 * number)}
        self.office.publish(contents)
        self.released[self.office.number] = contents

    def _update(self, office: Path | None = None) -> None:
        self.sync._mirrors.urls = ((office or self.office.folder).as_uri() + "/",)
        self.sync._mirrors.__init__(self.sync._mirrors.urls, self.clock)  # type: ignore[misc]
        with contextlib.suppress(SignageError):
            self.sync.look()
            self.sync.fetch()

    def _restart(self) -> None:
        self.disk.fail_at = None
        cache = Cache(self.folder / "screen", disk=self.disk, headroom_bytes=0)
        downloader = Downloader(self.http, cache, self.clock, limits=SHORT, workers=1, disk=self.disk)
        downloader.pause = lambda _seconds: None
        urls = [self.office.folder.as_uri()]
        root = self.office.root_bytes
        self.sync = Sync(
            self.folder / "screen",
            urls,
            root,
            "lobby",
            self.clock,
            self.http,
            cache=cache,
            metadata_limits=SHORT,
            downloader=downloader,
        )
        self.sync.restore()

    def _blackout(self) -> None:
        self.office.order(OrderKind.BLACKOUT)
        self._update()
        self.is_black = True

    def _resume(self) -> None:
        self.office.order(OrderKind.RESUME)
        self._update()
        self.is_black = False

    def _foreign(self) -> None:
        self._update(self.foreign.folder)

    def _replayed(self) -> None:
        self._update(self.folder / "old")

    def _under_signed(self) -> None:
        number = self.office.number
        self.office.publish({"evil.png": b"evil"}, levels=[1])
        self.office.number = number
        self._update()
        self._publish()

    def _cut(self) -> None:
        self._update(self.folder / "nowhere")

    def _damaged(self) -> None:
        """Somebody changes what is out: the newest release's own file, at the office."""
        self._publish()
        path = max((self.office.folder / "blobs").rglob("*"), key=lambda path: path.stat().st_mtime_ns)
        good = path.read_bytes() if path.is_file() else None
        if good is not None:
            path.write_bytes(good[:-1] + b"!")
            self._update()
            path.write_bytes(good)

    def _emptied(self) -> None:
        """A power cut empties what python-tuf keeps, and an old office answers."""
        for path in (self.folder / "screen" / "trusted" / "metadata").glob("*.json"):
            path.write_bytes(b"")
        self._update(self.folder / "old")

    def _full(self) -> None:
        self._publish()
        self.disk.calls, self.disk.fail_at = 0, 1 + self.office.number % 7
        self._update()
        self.disk.fail_at = None

    def _set_back(self) -> None:
        self.clock.jump(-400 * DAY_MS)
        self._update(self.folder / "old")
        self.clock.jump(400 * DAY_MS)

    def _forged(self) -> None:
        path = self.office.folder / "forged.order.json"
        path.write_bytes(self.office.envelope(OrderKind.BLACKOUT, signer=self.office.reviewers[0], sequence=2**40))
        self._update()
        path.unlink()


@settings(max_examples=12)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=10))
def test_whatever_happens_a_screen_shows_whole_approved_releases_and_never_older_ones(steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("logging.Logger.warning", lambda *_args, **_more: None)
        patch.setattr("logging.Logger.error", lambda *_args, **_more: None)
        world = World(Path(folder))
        for name in steps:
            world.step[name]()
            world.check()

        world._restart()
        world._update()
        world.check()

        assert world.highest == max(world.released), "it converges"
        assert bool(world.sync.in_force) == world.is_black
        world.http.close()
