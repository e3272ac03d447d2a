"""A checked file or a card's draft in, the Item that fills a slot out, with the length that it has by default."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from signage.content.drafts import CardDraft, Show
from signage.content.notices import notice_draft
from signage.content.values import Card, Fit, Item, Kind, MediaFile, Transition

PICTURE_MS = 10_000
PAGE_MS = 15_000
LONGEST_ANIMATION_MS = 30_000
SHORTEST_FILM_MS = 3_000
"""A film shorter than this plays again and again, whole, until it is that long: one picture of 33 ms would be over
before the next is ready, and could not be seen."""
CARD_MS = (10_000, 60_000)
CHARACTERS_PER_S = 5
CARD_LEAD_MS = 4_000

ItemKey = tuple[str, int, Show]


def shared_item(path: str, media: MediaFile, page: int, show: Show, items: dict[ItemKey, Item]) -> Item:
    """Give the item of a file, or of one page of a PDF: the one in `items` where there is an equal one."""
    key = (path, page, show)
    shared = items.get(key)
    if shared is None or shared.media != media:
        shared = items[key] = Item(
            name=f"{path}#page={page}" if media.kind is Kind.PAGE else path,
            kind=media.kind,
            sha256=media.sha256,
            duration_ms=show.duration_ms or _default_ms(media),
            fit=show.fit or Fit.CONTAIN,
            transition=show.transition or Transition.FADE,
            media=media,
            page=page,
            from_date=show.from_date,
            until_date=show.until_date,
        )
    return shared


def card_item(draft: CardDraft, photos: dict[str, MediaFile | None]) -> Item:
    """Give the item of a card. `photos` are by the paths in its fields; None takes a photo out of the card."""
    fields_json = _with_photos(draft.fields_json, photos) if photos else draft.fields_json
    checked = tuple(dict.fromkeys(photo for photo in photos.values() if photo))
    card = Card(draft.template, fields_json, checked)
    shortest_ms, longest_ms = CARD_MS
    reading_ms = draft.characters * 1000 // CHARACTERS_PER_S + CARD_LEAD_MS
    show = draft.show
    return Item(
        name=f"{draft.template}:{draft.title}",
        kind=Kind.TICKER if draft.template == "ticker" else Kind.CARD,
        sha256=card.sha256,
        duration_ms=show.duration_ms or min(max(reading_ms, shortest_ms), longest_ms),
        fit=show.fit or Fit.CONTAIN,
        transition=show.transition or Transition.FADE,
        card=card,
        from_date=show.from_date,
        until_date=show.until_date,
    )


def notice_item(path: str, text: str, show: Show, more: Mapping[str, str]) -> Item:
    """Give the notice card of a text file, under the name of the file. `more` are fields that its sidecar adds."""
    return replace(card_item(notice_draft(path, text, show, more), {}), name=path)


def _default_ms(media: MediaFile) -> int:
    if media.kind is Kind.VIDEO:
        once_ms = media.duration_ms or PICTURE_MS
        return once_ms * max(1, -(-SHORTEST_FILM_MS // once_ms))
    if media.kind is Kind.ANIMATION:
        return min(max(media.duration_ms or 0, PICTURE_MS), LONGEST_ANIMATION_MS)
    return PAGE_MS if media.kind is Kind.PAGE else PICTURE_MS


def _with_photos(fields_json: str, photos: dict[str, MediaFile | None]) -> str:
    """Put the checked files' paths into the fields, and take out the photos that cannot be used."""
    fields = json.loads(fields_json)
    for key in ("photo", "picture"):
        if key in fields:
            media = photos[fields[key]]
            fields |= {key: media.path if media else None}
    if "photos" in fields:
        fields["photos"] = [media.path for path in fields["photos"] if (media := photos[path])]
    for person in fields.get("people", ()):
        if "photo" in person:
            media = photos[person["photo"]]
            person["photo"] = media.path if media else None
    fields = {key: value for key, value in fields.items() if value not in (None, [])}
    if "people" in fields:
        fields["people"] = [{key: value for key, value in person.items() if value} for person in fields["people"]]
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
