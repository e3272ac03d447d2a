"""Playlists by name and what staff want them to say come in; changed files go out, or why they were not changed.

Every change is checked by the strict reader before it is written, and is refused where the file is not the one that
the form was made from: nobody's edit is lost, by hand or in the console.
"""

from __future__ import annotations

import difflib
import os
import re
import threading
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signage.base.clock import Clock
from signage.base.errors import Problem, SignageError
from signage.base.files import DiskCalls, SystemDisk, open_plain, write_durably
from signage.base.yaml import MAX_BYTES, parse
from signage.content.drafts import PlaylistDraft
from signage.content.yamlfiles import find_yaml_files
from signage.office.edit.checking import Fault, Shelf, check, new_faults
from signage.office.edit.merging import Difference, Place, differences, merge
from signage.office.edit.rewrite import rewrite
from signage.office.edit.versions import LastEdit, Versions, version_of

RESERVED = frozenset({"screens", "calendar", "readme"})
_UNSAFE = re.compile(r'[\\/:*?"<>|#%\x00-\x1f\x7f]+')
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Page:
    """One playlist file as it is now. `version` goes out with every form that is made from it."""

    name: str
    file: str
    raw: bytes
    version: str
    value: Any
    draft: PlaylistDraft
    faults: tuple[Fault, ...] = ()

    @property
    def text(self) -> str:
        return self.raw.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Saved:
    """The change is written. `changed_lines` are those of a diff, with + and -; none: there was nothing to change.

    `before` and `after` are what the file said and says.
    """

    version: str
    changed_lines: tuple[str, ...] = ()
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class NotSaved:
    """Nothing is written: the change would bring these faults in."""

    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Clash:
    """Nothing is written: the file has changed since the form was made. Both changes are told.

    `merged` holds both where they touch different things (`places` is empty then). `version` is the file's now.
    """

    version: str
    theirs: tuple[Difference, ...]
    mine: tuple[Difference, ...]
    merged: Any
    places: tuple[Place, ...]
    is_known: bool


Outcome = Saved | NotSaved | Clash


class PlaylistBook:
    """Reads and changes the playlists of a store. From any thread; one change at a time.

    `folder` is the office's own: versions and what was thrown away are kept there. `shelf` gives what may be named.
    """

    def __init__(
        self, root: Path, folder: Path, clock: Clock, shelf: Callable[[], Shelf], disk: DiskCalls | None = None
    ) -> None:
        self._root = root
        self._trash = folder / "trash" / "playlists"
        self._clock = clock
        self._shelf = shelf
        self._disk = disk or SystemDisk()
        self._lock = threading.RLock()
        self.versions = Versions(folder / "versions")

    def names(self) -> list[str]:
        """Give the names of all playlists, also of broken ones, in order.

        Raises:
            SignageError: the folder cannot be read.
        """
        return list(self._paths())

    def page(self, name: str) -> Page | None:
        """Give a playlist as it is now; None if there is none of that name."""
        path = self._paths().get(name)
        raw = _read(path) if path else None
        if path is None or raw is None:
            return None
        self.versions.keep(raw)
        return self._page(name, path, raw)

    def save(self, name: str, version: str, target: dict[str, Any], person: str) -> Outcome:
        """Have the playlist say `target`, if it is still the one with that version.

        Raises:
            RewriteError: the file is written in a way that cannot be changed but by hand.
            SignageError: there is no such playlist, or the disk does not take it.
        """
        with self._lock:
            path, raw = self._existing(name)
            if version_of(raw) != version:
                return self._clash(raw, version, target)
            return self._write(name, path, raw, rewrite(raw, target), person)

    def save_text(self, name: str, version: str, text: str, person: str) -> Outcome:
        """Have the file hold this text, as `save` does."""
        with self._lock:
            path, raw = self._existing(name)
            newline = "\r\n" if b"\r\n" in raw else "\n"
            new = text.replace("\r\n", "\n").replace("\n", newline).encode()
            if version_of(raw) != version:
                value = parse(new, name).value
                return self._clash(raw, version, value if isinstance(value, dict) else {})
            return self._write(name, path, raw, new, person)

    def add(self, title: str, target: dict[str, Any], person: str) -> tuple[str, Outcome]:
        """Make a new playlist named after its title; give the name and what became of it."""
        with self._lock:
            name = self._free_name(title)
            path = self._root / "playlists" / f"{name}.yaml"
            return name, self._write(name, path, b"", rewrite(b"", target), person)

    def undo(self, name: str, person: str) -> Outcome | None:
        """Take back the console's last edit of the playlist; None where there is none, or the file changed since."""
        with self._lock:
            path, raw = self._existing(name)
            last = self.undoable(name, version_of(raw))
            before = self.versions.get(last.before) if last else None
            return None if before is None else self._write(name, path, raw, before, person, is_checked=False)

    def undoable(self, name: str, version: str) -> LastEdit | None:
        """Give the last edit, where it is what made the file what it is now and can be taken back."""
        last = self.versions.last_edit(name)
        return last if last and last.after == version and self.versions.get(last.before) else None

    def rename(self, name: str, wanted: str) -> str:
        """Give the file another name; give that name.

        Raises:
            SignageError: it cannot be done.
        """
        with self._lock:
            path, _ = self._existing(name)
            if clean_name(wanted) == name:
                return name
            new = self._free_name(wanted)
            try:
                path.rename(self._root / "playlists" / f"{new}.yaml")
            except OSError as error:
                raise SignageError(f"{path}: cannot be renamed ({error.strerror})") from error
            return new

    def throw_away(self, name: str) -> None:
        """Take the playlist out of the store; it is kept in the trash.

        Raises:
            SignageError: it cannot be done; the playlist is still there.
        """
        with self._lock:
            path, raw = self._existing(name)
            self._trash.mkdir(parents=True, exist_ok=True)
            write_durably(self._trash / f"{self._clock.now_ms()}@{name.replace('/', '∕')}.yaml", raw, self._disk)
            try:
                path.unlink()
            except OSError as error:
                raise SignageError(f"{path}: cannot be removed ({error.strerror})") from error

    def thrown_away(self) -> list[tuple[str, int, str]]:
        """Give what is in the trash: its mark, when it was thrown away, its name; the newest first."""
        found = []
        for path in self._trash.glob("*@*.yaml"):
            at_ms, _, name = path.stem.partition("@")
            if at_ms.isdigit():
                found.append((path.stem, int(at_ms), name.replace("∕", "/")))
        return sorted(found, key=lambda one: -one[1])

    def restore(self, mark: str) -> str:
        """Put a playlist from the trash back; give its name, which is another if that one is taken.

        Raises:
            SignageError: it is not in the trash, or the disk does not take it.
        """
        with self._lock:
            path = self._trash / f"{mark}.yaml"
            raw = _read(path) if mark in {one for one, _, _ in self.thrown_away()} else None
            if raw is None:
                raise SignageError("it is not in the trash any more")
            name = self._free_name(mark.partition("@")[2].replace("∕", "/"))
            write_durably(self._root / "playlists" / f"{name}.yaml", raw, self._disk)
            with suppress(OSError):
                path.unlink()
            return name

    def _page(self, name: str, path: Path, raw: bytes) -> Page:
        file = path.relative_to(self._root).as_posix()
        draft, faults = check(raw, name, file, self._shelf())
        return Page(name, file, raw, version_of(raw), parse(raw, file).value, draft, tuple(faults))

    def _write(self, name: str, path: Path, old: bytes, new: bytes, person: str, *, is_checked: bool = True) -> Outcome:
        if new == old:
            return Saved(version_of(old))
        after = self._page(name, path, new)
        if is_checked:
            before = self._page(name, path, old).faults if old else ()
            found = new_faults(before, after.faults)
            if any(fault.problem.severity == "error" for fault in found):
                return NotSaved(tuple(found))
        if (_read(path) or b"") != old:
            raise SignageError(f"{path.name}: was changed this very moment; try again")
        self.versions.keep(old)
        self.versions.keep(new)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, new, self._disk)
        edit = LastEdit(version_of(old), after.version, person, self._clock.now_ms())
        with suppress(SignageError):  # it is saved; a full disk takes away that it can be undone
            self.versions.note_edit(name, edit if old else None)
        return Saved(after.version, _changed_lines(old, new), parse(old, "").value if old else None, after.value)

    def _clash(self, raw: bytes, version: str, target: dict[str, Any]) -> Clash:
        now = parse(raw, "").value
        kept = self.versions.get(version)
        if kept is None:
            return Clash(version_of(raw), (), tuple(differences(now, target)), target, ((),), is_known=False)
        base = parse(kept, "").value
        merged, places = merge(base, target, now)
        mine = tuple(differences(base, target))
        return Clash(version_of(raw), tuple(differences(base, now)), mine, merged, tuple(places), is_known=True)

    def _paths(self) -> dict[str, Path]:
        problems: list[Problem] = []
        found = find_yaml_files(self._root, problems)
        names = {relative.removeprefix("playlists/").rpartition(".")[0]: path for relative, path in found}
        return {name: path for name, path in names.items() if name.casefold() not in RESERVED}

    def _existing(self, name: str) -> tuple[Path, bytes]:
        path = self._paths().get(name)
        raw = _read(path) if path else None
        if path is None or raw is None:
            raise SignageError(f"there is no playlist '{name}' any more (播放列表“{name}”已经不在了)")
        return path, raw

    def _free_name(self, wanted: str) -> str:
        name = clean_name(wanted)
        taken = {known.casefold() for known in self._paths()} | RESERVED
        number = 2
        free = name
        while free.casefold() in taken:
            free = f"{name}-{number}"
            number += 1
        return free


def clean_name(title: str) -> str:
    """Give a file name for a title: Chinese stays, what a disk or an address does not take goes."""
    text = unicodedata.normalize("NFC", title).strip()
    text = _UNSAFE.sub("-", text).strip(" .-~")[:_LONGEST_NAME].rstrip(" .-~")
    return text or "playlist"


def _read(path: Path) -> bytes | None:
    try:
        with open_plain(path) as stream:
            return stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SignageError(f"{path}: cannot be read ({os.strerror(error.errno or 0)})") from error


def _changed_lines(old: bytes, new: bytes) -> tuple[str, ...]:
    before, after = (raw.decode("utf-8", "replace").splitlines() for raw in (old, new))
    return tuple(line for line in difflib.ndiff(before, after) if line.startswith(("+ ", "- ")))
