"""The folder of a content store in, a frozen Store out: everything that can be shown, and every problem at once."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from signage.base.clock import Clock, SystemClock
from signage.base.errors import Problem, SignageError
from signage.base.files import open_plain
from signage.base.yaml import MAX_BYTES
from signage.content.assemble import Assembled, assemble, wanted_media
from signage.content.crosschecks import where_problems
from signage.content.drafts import PlaylistDraft
from signage.content.items import ItemKey
from signage.content.library import Library
from signage.content.mediapath import natural_key
from signage.content.playlistfile import read_playlist_file
from signage.content.probecache import Finding, ProbeCache
from signage.content.renditions import Renditions
from signage.content.revision import revision_of
from signage.content.scan import FileKey
from signage.content.screens import CalendarFile, ScreensFile, read_calendar_file, read_screens_file
from signage.content.settled import is_being_written
from signage.content.sidecars import Sidecar
from signage.content.values import Item, MediaFile, Store
from signage.content.yamlfiles import find_yaml_files

Progress = Callable[[int, int], None]

_SCREENS = "playlists/screens.yaml"
_CALENDAR = "playlists/calendar.yaml"


def read_store(root: Path) -> Store:
    """Read a store once; see `StoreReader.read`."""
    return StoreReader(root).read()


@dataclass(slots=True)
class _Tally:
    """Counts files done and files known of, for a progress bar whose end moves as folders are opened."""

    report: Progress | None
    done: int = 0
    total: int = 0

    def expect(self, count: int) -> None:
        self.total += count

    def step(self) -> None:
        self.done += 1
        if self.report:
            self.report(self.done, self.total)

    def of_a_round(self) -> Progress:
        """Give the progress call of one round of probing, whose size it learns at its first step."""
        done_before, total_before = self.done, self.total

        def step(done: int, total: int) -> None:
            self.done, self.total = done_before + done - 1, total_before + total
            self.step()

        return step


@dataclass(slots=True)
class _Files:
    """The YAML files of one look: bytes by name relative to the store, and what is wrong with getting them."""

    contents: dict[str, bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    is_unsettled: bool = False


class StoreReader:
    """Reads a store again and again, and looks only at what changed. One thread at a time.

    With `cache_dir`, what is known of media files is kept there and the next start is quick. With `renditions`, these
    are shown in place of the originals, and what they know is believed.
    """

    def __init__(
        self,
        root: Path,
        cache_dir: Path | None = None,
        clock: Clock | None = None,
        renditions: Renditions | None = None,
    ) -> None:
        self._root = root
        self._library = Library(root / "media", ProbeCache(cache_dir), clock or SystemClock(), renditions)
        self._contents: dict[str, bytes] = {}
        self._drafts: dict[str, tuple[bytes, PlaylistDraft]] = {}
        self._screens: tuple[bytes | None, ScreensFile] = (None, ScreensFile())
        self._calendar: tuple[bytes | None, CalendarFile] = (None, CalendarFile())
        self._assembled: dict[str, tuple[PlaylistDraft, Assembled]] = {}
        self._is_unsettled = False

    @property
    def has_unsettled(self) -> bool:
        """Tell whether a file was still being written at the last read: read again in 2 seconds."""
        return self._is_unsettled

    @property
    def unused_media(self) -> tuple[str, ...]:
        """Give the files of `media/` that no playlist used at the last read, in order; they were not checked."""
        used = set().union(*(built.depends_on for draft, built in self._assembled.values() if not draft.is_broken))
        return tuple(sorted(self._library.scan.files.keys() - used, key=natural_key))

    def forget(self, digest: str) -> None:
        """Have files that were read with this sha256 read anew by the next reader: one has other bytes by now."""
        self._library.forget(digest)

    @property
    def files(self) -> Mapping[str, FileKey]:
        """Give every file of `media/` at the last read: (inode, bytes, time of change in ns) by path."""
        return dict(self._library.scan.files)

    @property
    def folders(self) -> tuple[str, ...]:
        """Give every folder of `media/` at the last read, "" for itself, in order."""
        return tuple(sorted(self._library.scan.folders, key=natural_key))

    @property
    def findings(self) -> Mapping[str, Finding]:
        """Give what checking found of the files that playlists wanted at the last read."""
        return self._library.findings

    @property
    def sidecars(self) -> Mapping[str, Sidecar]:
        """Give what sidecars say at the last read, by the path of the file that each is about."""
        found = {path: self._library.sidecar(path) for path in self._library.scan.sidecars}
        return {path: sidecar for path, sidecar in found.items() if sidecar is not None}

    def read(self, progress: Progress | None = None) -> Store:
        """Give the store as it is now. What cannot be used is left out and named in `Store.problems`.

        `progress` is called on this thread with the number of files done and of all known so far.

        Raises:
            SignageError: the folder, its `playlists/` or its `media/` is not there or cannot be read; keep the
                store that you had.
        """
        tally = _Tally(progress)
        files = self._read_files()
        changed = self._library.rescan()
        screens = self._read_screens(files)
        calendar = self._read_calendar(files)
        drafts = self._read_drafts(files, tally)
        stale = [draft for draft in drafts if self._is_stale(draft, changed)]
        self._probe(stale, tally)
        assembled = self._assemble(drafts, stale)
        self._is_unsettled = files.is_unsettled or self._library.has_unsettled
        problems = {
            *files.problems,
            *self._library.scan.problems,
            *screens.problems,
            *calendar.problems,
            *(problem for draft in drafts for problem in draft.problems),
            *(problem for built in assembled for problem in built.problems),
            *where_problems(drafts, screens.screens.values()),
        }
        playlists = tuple(built.playlist for built in assembled if built.playlist)
        media = _media_of(assembled)
        return Store(
            root=self._root,
            playlists=playlists,
            screens=screens.screens,
            calendar=calendar.calendar,
            media=media,
            problems=tuple(
                sorted(problems, key=lambda problem: (natural_key(problem.file), problem.line, problem.message))
            ),
            revision=revision_of((built.digest for built in assembled), screens.screens, calendar.calendar),
            files={path: file for path, file in self._library.files.items() if path in media},
        )

    def _read_files(self) -> _Files:
        files = _Files()
        for name, path in find_yaml_files(self._root, files.problems):
            try:
                with open_plain(path) as stream:
                    if is_being_written(stream.fileno()):
                        files.is_unsettled = True
                        self._keep_last(name, files)
                        continue
                    files.contents[name] = stream.read(MAX_BYTES + 1)
            except FileNotFoundError:
                continue
            except PermissionError:
                files.problems.append(Problem(name, 0, "cannot be read: permission denied", message_zh="没有读取权限"))
            except OSError as error:
                if error.errno == errno.EINVAL:
                    files.problems.append(Problem(name, 0, "is not a plain file", message_zh="不是普通文件"))
                    continue
                raise SignageError(f"{path}: cannot be read ({error.strerror})") from error
        self._contents = files.contents
        return files

    def _keep_last(self, name: str, files: _Files) -> None:
        """Go on with what a file said before somebody began to write it."""
        if name in self._contents:
            files.contents[name] = self._contents[name]
        else:
            message = "is still being written; it is taken when it is complete"
            files.problems.append(Problem(name, 0, message, message_zh="文件还在写入，写完后会自动采用"))

    def _read_screens(self, files: _Files) -> ScreensFile:
        raw = files.contents.pop(_SCREENS, None)
        if raw is None:
            return ScreensFile()
        if self._screens[0] != raw:
            now, before = read_screens_file(raw, _SCREENS), self._screens[1]
            if now.is_lost and self._screens[0] is not None:
                # A slip in the file must not take a screen away that is on air.
                now = replace(now, screens=before.screens)
            self._screens = (raw, now)
        return self._screens[1]

    def _read_calendar(self, files: _Files) -> CalendarFile:
        raw = files.contents.pop(_CALENDAR, None)
        if raw is None:
            return CalendarFile()
        if self._calendar[0] != raw:
            self._calendar = (raw, read_calendar_file(raw, _CALENDAR))
        return self._calendar[1]

    def _read_drafts(self, files: _Files, tally: _Tally) -> list[PlaylistDraft]:
        drafts: dict[str, tuple[bytes, PlaylistDraft]] = {}
        tally.expect(len(files.contents))
        for file, raw in files.contents.items():
            known = self._drafts.get(file)
            if known is None or known[0] != raw:
                name = file.removeprefix("playlists/").rpartition(".")[0]
                known = (raw, read_playlist_file(raw, name, file))
            drafts[file] = known
            tally.step()
        self._drafts = drafts
        return [draft for _, draft in drafts.values()]

    def _is_stale(self, draft: PlaylistDraft, changed: frozenset[str]) -> bool:
        """Tell whether the playlist must be built anew.

        One with problems is, at any change: what it misses may have come under another name.
        """
        known = self._assembled.get(draft.file)
        if known is None or known[0] is not draft:
            return True
        built = known[1]
        return bool(built.problems and changed) or not built.depends_on.isdisjoint(changed)

    def _probe(self, drafts: list[PlaylistDraft], tally: _Tally) -> None:
        """Probe what is wanted; a folder cut by `limit` may want more once some of its files are refused."""
        asked: set[str] = set()
        while wanted := {path for draft in drafts for path in wanted_media(draft, self._library)} - asked:
            asked |= wanted
            self._library.probe(sorted(wanted), tally.of_a_round())

    def _assemble(self, drafts: list[PlaylistDraft], stale: list[PlaylistDraft]) -> list[Assembled]:
        items: dict[ItemKey, Item] = {}
        fresh = {draft.file: (draft, assemble(draft, self._library, items)) for draft in stale}
        self._assembled = {draft.file: fresh.get(draft.file) or self._assembled[draft.file] for draft in drafts}
        return [built for _, built in self._assembled.values()]


def _media_of(assembled: list[Assembled]) -> dict[str, MediaFile]:
    return {media.path: media for built in assembled for media in built.media}
