"""An administrator's wish and passphrases in, changed trust out: for the console, with tries counted and the log kept.

A passphrase lives in the objects of one call and nowhere else.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from securesystemslib.signer import Key

from signage.office.database.tables import SubmissionRow
from signage.office.desk import Desk
from signage.office.levels import Lowered, lower_levels, return_drafts, review_levels
from signage.office.mending import mend, needs_mending
from signage.office.office import Office
from signage.office.people import (
    RELEASE_KEY,
    RoleState,
    add_person,
    create_office,
    revoke_person,
    rotate_key,
    set_threshold,
    show_roles,
)
from signage.office.resigning import is_own, renew
from signage.office.tries import PassphraseTries
from signage.release.errors import ReleaseError
from signage.release.keys import SHORTEST_PASSPHRASE, PassphraseError, name_of, read_public
from signage.release.layout import URGENT_ROLE

_ROOT_SIGNS = ("root", "targets", "snapshot", "timestamp")
MOST_PUBLIC_BYTES = 20_000


class KeyRoom:
    """What the console does with the office's keys. Any thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tries = PassphraseTries(desk)
        self._changed: list[Callable[[], None]] = []
        self._signers_changed: list[Callable[[str], None]] = []

    def on_change(self, listener: Callable[[], None]) -> None:
        """Have it called after each change of the keys."""
        self._changed.append(listener)

    def on_new_signers(self, listener: Callable[[str], None]) -> None:
        """Have it called, with the person's name, before it changes who signs releases."""
        self._signers_changed.append(listener)

    @property
    def exists(self) -> bool:
        """Tell whether this office has its trust root."""
        return self._desk.office().repository.exists

    def roles(self) -> list[RoleState]:
        """Give who signs what, and until when it is good."""
        return show_roles(self._desk.office())

    def levels(self) -> list[RoleState]:
        """Give the review levels; empty where the office's own key signs releases."""
        office = self._desk.office()
        if not review_levels(office):
            return []
        return [one for one in show_roles(office) if one.role.startswith("review")]

    def own_roles(self) -> list[str]:
        """Give what `rotate` can be asked for: the roles that the office's own keys sign for."""
        office = self._desk.office()
        urgent = office.repository.delegated(URGENT_ROLE)[1]
        own = [URGENT_ROLE] if all(is_own(key, URGENT_ROLE) for key in urgent) else []
        return [*_ROOT_SIGNS, *(() if review_levels(office) else (RELEASE_KEY,)), *own]

    def keys_here(self) -> frozenset[str]:
        """Give the names of the keys whose files lie on this machine."""
        return frozenset(path.stem for path in (self._desk.folder / "keys").glob("*.key"))

    def create(self, person: str, levels: int, passphrase: str) -> None:
        """Make the trust root and the office's own keys, all sealed with this passphrase.

        Raises:
            ReleaseError: there are keys already, of a try that was broken off, and this is not their passphrase.
            SignageError: the disk does not take them.
        """
        office = self._desk.office(lambda _name: passphrase)
        if not self.exists and office.key_path("root").exists():
            self._open(office, person, "root")
        create_office(office, levels)
        self._note(person, "key.office-made", "", {"levels": levels})

    def add(
        self,
        person: str,
        role: str,
        name: str,
        passphrase: str,
        *,
        own_passphrase: str = "",
        public: bytes | None = None,
    ) -> None:
        """Let somebody sign for a role. Their key is made here and sealed with their own passphrase; or was made
        elsewhere, and `public` is its .pub file.

        Raises:
            ReleaseError: the name, a passphrase or the public key will not do.
        """
        key = _public_key(public) if public is not None else None
        if key is None and len(own_passphrase) < SHORTEST_PASSPHRASE:
            raise PassphraseError("a passphrase needs at least 8 characters (审核员口令至少 8 个字符)")
        office = self._desk.office(lambda wanted: own_passphrase if wanted == name else passphrase)
        self._open_top(office, person, "targets")
        levels = review_levels(office)
        add_person(office, name, role, public=key)
        detail: dict[str, object] = {"role": role, "made": "elsewhere" if key else "here"}
        if (now := review_levels(office)) != levels:
            with office.repository.locked():
                returned = return_drafts(office, f"审核级数由 {levels} 级改为 {now} 级，请重新提交")
            self._note_returned(person, returned)
            self._tell_signers(person)
            detail |= {"levels": now, "returned": returned}
        self._note(person, "key.added", name, detail)

    def revoke(self, person: str, name: str, passphrase: str) -> list[str]:
        """Have a person sign nothing any more; give the roles that must sign anew.

        Raises:
            ReleaseError: nobody is called so, too few would be left, or the passphrase is wrong.
        """
        office = self._desk.office(lambda _name: passphrase)
        self._open_top(office, person, "targets")
        unsigned = revoke_person(office, name)
        self._note(person, "key.revoked", name, {"unsigned": unsigned})
        return unsigned

    def lower(self, person: str, levels: int, passphrase: str) -> Lowered:
        """Have fewer review levels, or none; what waits for review is returned.

        Raises:
            ReleaseError: there are not more, the passphrase is wrong, or the keys of root and targets are not here.
        """
        office = self._desk.office(lambda _name: passphrase)
        for role in ("root", "targets"):
            self._open_top(office, person, role)
        self._tell_signers(person)
        done = lower_levels(office, levels)
        self._note_returned(person, done.returned)
        detail: dict[str, object] = {
            "before": done.before,
            "after": done.after,
            "people": done.people,
            "returned": done.returned,
        }
        if done.number is not None:
            self._note_number(person, done.number)
            detail["number"] = done.number
        self._note(person, "key.levels-lowered", "review", detail)
        return done

    def rotate(self, person: str, role: str, passphrase: str) -> str:
        """Give a role a new key, sealed with the same passphrase; the new key's name.

        Raises:
            ReleaseError: the role is signed by people, the passphrase is wrong, or a key is not here.
        """
        return self._rotate(person, role, passphrase, passphrase)

    def rotate_all(self, person: str, passphrase: str, new_passphrase: str) -> list[str]:
        """Give every role of the office's own a new key, sealed with a new passphrase; the new keys' names.

        Root first: should it be broken off, `rotate` goes on with the new passphrase.

        Raises:
            ReleaseError: as `rotate`.
        """
        roles = self.own_roles()
        names = [self._rotate(person, roles[0], passphrase, new_passphrase)]
        return names + [self._rotate(person, role, new_passphrase, new_passphrase) for role in roles[1:]]

    @property
    def needs_mending(self) -> bool:
        """Tell whether this office came from a backup, and screens may have followed keys that it does not have."""
        return needs_mending(self._desk.office())

    def mend(self, person: str, passphrase: str) -> None:
        """Lead screens on to this office again, after it was restored.

        Raises:
            ReleaseError: it is not needed, the passphrase is wrong, or the key of root is not here.
        """
        office = self._desk.office(lambda _name: passphrase)
        self._open_top(office, person, "root")
        self._note(person, "key.mended", str(mend(office)))

    def _rotate(self, person: str, role: str, passphrase: str, new_passphrase: str) -> str:
        if role not in self.own_roles():
            raise ReleaseError(f"{role}: is no key of the office's own (不是办公室自己的密钥)")
        office = self._desk.office(lambda _name: passphrase, lambda _name: new_passphrase)
        self._open_top(office, person, "root" if role in _ROOT_SIGNS else "targets")
        if role == RELEASE_KEY:
            self._tell_signers(person)
        name = rotate_key(office, role)
        self._note(person, "key.rotated", role, {"key": name})
        return name

    def renew(self, person: str, passphrase: str) -> list[str]:
        """Sign anew what has passed half of its life; give the roles.

        Raises:
            ReleaseError: the passphrase is wrong, or a key is not here.
        """
        office = self._desk.office(lambda _name: passphrase)
        for role in ("root", "targets"):
            self._open_top(office, person, role)
        renewed = renew(office, only_own=True)
        self._note(person, "key.renewed", ", ".join(renewed))
        return renewed

    def set_threshold(self, person: str, role: str, threshold: int, passphrase: str) -> bool:
        """Say how many must sign; tell whether what the role signed last still counts.

        Raises:
            ReleaseError: there are fewer people, or the passphrase is wrong.
        """
        office = self._desk.office(lambda _name: passphrase)
        self._open_top(office, person, "targets")
        is_still_good = set_threshold(office, role, threshold)
        self._note(person, "key.threshold-set", role, {"threshold": threshold})
        return is_still_good

    def _note(self, person: str, action: str, subject: str, detail: dict[str, object] | None = None) -> None:
        self._desk.audit.note(person, action, subject, detail)
        for listener in self._changed:
            listener()

    def _tell_signers(self, person: str) -> None:
        for listener in self._signers_changed:
            listener(person)

    def _note_returned(self, person: str, numbers: Iterable[int]) -> None:
        with self._desk.database.writing() as session:
            for number in numbers:
                if row := session.get(SubmissionRow, number):
                    row.returned_ms, row.returned_by = self._desk.clock.now_ms(), person

    def _note_number(self, person: str, number: int) -> None:
        now_ms, note = self._desk.clock.now_ms(), "不再审核：原来的内容由办公室签发"
        with self._desk.database.writing() as session:
            session.merge(SubmissionRow(number=number, person=person, at_ms=now_ms, note=note, published_ms=now_ms))

    def _open_top(self, office: Office, person: str, role: str) -> None:
        """Open as many of a top role's keys as must sign, of those that lie here."""
        root = office.repository.root().signed
        here = [
            name for key_id in root.roles[role].keyids if office.key_path(name := name_of(root.keys[key_id])).exists()
        ]
        if len(here) < root.roles[role].threshold:
            raise ReleaseError(
                f"the office's key '{role}' is not on this machine; change keys where it lies, with signage keys "
                "(办公室的密钥不在这台电脑上，请到保存密钥的电脑上用 signage keys 操作)"
            )
        for name in here[: root.roles[role].threshold]:
            self._open(office, person, name)

    def _open(self, office: Office, person: str, name: str) -> None:
        try:
            self._tries.open(office, person, name)
        except PassphraseError as error:
            raise PassphraseError("the office's passphrase is wrong (办公室口令不对)") from error


def _public_key(public: bytes) -> Key:
    with tempfile.TemporaryDirectory(prefix="signage-") as folder:
        path = Path(folder, "uploaded.pub")
        path.write_bytes(public[:MOST_PUBLIC_BYTES])
        try:
            return read_public(path)
        except ReleaseError as error:
            raise ReleaseError(
                "this is no public key; it is the file with .pub at its end that signage keys new wrote "
                "(这不是公钥文件；要的是 signage keys new 生成的、以 .pub 结尾的文件)"
            ) from error
