"""One screen's sync over a folder of its own, restarted at will: for tests of what a screen takes from its office."""

from __future__ import annotations

from pathlib import Path

from signage.base.clock import ManualClock
from signage.content.values import Store
from signage.player.cache import Cache
from signage.player.download import Downloader
from signage.player.http import Http
from signage.player.sync import Sync
from tests.player.office import SmallOffice
from tests.player.syncing import SHORT


class ScreenRig:
    """One screen's sync, restarted at will over the same folder."""

    def __init__(self, folder: Path, office: SmallOffice, clock: ManualClock) -> None:
        self.folder = folder
        self.office = office
        self.clock = clock
        self.urls = [office.folder.as_uri()]
        self.https: list[Http] = []
        self.start()

    def start(self) -> Sync:
        http = Http(self.clock)
        self.https.append(http)
        cache = Cache(self.folder, headroom_bytes=0)
        downloader = Downloader(http, cache, self.clock, limits=SHORT, workers=2)
        downloader.pause = lambda _seconds: None
        self.sync = Sync(
            self.folder,
            self.urls,
            self.office.root_bytes,
            "lobby",
            self.clock,
            http,
            cache=cache,
            metadata_limits=SHORT,
            downloader=downloader,
        )
        self.sync.restore()
        return self.sync

    def update(self) -> bool:
        """Look once, and fetch what was found."""
        was_heard = self.sync.look()
        if self.sync.has_work:
            self.sync.fetch()
        return was_heard

    @property
    def shown(self) -> dict[str, bytes]:
        """Give what the store on air shows: the content of each file, read where the stage would read it."""
        store = self.sync.store
        return {} if store is None else content_of_store(store)


def content_of_store(store: Store) -> dict[str, bytes]:
    return {path: store.path_of(media).read_bytes() for path, media in store.media.items()}
