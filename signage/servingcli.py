"""The commands that run the office for long, and those that save it: serve, office, backup, restore."""

from __future__ import annotations

import argparse
import sys

from signage.choices import choose_store
from signage.keyscli import office_of
from signage.terminal import counted, log_to_stderr, say


def serve(options: argparse.Namespace) -> int:
    """Serve the published folder."""
    from signage.office.serve import serve

    return serve(office_of(options), options.host, options.port)


def office(options: argparse.Namespace) -> int:
    """Run the office: console, API and releases."""
    from signage.office.desk import open_desk
    from signage.office.server import run_office
    from signage.office.standing import held, logged
    from signage.office.welcome import few_files_warning, lines

    store = choose_store(options.store)
    log_to_stderr(is_verbose=False)
    with held(options.office), logged(options.office) as log:
        desk = open_desk(store, options.office, database=options.database)

        def welcome(port: int) -> None:
            said = lines(options.host, port, with_code=sys.stderr.isatty())
            for line in (*said, f"  内容 content: {store}    日志 log: {log}"):
                say(line)
            if not desk.settings.read().is_set_up:
                say(f"  首次设置码 set-up code: {desk.setup_code}   在别的电脑或手机上设置时输入 (not needed here)")
            if warning := few_files_warning():
                say(f"note: {warning}")

        try:
            return run_office(desk, options.host, options.port, welcome)
        finally:
            desk.close()


def backup(options: argparse.Namespace) -> int:
    """Make a backup now."""
    from signage.office.backup import make_backup
    from signage.office.desk import open_desk

    desk = open_desk(choose_store(options.store), options.office, database=options.database, takes_in=False)
    try:
        made = make_backup(desk)
        desk.audit.note("command line", "backup.made", made.path.name)
    finally:
        desk.close()
    print(f"{made.path}: {made.length_bytes} bytes, read back (备份完成)")
    say("It holds the keys and digests of passwords: guard it as you guard the office. Media files are not in it.")
    return 0


def restore(options: argparse.Namespace) -> int:
    """Put an office back as a backup has it."""
    from signage.office.restore import restore

    done = restore(options.backup, options.office, options.store, database=options.database, force=options.force)
    print(f"{counted(done.files, 'file')} restored into {options.office}")
    for path in done.set_aside:
        print(f"What was there before is in {path}")
    if done.missing_media:
        print(f"{counted(done.missing_media, 'media file')} were not found again: publish once, and they come with it")
    say(
        "Start the office, publish once (publish --always) and give resume once: until then screens keep what they "
        "have. People and keys that were changed after the backup have to be changed again. "
        "(请启动办公室，重新发布一次，再点一次“恢复正常播出”)"
    )
    return 0
