"""An entry of a playlist in, as it is written or as somebody types it; the item that shows it out, or its faults."""

from __future__ import annotations

from typing import Any

from signage.base.yaml import parse
from signage.content.drafts import CardDraft, EntryDraft, FileDraft, FolderDraft, Show
from signage.content.items import card_item, notice_item, shared_item
from signage.content.mediapath import natural_key
from signage.content.notices import NoticeText
from signage.content.playlistfile import read_playlist_file
from signage.content.values import Entry, Item, Kind, MediaFile
from signage.office.edit.checking import Fault, fault_of
from signage.office.edit.fragments import list_part
from signage.office.said import NOTHING, Said
from signage.office.storefront import StoreKeeper
from signage.office.whenwords import length_text


def read_entry(value: Any, zone: str = "main") -> tuple[EntryDraft | None, list[Fault]]:
    """Give what one entry says by itself, and its faults; their places begin with the entry's own keys."""
    text = f"zone: {zone}\nplay:\n{list_part(value, 2, chr(10))}\n".encode("utf-8", "replace")
    draft = read_playlist_file(text, "preview", "preview")
    document = parse(text, "preview")
    found = [fault_of(document, problem) for problem in draft.problems]
    faults = [Fault(fault.problem, fault.place[2:]) for fault in found]
    return (draft.entries[0] if draft.entries and not draft.is_broken else None), faults


def item_of(keeper: StoreKeeper, entry: EntryDraft) -> Item | None:
    """Give the item that the entry shows (of a folder, its first); None where it shows nothing now."""
    if isinstance(entry, CardDraft):
        found = {photo.path: keeper.finding(photo.path) for photo in entry.photos}
        photos = {
            path: media if isinstance(media, MediaFile) and media.kind in (Kind.PICTURE, Kind.ANIMATION) else None
            for path, media in found.items()
        }
        return card_item(entry, photos)
    path, page = _first_file(keeper, entry)
    finding = keeper.finding(path) if path else None
    if isinstance(finding, NoticeText):
        return notice_of(keeper, finding, entry.show)
    return shared_item(path, finding, page, entry.show, {}) if isinstance(finding, MediaFile) else None


def notice_of(keeper: StoreKeeper, notice: NoticeText, show: Show | None = None) -> Item:
    """Give the card that a text file becomes, with what stands in the file beside it."""
    sidecar = keeper.view().sidecars.get(notice.path)
    beside = sidecar.show if sidecar else Show()
    return notice_item(notice.path, notice.text, show or beside, sidecar.card_fields if sidecar else {})


def length_of(keeper: StoreKeeper, entry: EntryDraft) -> Said:
    """Give how long the entry plays, in words; of what nobody has looked at yet, nothing."""
    if isinstance(entry, FolderDraft):
        return NOTHING
    item = item_of(keeper, entry)
    if item is None:
        return NOTHING
    length = length_text(item.duration_ms)
    pages = item.media.pages if item.media and item.kind is Kind.PAGE and "#page=" not in _path_of(entry) else 1
    if pages == 1:
        return length
    whole = length_text(item.duration_ms * pages)
    return Said(f"{pages} 页 × {length.zh} = {whole.zh}", f"{pages} pages × {length.en} = {whole.en}")


def folder_length(entry: Entry) -> Said:
    """Give how many items of a folder play in one round, and how long all of them together."""
    count, total_ms = len(entry.items), sum(item.duration_ms for item in entry.items)
    if not count:
        return NOTHING
    if entry.limit is not None and entry.limit < count:
        return Said(f"{count} 个里每次放 {entry.limit} 个", f"{entry.limit} of {count} each time")
    whole = length_text(total_ms)
    return Said(f"{count} 个，共 {whole.zh}", f"{count} {'item' if count == 1 else 'items'}, {whole.en} in all")


def _path_of(entry: EntryDraft) -> str:
    return "" if isinstance(entry, CardDraft) else entry.reference.path


def _first_file(keeper: StoreKeeper, entry: FileDraft | FolderDraft) -> tuple[str, int]:
    files, path = keeper.view().files, entry.reference.path
    if path in files:
        return path, 1
    stem, mark, page = path.rpartition("#page=")
    if mark and page.isdigit() and stem in files:
        return stem, int(page)
    below = f"{path}/" if path else ""
    inside = sorted((name for name in files if name.startswith(below)), key=natural_key)
    if isinstance(entry, FolderDraft) and entry.order == "newest":
        inside.sort(key=lambda name: files[name][2], reverse=True)
    return (inside[0] if inside else ""), 1
