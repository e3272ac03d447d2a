"""The office's commands: parsed options come in, what was done is said and the exit code goes out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from signage.base.errors import SignageError
from signage.choices import ArgumentError, choose_store, default_state
from signage.passphrases import Passphrases
from signage.terminal import coloured, counted, log_to_stderr, plain, print_json_list, print_rows, progress, say

if TYPE_CHECKING:
    from signage.content.renditions import Renditions
    from signage.content.values import Item
    from signage.office.office import Office
    from signage.office.people import RoleState
    from signage.office.publish import Published

EXPIRING = 1


def run(options: argparse.Namespace) -> int:
    """Do what one of the office's commands asks for."""
    return _COMMANDS[options.command](options)


def _office(options: argparse.Namespace) -> Office:
    from signage.office.office import Office

    passphrases = Passphrases(options.passphrase_file)
    return Office(options.office, passphrases.of, ask_new=passphrases.new)


def _keys(options: argparse.Namespace) -> int:
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "init": _keys_init,
        "new": _keys_new,
        "add-reviewer": _keys_add,
        "revoke": _keys_revoke,
        "rotate": _keys_rotate,
        "renew": _keys_renew,
        "show": _keys_show,
    }
    return actions[options.action](options)


def _keys_init(options: argparse.Namespace) -> int:
    from signage.office.people import create_office

    office = _office(options)
    create_office(office, options.levels)
    print(f"The office is in {office.folder}. Keep its keys folder to yourself, and a copy of it elsewhere.")
    print(f"Screens are enrolled with {office.repository.folder / 'metadata' / '1.root.json'}")
    if options.levels:
        print("Add a person to each level:  signage keys add-reviewer NAME --level 1")
    return 0


def _keys_new(options: argparse.Namespace) -> int:
    from signage.release.keys import new_key, public_text

    key = new_key(options.name)
    _office(options).keep_key(key, options.out)
    public = options.out.with_name(f"{options.out.name}.pub")
    try:
        public.write_text(public_text(key.public), "utf-8")
    except OSError as error:
        raise SignageError(f"{public}: cannot be written ({error.strerror})") from error
    print(f"{options.out} is yours alone; give {public} to the office")
    return 0


def _keys_add(options: argparse.Namespace) -> int:
    from signage.office.people import add_person
    from signage.release.keys import read_public
    from signage.release.layout import URGENT_ROLE, review_role

    if options.level != URGENT_ROLE and not options.level.isdecimal():
        raise ArgumentError(f"--level: '{options.level}' is neither a number nor 'urgent'")
    role = URGENT_ROLE if options.level == URGENT_ROLE else review_role(int(options.level))
    public = read_public(options.public) if options.public else None
    path = add_person(
        _office(options), options.name, role, public=public, key_path=options.key_out, threshold=options.threshold
    )
    print(f"{options.name} signs for {role} from now on" + (f"; the key is {path}" if path else ""))
    return 0


def _keys_revoke(options: argparse.Namespace) -> int:
    from signage.office.people import revoke_person

    unsigned = revoke_person(_office(options), options.name)
    print(f"{options.name} signs nothing any more")
    for role in unsigned:
        if role == "urgent":
            say(f"note: what {options.name} ordered ends with this; give anew what must stand (其命令已失效，请重发)")
            continue
        say(f"note: {role} has to sign anew before screens take anything new: signage publish (审核级别需重新签署)")
    return 0


def _keys_rotate(options: argparse.Namespace) -> int:
    from signage.office.people import rotate_key

    print(f"{options.role} has a new key: {rotate_key(_office(options), options.role)}")
    if options.role == "release":
        say("note: what is on air has to be signed anew before screens take anything new: signage publish")
    return 0


def _keys_renew(options: argparse.Namespace) -> int:
    from signage.office.people import renew

    print(f"signed anew: {', '.join(renew(_office(options), only_online=options.online))}")
    return 0


def _keys_show(options: argparse.Namespace) -> int:
    from signage.office.people import show_roles

    states = show_roles(_office(options))
    if options.json:
        print_json_list(
            {
                "role": one.role,
                "people": list(one.people),
                "threshold": one.threshold,
                "version": one.version,
                "expires": one.expires.isoformat() if one.expires else None,
                "expiring": one.is_expiring,
                "expired": one.is_expired,
            }
            for one in states
        )
    else:
        rows = [
            (
                (one.role, "bold"),
                (f"{one.threshold} of {len(one.people)}", "dim"),
                (f"{one.expires:%Y-%m-%d}" if one.expires else "-", _colour(one.is_expired, one.is_expiring)),
                (", ".join(one.people) or "nobody", ""),
            )
            for one in states
        ]
        print_rows(("role", "must sign", "good until", "people"), (10, 9, 10), rows)
    lost = _office(options).repository.missing_roots()
    if lost:
        names = ", ".join(f"{version}.root.json" for version in lost)
        say(f"warning: {names} is lost: screens that were off cannot follow; put it back from a copy (请从备份恢复)")
    return EXPIRING if _warn_of_expiry(states) or lost else 0


def _warn_of_expiry(states: Iterable[RoleState]) -> bool:
    late = [one.role for one in states if one.is_expiring or one.is_expired]
    if late:
        say(f"warning: {', '.join(late)}: expires within 30 days or has; signage keys renew, or publish (签名即将到期)")
    return bool(late)


def _colour(is_expired: bool, is_expiring: bool) -> str:
    return "red" if is_expired else "yellow" if is_expiring else ""


def _publish(options: argparse.Namespace) -> int:
    from signage.content.store import StoreReader
    from signage.office.blobs import ChangedError
    from signage.office.people import show_roles
    from signage.office.publish import publish

    office = _office(options)
    renditions = _known_renditions(options.office)
    reader = StoreReader(choose_store(options.store), default_state() / "cache", renditions=renditions)
    with progress("reading the store") as show:
        store = reader.read(show)
    if reader.has_unsettled and renditions is not None:
        raise SignageError(
            f"{store.root}: a file is not taken in yet; let signage office run (有文件还没有入库，请先运行管理台)"
        )
    if reader.has_unsettled:
        # What is half copied would be missing from the release, and so from the screens.
        raise SignageError(
            f"{store.root}: a file is still being copied; publish in a moment (文件还在复制，请稍后再发布)"
        )
    errors = sum(problem.severity == "error" for problem in store.problems)
    if errors:
        say(f"note: {counted(errors, 'error')} in this store, and what has one is left out: signage check {store.root}")
    try:
        published = publish(office, store, options.note, always=options.always)
    except ChangedError as error:
        reader.forget(error.digest)
        raise
    if published is None:
        print("nothing has changed; what is on air stays (没有变化，无需发布)")
    else:
        _say_published(published)
    _warn_of_expiry(show_roles(office))
    return 0


def _known_renditions(folder: Path) -> Renditions | None:
    """Give what a running office has made of the files, so that this publishes the same as its console would."""
    if not (folder / "office.db").exists():
        return None  # spares the import of the database
    from signage.office.desk import known_renditions

    return known_renditions(folder)


def _say_published(published: Published) -> None:
    files = f", {counted(published.copied, 'new file')}" if published.copied else ""
    if published.is_published:
        print(f"release {published.number} is published{files} (已发布第 {published.number} 号)")
    else:
        print(f"draft {published.number} waits for review: {_lacking(published.missing)}{files} (待审)")


def _lacking(missing: Mapping[str, int]) -> str:
    return ", ".join(f"{role} lacks {counted(count, 'signature')}" for role, count in missing.items())


def _review(options: argparse.Namespace) -> int:
    if options.release is None:
        return _list_drafts(options)
    from signage.office.drafts import draft_path, load_draft
    from signage.office.review import differences
    from signage.office.seen import note_seen

    office = _office(options)
    is_number = options.release.isdecimal()
    path = draft_path(office.drafts, int(options.release)) if is_number else Path(options.release)
    draft = load_draft(path)
    found = differences({} if options.all else draft.decoded_before(), draft.decoded())
    note_seen(default_state(), path, draft)
    if options.json:
        print_json_list(
            {
                "kind": str(one.kind),
                "place": one.place,
                "what": one.what,
                "before": one.before,
                "after": one.after,
            }
            for one in found
        )
        return 0
    if options.html:
        from signage.reviewpage import write_review_page

        with progress("drawing the page") as show:
            write_review_page(options.html, draft, found, office, show)
        say(f"The page is in {options.html}; code {draft.code} (核对码)")
        return 0
    colours = {"added": "green", "removed": "red", "changed": "yellow"}
    for one in found:
        print(coloured(plain(str(one)), colours[one.kind]))
    say(f"draft {draft.number}: {counted(len(found), 'difference')} from what was on air (共 {len(found)} 处不同)")
    say(f"code {draft.code} (核对码)")
    return 0


def _list_drafts(options: argparse.Namespace) -> int:
    from zoneinfo import ZoneInfo

    from signage.base.moments import to_datetime
    from signage.office.approval import list_drafts

    drafts = list_drafts(_office(options))
    if options.json:
        print_json_list(
            {
                "release": one.number,
                "state": str(one.state),
                "signed_by": one.signed_by,
                "missing": one.missing,
                "note": one.note,
                "why": one.why,
            }
            for one in drafts
        )
        return 0
    zone = ZoneInfo("Asia/Shanghai")
    rows = [
        (
            (str(one.number), "bold"),
            (one.state.title_zh, {"submitted": "yellow", "returned": "red"}.get(one.state, "dim")),
            (f"{to_datetime(one.made_ms, zone):%m-%d %H:%M}", "dim"),
            (plain("; ".join(f"{role}: {', '.join(names) or '-'}" for role, names in one.signed_by.items())), ""),
            (plain(one.why or one.note), ""),
        )
        for one in drafts
    ]
    print_rows(("release", "state", "made", "signed by", "note"), (7, 12, 11, 40), rows)
    return 0


def _approve(options: argparse.Namespace) -> int:
    from signage.office.approval import approve, approve_copy, take_signatures
    from signage.office.drafts import draft_path
    from signage.office.seen import seen_at

    office, folder = _office(options), default_state()
    if options.take:
        _say_published(take_signatures(office, Path(options.release)))
    elif options.release.isdecimal():
        number = int(options.release)
        seen = seen_at(folder, draft_path(office.drafts, number))
        _say_published(approve(office, number, options.name, options.key, seen=seen))
    else:
        path = Path(options.release)
        draft = approve_copy(office, path, options.name, options.key, seen=seen_at(folder, path))
        print(f"draft {draft.number}, code {draft.code}, is signed by {options.name}; bring {path} back to the office")
    return 0


def _return(options: argparse.Namespace) -> int:
    from signage.office.approval import return_draft

    return_draft(_office(options), options.release, options.why)
    print(f"draft {options.release} is returned (已退回)")
    return 0


def _rollback(options: argparse.Namespace) -> int:
    from signage.office.publish import roll_back

    _say_published(roll_back(_office(options), options.release))
    return 0


def _takeover(options: argparse.Namespace) -> int:
    from signage.office.urgent import file_item, text_item

    office = _office(options)
    item = text_item(options.text) if options.text is not None else file_item(options.file, office.clock)
    return _order(options, office, item)


def _blackout(options: argparse.Namespace) -> int:
    return _order(options, _office(options))


def _order(options: argparse.Namespace, office: Office, item: Item | None = None) -> int:
    from signage.office.urgent import give_order
    from signage.release.orders import FILE_ENDING, OrderKind

    if options.out is not None and not options.out.name.endswith(FILE_ENDING):
        raise ArgumentError(f"--out: a screen looks for files that end with {FILE_ENDING}")
    given = give_order(
        office,
        OrderKind(options.command),
        screens=options.screens,
        lasts_ms=getattr(options, "length", None),
        people=options.people,
        source=getattr(options, "file", None),
        item=item,
    )
    print(f"{options.command} {given.order.id} is out for {', '.join(given.screens) or 'all screens'}")
    if options.out is not None:
        from signage.base.files import write_durably
        from signage.office.blobs import copy_blobs
        from signage.release.orders import files_of

        # What the order shows lies beside it: the screen that needs a stick cannot fetch it from here.
        source = getattr(options, "file", None)
        copy_blobs(
            [(media, source) for media in files_of(given.order)] if source else [], options.out.absolute().parent
        )
        write_durably(options.out, given.envelope)
    return 0


def _serve(options: argparse.Namespace) -> int:
    from signage.office.serve import serve

    return serve(_office(options), options.host, options.port)


def _run_office(options: argparse.Namespace) -> int:
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
            if warning := few_files_warning():
                say(f"note: {warning}")

        try:
            return run_office(desk, options.host, options.port, welcome)
        finally:
            desk.close()


def _backup(options: argparse.Namespace) -> int:
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


def _restore(options: argparse.Namespace) -> int:
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


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "keys": _keys,
    "publish": _publish,
    "review": _review,
    "approve": _approve,
    "return": _return,
    "rollback": _rollback,
    "takeover": _takeover,
    "blackout": _blackout,
    "resume": _blackout,
    "serve": _serve,
    "office": _run_office,
    "backup": _backup,
    "restore": _restore,
}
