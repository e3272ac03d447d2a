"""A problem of the store in, what staff are told of it out: in their words for its keys, and where it is mended.

The readers of the store speak to whoever writes YAML; most who see a problem in the console fill in forms.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import quote

from signage.base.errors import Problem
from signage.content.values import Fit, Priority, Transition
from signage.office.fieldwords import field_words
from signage.office.itemwords import FITS, TRANSITIONS
from signage.office.said import Said, joined, named
from signage.office.whenwords import PRIORITIES, ZONES

_VALUES = {
    "fit": {str(fit.value): FITS[fit] for fit in Fit},
    "transition": {str(one.value): TRANSITIONS[one] for one in Transition},
    "zone": ZONES,
    "priority": {priority.name.lower(): PRIORITIES[priority] for priority in Priority},
    "order": {
        "name": Said("按名字", "by name"),
        "newest": Said("新的在前", "newest first"),
        "shuffle": Said("每天打乱", "shuffled daily"),
    },
}
_SIDECAR = re.compile(r"\.ya?ml(\.txt)?$", re.IGNORECASE)
_KEY = re.compile(r"(?P<key>[^\W\d][\w-]{0,40})(?:: |：)(?P<rest>.+)", re.DOTALL)
_CHOICE_ZH = re.compile(r"只能是 (?P<options>[\w、-]+) 之一")
_CHOICE_EN = re.compile(r"must be (?:one of )?(?P<options>'[\w-]+'(?:(?:, | or )'[\w-]+')*)")
_REWORDED = tuple(
    (re.compile(said), words)
    for said, words in (
        (r"不是可用的键名", "没有这一项，请检查写法"),
        (r"是空的，至少要有 play:", "是空的，至少要有内容（play:）"),
        (r"^早于 from$", "早于开始日期"),
        (r"写明 file、folder 或 template", "写明文件、文件夹或模板（file、folder 或 template）"),
        (r"同时写了 file、folder，", "同时写了文件和文件夹（file、folder），"),
        (r"（zone: ticker）可用，请改用 template", "可用，请改用模板（template）"),
        (r"（ticker）只能放 text", "只能放文字（text）"),
        (r"请写 file: ", "请在“文件”里写 "),
        (r"请写 folder: ", "请在“文件夹”里写 "),
        (r"没有(文件夹?) media/", r"素材库里没有\1 "),
        (r"^media/", "素材 "),
        (r"使用 workday 或 holiday 的时段", "按“工作日”或“休息日”播放的时段"),
        (r"没有填写 place（纬度、经度）", "没有填写位置（纬度、经度）"),
        (r"请在 playlists/screens\.yaml 中填写 place", "请在这块屏幕的设置里填写"),
        (
            r"如 mon、周一、mon-fri、1-5）、weekend、workday 或 holiday",
            "如 周一、周一至周五、1-5）、周末、工作日或休息日",
        ),
        (r"sunrise\+0:30-sunset", "日出+0:30-日落"),
        (r"请填写或删除此项", "请填写，不用就去掉"),
    )
)
_REWORDED_EN = tuple(
    (re.compile(said), words)
    for said, words in (
        (r"is not a known key", "is not known here; look at its spelling"),
        (r"^lies before 'from'$", "lies before the first day"),
        (r"write a value or remove the key", "fill it in or take it out"),
        (r"there is no (file|folder) media/", r"the media have no \1 "),
        (r"^media/", ""),
        (r"write 'file: (.+?)'", r"write \1 as a file"),
        (r"write 'folder: (.+?)'", r"write \1 as a folder"),
        (r"windows with 'workday' or 'holiday'", "times on workdays or days off"),
        (r"give it one in playlists/screens\.yaml \(place: \[latitude, longitude\]\)", "fill it in among its settings"),
    )
)


def problem_words(problem: Problem, *, with_key: bool = False) -> Said:
    """Give what is wrong, in staff's words. `with_key` names the key beside its word, for whoever reads the text."""
    zh, en = (_reworded(text, language, with_key) for text, language in _texts(problem))
    return Said("".join(zh), "".join(en))


def fault_words(problem: Problem) -> Said:
    """Give the same without what it is of, for where that stands beside it."""
    zh, en = (_reworded(text, language) for text, language in _texts(problem))
    return Said(zh[1], en[1])


def _texts(problem: Problem) -> tuple[tuple[str, str], tuple[str, str]]:
    return (problem.message_zh or problem.message, "zh"), (problem.message, "en")


def place_words(problem: Problem) -> Said:
    """Give where it is: the playlist, the file or the list of screens, and the line where there is one."""
    line = Said(f"第 {problem.line} 行", f"line {problem.line}") if problem.line else None
    return joined([_file_words(problem.file), *([line] if line else [])], " ", ", ")


def file_of(problem: Problem) -> str:
    """Give the path within `media/` of the file that it is about, or that its sidecar is of; empty for all else."""
    area, _, path = problem.file.partition("/")
    return _SIDECAR.sub("", path) if area == "media" else ""


def mended_at(problem: Problem) -> str:
    """Give the address of the page that shows the place; empty where the console has none for it."""
    area, _, path = problem.file.partition("/")
    name, ending = path.removesuffix(PurePosixPath(path).suffix), PurePosixPath(path).suffix
    if area == "playlists" and ending in (".yaml", ".yml") and name not in ("screens", "calendar"):
        return f"/playlists/{quote(name)}" + (f"#line-{problem.line}" if problem.line else "")
    if path := file_of(problem):
        # It may be a folder, or a sidecar of nothing, that have no page of their own.
        return f"/media?q={quote(PurePosixPath(path).name, safe='')}"
    return ""


def _file_words(file: str) -> Said:
    area, _, path = file.partition("/")
    if file == "playlists/screens.yaml":
        return Said("屏幕清单（screens.yaml）", "The list of screens (screens.yaml)")
    if file == "playlists/calendar.yaml":
        return Said("放假安排（calendar.yaml）", "The calendar (calendar.yaml)")
    if area == "playlists" and path:
        name = path.removesuffix(PurePosixPath(path).suffix)
        return Said(f"播放列表 {name}", f"Playlist {name}")
    return Said(f"素材 {path}", path) if area == "media" and path else named(file)


def _reworded(text: str, language: str, with_key: bool = False) -> tuple[str, str]:
    """Give the label and what is said of it."""
    found = _KEY.fullmatch(text)
    words = field_words(found["key"]) if found else None
    if found is None or words is None:
        return "", _body(text, "", language)
    label = words.within(language)
    label = label[:1].upper() + label[1:]
    if with_key and found["key"] != label.casefold():
        label += f"（{found['key']}）" if language == "zh" else f" ({found['key']})"
    return f"{label}{'：' if language == 'zh' else ': '}", _body(found["rest"], found["key"], language)


def _body(text: str, key: str, language: str) -> str:
    for said, words in _REWORDED if language == "zh" else _REWORDED_EN:
        text = said.sub(words, text)
    values = _VALUES.get(key, {})

    def named_options(found: re.Match[str]) -> str:
        options = re.findall(r"[\w-]+", found["options"].replace("' or '", "', '"))
        told = [f"{values[one].within(language)}（{one}）" if one in values else one for one in options]
        if language == "zh":
            return f"只能是 {'、'.join(told)} 之一"
        return "must be one of: " + "; ".join(one.replace("（", " (").replace("）", ")") for one in told)

    return (_CHOICE_ZH if language == "zh" else _CHOICE_EN).sub(named_options, text) if values else text
