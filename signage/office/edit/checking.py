"""The bytes of a playlist file in, what is wrong with them out, each with the place of the value that it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from signage.base.errors import Problem
from signage.base.yaml import Document, parse
from signage.content.crosschecks import where_problems
from signage.content.drafts import CardDraft, FileDraft, FolderDraft, PlaylistDraft
from signage.content.playlistfile import read_playlist_file
from signage.content.values import Screen
from signage.office.edit.merging import Place


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem and the place of the value that it is about: ("play", 0, "seconds"); () for the whole file."""

    problem: Problem
    place: Place

    @property
    def field(self) -> str:
        """Give the place as the forms name their fields: `play.0.seconds`."""
        return ".".join(map(str, self.place))


@dataclass(frozen=True, slots=True)
class Shelf:
    """What playlists may name: the screens, and the files and folders of `media/`."""

    screens: Collection[Screen]
    files: Collection[str]
    folders: Collection[str]


def check(raw: bytes, name: str, file: str, shelf: Shelf) -> tuple[PlaylistDraft, list[Fault]]:
    """Give what the file says and all that is wrong with it, as the readers of the store see it."""
    draft = read_playlist_file(raw, name, file)
    document = parse(raw, file)
    problems = [*draft.problems, *where_problems([draft], shelf.screens), *_missing(draft, shelf)]
    return draft, [fault_of(document, problem) for problem in dict.fromkeys(problems)]


def new_faults(before: Iterable[Fault], after: Iterable[Fault]) -> list[Fault]:
    """Give the faults that were not there before, wherever they stood in the file."""
    known = Counter((fault.problem.message, fault.problem.severity) for fault in before)
    found = []
    for fault in after:
        key = (fault.problem.message, fault.problem.severity)
        if known[key] > 0:
            known[key] -= 1
        else:
            found.append(fault)
    return found


def fault_of(document: Document, problem: Problem) -> Fault:
    """Give the problem with its place; of a key that is missing, the place where it would stand."""
    place = place_at(document, problem.line)
    key, colon, _ = problem.message.partition(": ")
    inner = document.value
    for step in place[:-1]:
        inner = inner[step]
    if colon and key.isidentifier() and place and isinstance(inner, dict) and key not in inner:
        place = (*place[:-1], key)
    return Fault(problem, place)


def place_at(document: Document, line: int) -> Place:
    """Give the first and deepest place whose key or entry stands on a line."""
    found: Place = ()
    for place in _places(document.value, ()):
        if document.line_of(place) == line and (not found or place[: len(found)] == found):
            found = place
    return found


def _places(value: Any, place: Place) -> Iterator[Place]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in parts:
        yield (*place, step)
        yield from _places(part, (*place, step))


def _missing(draft: PlaylistDraft, shelf: Shelf) -> Iterator[Problem]:
    """Name the files and folders that are not there."""
    for entry in draft.entries:
        if isinstance(entry, CardDraft):
            for photo in entry.photos:
                if photo.path not in shelf.files:
                    yield _gone(draft, photo.line, photo.path, "文件", "file")
        elif isinstance(entry, FolderDraft):
            if entry.reference.path not in shelf.folders:
                yield _gone(draft, entry.reference.line, entry.reference.path, "文件夹", "folder")
        elif isinstance(entry, FileDraft):
            path = entry.reference.path
            is_there = path in shelf.files or path.partition("#page=")[0] in shelf.files
            if not is_there and not (entry.may_be_folder and path in shelf.folders):
                yield _gone(draft, entry.reference.line, path, "文件", "file")


def _gone(draft: PlaylistDraft, line: int, path: str, kind_zh: str, kind: str) -> Problem:
    return Problem(draft.file, line, f"there is no {kind} media/{path}", message_zh=f"素材库里没有{kind_zh} {path}")
