"""The folders of an office and its store come in; all that the running office works with goes out, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from signage.base.clock import Clock, SystemClock
from signage.content.renditions import Renditions
from signage.content.store import StoreReader
from signage.office.alarms import Alarms
from signage.office.audit import Audit
from signage.office.database.engine import Database, open_database
from signage.office.ingest.records import Records
from signage.office.ingest.service import Ingest
from signage.office.ingest.states import StateBook
from signage.office.office import Ask, Office
from signage.office.settings import SettingsBook
from signage.office.setupcode import new_setup_code
from signage.office.storefront import StoreKeeper
from signage.office.studio import Studio


@dataclass(frozen=True, slots=True)
class Desk:
    """What pages, API and services share. Every part of it may be used from several threads.

    `store` is the content store's folder, `folder` the office's own. `studio` draws what screens will show; its process
    starts with the first picture that is asked for. `keeper` has the newest reading of the store, for all to share.
    `ingest` takes in what is dropped into the shared folder; without it files are shown as they are.
    `setup_code` is good until this process ends: who has it may set up an office that is not set up yet.
    """

    store: Path
    folder: Path
    database: Database
    settings: SettingsBook
    audit: Audit
    alarms: Alarms
    clock: Clock
    studio: Studio
    keeper: StoreKeeper
    ingest: Ingest | None = None
    setup_code: str = field(default_factory=new_setup_code, repr=False)

    def office(self, ask: Ask | None = None, ask_new: Ask | None = None) -> Office:
        """Give the office's keys and repository. `ask` gives passphrases, `ask_new` those of keys that are made; a new
        object for each action, so that no opened key outlives the request that it was opened for.
        """
        return Office(self.folder, ask, self.clock, ask_new=ask_new)

    @property
    def published(self) -> Path:
        """The folder that screens fetch from."""
        return self.folder / "published"

    def start(self) -> None:
        """Begin to take in files and to follow the store.

        Raises:
            SignageError: the office's folder cannot be used.
        """
        if self.ingest is not None:
            self.ingest.start()
        self.keeper.start()

    def close(self) -> None:
        if self.ingest is not None:
            self.ingest.close()
        self.keeper.close()
        self.studio.close()
        self.database.close()


def open_desk(
    store: Path, folder: Path, *, database: str = "", clock: Clock | None = None, takes_in: bool = True
) -> Desk:
    """Open the office's memory, making what is not there yet. `database` is a URL; else SQLite in the folder.

    With `takes_in`, what screens get are the renditions that ingest makes, once `start` was called.

    Raises:
        SignageError: the database cannot be opened.
    """
    clock = clock or SystemClock()
    folder.mkdir(parents=True, exist_ok=True)
    memory = open_database(database or folder / "office.db")
    studio = Studio(folder / "thumbnails", clock)
    ingest = Ingest(store, folder, memory, clock) if takes_in else None
    keeper = StoreKeeper(store, StoreReader(store, folder / "cache", clock, ingest), clock, ingest)
    if ingest is not None:
        ingest.on_change = keeper.hint
    return Desk(
        store,
        folder,
        memory,
        SettingsBook(memory),
        Audit(memory, clock),
        Alarms(memory, clock),
        clock,
        studio,
        keeper,
        ingest,
    )


def known_renditions(folder: Path) -> Renditions | None:
    """Give what the running office has made of the files of its store, as of now; None where it has never run.

    Raises:
        SignageError: the office's database cannot be opened.
    """
    if not (folder / "office.db").exists():
        return None
    memory = open_database(folder / "office.db")
    try:
        known = StateBook(memory).load()
    finally:
        memory.close()
    return Records(folder, known) if known else None
