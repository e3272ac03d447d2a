"""The words of the office's commands: a parser comes in, the options that each of them takes go into it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from signage.base.timetext import LENGTH_FORMS, read_length
from signage.choices import default_state

_DEFAULT_PORT = 8080


def default_office() -> Path:
    """Give the office's folder where none is named: what SIGNAGE_OFFICE says, else one beside the as-run log."""
    said = os.environ.get("SIGNAGE_OFFICE", "")
    return Path(said) if said else default_state() / "office"


def _keys(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="action", metavar="ACTION", required=True, title="actions")

    def add(name: str, says: str) -> argparse.ArgumentParser:
        action = kinds.add_parser(name, help=says, description=says[0].upper() + says[1:] + ".", allow_abbrev=False)
        _add_office(action)
        return action

    init = add("init", "make the office's trust root and all its keys")
    init.add_argument(
        "--levels", type=int, default=0, metavar="N", help="review levels (default: 0, the office's own key signs)"
    )
    new = add("new", "make a key pair on this machine, for the office to add")
    new.add_argument("name", metavar="NAME", help="whose key it is")
    new.add_argument("--out", metavar="FILE", type=Path, required=True, help="the key file; FILE.pub is for the office")
    person = add("add-reviewer", "let a person sign for a review level, or give urgent orders")
    person.add_argument("name", metavar="NAME", help="who")
    person.add_argument("--level", required=True, metavar="N", help="the review level from 1 on, or 'urgent'")
    person.add_argument("--threshold", type=int, metavar="K", help="how many of this level must sign (default: as is)")
    key = person.add_mutually_exclusive_group()
    key.add_argument("--public", metavar="FILE", type=Path, help="the public key that the person made with keys new")
    key.add_argument("--key-out", metavar="FILE", type=Path, help="where to put the new private key")
    add("revoke", "take a person's key out").add_argument("name", metavar="NAME", help="who")
    rotate = add("rotate", "give a role a new key")
    roles = ("root", "targets", "snapshot", "timestamp", "release", "urgent")
    rotate.add_argument("role", metavar="ROLE", choices=roles, help=", ".join(roles))
    levels = add("levels", "have fewer review levels, or none (0)")
    levels.add_argument("count", type=int, metavar="N", help="how many from now on; the last ones go")
    levels.add_argument("--yes", action="store_true", help="it is meant: fewer people look at what goes out")
    add("mend", "after a restore: lead screens on that have followed newer keys than the backup has")
    renew = add("renew", "sign anew what has passed half of its life")
    renew.add_argument("--online", action="store_true", help="only snapshot and timestamp, which need no passphrase")
    add("show", "tell who signs what, and until when it is good").add_argument(
        "--json", action="store_true", help="a list of role, people, threshold, version, expires"
    )


def _publish(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "store", metavar="STORE", nargs="?", type=Path, help="the store's folder (default: as for check)"
    )
    parser.add_argument("--note", metavar="TEXT", default="", help="what this release is for, for the reviewers")
    parser.add_argument("--always", action="store_true", help="make a release also when nothing has changed")
    _add_office(parser)


def _review(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "release", metavar="RELEASE", nargs="?", help="the draft's number, or its file (default: list them)"
    )
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a page with pictures of what changes")
    parser.add_argument("--all", action="store_true", help="show all of it, not only what differs from what is on air")
    parser.add_argument("--json", action="store_true", help="a list of objects")
    _add_office(parser)


def _approve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", metavar="RELEASE", help="the draft's number, or a file that it was copied to")
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--as", dest="name", metavar="NAME", help="who approves")
    how.add_argument("--take", action="store_true", help="take the signatures that a copied file has brought back")
    parser.add_argument("--key", metavar="FILE", type=Path, help="the key file (default: the one in the office)")
    _add_office(parser)


def _return(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", metavar="RELEASE", type=int, help="the draft's number")
    parser.add_argument("--why", metavar="TEXT", required=True, help="what has to be mended")
    _add_office(parser)


def _rollback(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", metavar="N", type=int, help="the release whose content is wanted again")
    _add_office(parser)


def _takeover(parser: argparse.ArgumentParser) -> None:
    shown = parser.add_mutually_exclusive_group(required=True)
    shown.add_argument("--text", metavar="TEXT", help="what to show; of several lines the first is the title")
    shown.add_argument("--file", metavar="F", type=Path, help="the picture, film, PDF, slides or text to show")
    _add_order(parser)


def _blackout(parser: argparse.ArgumentParser) -> None:
    _add_order(parser)


def _resume(parser: argparse.ArgumentParser) -> None:
    _add_order(parser, lasts=False)


def _serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", metavar="ADDRESS", default="127.0.0.1", help="listen there (default: 127.0.0.1)")
    parser.add_argument(
        "--port", metavar="PORT", type=int, default=_DEFAULT_PORT, help=f"listen there (default: {_DEFAULT_PORT})"
    )
    _add_office(parser)


def _office(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "store", metavar="STORE", nargs="?", type=Path, help="the store's folder (default: as for check)"
    )
    parser.add_argument("--database", metavar="URL", default="", help="a database (default: office.db in its folder)")
    _serve(parser)


def _backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "store", metavar="STORE", nargs="?", type=Path, help="the store's folder (default: as for check)"
    )
    parser.add_argument("--database", metavar="URL", default="", help="a database (default: office.db in its folder)")
    _add_folder(parser)


def _restore(parser: argparse.ArgumentParser) -> None:
    place = default_office()
    parser.add_argument("backup", metavar="BACKUP", type=Path, help="a backup-*.tar.gz of an office's folder backups")
    parser.add_argument(
        "--office", metavar="DIR", type=Path, default=place, help=f"restore it there (default: {place})"
    )
    parser.add_argument("--store", metavar="DIR", type=Path, help="restore the playlists, too, into this store")
    parser.add_argument(
        "--roots",
        metavar="DIR",
        type=Path,
        action="append",
        default=[],
        help="where newer keys or roots than the backup's may lie: a copy of keys/, of published/, a screen's state",
    )
    parser.add_argument(
        "--database", metavar="URL", default="", help="an empty database, if the backup is not SQLite's"
    )
    parser.add_argument("--force", action="store_true", help="set what is there aside first")


def _add_order(parser: argparse.ArgumentParser, *, lasts: bool = True) -> None:
    parser.add_argument(
        "--screens", metavar="TAG", nargs="+", default=[], help="names and tags of screens (default: all of them)"
    )
    if lasts:
        parser.add_argument(
            "--for", dest="length", metavar="TIME", type=_length, help=f"end after that long: {LENGTH_FORMS}"
        )
    parser.add_argument(
        "--as", dest="people", metavar="NAME", action="append", default=[], help="who orders it; again for a second"
    )
    parser.add_argument("--out", metavar="FILE", type=Path, help="also write the order for a USB stick: *.order.json")
    _add_office(parser)


def _add_folder(parser: argparse.ArgumentParser) -> None:
    place = default_office()
    parser.add_argument(
        "--office", metavar="DIR", type=Path, default=place, help=f"the office's folder (default: {place})"
    )


def _add_office(parser: argparse.ArgumentParser) -> None:
    _add_folder(parser)
    parser.add_argument(
        "--passphrase-file",
        metavar="FILE",
        type=Path,
        help="a file whose first line is the passphrase (default: SIGNAGE_PASSPHRASE, else it is asked for)",
    )


def _length(text: str) -> int:
    try:
        return read_length(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


OFFICE_COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "keys": ("make, add, revoke, rotate, renew and show the keys of the office, and lower its review levels", _keys),
    "publish": ("make a release of a store, or a draft where releases are reviewed", _publish),
    "review": ("tell what a draft would change on the screens", _review),
    "approve": ("sign a draft; the last signature publishes it", _approve),
    "return": ("send a draft back", _return),
    "rollback": ("publish an older release's content under a new number", _rollback),
    "takeover": ("show something on screens at once, in place of everything", _takeover),
    "blackout": ("make screens black at once, until resumed", _blackout),
    "resume": ("end takeover and blackout", _resume),
    "office": ("run the office: web pages for staff, releases for screens", _office),
    "restore": ("put an office back as a backup has it", _restore),
    "backup": ("save what the office cannot make again, and read it back", _backup),
    "serve": ("serve the published folder to the screens", _serve),
}
