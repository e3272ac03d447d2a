"""The bytes of `screens.yaml` and `calendar.yaml` in, frozen Screens and CalendarData out, with all that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from pydantic import ValidationError

from signage.base.errors import Problem
from signage.base.yaml import Document, parse
from signage.content import faults
from signage.content.filemodels import CalendarModel, ScreenModel
from signage.content.values import CalendarData, Screen

DEFAULT_SCREENS: Mapping[str, Screen] = {"default": Screen()}


@dataclass(frozen=True, slots=True)
class ScreensFile:
    """The screens by name; never empty. `is_lost`: the file says nothing that can be read."""

    screens: Mapping[str, Screen] = field(default_factory=lambda: dict(DEFAULT_SCREENS))
    problems: tuple[Problem, ...] = ()
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class CalendarFile:
    calendar: CalendarData = field(default_factory=CalendarData)
    problems: tuple[Problem, ...] = ()


def read_screens_file(raw: bytes, file: str) -> ScreensFile:
    """Give the screens. What is wrong in a screen is left at its default: a screen is never lost to a slip."""
    document = parse(raw, file)
    problems = list(document.problems)
    said = document.value
    prefix: tuple[str, ...] = ()
    if isinstance(said, dict) and "screens" in said:
        said, prefix = _only_screens(said, file, document, problems), ("screens",)
    screens: dict[str, Screen] = {}
    if isinstance(said, dict):
        for name, keys in said.items():
            screens[name] = _screen(name, keys, file, document, (*prefix, name), problems)
    elif not document.is_broken:
        problems.append(
            Problem(
                file, 1, "must be 'screens:' with one mapping per screen", message_zh="必须写 screens: 和各屏幕的设置"
            )
        )
    return ScreensFile(screens or dict(DEFAULT_SCREENS), tuple(sorted(set(problems))), is_lost=not screens)


def _only_screens(said: dict[str, Any], file: str, document: Document, problems: list[Problem]) -> Any:
    for key in said:
        if key != "screens":
            line = document.line_of([key])
            problems.append(
                Problem(
                    file,
                    line,
                    f"{key}: is not a known key; screens stand below 'screens:'",
                    message_zh=f"{key}：不是可用的键名，屏幕要写在 screens: 之下",
                )
            )
    return said["screens"]


def _screen(
    name: str, keys: Any, file: str, document: Document, place: tuple[str, ...], problems: list[Problem]
) -> Screen:
    problems += faults.empty_keys(keys, file, document, place)
    try:
        model = ScreenModel.model_validate({} if keys is None else keys)
    except ValidationError as error:
        problems += faults.problems_of(error, file, document, place, {0: faults.keys_of(ScreenModel)})
        wrong = {fault["loc"][0] for fault in error.errors() if fault["loc"]}
        right = {key: value for key, value in keys.items() if key not in wrong} if isinstance(keys, dict) else {}
        model = ScreenModel.model_validate(right)
    default = Screen()
    return Screen(
        name=name,
        title=model.title or name,
        tags=frozenset(model.tags or ()),
        size_px=model.size,
        position_px=model.position or default.position_px,
        rotate=model.rotate or 0,
        hours=tuple(model.hours or ()),
        layout=model.layout or default.layout,
        place=model.place,
        timezone=model.timezone or default.timezone,
        sound=bool(model.sound),
    )


def read_calendar_file(raw: bytes, file: str) -> CalendarFile:
    """Give the office's calendar. A file with anything wrong in it counts for nothing: half of a year misleads."""
    document = parse(raw, file)
    problems = list(document.problems)
    model = CalendarModel()
    if document.value is not None:
        problems += faults.empty_keys(document.value, file, document)
        try:
            model = CalendarModel.model_validate(document.value)
        except ValidationError as error:
            problems += faults.problems_of(error, file, document, (), {0: faults.keys_of(CalendarModel)})
    holidays, workdays = _dates(model.holidays), _dates(model.workdays)
    for day in sorted(holidays & workdays):
        at = next(at for at, (first, last) in enumerate(model.workdays or ()) if first <= day <= last)
        problems.append(
            Problem(
                file,
                document.line_of(["workdays", at]),
                f"workdays: {day} is also in holidays",
                message_zh=f"workdays：{day} 同时写在了 holidays 中",
            )
        )
    if any(problem.severity == "error" for problem in problems):
        return CalendarFile(problems=tuple(sorted(set(problems))))
    return CalendarFile(CalendarData(frozenset(model.years or ()), holidays, workdays), tuple(sorted(problems)))


def _dates(spans: list[tuple[date, date]] | None) -> frozenset[date]:
    return frozenset(
        first + timedelta(days=offset) for first, last in spans or () for offset in range((last - first).days + 1)
    )
