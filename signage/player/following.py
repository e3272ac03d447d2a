"""Where an office is and what it enrolled this screen with come in; what the station needs to follow it goes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from signage.base.clock import Clock
from signage.base.errors import SignageError
from signage.base.files import write_durably
from signage.content.values import MediaFile
from signage.player.enrolled import EnrolmentFolder
from signage.player.hints import HintStream, TakeHint
from signage.player.http import Http
from signage.player.overriding import overriding
from signage.player.plan import MakeProgramme
from signage.player.releasesource import ReleaseSource
from signage.player.sync import Sync
from signage.schedule.programme import Programme

_MOST_ROOT_BYTES = 500_000


@dataclass(frozen=True, slots=True)
class Office:
    """An office to follow. `addresses` are of the published folder and its mirrors, http:, https: or file:.

    `root` is the file that came with the enrolment; None takes the one that this screen was enrolled with before.
    """

    addresses: tuple[str, ...]
    root: Path | None = None


@dataclass(slots=True)
class Bell:
    """Who is told of news, and of wishes for a report: nobody, until there is a reporter. Called on any thread."""

    news: Callable[[], None] = lambda: None
    wish: Callable[[frozenset[str]], None] = lambda _screens: None


@dataclass(frozen=True, slots=True)
class Followed:
    """A station's feed, where its files lie, and programmes that obey the orders in force.

    `api_address` is where reports go: the office's own address, the first that is http: or https:, never a mirror's.
    """

    source: ReleaseSource
    locate: Callable[[MediaFile], Path]
    make_programme: MakeProgramme
    sync: Sync
    bell: Bell
    api_address: str | None


def follow(office: Office, screen: str, state_dir: Path, clock: Clock) -> Followed:
    """Give what follows the office, not yet started. What it keeps lies in `state_dir`.

    Raises:
        SignageError: the root cannot be read, or the folder not be written.
    """
    folder = state_dir / "office"
    root_bytes = _enrol(office.root, folder)
    addresses = [address_of(address) for address in office.addresses]
    http = Http(clock)
    sync = Sync(folder, addresses, root_bytes, screen, clock, http)
    bell = Bell()

    def hints(take: TakeHint) -> HintStream:
        return HintStream(addresses, take, http, clock, take_wish=lambda screens: bell.wish(screens))

    source = ReleaseSource(sync, clock, hints=hints, close=http.close, on_news=lambda: bell.news())
    return Followed(
        source,
        lambda media: sync.cache.path_of(media.sha256),
        overriding(Programme, lambda: sync.in_force),
        sync,
        bell,
        api_address(office),
    )


def must_enrol(office: Office, state_dir: Path) -> bool:
    """Tell whether a person has to let this screen in first: it knows no root, and the office can be asked."""
    can_ask = api_address(office) is not None
    return can_ask and office.root is None and not EnrolmentFolder(state_dir).has_root


def api_address(office: Office) -> str | None:
    """Give where an office can be asked; None where there are only folders."""
    return next((address for address in office.addresses if address.startswith(("http:", "https:"))), None)


def address_of(text: str) -> str:
    """Give the address of a published folder: as it is, or of a folder of this machine."""
    return text if "://" in text else Path(text).absolute().as_uri()


def _enrol(root: Path | None, folder: Path) -> bytes:
    """Give the root to trust; one that is named is kept for the starts after this one."""
    kept = folder / "root.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        data = (root or kept).read_bytes()
    except OSError as error:
        wanted = "" if root else "; name the root that came with the enrolment: --root FILE"
        raise SignageError(f"{root or kept}: cannot be read ({error.strerror}){wanted}") from error
    if len(data) > _MOST_ROOT_BYTES:
        raise SignageError(f"{root}: is no root of an office: too long")
    if root is not None and not _is_same(kept, data):
        write_durably(kept, data)
    return data


def _is_same(path: Path, data: bytes) -> bool:
    return path.exists() and path.read_bytes() == data
