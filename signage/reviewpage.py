"""A draft and its differences from what is on air come in; one self-contained page with pictures of both goes out."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from html import escape
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from string import Template
from zoneinfo import ZoneInfo

from signage.base.errors import SignageError
from signage.base.moments import to_datetime
from signage.base.unseen import show_unseen
from signage.content.values import Item, MediaFile, Screen
from signage.office.blobs import has_bytes
from signage.office.drafts import Draft
from signage.office.office import Office
from signage.office.review import ChangeKind, Difference, is_pictured, items_of
from signage.office.said import Said, joined, named
from signage.release.layout import blob_path
from signage.release.manifest import Manifest

Progress = Callable[[int, int], None]

_WIDTH_PX = 568
_MOST_PICTURES = 400
_FULL_HD = (1920, 1080)
_ZONE = ZoneInfo("Asia/Shanghai")
_NO_DIFFERENCE = Said("与正在播放的内容没有不同", "No difference from what is on air")
_UNSIGNED = Said("未签", "not signed")


def write_review_page(
    path: Path, draft: Draft, found: Sequence[Difference], office: Office, progress: Progress | None = None
) -> None:
    """Write the page; it asks for nothing from outside.

    Raises:
        SignageError: the file cannot be written.
    """
    pictures = _draw(draft, found, office, progress)
    counts = Counter(one.kind for one in found)
    page = Template((files("signage") / "reviewpage.html").read_text("utf-8")).substitute(
        number=draft.number,
        code=draft.code,
        made=f"{to_datetime(draft.made_ms, _ZONE):%Y-%m-%d %H:%M}",
        note=f"　{_shown(draft.note)}" if draft.note else "",
        facts="".join(f"<li><b>{counts[kind]}</b>{_both(kind.words)}</li>" for kind in ChangeKind),
        sections=_sections(found, pictures) or f'<p class="quiet">{_both(_NO_DIFFERENCE)}</p>',
        signatures="".join(
            f"<tr><td>{_both(_role(role))}</td><td>{_both(_signers(names))}</td></tr>"
            for role, names in draft.signed_by().items()
        ),
    )
    try:
        path.write_text(page, "utf-8")
    except OSError as error:
        raise SignageError(f"{path}: cannot be written ({error.strerror}); name another file") from error


def _both(said: Said) -> str:
    """Give the HTML of a text in both languages; the page's switch shows one of them."""
    if said.zh == said.en:
        return _shown(said.zh)
    return f'<span class="zh">{_shown(said.zh)}</span><span class="en" lang="en">{_shown(said.en)}</span>'


def _signers(names: Sequence[str]) -> Said:
    return joined(map(named, names), "、", ", ") or _UNSIGNED


def _role(role: str) -> Said:
    level = role.removeprefix("review")
    return Said(f"第 {level} 级审核", f"Review level {level}")


def _sections(found: Sequence[Difference], pictures: Mapping[Item, bytes]) -> str:
    return "".join(
        f"<h2>{_both(place)}</h2>" + "".join(_article(one, pictures) for one in group)
        for place, group in groupby(found, key=lambda one: one.place)
    )


def _article(one: Difference, pictures: Mapping[Item, bytes]) -> str:
    sides = [
        _figure(Said("原来", "Before"), one.before, one.item_before, pictures, "gone"),
        _figure(Said("现在", "After"), one.after, one.item_after, pictures, ""),
    ]
    shown = [side for side in sides if side]
    layout = "pair" if len(shown) == 2 else "one"
    body = f'<div class="{layout}">{"".join(shown)}</div>' if shown else ""
    title = f"<h3><i>{_both(one.kind.words)}</i>{_both(one.what)}</h3>"
    return f'<article class="{one.kind}">{title}{body}</article>'


def _figure(caption: Said, words: Said, item: Item | None, pictures: Mapping[Item, bytes], style: str) -> str:
    if not words and item is None:
        return ""
    shown = ""
    if item is not None and is_pictured(item):
        picture = pictures.get(item, b"!" + "图片较多，未画出 (too many pictures to draw this one)".encode())
        if picture.startswith(b"!"):
            shown = f'<div class="none">{_shown(picture[1:].decode())}</div>'
        else:
            data = base64.b64encode(picture).decode()
            shown = f'<img alt="" loading="lazy" src="data:image/webp;base64,{data}">'
    said = f'<p class="words">{_both(words)}</p>' if words else ""
    return f'<figure class="{style}"><figcaption>{_both(caption)}</figcaption>{shown}{said}</figure>'


def _draw(draft: Draft, found: Sequence[Difference], office: Office, progress: Progress | None) -> Mapping[Item, bytes]:
    """Give the pictures of the items that differ, as the first screen that plays them shows them."""
    from signage.content.layouts import zone_rects
    from signage.stage.fitting import canvas_size
    from signage.stage.thumbnails import Thumbnails

    zones = {**_zones(draft.decoded_before()), **_zones(draft.decoded())}
    wanted = [item for one in found for item in (one.item_before, one.item_after) if item and is_pictured(item)]
    pictures: dict[Item, bytes] = {}

    def locate(media: MediaFile) -> Path:
        for folder in (office.pending, office.repository.folder):
            path = folder / blob_path(media.sha256)
            if path.exists():
                if not has_bytes(path, media.sha256):  # else one picture would be seen and another one signed
                    raise SignageError(f"{media.path}: 文件已被改动，不要通过，请重新发布")
                return path
        raise SignageError(f"{media.path}: 这台电脑上没有这个文件")

    with Thumbnails(locate, _WIDTH_PX, to_datetime(draft.made_ms, _ZONE).date()) as thumbnails:
        for done, item in enumerate(wanted[:_MOST_PICTURES]):
            if progress:
                progress(done, min(len(wanted), _MOST_PICTURES))
            screen, zone = zones.get(item.name, (Screen(), "main"))
            rects = zone_rects(screen.layout, canvas_size(screen, _FULL_HD))
            try:
                pictures[item] = thumbnails.draw(item, rects.get(zone, rects["main"]).size)
            except SignageError as error:
                pictures[item] = f"!{error}".encode()
    return pictures


def _zones(manifests: Mapping[str, Manifest]) -> dict[str, tuple[Screen, str]]:
    """Give the first screen and the zone in which an item of each name is shown."""
    found: dict[str, tuple[Screen, str]] = {}
    for manifest in manifests.values():
        screen = manifest.store.screens[min(manifest.store.screens)]
        for playlist in manifest.store.playlists:
            for item in items_of(playlist):
                found.setdefault(item.name, (screen, playlist.zone))
    return found


def _shown(text: str) -> str:
    """Give the text for the page, with what nobody would see spelt out."""
    return escape(show_unseen(text))
