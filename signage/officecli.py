"""The office's commands: parsed options come in, what was done is said and the exit code goes out."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from signage import servingcli
from signage.base.errors import SignageError
from signage.choices import ArgumentError, choose_store, default_state
from signage.keyscli import keys, office_of, warn_of_expiry
from signage.terminal import coloured, counted, plain, print_json_list, print_rows, progress, say

if TYPE_CHECKING:
    from signage.content.renditions import Renditions
    from signage.content.values import Item
    from signage.office.office import Office
    from signage.office.publish import Published


def run(options: argparse.Namespace) -> int:
    """Do what one of the office's commands asks for."""
    return _COMMANDS[options.command](options)


def _publish(options: argparse.Namespace) -> int:
    from signage.content.store import StoreReader
    from signage.office.blobs import ChangedError
    from signage.office.people import show_roles
    from signage.office.publish import publish

    office = office_of(options)
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
    warn_of_expiry(show_roles(office))
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

    office = office_of(options)
    is_number = options.release.isdecimal()
    path = draft_path(office.drafts, int(options.release)) if is_number else Path(options.release)
    draft = load_draft(path)
    found = differences({} if options.all else draft.decoded_before(), draft.decoded())
    note_seen(default_state(), path, draft)
    if options.json:
        print_json_list(
            {
                "kind": str(one.kind),
                "place": one.place.zh,
                "what": one.what.zh,
                "before": one.before.zh,
                "after": one.after.zh,
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

    drafts = list_drafts(office_of(options))
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

    office, folder = office_of(options), default_state()
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

    return_draft(office_of(options), options.release, options.why)
    print(f"draft {options.release} is returned (已退回)")
    return 0


def _rollback(options: argparse.Namespace) -> int:
    from signage.office.publish import roll_back

    _say_published(roll_back(office_of(options), options.release))
    return 0


def _takeover(options: argparse.Namespace) -> int:
    from signage.office.urgent import text_item

    office = office_of(options)
    if options.text is not None:
        return _order(options, office, text_item(options.text))
    return _takeover_by_file(options, office, options.file)


def _takeover_by_file(options: argparse.Namespace, office: Office, file: Path) -> int:
    """Show a file, made ready for screens as ingest does it: of some files that takes minutes."""
    from tempfile import TemporaryDirectory

    from signage.office.ingest.atonce import AtOnce
    from signage.office.urgent import file_item, recipe_of
    from signage.release.layout import URGENT_ROLE

    office.role_signers(URGENT_ROLE, options.people)  # asks for passphrases while somebody is there
    uploads = options.office / "uploads"
    uploads.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=uploads) as folder:
        work = AtOnce(file, file.name, recipe_of(office), Path(folder))
        with progress("converting") as show:
            ready = work.run(lambda percent: show(round(percent), 100) if show else None)
        return _order(options, office, file_item(ready, file.name), ready.file)


def _blackout(options: argparse.Namespace) -> int:
    return _order(options, office_of(options))


def _order(options: argparse.Namespace, office: Office, item: Item | None = None, source: Path | None = None) -> int:
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
        source=source,
        item=item,
    )
    print(f"{options.command} {given.order.id} is out for {', '.join(given.screens) or 'all screens'}")
    if options.out is not None:
        from signage.base.files import write_durably
        from signage.office.blobs import copy_blobs
        from signage.release.orders import files_of

        # What the order shows lies beside it: the screen that needs a stick cannot fetch it from here.
        copy_blobs(
            [(media, source) for media in files_of(given.order)] if source else [], options.out.absolute().parent
        )
        write_durably(options.out, given.envelope)
    return 0


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "keys": keys,
    "publish": _publish,
    "review": _review,
    "approve": _approve,
    "return": _return,
    "rollback": _rollback,
    "takeover": _takeover,
    "blackout": _blackout,
    "resume": _blackout,
    "serve": servingcli.serve,
    "office": servingcli.office,
    "backup": servingcli.backup,
    "restore": servingcli.restore,
}
