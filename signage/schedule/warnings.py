"""What staff should know about a screen's rules before it matters: in go store, screen and dates, out come warnings."""

from __future__ import annotations

from datetime import date, timedelta

from signage.base.errors import Problem
from signage.content.values import Playlist, Screen, Store
from signage.schedule.calendar import unknown_years
from signage.schedule.programme import is_for
from signage.schedule.windows import date_span, uses_sun

_YEAR = timedelta(days=366)
_AHEAD = timedelta(days=60)


def calendar_warnings(store: Store, screen: Screen, until: date, since: date | None = None) -> tuple[Problem, ...]:
    """Give a warning for each playlist of the screen whose rules cannot be worked out for sure up to `until`.

    That is: `workday` or `holiday` in a year whose days off nobody has published or written into calendar.yaml (such a
    window does not play then; nothing is guessed), and sunrise or sunset for a screen without a `place` (taken as
    06:00 and 18:00). `since` is a year before `until` unless given.
    """
    first, last = (since or until - _YEAR).toordinal(), until.toordinal()
    problems: list[Problem] = []
    if screen.place is None and uses_sun(screen.hours):
        problems.append(_no_place(screen, "playlists/screens.yaml"))
    for playlist in store.playlists:
        opens, closes = date_span(playlist.windows, playlist.expires)
        opens, closes = max(opens, first), min(closes, last)
        if opens > closes or not is_for(playlist, screen):
            continue
        years = range(date.fromordinal(opens).year, date.fromordinal(closes).year + 1)
        if any(window.day_classes for window in playlist.windows):
            problems += [_unknown_year(playlist, year) for year in unknown_years(years, store.calendar)]
        if screen.place is None and any(uses_sun(window.hours) for window in playlist.windows):
            problems.append(_no_place(screen, _file_of(playlist)))
    return tuple(problems)


def store_warnings(store: Store, today: date) -> tuple[Problem, ...]:
    """Give the warnings of all screens for the next 60 days, each once, in order."""
    return tuple(
        sorted(
            {
                warning
                for screen in store.screens.values()
                for warning in calendar_warnings(store, screen, until=today + _AHEAD, since=today)
            }
        )
    )


def _file_of(playlist: Playlist) -> str:
    return f"playlists/{playlist.name}.yaml"


def _unknown_year(playlist: Playlist, year: int) -> Problem:
    return Problem(
        _file_of(playlist),
        0,
        f"days: workdays and holidays of {year} are not known, so its windows with 'workday' or 'holiday' do not play"
        f" in {year}; write them into playlists/calendar.yaml (years: [{year}], holidays, workdays)",
        "warning",
        f"{year}年的工作日和节假日安排未知，使用 workday 或 holiday 的时段在{year}年不会播放；"
        f"请在 playlists/calendar.yaml 中填写 {year} 年的放假和调休安排",
    )


def _no_place(screen: Screen, file: str) -> Problem:
    return Problem(
        file,
        0,
        f"hours: sunrise and sunset are taken as 06:00 and 18:00, because screen '{screen.name}' has no place;"
        " give it one in playlists/screens.yaml (place: [latitude, longitude])",
        "warning",
        f"屏幕“{screen.name}”没有填写 place（纬度、经度），日出和日落按 06:00 和 18:00 计算；"
        "请在 playlists/screens.yaml 中填写 place",
    )
