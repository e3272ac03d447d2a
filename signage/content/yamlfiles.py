"""The folder `playlists/` in, the YAML files that are to be read out, in order, and what is wrong with their names."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from signage.base.errors import Problem, SignageError
from signage.base.files import walk_folders
from signage.content.mediapath import (
    UNREADABLE_NAME,
    UNREADABLE_NAME_ZH,
    is_junk,
    is_readable,
    natural_key,
    spell_out,
)

_ENDINGS = (".yaml", ".yml")


def find_yaml_files(root: Path, problems: list[Problem]) -> list[tuple[str, Path]]:
    """Give the YAML files below `playlists/` in natural order, by their names relative to the store.

    Raises:
        SignageError: `playlists/` is not there or cannot be read; keep what you had.
    """
    folder = root / "playlists"
    found: list[tuple[str, Path]] = []

    def refuse(error: OSError) -> None:
        if isinstance(error, FileNotFoundError) and Path(error.filename) != folder:
            return
        if error.errno == errno.ENAMETOOLONG:
            shown = str(error.filename).removeprefix(f"{root}{os.sep}")[:80] + "…"
            problems.append(Problem(shown, 0, "lies too deep", message_zh="文件夹套得太深，请移到上层"))
            return
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            raise SignageError(f"{folder}: there is no such folder; a store has media/ and playlists/") from error
        raise SignageError(f"{error.filename}: cannot be read ({error.strerror})") from error

    for place, inner, names in walk_folders(folder, refuse):
        inner[:] = [name for name in inner if not is_junk(name)]
        for name in names:
            path = Path(place, name)
            if is_junk(name):
                continue
            relative = path.relative_to(root).as_posix()
            if not is_readable(relative):
                problems.append(Problem(spell_out(relative), 0, UNREADABLE_NAME, message_zh=UNREADABLE_NAME_ZH))
            elif name.lower().endswith(_ENDINGS):
                # Not `resolve`, which raises for a link that leads to itself.
                if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
                    message = "left out: is a link that leads out of the store"
                    problems.append(Problem(relative, 0, message, message_zh="未采用：是指向存储之外的链接"))
                    continue
                found.append((relative, path))
            elif any(name.lower().endswith(ending + ".txt") for ending in _ENDINGS):
                problems.append(_hidden_ending(relative, name))
    return _without_doubles(sorted(found, key=lambda pair: natural_key(pair[0])), problems)


def _hidden_ending(relative: str, name: str) -> Problem:
    right = name[: -len(".txt")]
    return Problem(
        relative,
        0,
        f"is not read; rename it to {right}",
        "warning",
        f"不会被读取，请改名为 {right}（Windows 可能隐藏了 .txt）",
    )


def _without_doubles(found: list[tuple[str, Path]], problems: list[Problem]) -> list[tuple[str, Path]]:
    kept: dict[str, tuple[str, Path]] = {}
    for relative, path in found:
        stem = relative.rpartition(".")[0]
        if stem in kept:
            other = kept[stem][0]
            problems.append(
                Problem(relative, 0, f"left out: {other} has the same name", message_zh=f"未采用：与 {other} 同名")
            )
        else:
            kept[stem] = (relative, path)
    return list(kept.values())
