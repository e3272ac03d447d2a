"""The playlists and the screens in, Problems out that show only when both are seen together."""

from __future__ import annotations

from collections.abc import Iterable

from signage.base.errors import Problem
from signage.content.drafts import PlaylistDraft
from signage.content.spelling import closest, did_you_mean
from signage.content.values import ZONES_OF_LAYOUT, Screen


def where_problems(drafts: list[PlaylistDraft], screens: Iterable[Screen]) -> list[Problem]:
    """Warn of words in `where` that no screen bears, and of zones that none of the screens meant has."""
    screens = list(screens)
    known = {word for screen in screens for word in (screen.name, *screen.tags)}
    problems = []
    for draft in drafts:
        for word, line in draft.where:
            if word not in known:
                guess = did_you_mean(closest(word, sorted(known)))
                problems.append(
                    Problem(
                        draft.file,
                        line,
                        f"where: no screen has the name or tag '{word}'{guess.en}",
                        "warning",
                        f"where：没有名为“{word}”或带此标签的屏幕{guess.zh}",
                    )
                )
        words = {word for word, _ in draft.where}
        meant = [screen for screen in screens if not words or words & {screen.name, *screen.tags}]
        if meant and not draft.is_broken and not any(draft.zone in ZONES_OF_LAYOUT[s.layout] for s in meant):
            problems.append(
                Problem(
                    draft.file,
                    draft.zone_line,
                    f"zone: no screen that this playlist is for has a zone '{draft.zone}' in its layout",
                    "warning",
                    f"zone：目标屏幕的版式中没有“{draft.zone}”区域，不会播放",
                )
            )
    return problems
