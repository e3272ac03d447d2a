"""An office that came from a backup in; roots that lead every screen on to it, and new keys below them, out.

Screens follow roots one by one and never go back. If keys were changed after the backup was made, screens stand at a
root that the restored office does not have; `newer_roots` finds it again where a copy lies. Where none does, the office
signs enough roots to come out ahead of any: who has the key of root may lead screens on, and nobody else (`mend`).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tuf.api.metadata import Metadata, Root

from signage.base.files import make_folder, write_durably
from signage.office.office import Office
from signage.office.resigning import finish_root, new_version, next_targets, signed_by
from signage.release.errors import ReleaseError
from signage.release.keys import KeyPair, name_of, public_bytes, read_public
from signage.release.repository import ONLINE_ROLES, Change
from signage.release.trust import newest_root, root_name

ROOTS_PASSED_FILE = "roots-passed"
ROOT_LEAP = 8
"""How many changes of root between a backup and its restore screens are led past. They follow 256 in all."""
_MOST_ROOT_BYTES = 1_000_000
_BELOW = ("published/metadata", "metadata", "metadata/root_history", "trust/metadata/root_history", "root_history")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found beside a backup: versions of root after its own, and names of key files that they speak of."""

    roots: tuple[int, ...]
    keys: tuple[str, ...]


NOTHING_FOUND = Found((), ())


def take_newer_roots(office: Office, folders: Iterable[Path]) -> Found:
    """Put the roots that come after this office's own, and the keys that they name, into it, from where they lie.

    Each of `folders` may be an office's folder, a published one, or what a screen keeps. What is not signed by the
    office's root is passed over: such a folder need not be trusted.

    Raises:
        SignageError: the disk does not take them.
    """
    own = office.repository.root()
    start = office.repository.read(f"metadata/{root_name(own.signed.version)}")
    best: tuple[int, Path | None] = (own.signed.version, None)
    places = [place for folder in folders for place in _places(folder)]
    for place in places:
        with contextlib.suppress(ReleaseError):
            if (version := _newest_version(place, start)) > best[0]:
                best = (version, place)
    if best[1] is None:
        return Found((), _take_keys(office, own.signed, folders))
    versions = range(own.signed.version + 1, best[0] + 1)
    for version in versions:
        data = _read(best[1] / root_name(version)) or b""
        write_durably(office.repository.folder / "metadata" / root_name(version), data)
    return Found(tuple(versions), _take_keys(office, office.repository.root().signed, folders))


def note_restored(office: Office) -> None:
    """Remember that screens may have followed roots that this office does not have.

    Raises:
        SignageError: the disk does not take it.
    """
    passed = office.repository.root().signed.version + ROOT_LEAP
    write_durably(office.folder / ROOTS_PASSED_FILE, str(passed).encode())


def needs_mending(office: Office) -> bool:
    """Tell whether this office came from a backup, and has not led screens past what they can have seen since."""
    return office.repository.exists and office.repository.root().signed.version < _roots_passed(office)


def mend(office: Office) -> int:
    """Sign roots past all that screens can have followed, with new keys below the last; its version.

    What was on air, and people's keys, stay as the backup has them. Keys that were replaced after it, perhaps since
    they were stolen, do not come back: those of targets, snapshot and timestamp are made anew.

    Raises:
        ReleaseError: it is not needed; or the key of root is not here.
    """
    office.top_signers("root")  # asks for its passphrase before others are kept waiting
    with office.repository.locked():
        if not needs_mending(office):
            raise ReleaseError("this office has not been restored, or was mended already (不需要，屏幕都认得)")
        signers, passed = office.top_signers("root"), _roots_passed(office)
        change = Change(leap=max(office.number_passed - office.repository.timestamp().signed.version, 0))
        root = office.repository.root()
        while root.signed.version < passed - 1:
            finish_root(office, root)
            change.files[f"metadata/{root_name(root.signed.version)}"] = signed_by(root, signers).to_bytes()
        finish_root(office, root)
        keys = {role: _renew_key(office, root, role) for role in ("targets", *ONLINE_ROLES)}
        change.root = signed_by(root, signers)
        change.targets = next_targets(office, office.repository.targets(), [keys["targets"].signer])
        office.repository.commit(change, [keys[role].signer for role in ONLINE_ROLES])
        return root.signed.version


def _renew_key(office: Office, root: Metadata[Root], role: str) -> KeyPair:
    key = new_version(office, role)
    before = list(root.signed.roles[role].keyids)
    root.signed.add_key(key.public, role)
    for key_id in before:
        root.signed.revoke_key(key_id, role)
    root.signed.roles[role].threshold = 1
    return key


def _roots_passed(office: Office) -> int:
    try:
        return int((office.folder / ROOTS_PASSED_FILE).read_text("ascii"))
    except (OSError, ValueError):
        return 0


def _newest_version(place: Path, start: bytes) -> int:
    """Give the version to which the roots in a folder lead on from `start`.

    Raises:
        ReleaseError: they are not signed by it.
    """
    return newest_root(lambda name: _read(place / name), start).version


def _places(folder: Path) -> Iterator[Path]:
    """Give where roots can lie: in an office's folder, a published one, what a screen keeps, or a copy of either."""
    yield from (folder / below for below in _BELOW if (folder / below).is_dir())
    yield folder


def _read(path: Path) -> bytes | None:
    with contextlib.suppress(OSError), path.open("rb") as file:
        return file.read(_MOST_ROOT_BYTES)
    return None


def _take_keys(office: Office, root: Root, folders: Iterable[Path]) -> tuple[str, ...]:
    """Copy key files that this root names and that are not here, as they lie: sealed."""
    wanted = {name_of(key): key for key in root.keys.values() if not office.key_path(name_of(key)).exists()}
    taken = []
    for folder in folders:
        for name, key in list(wanted.items()):
            path = folder / "keys" / f"{name}.key"
            with contextlib.suppress(ReleaseError):
                if public_bytes(read_public(path)) == public_bytes(key):
                    _copy_key(path, office.key_path(name))
                    taken.append(name)
                    del wanted[name]
    return tuple(taken)


def _copy_key(source: Path, target: Path) -> None:
    make_folder(target.parent)
    before = os.umask(0o077)  # the copy is its owner's alone from its first byte on
    try:
        write_durably(target, source.read_bytes())
    finally:
        os.umask(before)
