"""What the tests of office and release share: an office in a folder, a store made by hand, a screen that follows it.

What takes long to make and is the same for every test (keys, a database) is made once a run, and copied.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from argon2 import PasswordHasher
from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface

from signage.base.clock import Clock, ManualClock
from signage.content.values import Entry, Item, Kind, MediaFile, Playlist, Screen, Store
from signage.office.approval import approve
from signage.office.console.roles import Role
from signage.office.database.tables import PersonRow
from signage.office.desk import Desk, open_desk
from signage.office.office import Office
from signage.office.people import add_person, create_office
from signage.office.publish import publish
from signage.release.verify import Accepted, Refused, TrustedRelease, verify_from_disk
from signage.starter import make_store as make_starter_store

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PASSPHRASE = "a passphrase for tests"
PASSWORD = "a password for tests"
COST = 2
"""scrypt's n for keys of tests: sealed as all are, and opened at once."""
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""What is kept of PASSWORD, at argon2's lowest cost."""
SCREENS = {name: Screen(name, tags=frozenset({"indoor"})) for name in ("gate", "hall")}


def make_store(root: Path, contents: dict[str, bytes], screens: dict[str, Screen] | None = None) -> Store:
    """Write files and give a store with one playlist that shows them all on every screen."""
    files = tuple(_write(root / "media", path, data) for path, data in contents.items())
    items = tuple(Item(one.path, Kind.PICTURE, one.sha256, 10_000, media=one) for one in files)
    playlist = Playlist("daily", "每日", (Entry(items),))
    return Store(root, (playlist,), screens or SCREENS, media={one.path: one for one in files})


def _write(media: Path, path: str, data: bytes) -> MediaFile:
    (media / path).parent.mkdir(parents=True, exist_ok=True)
    (media / path).write_bytes(data)
    return MediaFile(path, Kind.PICTURE, sha256(data).hexdigest(), len(data), 0, (100, 50), mime="image/png")


def make_office(folder: Path, clock: Clock, levels: int = 0) -> Office:
    office = Office(folder, lambda name: PASSPHRASE, clock, COST)
    create_office(office, levels)
    return office


@cache
def _pattern(name: str) -> Path:
    """Give a folder of an office that is to be copied: `new`, with a database alone, or `keyed`, with its keys."""
    folder = Path(tempfile.mkdtemp(prefix="office-", dir=os.environ["PYTEST_DEBUG_TEMPROOT"]))
    clock = ManualClock(START)
    if name == "keyed":
        make_office(folder, clock)
    with closing(open_desk(folder / "store", folder, clock=clock, takes_in=False)) as desk:
        if name == "keyed":
            desk.settings.change(is_set_up=True, community="石榴社区")
    return folder


def make_new_office(folder: Path) -> None:
    """Lay down an office's folder that has nothing but an empty database."""
    shutil.copytree(_pattern("new"), folder, dirs_exist_ok=True)


def make_desk(folder: Path, clock: ManualClock, database: str = "") -> Desk:
    """Give the desk of an office that is set up: a starter store, keys without review levels (all sealed with
    PASSPHRASE), a database without people. It is the same office, with the same keys, each time; nothing of it runs.
    """
    make_starter_store(folder / "store")
    shutil.copytree(_pattern("keyed"), folder / "office")
    if not database:
        return open_desk(folder / "store", folder / "office", clock=clock, takes_in=False)
    (folder / "office" / "office.db").unlink()
    desk = open_desk(folder / "store", folder / "office", database=database, clock=clock, takes_in=False)
    desk.settings.change(is_set_up=True, community="石榴社区")
    return desk


def let_sign_in(desk: Desk, name: str, *roles: Role) -> None:
    """Let a person sign in with PASSWORD."""
    with desk.database.writing() as session:
        kept = [str(role) for role in roles]
        session.add(PersonRow(name=name, password_hash=PASSWORD_HASH, roles=kept, made_ms=desk.clock.now_ms()))


def make_reviewed_office(folder: Path, clock: Clock, store: Store) -> Office:
    """Give an office with two review levels, li and wang; release 1, of this store, is approved by both."""
    office = make_office(folder, clock, levels=2)
    add_reviewer(office, "li", 1)
    add_reviewer(office, "wang", 2)
    publish(office, store)
    approve(office, 1, "li")
    approve(office, 1, "wang")
    return office


def add_reviewer(office: Office, name: str, level: int, threshold: int | None = None) -> None:
    add_person(office, name, f"review{level}", threshold=threshold)


class FolderFetcher(FetcherInterface):
    """Fetches from a folder by `folder:` addresses, counts, and lets a test spoil an answer."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        self.spoil: Callable[[str, bytes], bytes] = lambda path, data: data

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = url.removeprefix("folder:/")
        self.asked.append(path)
        try:
            data = (self.folder / path).read_bytes()
        except OSError as error:
            raise DownloadHTTPError("not there", 404) from error
        return iter([self.spoil(path, data)])


@dataclass
class Follower:
    """A screen's side: what it was enrolled with, what it follows and what it took last."""

    folder: Path
    office: Office
    clock: ManualClock
    screen: str = "gate"
    number: int = 0
    fetcher: FolderFetcher = field(init=False)
    root: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.fetcher = FolderFetcher(self.office.repository.folder)
        self.root = (self.office.repository.folder / "metadata" / "1.root.json").read_bytes()

    def look(self) -> Accepted | Refused:
        outcome = self.release().refresh(self.fetcher, "folder:/", self.number)
        if isinstance(outcome, Accepted):
            self.number = outcome.manifest.number
            self.keep(outcome)
        return outcome

    def release(self) -> TrustedRelease:
        return TrustedRelease(self.folder / "trust", self.root, self.screen, self.clock)

    def keep(self, outcome: Accepted) -> None:
        kept = self.folder / "release"
        kept.mkdir(parents=True, exist_ok=True)
        for old in kept.iterdir():
            old.unlink()
        for name, data in outcome.files.items():
            (kept / name).write_bytes(data)

    def restart(self) -> Accepted:
        return verify_from_disk(self.folder / "release", self.root, self.screen)

    def shows(self, outcome: Accepted | Refused) -> list[str]:
        assert isinstance(outcome, Accepted), outcome
        return [item.name for one in outcome.manifest.store.playlists for entry in one.entries for item in entry.items]
