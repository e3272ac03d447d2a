"""What a person left out or misspelt on the command line comes in; the store, screen and folders meant go out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from signage.base.errors import SignageError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from signage.content.values import Screen, Store


class ArgumentError(SignageError):
    """What was asked for is not there to be had; the message says what is."""


def choose_store(wanted: Path | None) -> Path:
    """Give the store's folder: the one wanted, else the current folder, else the repository that this runs from.

    Raises:
        SignageError: there is no such folder, or it is no store.
    """
    if wanted is not None:
        if wanted.is_file():
            raise ArgumentError(f"{wanted}: is a file; give the folder of the whole store, which has playlists/ in it")
        if not wanted.is_dir():
            raise ArgumentError(
                f"{wanted}: there is no such folder; give a store's folder, or make one: signage init {wanted}"
            )
        if not _is_store(wanted):
            raise ArgumentError(
                f"{wanted}: is no store: it has neither playlists/ nor media/; to make one: signage init"
            )
        return wanted
    here, repository = Path.cwd(), Path(__file__).parents[1]
    for folder in (here, repository):
        if _is_store(folder):
            return folder
    raise ArgumentError(f"{here}: is no store: it has neither playlists/ nor media/; name a store's folder")


def _is_store(folder: Path) -> bool:
    return (folder / "playlists").is_dir() or (folder / "media").is_dir()


def choose_screen(store: Store, wanted: str | None) -> Screen:
    """Give the screen of that name; with none named, the only one or `default`.

    Raises:
        ArgumentError: no screen is called so, or one of several has to be named.
    """
    names = list(store.screens)
    if wanted is None:
        return store.screens[_unnamed(names)]
    if wanted not in store.screens:
        raise ArgumentError(not_there("screen", wanted, names))
    return store.screens[wanted]


def screen_to_play(store: Path, wanted: str | None) -> str:
    """Give the name of the screen to be: the one wanted, else the one that `choose_screen` would take.

    Only the names are looked at, so that a player starts at once, and also by a store with faults.

    Raises:
        ArgumentError: one of several has to be named.
    """
    from signage.base.yaml import parse

    if wanted is not None:
        return wanted
    try:
        said = parse((store / "playlists" / "screens.yaml").read_bytes(), "screens.yaml").value
    except OSError:
        return "default"
    if isinstance(said, dict) and "screens" in said:
        said = said["screens"]
    return _unnamed(list(said)) if isinstance(said, dict) and said else "default"


def _unnamed(names: Sequence[str]) -> str:
    if len(names) == 1 or "default" in names:
        return "default" if "default" in names else names[0]
    raise ArgumentError(f"this store has {len(names)} screens: say which with --screen ({', '.join(names)})")


def not_there(what: str, wanted: str, names: Sequence[str]) -> str:
    """Give the words for a name that nothing is called, with the nearest one or all that there are."""
    from signage.content.spelling import closest, did_you_mean

    hint = did_you_mean(closest(wanted, names)).en
    return f"there is no {what} '{wanted}'" + (hint or f"; there are: {', '.join(names)}")


def choose_zones(screen: Screen, wanted: str) -> tuple[str, ...]:
    """Give the zones wanted: `all` are those of the screen's layout.

    Raises:
        ArgumentError: the screen's layout has no such zone.
    """
    from signage.content.values import ZONES_OF_LAYOUT

    zones = ZONES_OF_LAYOUT[screen.layout]
    if wanted == "all":
        return zones
    if wanted not in zones:
        raise ArgumentError(
            f"screen '{screen.name}' has no zone '{wanted}': its layout '{screen.layout}' has {', '.join(zones)}"
        )
    return (wanted,)


def choose_timezone(name: str) -> ZoneInfo:
    """Give the time zone of that name.

    Raises:
        ArgumentError: there is none.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        nearest = not_there("time zone", name, sorted(available_timezones()))
        raise ArgumentError(nearest if "did you mean" in nearest else f"there is no time zone '{name}'") from error


def default_state() -> Path:
    """Give the folder for the as-run log and caches where none is named.

    Source: XDG Base Directory Specification, XDG_STATE_HOME.
    """
    state_home = os.environ.get("XDG_STATE_HOME", "")
    return (Path(state_home) if state_home.startswith("/") else Path.home() / ".local/state") / "signage"


def default_language() -> str:
    """Give `zh` or `en`: what SIGNAGE_LANG says, else what the machine's locale says."""
    for name in ("SIGNAGE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name, ""):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"
