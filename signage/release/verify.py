"""A fetcher and the office's address in; a release that this screen may show, or the reason for none, out.

`TrustedRelease` is the client over python-tuf's Updater. `verify_from_disk` checks what was accepted before, at every
start, without the network and whatever the time.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import TargetFile
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from signage.base.clock import Clock, SystemClock
from signage.base.errors import SignageError
from signage.base.moments import to_datetime, to_text
from signage.release.errors import Reason, Rejection, ReleaseError
from signage.release.layout import ORDERS_TARGET, URGENT_ROLE, blob_path, is_sha256, review_role
from signage.release.manifest import Manifest, decode_manifest
from signage.release.memory import Memory, load_memory, save_memory
from signage.release.orders import Order, UrgentKeys, decode_orders, split_orders, urgent_keys
from signage.release.parts import Part, join, parts_of
from signage.release.trust import MOST_ROOTS, Read, Tree, load_role, load_tree, manifest_of, newest_root

_MOST_TARGET_BYTES = 4_000_000
_CLOCK_SLACK_MS = 300_000
_TARGET, _PARTS = "manifest.json", "manifest.parts"


@dataclass(slots=True)
class News:
    """What a look at the office told besides the release.

    `orders` are all that the office has out, by sequence; None where nothing could be learnt of them, and `order_fault`
    says why; `envelopes` are the signed bytes of each, to keep. `order_keys` check those from a USB stick and those
    that were kept. `made_ms` is when the office last signed, by its own clock;
    `clock_fault` tells when this machine's clock cannot be right.
    """

    orders: tuple[Order, ...] | None = None
    envelopes: tuple[bytes, ...] = ()
    order_keys: UrgentKeys | None = None
    order_fault: str = ""
    made_ms: int = 0
    clock_fault: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A release that this screen may show.

    `files` is all that `verify_from_disk` needs, by plain file name: keep them together with the release.
    """

    manifest: Manifest
    files: Mapping[str, bytes]
    news: News


@dataclass(frozen=True, slots=True)
class Refused:
    """No release may be taken, and what is on air stays; orders may have come all the same."""

    reason: Reason
    message: str
    news: News


def verify_from_disk(folder: Path, root_bytes: bytes, screen: str) -> Accepted:
    """Give the release whose `Accepted.files` lie in `folder`, checked from the enrolled root, whatever the time.

    Raises:
        ReleaseError: it is damaged, incomplete or not signed as it must be; play the one before.
    """
    read = _reader(folder)
    tree = load_tree(read, root_bytes)
    for level in range(1, tree.levels + 1):
        load_role(tree, read, review_role(level))
    _, target = manifest_of(tree, screen)
    data = read(_TARGET) or b""
    _check_target(target, data)
    content = read(_PARTS) or b""
    offsets: dict[Part, int] = {}
    at = 0
    for part in parts_of(data):
        offsets[part] = at
        at += part.length_bytes
    full = join(data, lambda part: content[offsets[part] : offsets[part] + part.length_bytes])
    files = {**tree.files, _TARGET: data, _PARTS: content}
    return Accepted(_decode(full, screen), files, News(order_keys=urgent_keys(tree.targets), made_ms=tree.made_ms))


@dataclass(frozen=True, slots=True)
class _Known:
    """A manifest that was read, and the bytes that it came from: the next look mostly finds the same."""

    sha256: str
    data: bytes
    parts: bytes
    manifest: Manifest


class TrustedRelease:
    """Follows the office's releases for one screen. One thread at a time.

    `folder` holds its metadata; it makes it. `root_bytes` is the root that came with the enrolment.
    """

    def __init__(self, folder: Path, root_bytes: bytes, screen: str, clock: Clock | None = None) -> None:
        self._metadata = folder / "metadata"
        self._kept = folder / "kept"
        self._memory_path = folder / "memory.json"
        self._root_bytes = root_bytes
        self._screen = screen
        self._clock = clock or SystemClock()
        self._last: _Known | None = None

    def refresh(self, fetcher: FetcherInterface, base_url: str, at_least: int = 0) -> Accepted | Refused:
        """Ask the office once. `base_url` is the address of the published folder, `at_least` the number on air.

        With nothing new that is two requests. The manifest's bytes are fetched only when they are not here; media
        are the caller's to fetch.
        """
        look = _Look(fetcher, base_url.rstrip("/") + "/", self._kept)
        try:
            return self._refresh(look, at_least)
        except Rejection as rejection:
            return Refused(rejection.reason, str(rejection), look.news)
        except ReleaseError as error:
            return Refused(Reason.DAMAGED, str(error), look.news)
        except (OSError, SignageError) as error:
            return Refused(Reason.DISK, str(error), look.news)

    def _refresh(self, look: _Look, at_least: int) -> Accepted:
        before = self._timestamp_bytes()
        for folder in (self._metadata, self._kept):
            folder.mkdir(parents=True, exist_ok=True)
        memory = load_memory(self._memory_path)
        try:
            updater = self._updated(look, memory)
            tree = self._accept_tree(look, memory)
            look.take_orders(updater, tree)
            manifest, files = self._manifest(look, updater, tree)
        finally:
            if self._timestamp_bytes() != before:
                _sync_tree(self._metadata)
        if manifest.number < at_least:
            message = f"release {manifest.number} is older than release {at_least}, which is on air"
            raise Rejection(Reason.ROLLED_BACK, message)
        look.forget_others()
        return Accepted(manifest, files, look.news)

    def _updated(self, look: _Look, memory: Memory) -> Updater:
        """Give an Updater that has refreshed; a time that only keys replaced by now have signed is forgotten."""
        now_ms = self._clock.now_ms()
        updater = self._updater(look, max(now_ms, memory.made_ms))
        try:
            with _reasons("metadata", Reason.NOT_SIGNED):
                updater.refresh()
        except Rejection as rejection:
            root = newest_root(_reader(self._metadata, "root_history/"), self._root_bytes)
            made_ms = memory.for_root(root).made_ms
            if rejection.reason is not Reason.EXPIRED or max(now_ms, made_ms) == max(now_ms, memory.made_ms):
                raise
            updater = self._updater(look, max(now_ms, made_ms))
            with _reasons("metadata", Reason.NOT_SIGNED):
                updater.refresh()
        return updater

    def _accept_tree(self, look: _Look, memory: Memory) -> Tree:
        """Check what the Updater took against what this screen has seen, and remember it."""
        tree = load_tree(_reader(self._metadata, "root_history/"), self._root_bytes)
        look.news.made_ms = tree.made_ms
        look.news.clock_fault = _clock_fault(self._clock.now_ms(), tree.made_ms)
        updated = memory.updated(tree)
        if updated != memory:
            save_memory(self._memory_path, updated)
        return tree

    def _manifest(self, look: _Look, updater: Updater, tree: Tree) -> tuple[Manifest, dict[str, bytes]]:
        if f"{review_role(1)}.json" not in tree.snapshot.meta:
            raise Rejection(Reason.NOTHING_PUBLISHED, "the office has published nothing yet")
        read = _reader(self._metadata)
        for level in range(1, tree.levels + 1):
            role = review_role(level)
            with _reasons(role, Reason.UNDER_SIGNED):
                updater.get_targetinfo(f"{role}/.")
            load_role(tree, read, role)
        _, target = manifest_of(tree, self._screen)
        if self._last is None or self._last.sha256 != target.hashes["sha256"]:
            self._last = self._read_manifest(look, target)
        last = self._last
        look.wanted |= {last.sha256, *(part.sha256 for part in parts_of(last.data))}
        return last.manifest, {**tree.files, _TARGET: last.data, _PARTS: last.parts}

    def _read_manifest(self, look: _Look, target: TargetFile) -> _Known:
        data = look.target(target)
        pieces = {part: look.part(part) for part in parts_of(data)}
        manifest = _decode(join(data, pieces.__getitem__), self._screen)
        return _Known(target.hashes["sha256"], data, b"".join(pieces[part] for part in parts_of(data)), manifest)

    def _updater(self, look: _Look, now_ms: int) -> Updater:
        with _reasons("root", Reason.NOT_SIGNED):
            updater = Updater(
                str(self._metadata),
                f"{look.base_url}metadata/",
                fetcher=look.fetcher,
                config=UpdaterConfig(max_root_rotations=MOST_ROOTS),
                bootstrap=self._root_bytes,
            )
        # The Updater has no parameter for the time; a clock that was set back must not make the expired valid.
        updater._trusted_set.reference_time = to_datetime(now_ms)
        return updater

    def _timestamp_bytes(self) -> bytes:
        with contextlib.suppress(OSError):
            return (self._metadata / "timestamp.json").read_bytes()
        return b""


@dataclass(slots=True)
class _Look:
    """One look at the office: where to fetch from, what was learnt, and which of the kept bytes are still wanted."""

    fetcher: FetcherInterface
    base_url: str
    kept: Path
    news: News = field(default_factory=News)
    wanted: set[str] = field(default_factory=set)

    def take_orders(self, updater: Updater, tree: Tree) -> None:
        """Learn the orders; what is wrong with them must not keep a release away."""
        try:
            self.news.order_keys = keys = urgent_keys(tree.targets)
            if f"{URGENT_ROLE}.json" not in tree.snapshot.meta:
                self.news.orders = ()
                return
            with _reasons(URGENT_ROLE, Reason.UNDER_SIGNED):
                target = updater.get_targetinfo(ORDERS_TARGET)
            data = self.target(target) if target else None
            # Each counts by itself at the screen: one that nobody may give any more must not hide the others.
            self.news.envelopes = tuple(split_orders(data)) if data else ()
            self.news.orders = decode_orders(data, keys) if data else ()
        except ReleaseError as error:
            self.news.order_fault = str(error)

    def target(self, target: TargetFile) -> bytes:
        folder, _, name = target.path.rpartition("/")
        digest = target.hashes.get("sha256", "")
        if target.length > _MOST_TARGET_BYTES or not is_sha256(digest):
            raise Rejection(Reason.DAMAGED, f"{target.path}: {target.length} bytes, or without a sha256")
        return self._bytes(f"{self.base_url}targets/{folder}/{digest}.{name}", digest, target.length)

    def part(self, part: Part) -> bytes:
        return self._bytes(self.base_url + blob_path(part.sha256), part.sha256, part.length_bytes)

    def _bytes(self, url: str, digest: str, length: int) -> bytes:
        """Give bytes by their digest: from the disk if they are there, else from the office."""
        self.wanted.add(digest)
        kept = self.kept / digest
        with contextlib.suppress(OSError):
            data = kept.read_bytes()
            if sha256(data).hexdigest() == digest:
                return data
        with _reasons(url, Reason.DAMAGED):
            data = self.fetcher.download_bytes(url, length)
        if len(data) != length or sha256(data).hexdigest() != digest:
            raise Rejection(Reason.DAMAGED, f"{url}: other bytes than were signed")
        # Not synced: what a power cut spoils here fails its digest and is fetched again.
        kept.write_bytes(data)
        return data

    def forget_others(self) -> None:
        for path in self.kept.iterdir():
            if path.name not in self.wanted:
                path.unlink()


def _decode(data: bytes, screen: str) -> Manifest:
    manifest = decode_manifest(data)
    if screen not in manifest.store.screens:
        raise Rejection(Reason.NOT_FOR_THIS_SCREEN, f"the manifest of '{manifest.channel}' has no screen '{screen}'")
    return manifest


def _check_target(target: TargetFile, data: bytes) -> None:
    try:
        target.verify_length_and_hashes(data)
    except LengthOrHashMismatchError as error:
        raise Rejection(Reason.DAMAGED, f"{target.path}: {error}") from error


def _reader(folder: Path, roots: str = "") -> Read:
    """Give what reads a metadata file by name; roots lie in a folder of their own where python-tuf keeps them."""

    def read(name: str) -> bytes | None:
        try:
            return (folder / (roots + name if name.endswith(".root.json") else name)).read_bytes()
        except FileNotFoundError:
            return None

    return read


def _clock_fault(now_ms: int, made_ms: int) -> str:
    if made_ms - now_ms > _CLOCK_SLACK_MS:
        return (
            f"this machine's clock says {to_text(now_ms)}, but the office signed at {to_text(made_ms)}; set the clock"
        )
    return ""


@contextlib.contextmanager
def _reasons(what: str, unsigned: Reason) -> Iterator[None]:
    """Turn what python-tuf and the fetcher raise into a Rejection; `unsigned` is for missing signatures."""
    try:
        yield
    except DownloadLengthMismatchError as error:
        raise Rejection(Reason.DAMAGED, f"{what}: {error}") from error
    except DownloadError as error:
        cause = f" ({error.__cause__})" if error.__cause__ else ""
        raise Rejection(Reason.UNREACHABLE, f"{what}: {error}{cause}") from error
    except ExpiredMetadataError as error:
        raise Rejection(Reason.EXPIRED, f"{what}: {error}; or this machine's clock is wrong") from error
    except BadVersionNumberError as error:
        raise Rejection(Reason.ROLLED_BACK, f"{what}: {error}") from error
    except UnsignedMetadataError as error:
        raise Rejection(unsigned, f"{what}: {error}") from error
    except (RepositoryError, ValueError, KeyError, TypeError) as error:
        raise Rejection(Reason.DAMAGED, f"{what}: {error}") from error


def _sync_tree(folder: Path) -> None:
    """Have every file of the tree, and its folders, on the disk; python-tuf leaves that to its caller.

    Source: python-tuf issues 1761 and 1799.
    """
    for path in (*folder.rglob("*"), folder):
        if path.is_symlink():
            continue
        fd = os.open(path, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
