"""Problems, rows and progress come in; readable lines on the terminal go out (plain ones where it is no terminal)."""

from __future__ import annotations

import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Any

from signage.base.errors import Problem
from signage.base.unseen import show_unseen

if TYPE_CHECKING:
    from signage.content.values import Store

COLOURS = {"red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36", "dim": "2", "bold": "1"}


def is_colourful() -> bool:
    """Tell whether what is printed is seen on a terminal that wants colours. Source: the NO_COLOR convention."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def coloured(text: str, *colours: str) -> str:
    """Give the text in colours where they are seen, else as it is."""
    if not colours or not is_colourful():
        return text
    return f"\033[{';'.join(COLOURS[colour] for colour in colours)}m{text}\033[0m"


def plain(text: str) -> str:
    """Give the text with what would move the cursor, hide or turn round other text spelt out: `\\x1b`, `[U+202E]`.

    What others have written may hold it, and a reviewer must see what is there.
    """
    spelled = (sign if unicodedata.category(sign) != "Cc" else sign.encode("unicode_escape").decode() for sign in text)
    return show_unseen("".join(spelled))


def cells(text: str) -> int:
    """Give the columns that the text takes; a Chinese character takes two."""
    from rich.cells import cell_len

    return cell_len(text)


def fitted(text: str, width: int, *, is_cut: bool) -> str:
    """Give the text padded to `width` columns; what is longer is cut with … if `is_cut`, else left whole."""
    from rich.cells import set_cell_size

    if cells(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1).rstrip() + "…" if is_cut else text


def print_rows(header: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[tuple[str, str]]]) -> None:
    """Print rows of (text, colour or nothing) one by one as they come, under a header.

    The last column has no width: it is cut at the terminal's edge, and whole where there is no terminal.
    """
    edge = shutil.get_terminal_size((100, 24)).columns
    is_cut = sys.stdout.isatty()
    room = [*widths, max(edge - sum(widths) - 2 * len(widths), 10)]

    def line(columns: Sequence[tuple[str, str]]) -> str:
        parts = (
            coloured(fitted(text, width, is_cut=is_cut), *colour.split())
            for (text, colour), width in zip(columns, room, strict=True)
        )
        return "  ".join(parts).rstrip()

    print(line([(name, "dim") for name in header]))
    for row in rows:
        print(line(row))


def print_json_list(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print a JSON list, one object a line, each as soon as it is known: a year of rows takes no memory."""
    before = "[\n"
    for row in rows:
        print(before + json.dumps(row, ensure_ascii=False), end="")
        before = ",\n"
    print("[]" if before == "[\n" else "\n]")


def print_problems(problems: Sequence[Problem], language: str) -> None:
    """Print every problem: grouped by file on a terminal, one `file:line: severity: message` a line elsewhere."""
    ordered = sorted(problems)
    if not sys.stdout.isatty():
        for problem in ordered:
            place = f"{problem.file}:{problem.line}" if problem.line else problem.file
            print(f"{place}: {problem.severity}: {_message(problem, language)}")
        return
    for file, group in groupby(ordered, key=lambda problem: problem.file):
        print(coloured(file, "bold"))
        for problem in group:
            mark = coloured("✗", "red") if problem.severity == "error" else coloured("!", "yellow")
            number = f"{problem.line:>5}" if problem.line else "     "
            print(f"  {mark} {coloured(number, 'dim')}  {_message(problem, language)}")
        print()


def _message(problem: Problem, language: str) -> str:
    return problem.message_zh if language == "zh" and problem.message_zh else problem.message


def check_summary(store: Store, language: str) -> str:
    """Give the last line of `check`: how much is wrong, and how much can be used."""
    errors = sum(problem.severity == "error" for problem in store.problems)
    warnings = len(store.problems) - errors
    counts = (len(store.playlists), len(store.media), len(store.screens))
    if language == "zh":
        found = f"错误 {errors} 处，提醒 {warnings} 处" if store.problems else "没有发现问题"
        return f"{found}；可用：播放列表 {counts[0]} 个，素材 {counts[1]} 个，屏幕 {counts[2]} 块"
    found = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}" if store.problems else "no problems"
    things = (counted(count, name) for count, name in zip(counts, ("playlist", "media file", "screen"), strict=True))
    return f"{found}; can be used: {', '.join(things)}"


def counted(count: int, name: str) -> str:
    """Give `1 error`, `2 errors`."""
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def log_to_stderr(*, is_verbose: bool) -> None:
    """Have warnings of this process on standard error, where a service's journal takes them; verbose: everything."""
    import logging

    from signage.base.unseen import as_one_line

    class OneLine(logging.Formatter):
        def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging names it so
            record.message = as_one_line(record.message)
            return super().formatMessage(record)

    handler = logging.StreamHandler()
    handler.setLevel(logging.DEBUG if is_verbose else logging.WARNING)
    handler.setFormatter(OneLine("%(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    if is_verbose:
        logging.getLogger("signage").setLevel(logging.DEBUG)


def say_error(message: str) -> None:
    """Print the one line that an error gets, on standard error."""
    line = " ".join(message.split())
    is_red = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    print(f"\033[31merror:\033[0m {line}" if is_red else f"error: {line}", file=sys.stderr)


def say(message: str) -> None:
    """Print a line for the person on standard error, where it does not mix with what the command gives."""
    sys.stdout.flush()
    print(message, file=sys.stderr)


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """Give what takes (done, total) and shows a bar on standard error; None where that is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
