"""An administrator's wish and passphrases in, changed trust out: for the console, with tries counted and the log kept.

A passphrase lives in the objects of one call and nowhere else.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from securesystemslib.signer import Key

from signage.office.desk import Desk
from signage.office.office import Office
from signage.office.people import (
    RELEASE_KEY,
    RoleState,
    add_person,
    create_office,
    is_own,
    revoke_person,
    set_threshold,
    show_roles,
)
from signage.office.resigning import renew
from signage.office.tries import PassphraseTries
from signage.release.errors import ReleaseError
from signage.release.keys import SHORTEST_PASSPHRASE, PassphraseError, name_of, read_public
from signage.release.layout import review_role

MOST_PUBLIC_BYTES = 20_000


class KeyRoom:
    """What the console does with the office's keys. Any thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tries = PassphraseTries(desk)

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
        own = any(is_own(key, RELEASE_KEY) for key in office.repository.delegated(review_role(1))[1])
        return [] if own else [one for one in show_roles(office) if one.role.startswith("review")]

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
        self._desk.audit.note(person, "key.office-made", "", {"levels": levels})

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
        add_person(office, name, role, public=key)
        detail = {"role": role, "made": "elsewhere" if key else "here"}
        self._desk.audit.note(person, "key.added", name, detail)

    def revoke(self, person: str, name: str, passphrase: str) -> list[str]:
        """Have a person sign nothing any more; give the roles that must sign anew.

        Raises:
            ReleaseError: nobody is called so, too few would be left, or the passphrase is wrong.
        """
        office = self._desk.office(lambda _name: passphrase)
        self._open_top(office, person, "targets")
        unsigned = revoke_person(office, name)
        self._desk.audit.note(person, "key.revoked", name, {"unsigned": unsigned})
        return unsigned

    def renew(self, person: str, passphrase: str) -> list[str]:
        """Sign anew what has passed half of its life; give the roles.

        Raises:
            ReleaseError: the passphrase is wrong, or a key is not here.
        """
        office = self._desk.office(lambda _name: passphrase)
        for role in ("root", "targets"):
            self._open_top(office, person, role)
        renewed = renew(office)
        self._desk.audit.note(person, "key.renewed", ", ".join(renewed))
        return renewed

    def set_threshold(self, person: str, role: str, threshold: int, passphrase: str) -> bool:
        """Say how many must sign; tell whether what the role signed last still counts.

        Raises:
            ReleaseError: there are fewer people, or the passphrase is wrong.
        """
        office = self._desk.office(lambda _name: passphrase)
        self._open_top(office, person, "targets")
        is_still_good = set_threshold(office, role, threshold)
        self._desk.audit.note(person, "key.threshold-set", role, {"threshold": threshold})
        return is_still_good

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
