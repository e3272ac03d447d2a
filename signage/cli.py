"""The command line: what a person typed comes in, the command's exit code goes out; one thin function per command.

Exit codes: 0 all is well; 1 `check` or `doctor` found something wrong; 2 the command was not understood or asks for
what is not there; 3 the world failed (a folder, a disk, a display); 70 a fault of signage itself; 130 ended by Ctrl-C.

What a command needs is imported inside it, and the parser is argparse: `play` has to reach its first picture soon
(see deploy/decisions/command-line.md).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from signage.base.errors import SignageError
from signage.choices import (
    ArgumentError,
    choose_screen,
    choose_store,
    choose_timezone,
    choose_zones,
    default_state,
    screen_to_play,
)
from signage.officewords import OFFICE_COMMANDS
from signage.terminal import (
    check_summary,
    counted,
    log_to_stderr,
    print_json_list,
    print_problems,
    print_rows,
    progress,
    say,
    say_error,
)

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from signage.content.values import Screen, Store
    from signage.player.following import Office

FOUND_WRONG, NOT_UNDERSTOOD, WORLD_FAILED, OWN_FAULT, INTERRUPTED, READER_GONE = 1, 2, 3, 70, 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code. What goes wrong is one line on standard error, never a traceback."""
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        say("")
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes standard output once more when it ends: let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except ArgumentError as error:
        say_error(str(error))
        return NOT_UNDERSTOOD
    except SignageError as error:
        say_error(str(error))
        return WORLD_FAILED
    except Exception as error:  # noqa: BLE001  the boundary to a person at a terminal
        say_error(f"signage itself failed: {type(error).__name__}: {error} ({_keep_traceback()})")
        return OWN_FAULT


def _run(arguments: Sequence[str]) -> int:
    from signage.cliwords import build_parser

    options = build_parser(COMMANDS).parse_args(arguments)
    code: int = COMMANDS[options.command](options)
    return code


def _keep_traceback() -> str:
    """Save the traceback at hand and give the words that say where."""
    import traceback

    path = default_state() / "fault.txt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(traceback.format_exc(), "utf-8")
    except OSError:
        return traceback.format_exc().replace("\n", " | ")
    return f"please report it with {path}"


def _read(options: argparse.Namespace) -> Store:
    """Read the store that was named, with a progress bar where that takes long."""
    from signage.content.store import StoreReader

    with progress("reading the store") as show:
        return StoreReader(choose_store(options.store), default_state() / "cache").read(show)


def _read_for_screen(options: argparse.Namespace) -> tuple[Store, Screen]:
    store = _read(options)
    errors = sum(problem.severity == "error" for problem in store.problems)
    if errors:
        say(f"note: {counted(errors, 'error')} in this store, and what has one is left out: signage check {store.root}")
    return store, choose_screen(store, options.screen)


def _instant(option: str, text: str, timezone: ZoneInfo, now_ms: int) -> int:
    from signage.base.timetext import read_instant

    try:
        return read_instant(text, timezone, now_ms)
    except ValueError as error:
        raise ArgumentError(f"{option}: {error}") from error


def init(options: argparse.Namespace) -> int:
    """Make a new store."""
    from signage.starter import make_store

    made = make_store(options.dir)
    print(f"A new store with {len(made)} files is in {options.dir}:")
    for path in made:
        print(f"  {path}")
    print(f"Look at it:  signage preview {options.dir}\nPlay it:     signage play {options.dir} --window")
    print(f"Run the office, for staff in a browser:  signage office {options.dir} --host 0.0.0.0")
    return 0


def check(options: argparse.Namespace) -> int:
    """Read a store and name everything that is wrong in it."""
    from signage.base.clock import SystemClock, now_utc
    from signage.schedule.warnings import store_warnings

    store = _read(options)
    store = replace(store, problems=(*store.problems, *store_warnings(store, now_utc(SystemClock()).date())))
    problems = sorted(store.problems)
    errors = sum(problem.severity == "error" for problem in problems)
    if options.json:
        rows = ({"file": p.file, "line": p.line, "severity": p.severity, "message": p.message} for p in problems)
        if options.lang == "zh":
            rows = (row | {"message": p.message_zh or p.message} for row, p in zip(rows, problems, strict=True))
        print_json_list(rows)
    else:
        print_problems(problems, options.lang)
        say(check_summary(store, options.lang))
    return FOUND_WRONG if errors else 0


def schema(options: argparse.Namespace) -> int:
    """Give the JSON Schemas of the store's files."""
    import json

    from signage.content.schema import json_schemas

    schemas = json_schemas()
    if options.out is None:
        print(json.dumps(schemas, ensure_ascii=False, indent=2))
        return 0
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        for name, body in schemas.items():
            path = options.out / f"{name}.schema.json"
            path.write_text(json.dumps(body, ensure_ascii=False, indent=2) + "\n", "utf-8")
            print(path)
    except OSError as error:
        raise SignageError(f"{options.out}: cannot be written ({error.strerror}); name another folder") from error
    return 0


def preview(options: argparse.Namespace) -> int:
    """Tell what a screen will show."""
    from signage.base.clock import SystemClock
    from signage.preview import HEADER, WIDTHS, as_record, as_rows, planned

    store, screen = _read_for_screen(options)
    zones = choose_zones(screen, options.zone)
    start_ms = _instant("--from", options.start, screen.timezone, SystemClock().now_ms())
    end_ms = start_ms + options.length
    if options.html:
        from signage.daypage import write_day_page

        with progress("drawing the page") as show:
            write_day_page(options.html, store, screen, zones, start_ms, end_ms, show)
        say(f"The page is in {options.html}")
    if options.sheet:
        from signage.stage.sheet import write_sheet

        with progress("drawing the sheet") as show:
            write_sheet(options.sheet, store, screen, planned(store, screen, zones, start_ms, end_ms), show)
        say(f"The sheet is in {options.sheet}")
    if options.json:
        print_json_list(as_record(slot, screen) for slot in planned(store, screen, zones, start_ms, end_ms))
    elif not (options.html or options.sheet):
        say(f"{screen.title or screen.name} ({screen.name}), times in {screen.timezone.key}")
        print_rows(HEADER, WIDTHS, as_rows(planned(store, screen, zones, start_ms, end_ms), screen))
    return 0


def play(options: argparse.Namespace) -> int:
    """Play a store on this machine's display."""
    from signage.stage.options import PlayOptions, RendererWish

    office = _choose_office(options)
    store = options.state if office else _store_to_play(options)
    wishes = PlayOptions(
        store=store,
        screen=_screen_of_office(options) if office else screen_to_play(store, options.screen),
        full_screen=not options.window,
        for_s=options.length / 1000 if options.length else None,
        snapshots_dir=options.snapshots,
        state_dir=options.state,
        renderer=RendererWish(options.renderer),
        office=office,
    )
    from signage.stage.app import play as play_on_stage

    log_to_stderr(is_verbose=options.verbose)
    code = play_on_stage(wishes)
    # Python would wait for the threads that check files, for minutes if one is large, and the window is gone already.
    sys.stdout.flush()
    os._exit(code)


def _screen_of_office(options: argparse.Namespace) -> str:
    """Give the name that the office gave this screen; without one (it was set up with --root) the one wanted."""
    from signage.player.enrolled import EnrolmentFolder
    from signage.player.spare import put_right

    if mended := put_right(options.state):
        say(f"note: damaged and mended from the second copy of the enrolment: {', '.join(mended)}")
    enrolled = None if options.root else EnrolmentFolder(options.state).enrolled()
    if enrolled is None:
        return options.screen or "default"
    if options.screen not in (None, enrolled.screen):
        say(f"note: the office calls this screen '{enrolled.screen}'; --screen {options.screen} is not heeded")
    return enrolled.screen


def _store_to_play(options: argparse.Namespace) -> Path:
    """Give the store's folder. Where this state folder has played, it may be away: a share that is not mounted yet."""
    wanted: Path | None = options.store
    if wanted is not None and not wanted.exists() and (options.state / "asrun.db").exists():
        say(f"note: {wanted} is not there; the waiting picture shows until it is")
        return wanted
    return choose_store(wanted)


def _choose_office(options: argparse.Namespace) -> Office | None:
    if not options.office:
        if options.root:
            raise ArgumentError("--root goes with --office: which office is it the root of?")
        return None
    if options.store is not None:
        raise ArgumentError("give a store or an office to play from, not both")
    from signage.player.following import Office

    return Office(tuple(options.office), options.root)


def asrun(options: argparse.Namespace) -> int:
    """Tell what a screen really showed."""
    from signage.base.clock import SystemClock
    from signage.player.asrun import read_asrun
    from signage.proof import HEADER, WIDTHS, as_record, as_rows, print_csv, summary

    timezone = choose_timezone(options.timezone)
    since_ms = _instant("--since", options.since, timezone, SystemClock().now_ms()) if options.since else 0
    found = read_asrun(options.state, since_ms, None if options.zone == "all" else options.zone)
    found = [showing for showing in found if options.screen in (None, showing.screen)]
    if options.json:
        print_json_list(as_record(showing, timezone) for showing in found)
    elif options.csv:
        print_csv(found, timezone)
    else:
        print_rows(HEADER, WIDTHS, as_rows(found, timezone))
        say(f"{summary(found)}; times in {timezone.key}")
    return 0


def doctor(options: argparse.Namespace) -> int:
    """Look at this machine and tell what is wrong."""
    from signage.base.clock import SystemClock
    from signage.doctor import State, checks_of, examine, print_findings

    findings = examine(checks_of(choose_store(options.store), options.state, SystemClock()))
    if options.json:
        print_json_list({"name": f.name, "state": str(f.state), "found": f.found, "mend": f.mend} for f in findings)
    else:
        print_findings(findings)
    return FOUND_WRONG if any(finding.state is State.BAD for finding in findings) else 0


def office(options: argparse.Namespace) -> int:
    """Do what an office's command asks for: see `signage.officecli`."""
    from signage.officecli import run

    return run(options)


COMMANDS = {
    "init": init,
    "check": check,
    "schema": schema,
    "preview": preview,
    "play": play,
    "asrun": asrun,
    "doctor": doctor,
    **dict.fromkeys(OFFICE_COMMANDS, office),
}


if __name__ == "__main__":
    sys.exit(main())
