"""The commands about keys: parsed options come in, keys are made, added, revoked, rotated, renewed and shown."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from signage.base.errors import SignageError
from signage.choices import ArgumentError
from signage.passphrases import Passphrases
from signage.terminal import print_json_list, print_rows, say

if TYPE_CHECKING:
    from signage.office.office import Office
    from signage.office.people import RoleState

EXPIRING = 1


def office_of(options: argparse.Namespace) -> Office:
    """Give the office that a command names, which asks for passphrases as it says."""
    from signage.office.office import Office

    passphrases = Passphrases(options.passphrase_file)
    return Office(options.office, passphrases.of, ask_new=passphrases.new)


def keys(options: argparse.Namespace) -> int:
    """Do what `signage keys ACTION` asks for."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "init": _keys_init,
        "new": _keys_new,
        "add-reviewer": _keys_add,
        "revoke": _keys_revoke,
        "rotate": _keys_rotate,
        "levels": _keys_levels,
        "mend": _keys_mend,
        "renew": _keys_renew,
        "show": _keys_show,
    }
    return actions[options.action](options)


def _keys_init(options: argparse.Namespace) -> int:
    from signage.office.people import create_office

    office = office_of(options)
    create_office(office, options.levels)
    print(f"The office is in {office.folder}. Keep its keys folder to yourself, and a copy of it elsewhere.")
    print(f"Screens are enrolled with {office.repository.folder / 'metadata' / '1.root.json'}")
    if options.levels:
        print("Add a person to each level:  signage keys add-reviewer NAME --level 1")
    return 0


def _keys_new(options: argparse.Namespace) -> int:
    from signage.release.keys import new_key, public_text

    key = new_key(options.name)
    office_of(options).keep_key(key, options.out)
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
        office_of(options), options.name, role, public=public, key_path=options.key_out, threshold=options.threshold
    )
    print(f"{options.name} signs for {role} from now on" + (f"; the key is {path}" if path else ""))
    return 0


def _keys_revoke(options: argparse.Namespace) -> int:
    from signage.office.people import revoke_person

    unsigned = revoke_person(office_of(options), options.name)
    print(f"{options.name} signs nothing any more")
    for role in unsigned:
        if role == "urgent":
            say(f"note: what {options.name} ordered ends with this; give anew what must stand (其命令已失效，请重发)")
            continue
        say(f"note: {role} has to sign anew before screens take anything new: signage publish (审核级别需重新签署)")
    return 0


def _keys_rotate(options: argparse.Namespace) -> int:
    from signage.office.people import rotate_key

    print(f"{options.role} has a new key: {rotate_key(office_of(options), options.role)}")
    _note(options, "key.rotated", options.role, {})
    _say_backup(options)
    if options.role == "release":
        say("note: what is on air has to be signed anew before screens take anything new: signage publish")
    return 0


def _keys_levels(options: argparse.Namespace) -> int:
    from signage.office.levels import lower_levels, review_levels

    office = office_of(options)
    before = review_levels(office)
    gives_up = (
        f"{before} review levels become {options.count}: fewer people look at what goes out, a slip or a stolen "
        "passphrase is noticed later; with 0 whoever has the release passphrase decides alone. What waits for review "
        f"is returned. (审核由 {before} 级减为 {options.count} 级：看内容的人更少，出错更难发现；待审的草稿会退回)"
    )
    if 0 <= options.count < before and not options.yes:
        raise ArgumentError(f"{gives_up}; with --yes it is done (确定请加 --yes)")
    done = lower_levels(office, options.count)
    _note(
        options,
        "key.levels-lowered",
        "review",
        {"before": done.before, "after": done.after, "people": list(done.people)},
    )
    print(f"{done.after} review levels now; no longer asked: {', '.join(done.people)} (现在是 {done.after} 级审核)")
    if done.returned:
        print(f"returned: {', '.join(map(str, done.returned))}; submit anew (已退回，请重新提交)")
    if done.is_unsigned:
        say("note: what is on air has to be signed anew before screens take anything new: signage publish")
    _say_backup(options)
    return 0


def _keys_mend(options: argparse.Namespace) -> int:
    from signage.office.mending import mend

    version = mend(office_of(options))
    _note(options, "key.mended", str(version), {})
    print(f"root {version} is signed, with new keys for targets, snapshot and timestamp (屏幕会重新认得这间办公室)")
    say("Publish once (publish --always) and give resume once; copy the keys folder. (请重新发布一次，再备份密钥)")
    _say_backup(options)
    return 0


def _note(options: argparse.Namespace, action: str, subject: str, detail: dict[str, object]) -> None:
    """Tell the log of every action, where there is one on this machine."""
    if not (options.office / "office.db").exists():
        return
    from signage.base.clock import SystemClock
    from signage.office.audit import Audit
    from signage.office.database.engine import open_database

    memory = open_database(options.office / "office.db")
    try:
        Audit(memory, SystemClock()).note("command line", action, subject, detail)
    finally:
        memory.close()


def _say_backup(options: argparse.Namespace) -> None:
    """Say that backups of before do not lead screens on to the new keys."""
    if (options.office / "office.db").exists():
        say("note: signage office makes a backup within a minute; else: signage backup (请备份；旧备份里没有新密钥)")


def _keys_renew(options: argparse.Namespace) -> int:
    from signage.office.resigning import renew

    print(f"signed anew: {', '.join(renew(office_of(options), only_online=options.online))}")
    return 0


def _keys_show(options: argparse.Namespace) -> int:
    from signage.office.people import show_roles

    states = show_roles(office_of(options))
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
    lost = office_of(options).repository.missing_roots()
    if lost:
        names = ", ".join(f"{version}.root.json" for version in lost)
        say(f"warning: {names} is lost: screens that were off cannot follow; put it back from a copy (请从备份恢复)")
    return EXPIRING if warn_of_expiry(states) or lost else 0


def warn_of_expiry(states: Iterable[RoleState]) -> bool:
    """Say what expires soon; tell whether anything does."""
    late = [one.role for one in states if one.is_expiring or one.is_expired]
    if late:
        say(f"warning: {', '.join(late)}: expires within 30 days or has; signage keys renew, or publish (签名即将到期)")
    return bool(late)


def _colour(is_expired: bool, is_expiring: bool) -> str:
    return "red" if is_expired else "yellow" if is_expiring else ""
