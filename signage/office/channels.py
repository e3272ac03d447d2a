"""A store in, its channels out: each a set of screens that play the same playlists, with what these need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from signage.content.values import MediaFile, Playlist, Screen, Store
from signage.release.layout import is_channel
from signage.release.manifest import media_of
from signage.schedule.programme import is_for


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel's name and the part of the store that its screens need."""

    name: str
    store: Store


def channels_of(store: Store) -> tuple[Channel, ...]:
    """Give every channel, by name. Which screens share one may change with any release; each release says it whole."""
    groups: dict[tuple[str, ...], list[Screen]] = {}
    for screen in store.screens.values():
        groups.setdefault(tuple(one.name for one in store.playlists if is_for(one, screen)), []).append(screen)
    playlists = {playlist.name: playlist for playlist in store.playlists}
    channels = []
    for names, screens in groups.items():
        wanted = tuple(playlists[name] for name in names)
        part = replace(
            store,
            playlists=wanted,
            screens={screen.name: screen for screen in screens},
            media=media_by_path(wanted),
            problems=(),
        )
        channels.append(Channel(_name(min(part.screens)), part))
    return tuple(sorted(channels, key=lambda channel: channel.name))


def media_by_path(playlists: tuple[Playlist, ...]) -> Mapping[str, MediaFile]:
    """Give the files that playlists show, by path."""
    return {media.path: media for playlist in playlists for media in media_of(playlist)}


def _name(screen: str) -> str:
    """Name a channel after its first screen where that can stand in an address."""
    return screen if is_channel(screen) else f"c-{sha256(screen.encode()).hexdigest()[:16]}"
