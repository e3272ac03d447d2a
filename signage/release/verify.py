"""A fetcher and the office's address in; a release that this screen may show, or the reason for none, out.

`TrustedRelease` is the client over python-tuf's Updater. `verify_from_disk` checks what was accepted before, at every
start, without the network and whatever the time.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tuf.api.exceptions import (
    LengthOrHashMismatchError,
)
from tuf.api.metadata import TargetFile
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from signage.base.clock import Clock, SystemClock
from signage.base.errors import SignageError
from signage.base.moments import to_datetime, to_text
from signage.release.errors import Reason, Rejection, ReleaseError
from signage.release.layout import review_role
from signage.release.look import Look, News, reasons
from signage.release.manifest import Manifest, decode_manifest
from signage.release.memory import Memory, load_memory, save_memory
from signage.release.orders import urgent_keys
from signage.release.parts import Part, join, parts_of
from signage.release.trust import MOST_ROOTS, Read, Tree, load_role, load_tree, manifest_of, newest_root

_CLOCK_SLACK_MS = 300_000
_TARGET, _PARTS = "manifest.json", "manifest.parts"


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
        look = Look(fetcher, base_url.rstrip("/") + "/", self._kept)
        try:
            return self._refresh(look, at_least)
        except Rejection as rejection:
            return Refused(rejection.reason, str(rejection), look.news)
        except ReleaseError as error:
            return Refused(Reason.DAMAGED, str(error), look.news)
        except (OSError, SignageError) as error:
            return Refused(Reason.DISK, str(error), look.news)

    def _refresh(self, look: Look, at_least: int) -> Accepted:
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

    def _updated(self, look: Look, memory: Memory) -> Updater:
        """Give an Updater that has refreshed; a time that only keys replaced by now have signed is forgotten."""
        now_ms = self._clock.now_ms()
        updater = self._updater(look, max(now_ms, memory.made_ms))
        try:
            with reasons("metadata", Reason.NOT_SIGNED):
                updater.refresh()
        except Rejection as rejection:
            root = newest_root(_reader(self._metadata, "root_history/"), self._root_bytes)
            made_ms = memory.for_root(root).made_ms
            if rejection.reason is not Reason.EXPIRED or max(now_ms, made_ms) == max(now_ms, memory.made_ms):
                raise
            updater = self._updater(look, max(now_ms, made_ms))
            with reasons("metadata", Reason.NOT_SIGNED):
                updater.refresh()
        return updater

    def _accept_tree(self, look: Look, memory: Memory) -> Tree:
        """Check what the Updater took against what this screen has seen, and remember it."""
        tree = load_tree(_reader(self._metadata, "root_history/"), self._root_bytes)
        look.news.made_ms = tree.made_ms
        look.news.clock_fault = _clock_fault(self._clock.now_ms(), tree.made_ms)
        updated = memory.updated(tree)
        if updated != memory:
            save_memory(self._memory_path, updated)
        return tree

    def _manifest(self, look: Look, updater: Updater, tree: Tree) -> tuple[Manifest, dict[str, bytes]]:
        if f"{review_role(1)}.json" not in tree.snapshot.meta:
            raise Rejection(Reason.NOTHING_PUBLISHED, "the office has published nothing yet")
        read = _reader(self._metadata)
        for level in range(1, tree.levels + 1):
            role = review_role(level)
            with reasons(role, Reason.UNDER_SIGNED):
                updater.get_targetinfo(f"{role}/.")
            load_role(tree, read, role)
        _, target = manifest_of(tree, self._screen)
        if self._last is None or self._last.sha256 != target.hashes["sha256"]:
            self._last = self._read_manifest(look, target)
        last = self._last
        look.wanted |= {last.sha256, *(part.sha256 for part in parts_of(last.data))}
        return last.manifest, {**tree.files, _TARGET: last.data, _PARTS: last.parts}

    def _read_manifest(self, look: Look, target: TargetFile) -> _Known:
        data = look.target(target)
        pieces = {part: look.part(part) for part in parts_of(data)}
        manifest = _decode(join(data, pieces.__getitem__), self._screen)
        return _Known(target.hashes["sha256"], data, b"".join(pieces[part] for part in parts_of(data)), manifest)

    def _updater(self, look: Look, now_ms: int) -> Updater:
        with reasons("root", Reason.NOT_SIGNED):
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
