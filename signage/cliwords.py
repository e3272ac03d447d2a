"""The words of the command line: commands in, a parser that understands their options out."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

from signage.base.timetext import LENGTH_FORMS, TIME_FORMS, read_length
from signage.choices import default_language, default_state, not_there
from signage.officewords import OFFICE_COMMANDS

_EPILOG = """\
examples:
  signage init my-store                                     a new store with examples
  signage check my-store                                    every problem in its files
  signage preview my-store --screen gate --from 18:00       what will play in the hour from 18:00 on
  signage preview my-store --screen gate --from 2026-12-01 --for 1d --html day.html
  signage play my-store --screen gate                       play full screen
  signage asrun --since 18:00 --json                        what was really shown
  signage publish my-store                                  sign it and put it out for the screens
  signage blackout --screens outdoor                        at once, until: signage resume

exit codes: 0 well; 1 check or doctor found something wrong; 2 not understood, or not there; 3 a disk, folder or
display failed; 70 a fault of signage itself; 130 ended by Ctrl-C
"""
_STORE = "the store's folder (default: the current folder, else the repository's own store)"


class OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line, with a guess at what was meant."""

    def error(self, message: str) -> NoReturn:
        from signage.terminal import say_error

        say_error(f"{message}; see: {self.prog} --help")
        raise SystemExit(2)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        name = "command" if action.dest == "command" else f"{'/'.join(action.option_strings)} value"
        raise argparse.ArgumentError(None, not_there(name, str(value), [str(choice) for choice in action.choices]))


def build_parser(commands: Iterable[str]) -> argparse.ArgumentParser:
    """Give the parser; its result has `command` and what that command takes."""
    parser = OneLineParser(
        prog="signage",
        description="Digital signage for public screens that nobody watches over.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, title="commands")
    for name in commands:
        says, add_arguments = _COMMANDS[name]
        description = says[0].upper() + says[1:] + "."
        add_arguments(subparsers.add_parser(name, help=says, description=description, allow_abbrev=False))
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        from importlib.metadata import version

        print(f"signage {version('signage')}")
        parser.exit()


def _length(text: str) -> int:
    try:
        return read_length(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _init(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dir", metavar="DIR", type=Path, help="the folder to make; it must not exist or be empty")


def _check(parser: argparse.ArgumentParser) -> None:
    _add_store(parser)
    _add_language(parser)
    parser.add_argument("--json", action="store_true", help="a list of file, line, severity, message")


def _schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", metavar="DIR", type=Path, help="write one file each into DIR (default: print them all)"
    )


def _preview(parser: argparse.ArgumentParser) -> None:
    _add_store(parser)
    parser.add_argument("--screen", metavar="ID", help="the screen (default: the only one, or 'default')")
    parser.add_argument(
        "--from", dest="start", metavar="TIME", default="now", help=f"{TIME_FORMS}; local to the screen (default: now)"
    )
    parser.add_argument(
        "--for", dest="length", metavar="TIME", type=_length, default=3_600_000, help=f"{LENGTH_FORMS} (default: 1h)"
    )
    _add_zone(parser)
    parser.add_argument(
        "--json", action="store_true", help="a list of start, end, screen, zone, playlist, item, kind, sha256"
    )
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a page with the timeline and pictures")
    parser.add_argument("--sheet", metavar="FILE", type=Path, help="write a PNG of what the stage will show")


def _play(parser: argparse.ArgumentParser) -> None:
    _add_store(parser)
    parser.add_argument(
        "--screen", metavar="ID", help="the screen to be (default: as the office calls it, the only one, or 'default')"
    )
    parser.add_argument(
        "--office",
        metavar="ADDRESS",
        action="append",
        help="play what this office publishes: an http(s) address or a folder, once more for each mirror",
    )
    parser.add_argument(
        "--root",
        metavar="FILE",
        type=Path,
        help="the office's root.json, to set a screen up by hand; without, it shows a code",
    )
    parser.add_argument("--window", action="store_true", help="play in a window, not full screen")
    parser.add_argument(
        "--for", dest="length", metavar="TIME", type=_length, help="end after that long: seconds, or 30m, 1h"
    )
    parser.add_argument("--snapshots", metavar="DIR", type=Path, help="save a PNG of each item once it is on screen")
    _add_state(parser)
    parser.add_argument(
        "--renderer",
        choices=("auto", "software", "gpu"),
        default="auto",
        help="how to draw (default: auto, the GPU where there is a real one)",
    )
    parser.add_argument("--verbose", action="store_true", help="log everything to standard error")


def _asrun(parser: argparse.ArgumentParser) -> None:
    _add_state(parser)
    parser.add_argument("--since", metavar="TIME", help=f"only what started at or after: {TIME_FORMS}")
    parser.add_argument("--screen", metavar="ID", help="only this screen (default: all)")
    _add_zone(parser)
    parser.add_argument(
        "--timezone", metavar="NAME", default="Asia/Shanghai", help="for times (default: Asia/Shanghai)"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="a list of objects, times as in preview --json")
    form.add_argument("--csv", action="store_true", help="the same as CSV, with a header line")


def _doctor(parser: argparse.ArgumentParser) -> None:
    _add_store(parser)
    _add_state(parser)
    parser.add_argument("--json", action="store_true", help="a list of name, state, found, mend")


def _add_store(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", metavar="STORE", nargs="?", type=Path, help=_STORE)


def _add_state(parser: argparse.ArgumentParser) -> None:
    place = default_state()
    parser.add_argument(
        "--state", metavar="DIR", type=Path, default=place, help=f"as-run log and cache (default: {place})"
    )


def _add_zone(parser: argparse.ArgumentParser) -> None:
    zones = ("main", "side", "ticker", "all")
    parser.add_argument("--zone", choices=zones, default="main", help=f"{', '.join(zones)} (default: main)")


def _add_language(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lang",
        choices=("zh", "en"),
        default=default_language(),
        help="of what is said about files (default: SIGNAGE_LANG, else the locale)",
    )


_COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "init": ("make a new store with examples", _init),
    "check": ("name every problem in a store's files", _check),
    "schema": ("give the JSON Schemas of the store's files, for editors", _schema),
    "preview": ("tell what a screen will show", _preview),
    "play": ("play a store on this machine's display", _play),
    "asrun": ("tell what a screen really showed", _asrun),
    "doctor": ("look at this machine and tell what is wrong and how to mend it", _doctor),
    **OFFICE_COMMANDS,
}
