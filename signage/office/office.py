"""The office's folder and a way to ask for passphrases in; its keys, drafts and published repository out.

keys/         key files; of snapshot and timestamp unsealed, all others sealed with a passphrase
drafts/       releases that wait for review, and what became of them
pending/      media of drafts, not yet to be had by anybody
published/    the static files that screens fetch: serve this folder and nothing else
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from securesystemslib.signer import Key, Signer

from signage.base.clock import Clock, SystemClock
from signage.release.errors import ReleaseError
from signage.release.keys import SCRYPT_COST, KeyPair, is_sealed, load_key, name_of, save_key
from signage.release.repository import ONLINE_ROLES, Repository

PASSED_FILE = "numbers-passed"
Ask = Callable[[str], str]
"""Gives the passphrase of a key by its name; asks a person for it, or looks it up."""


class Office:
    """One office. `ask` is called only for keys that are needed and sealed, `ask_new` for those that are made."""

    def __init__(
        self,
        folder: Path,
        ask: Ask | None = None,
        clock: Clock | None = None,
        scrypt_cost: int = SCRYPT_COST,
        *,
        ask_new: Ask | None = None,
    ) -> None:
        self.folder = folder
        self.clock = clock or SystemClock()
        self.repository = Repository(folder / "published", self.clock)
        self.drafts = folder / "drafts"
        self.pending = folder / "pending"
        self._ask = ask or _nobody_to_ask
        self._ask_new = ask_new or self._ask
        self._scrypt_cost = scrypt_cost
        self._opened: dict[Path, KeyPair] = {}

    def key_path(self, name: str) -> Path:
        return self.folder / "keys" / f"{name}.key"

    @property
    def number_passed(self) -> int:
        """Give the number that a restore has put behind this office: screens may have seen any up to it; else 0."""
        try:
            return int((self.folder / PASSED_FILE).read_text("ascii"))
        except (OSError, ValueError):
            return 0

    def open_key(self, name: str, path: Path | None = None) -> KeyPair:
        """Give a key pair of this office, or of the file at `path`; its passphrase is asked for once.

        Raises:
            ReleaseError: there is none, or the passphrase is wrong.
        """
        path = path or self.key_path(name)
        if path not in self._opened:
            passphrase = self._ask(name) if is_sealed(path) else None
            self._opened[path] = load_key(path, passphrase)
        return self._opened[path]

    def hold_key(self, key: KeyPair) -> None:
        """Have a key of this office that was opened before, so that nobody is asked for its passphrase."""
        self._opened[self.key_path(key.name)] = key

    def keep_key(self, key: KeyPair, path: Path | None = None) -> Path:
        """Write a new key's file, sealed unless it has to work unattended; give where it lies."""
        path = path or self.key_path(key.name)
        passphrase = None if is_online(key.name) else self._ask_new(key.name)
        save_key(path, key, passphrase, self._scrypt_cost)
        self._opened[path] = key
        return path

    def set_key_aside(self, name: str) -> None:
        """Rename the file of a key that counts no more, if there is one, so that its owner can have a new one."""
        path, number = self.key_path(name), 1
        if not path.exists():
            return
        while (aside := path.with_name(f"{path.name}.old-{number}")).exists():
            number += 1
        path.rename(aside)
        self._opened.pop(path, None)

    def signers(self, keys: Iterable[Key], enough: int) -> list[Signer]:
        """Give signers for `enough` of these keys, of those whose files are here.

        Raises:
            ReleaseError: fewer are here.
        """
        people = [name_of(key) for key in keys]
        here = [name for name in people if self.key_path(name).exists()]
        if len(here) < enough:
            missing = ", ".join(name for name in people if name not in here) or "nobody"
            raise ReleaseError(f"{enough} keys are needed and {len(here)} are here; missing: {missing}")
        return [self.open_key(name).signer for name in here[:enough]]

    def online_signers(self) -> list[Signer]:
        """Give the signers of snapshot and timestamp, which need nobody.

        Raises:
            ReleaseError: their keys are not here.
        """
        root = self.repository.root().signed
        return [
            signer
            for role in ONLINE_ROLES
            for signer in self.signers([root.keys[key_id] for key_id in root.roles[role].keyids], 1)
        ]

    def top_signers(self, role: str) -> list[Signer]:
        """Give the signers of root or targets.

        Raises:
            ReleaseError: their keys are not here.
        """
        root = self.repository.root().signed
        found = root.roles[role]
        return self.signers([root.keys[key_id] for key_id in found.keyids], found.threshold)

    def role_signers(self, role: str, people: Sequence[str] = ()) -> list[Signer]:
        """Give the signers of a delegated role: these people, or as many as it takes of those whose keys are here.

        Raises:
            ReleaseError: somebody is not of this role, or too few keys are here.
        """
        found, keys = self.repository.delegated(role)
        strangers = sorted(set(people) - {name_of(key) for key in keys})
        if strangers:
            raise ReleaseError(f"{', '.join(strangers)}: not of the role '{role}'")
        chosen = [key for key in keys if not people or name_of(key) in people]
        return self.signers(chosen, len(chosen) if people else found.threshold)


def is_online(key_name: str) -> bool:
    """Tell whether a key of this name works unattended: `timestamp`, `snapshot-2`."""
    return key_name.rstrip("0123456789").removesuffix("-") in ONLINE_ROLES


def _nobody_to_ask(name: str) -> str:
    raise ReleaseError(f"{name}: its passphrase is needed, and there is nobody to ask; see --passphrase-file")
