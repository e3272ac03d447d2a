"""The bytes of one playlist file in, a PlaylistDraft out: validated whole, with all that is wrong in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from signage.base.errors import Problem
from signage.base.yaml import Document, parse
from signage.content import faults
from signage.content.carddraft import read_card
from signage.content.drafts import EntryDraft, FileDraft, FolderDraft, PlaylistDraft, Reference, Show
from signage.content.fieldtypes import listed_words
from signage.content.filemodels import EntryModel, FileEntry, FolderEntry, PlaylistModel, WindowModel
from signage.content.mediapath import PathError, clean_path
from signage.content.spelling import closest, did_you_mean
from signage.content.values import Priority, Window

M = TypeVar("M", bound=BaseModel)

_PLAYLIST_KEYS = {0: faults.keys_of(PlaylistModel), 2: faults.keys_of(WindowModel)}
_FILE_KEYS = {0: faults.keys_of(FileEntry)}
_FOLDER_KEYS = {0: faults.keys_of(FolderEntry)}
_LOOKED_AT = 10_000
"""So many entries of a broken file are looked at for what else is wrong."""
_KINDS = ("file", "folder", "template", "text")


def read_playlist_file(raw: bytes, name: str, file: str) -> PlaylistDraft:
    """Give what the file says. `name` is its path below `playlists/` without the ending; `file` is for Problems."""
    return _PlaylistReader(parse(raw, file), name, file).read()


class _PlaylistReader:
    def __init__(self, document: Document, name: str, file: str) -> None:
        self._document = document
        self._name = name
        self._file = file
        self._problems: list[Problem] = list(document.problems)
        self._shows: dict[Show, Show] = {}

    def read(self) -> PlaylistDraft:
        model = self._model()
        if model is None:
            said = self._document.value if isinstance(self._document.value, dict) else {}
            entries = self._entries(said.get("play"), "ticker" if said.get("zone") == "ticker" else "main")
            problems = tuple(sorted(set(self._problems)))
            words = [word for word in listed_words(said.get("where")) if isinstance(word, str) and word]
            where = tuple((word, self._document.line_of(["where", at])) for at, word in enumerate(words))
            return PlaylistDraft(self._name, self._file, problems, where=where, entries=tuple(entries[:_LOOKED_AT]))
        entries = self._entries(model.play, model.zone)
        windows = tuple(self._window(window, at) for at, window in enumerate(model.when or ()))
        return PlaylistDraft(
            name=self._name,
            file=self._file,
            problems=tuple(sorted(set(self._problems))),
            title=model.title or self._name,
            zone=model.zone,
            zone_line=self._document.line_of(["zone"]),
            where=tuple((word, self._document.line_of(["where", at])) for at, word in enumerate(model.where or ())),
            windows=windows,
            weight=model.weight or Fraction(1),
            priority=Priority.NORMAL if model.priority is None else model.priority,
            expires=model.expires,
            entries=tuple(entries),
        )

    def _model(self) -> PlaylistModel | None:
        value = self._document.value
        if self._document.is_broken:
            return None
        if value is None:
            self._add((), "is empty; a playlist needs at least 'play:'", "文件是空的，至少要有 play:")
            return None
        if not isinstance(value, dict):
            self._add((), *_not_a_mapping(value))
            return None
        self._problems += faults.empty_keys(value, self._file, self._document)
        return self._validated(PlaylistModel, value, (), _PLAYLIST_KEYS)

    def _validated(
        self, model: type[M], value: Any, place: tuple[str | int, ...], keys: Mapping[int, Iterable[str]]
    ) -> M | None:
        try:
            return model.model_validate(value)
        except ValidationError as error:
            self._problems += faults.problems_of(error, self._file, self._document, place, keys)
            return None

    def _window(self, model: WindowModel, at: int) -> Window:
        days = model.days or ()
        if model.from_date and model.until_date and model.until_date < model.from_date:
            self._add(("when", at, "until"), "until: lies before 'from'", "until：早于 from")
        return Window(
            from_date=model.from_date,
            until_date=model.until_date,
            weekdays=frozenset().union(*(weekdays for weekdays, _ in days)),
            day_classes=frozenset(day_class for _, day_class in days if day_class),
            lunar=frozenset().union(*(model.lunar or ())),
            hours=tuple(model.hours or ()),
        )

    def _entries(self, raw: Any, zone: str) -> list[EntryDraft]:
        """Read every entry, also of a file that is already broken, so that all its problems are shown at once.

        Of an entry that is wrong what it names is kept, so that a missing file is named in the same round.
        """
        values = raw if isinstance(raw, list) else [raw] if raw is not None else []
        drafts = [self._entry(value, ("play", at), zone) for at, value in enumerate(values)]
        return [draft for draft in drafts if draft is not None]

    def _entry(self, value: Any, place: tuple[str | int, ...], zone: str) -> EntryDraft | None:
        if isinstance(value, str) and value:
            if zone == "ticker":
                return self._card({"text": value}, "ticker", place)
            return self._file_or_folder(value, place)
        if not isinstance(value, dict):
            self._add(
                place,
                "play: an entry must be a file name or a mapping with file, folder or template",
                "play：每一条必须是文件名，或写明 file、folder 或 template",
            )
            return None
        kind = self._kind(value, place)
        if kind is None:
            return None
        if (kind == "text") != (zone == "ticker"):
            if zone == "ticker":
                self._add(place, f"{kind}: zone ticker takes only 'text'", f"{kind}：滚动字幕区（ticker）只能放 text")
            else:
                self._add(
                    place,
                    "text: only zone ticker takes 'text'; use a template",
                    "text：只有滚动字幕区（zone: ticker）可用，请改用 template",
                )
            return None
        if kind == "file":
            return self._file_entry(value, place)
        if kind == "folder":
            return self._folder_entry(value, place)
        return self._card(value, "ticker" if kind == "text" else None, place)

    def _kind(self, value: dict[str, Any], place: tuple[str | int, ...]) -> str | None:
        kinds = [kind for kind in _KINDS if kind in value]
        if "template" in kinds:
            kinds = [kind for kind in kinds if kind != "text"]
        if len(kinds) == 1:
            return kinds[0]
        if kinds:
            words = "' and '".join(kinds)
            self._add(
                (*place, kinds[1]),
                f"has '{words}'; an entry takes one of them",
                f"同时写了 {'、'.join(kinds)}，只能选一个",
            )
            return None
        guesses = [(key, closest(key, _KINDS)) for key in value]
        key, guess = next(((key, guess) for key, guess in guesses if guess), ("", None))
        hint = did_you_mean(guess)
        label, label_zh = (f"{key}: ", f"{key}：") if key else ("", "")
        self._add(
            (*place, key) if key else place,
            f"{label}an entry needs file, folder or template{hint.en}",
            f"{label_zh}每一条要写明 file、folder 或 template{hint.zh}",
        )
        return None

    def _file_or_folder(self, written: str, place: tuple[str | int, ...]) -> EntryDraft | None:
        reference = self._reference(written, place, "play")
        if reference is None:
            return None
        if written.endswith(("/", "\\")):
            return FolderDraft(reference, self._shared(Show()))
        return FileDraft(reference, self._shared(Show()), may_be_folder=True)

    def _file_entry(self, value: dict[str, Any], place: tuple[str | int, ...]) -> EntryDraft | None:
        model = self._validated(FileEntry, value, place, _FILE_KEYS)
        written = model.file if model else value["file"]
        if not isinstance(written, str) or not written.strip():
            return None
        reference = self._reference(written, (*place, "file"), "file")
        if reference is None:
            return None
        return FileDraft(reference, self._show(model, place) if model else Show())

    def _folder_entry(self, value: dict[str, Any], place: tuple[str | int, ...]) -> EntryDraft | None:
        model = self._validated(FolderEntry, value, place, _FOLDER_KEYS)
        written = model.folder if model else value["folder"]
        if not isinstance(written, str) or not written.strip():
            return None
        reference = self._reference(written, (*place, "folder"), "folder", is_folder=True)
        if reference is None:
            return None
        if model is None:
            return FolderDraft(reference, Show())
        return FolderDraft(reference, self._show(model, place), model.order, model.limit)

    def _card(self, value: dict[str, Any], template: str | None, place: tuple[str | int, ...]) -> EntryDraft | None:
        card, problems = read_card(value, template, self._file, self._document, place)
        self._problems += problems
        if card is None:
            return None
        model, draft = card
        return draft(self._show(model, place))

    def _reference(
        self, written: str, place: tuple[str | int, ...], key: str, *, is_folder: bool = False
    ) -> Reference | None:
        try:
            return Reference(clean_path(written, is_folder=is_folder), self._document.line_of(place))
        except PathError as error:
            self._add(place, f"{key}: {error}", f"{key}：{error.zh}")
            return None

    def _show(self, model: EntryModel, place: tuple[str | int, ...]) -> Show:
        if model.from_date and model.until_date and model.until_date < model.from_date:
            self._add((*place, "until"), "until: lies before 'from'", "until：早于 from")
        show = Show(
            model.seconds,
            model.fit,
            model.transition,
            model.from_date,
            model.until_date,
        )
        return self._shared(show)

    def _shared(self, show: Show) -> Show:
        return self._shows.setdefault(show, show)

    def _add(self, place: Iterable[str | int], message: str, message_zh: str) -> None:
        line = self._document.line_of(list(place))
        self._problems.append(Problem(self._file, line, message, message_zh=message_zh))


def _not_a_mapping(value: Any) -> tuple[str, str]:
    if isinstance(value, str) and "：" in value:
        return (
            "must be keys and values; after a key use the colon ':' and a space, not '：'",
            "键名后请用英文冒号加空格（: ），不要用中文冒号（：）",
        )
    if isinstance(value, str) and ":" in value:
        return "must be keys and values; put a space after the colon", "冒号后面要有一个空格"
    return (
        "must be keys and values such as 'title: ...' and 'play: ...'",
        "内容必须是“键: 值”的形式，如 title: 和 play:",
    )
