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

    done = restore(
        options.backup,
        options.office,
        options.store,
        database=options.database,
        force=options.force,
        roots=options.roots,
    )
    print(f"{counted(done.files, 'file')} restored into {options.office}")
    for path in done.set_aside:
        print(f"What was there before is in {path}")
    if done.missing_media:
        print(f"{counted(done.missing_media, 'media file')} were not found again: publish once, and they come with it")
    if done.found.roots or done.found.keys:
        names = [f"{version}.root.json" for version in done.found.roots] + [f"{name}.key" for name in done.found.keys]
        print(f"Newer than the backup, and taken too: {', '.join(names)} (备份之后的信任根和密钥也找到了)")
    if done.lost_keys:
        names = [f"{name}.key" for name in done.lost_keys]
        say(
            f"warning: root was changed after the backup, and {', '.join(names)} is not here: copy it from the stick "
            f"into {options.office / 'keys'}; without it the screens have to be let in anew "
            "(备份之后换过信任根：请从 U 盘把这个密钥文件复制回来，否则屏幕要重新登记)"
        )
    say(
        "If keys were changed after the backup, screens have followed them: signage keys mend, or Settings, Keys, "
        "leads them on. "
        "(备份之后换过密钥的，屏幕会不更新：在「设置 → 密钥」点“让屏幕重新认得办公室”，或 signage keys mend)"
    )
    say(
        "Start the office, publish once (publish --always) and give resume once: until then screens keep what they "
        "have. People and keys that were changed after the backup have to be changed again. "
        "(请启动办公室，重新发布一次，再点一次“恢复正常播出”)"
    )
    return 0
