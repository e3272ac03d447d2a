"""A PlaylistDraft and the library of media in, the frozen Playlist out: what can be shown, and why the rest cannot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from signage.base.errors import Problem
from signage.content.datednames import Dates, dates_in, has_dates
from signage.content.drafts import CardDraft, EntryDraft, FileDraft, FolderDraft, PlaylistDraft, Reference, Show
from signage.content.items import ItemKey, card_item, notice_item, shared_item
from signage.content.library import Library
from signage.content.mediapath import natural_key
from signage.content.notation import NotationError
from signage.content.notices import NoticeText
from signage.content.refusal import Refusal
from signage.content.revision import digest_of
from signage.content.sidecars import Sidecar
from signage.content.spelling import closest, did_you_mean
from signage.content.values import Entry, Item, Kind, MediaFile, Playlist

_NAME_LIKENESS = 0.7
_PATH_LIKENESS = 0.9


@dataclass(frozen=True, slots=True)
class Assembled:
    """One playlist as built from what lies in `media/`; None where nothing of it can be shown or its file is broken.

    `depends_on` are the paths of files and folders whose change can change it; `digest` stands for what it says.
    """

    playlist: Playlist | None
    problems: tuple[Problem, ...]
    depends_on: frozenset[str]
    media: tuple[MediaFile, ...]
    digest: bytes


def wanted_media(draft: PlaylistDraft, library: Library) -> Iterable[str]:
    """Give the paths to probe before `assemble`: of a cut folder only as many as can be needed by now."""
    for entry in draft.entries:
        if isinstance(entry, CardDraft):
            yield from (photo.path for photo in entry.photos)
        elif folder := _as_folder(entry, library):
            yield from _first(folder, library)
        else:
            yield entry.reference.path
            yield _page_of(entry.reference.path)[0]


def assemble(draft: PlaylistDraft, library: Library, items: dict[ItemKey, Item]) -> Assembled:
    """Build the playlist. `items` shares equal items between playlists. All `wanted_media` must be probed."""
    return _Assembly(draft, library, items).run()


def _as_folder(entry: EntryDraft, library: Library) -> FolderDraft | None:
    if isinstance(entry, FolderDraft):
        return entry
    if isinstance(entry, FileDraft) and entry.may_be_folder:
        path = entry.reference.path
        if library.has_folder(path) and not library.exists(path):
            return FolderDraft(entry.reference, entry.show)
    return None


def _in_order(folder: FolderDraft, library: Library) -> list[str]:
    paths = sorted(library.files_in(folder.reference.path), key=natural_key)
    if folder.order == "newest":
        paths.sort(key=library.mtime_ns, reverse=True)
    return paths


def _first(folder: FolderDraft, library: Library) -> list[str]:
    """Give the files up to and including the last one that a `limit` lets in; those not probed yet count as good."""
    paths = _in_order(folder, library)
    if folder.limit is None or folder.order == "shuffle":
        return paths
    room = folder.limit
    for at, path in enumerate(paths):
        room -= not isinstance(library.finding(path), Refusal)
        if room == 0:
            return paths[: at + 1]
    return paths


def _page_of(path: str) -> tuple[str, int | None]:
    """Split `plan.pdf#page=3`."""
    name, mark, number = path.rpartition("#page=")
    return (name, int(number)) if mark and number.isdigit() and len(number) < 6 else (path, None)


@dataclass(slots=True)
class _Assembly:
    draft: PlaylistDraft
    library: Library
    items: dict[ItemKey, Item]
    problems: list[Problem] = field(default_factory=list)
    depends_on: set[str] = field(default_factory=set)
    media: dict[str, MediaFile] = field(default_factory=dict)

    def run(self) -> Assembled:
        draft = self.draft
        entries = [entry for entry in map(self._entry, draft.entries) if entry.items]
        playlist = None
        if draft.is_broken:
            pass
        elif entries:
            playlist = Playlist(
                name=draft.name,
                title=draft.title,
                entries=tuple(entries),
                zone=draft.zone,
                where=frozenset(word for word, _ in draft.where),
                windows=draft.windows,
                weight=draft.weight,
                priority=draft.priority,
                expires=draft.expires,
            )
        else:
            self._add(0, "left out: nothing in it can be shown", "未采用：其中没有可播放的内容")
        return Assembled(
            playlist,
            tuple(dict.fromkeys(self.problems)),
            frozenset(self.depends_on),
            () if draft.is_broken else tuple(self.media.values()),
            digest_of(playlist) if playlist else b"",
        )

    def _entry(self, entry: EntryDraft) -> Entry:
        if isinstance(entry, CardDraft):
            photos = {photo.path: self._photo(photo) for photo in entry.photos}
            return Entry((card_item(entry, photos),))
        if folder := _as_folder(entry, self.library):
            return self._folder(folder)
        assert isinstance(entry, FileDraft)
        return Entry(tuple(self._file(entry)))

    def _folder(self, folder: FolderDraft) -> Entry:
        path, line = folder.reference.path, folder.reference.line
        self.depends_on.add(path)
        if not self.library.has_folder(path):
            if self.library.exists(path):
                self._add(
                    line,
                    f"folder: media/{path} is a file; write 'file: {path}'",
                    f"folder：media/{path} 是文件，请写 file: {path}",
                )
                return Entry(())
            guess = did_you_mean(closest(path, self.library.scan.folders))
            self._add(
                line, f"folder: there is no folder media/{path}{guess.en}", f"folder：没有文件夹 media/{path}{guess.zh}"
            )
            return Entry(())
        shown: list[Item] = []
        for name in _first(folder, self.library):
            shown += self._items_of(name, folder.show, None)
        if not shown:
            self._add(
                line,
                f"folder: media/{path} holds nothing that can be shown",
                f"folder：media/{path} 中没有可播放的文件",
                is_warning=True,
            )
        is_shuffled = folder.order == "shuffle"
        return Entry(tuple(shown), is_shuffled, folder.limit if is_shuffled else None)

    def _items_of(self, path: str, show: Show, line: int | None) -> list[Item]:
        """Give the items of a file that is there; a refused one is named at `line`, or under its own path."""
        finding = self.library.finding(path)
        self.depends_on.add(path)
        if isinstance(finding, MediaFile | NoticeText):
            sidecar = self.library.sidecar(path)
            said = self._shown_as(path, show, sidecar, line)
            if said is None:
                return []
            if isinstance(finding, NoticeText):
                return [notice_item(path, finding.text, said, sidecar.card_fields if sidecar else {})]
            self.media[finding.path] = finding
            return [shared_item(path, finding, page, said, self.items) for page in range(1, finding.pages + 1)]
        if finding is None:
            finding = Refusal("does not exist any more", "文件已不存在", is_unsettled=True)
        if line is None:
            self.problems.append(Problem(f"media/{path}", 0, finding.reason, message_zh=finding.zh))
        else:
            self._add(line, f"file: media/{path} {finding.reason}", f"file：media/{path} {finding.zh}")
        return []

    def _shown_as(self, path: str, show: Show, sidecar: Sidecar | None, line: int | None) -> Show | None:
        """Give how the file is shown: the playlist's word before the sidecar's, and that before its name's.

        None where one of them cannot be understood: shown at a wrong time is worse than not shown.
        """
        if sidecar is None and not has_dates(path):
            return show
        if sidecar is not None:
            self.problems += sidecar.problems
            if sidecar.is_broken:
                self._add_of(path, "left out: its sidecar (.yaml) has a fault", "未采用：它的说明文件（.yaml）有错误")
                return None
        named = self._dates_of(path)
        if named is None:
            return None
        beside = sidecar.show if sidecar else Show()
        merged = Show(
            show.duration_ms or beside.duration_ms,
            show.fit or beside.fit,
            show.transition or beside.transition,
            show.from_date or beside.from_date or named[0],
            show.until_date or beside.until_date or named[1],
        )
        if merged.from_date and merged.until_date and merged.until_date < merged.from_date:
            en = f"never plays: from {merged.from_date} and until {merged.until_date} come from different places"
            zh = f"不会播放：起始 {merged.from_date} 晚于截止 {merged.until_date}（文件名、说明文件与播放列表不一致）"
            self._add_of(path, en, zh, line)
            return None
        return merged

    def _dates_of(self, path: str) -> Dates | None:
        """Give the dates in the file's name; None, with a problem, where they are meant but impossible."""
        try:
            return dates_in(path.rpartition("/")[2])
        except NotationError as error:
            self._add_of(path, f"left out: {error}", f"未采用：{error.zh}")
            return None

    def _add_of(self, path: str, message: str, message_zh: str, line: int | None = None) -> None:
        """Name a problem of a file under its own path, once for all playlists, or at a playlist's line."""
        if line is None:
            self.problems.append(Problem(f"media/{path}", 0, message, message_zh=message_zh))
        else:
            self._add(line, f"file: media/{path} {message}", f"file：media/{path} {message_zh}")

    def _file(self, entry: FileDraft) -> list[Item]:
        path, line = entry.reference.path, entry.reference.line
        name, page = (path, None) if self.library.exists(path) else _page_of(path)
        self.depends_on |= {path, name}
        if not self.library.exists(name):
            self._missing("file", entry.reference, also_folders=entry.may_be_folder)
            return []
        shown = self._items_of(name, entry.show, line)
        if page is None or not shown:
            return shown
        if not 1 <= page <= len(shown):
            self._add(
                line,
                f"file: media/{name} has {len(shown)} pages, not a page {page}",
                f"file：media/{name} 共 {len(shown)} 页，没有第 {page} 页",
            )
            return []
        return [shown[page - 1]]

    def _missing(self, key: str, reference: Reference, *, also_folders: bool = False) -> None:
        path = reference.path
        guess = did_you_mean(self._near(path, also_folders))
        if self.library.has_folder(path):
            self._add(
                reference.line,
                f"{key}: media/{path} is a folder; write 'folder: {path}'",
                f"{key}：media/{path} 是文件夹，请写 folder: {path}",
            )
            return
        self._add(
            reference.line, f"{key}: there is no file media/{path}{guess.en}", f"{key}：没有文件 media/{path}{guess.zh}"
        )

    def _near(self, path: str, also_folders: bool) -> str | None:
        """Look for a like name in the same folder, then for the same name anywhere, then for a like path."""
        if not self.library.may_search():
            return None
        scan = self.library.scan
        folder, _, name = path.rpartition("/")
        stems = {PurePosixPath(known).stem: known for known in reversed(scan.folders.get(folder, ()))}
        if near := closest(PurePosixPath(name).stem, stems, _NAME_LIKENESS):
            return stems[near]
        elsewhere = (known for known in scan.files if known.rpartition("/")[2] == name)
        return next(elsewhere, None) or closest(
            path, (*scan.files, *(scan.folders if also_folders else ())), _PATH_LIKENESS
        )

    def _photo(self, photo: Reference) -> MediaFile | None:
        self.depends_on.add(photo.path)
        finding = self.library.finding(photo.path)
        if isinstance(finding, MediaFile) and finding.kind in (Kind.PICTURE, Kind.ANIMATION):
            self.media[finding.path] = finding
            return finding
        if isinstance(finding, MediaFile | NoticeText):
            finding = Refusal("is no picture", "不是图片")
        if finding is None:
            self._missing("photo", photo)
        else:
            self._add(
                photo.line, f"photo: media/{photo.path} {finding.reason}", f"照片 media/{photo.path} {finding.zh}"
            )
        return None

    def _add(self, line: int, message: str, message_zh: str, *, is_warning: bool = False) -> None:
        severity = "warning" if is_warning else "error"
        self.problems.append(Problem(self.draft.file, line, message, severity, message_zh))  # type: ignore[arg-type]
