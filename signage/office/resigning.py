"""Changed or aging metadata in, its next version signed and put out: what everybody does who edits root or targets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from securesystemslib.signer import Key, Signer
from tuf.api.metadata import Metadata, Root, T, Targets

from signage.base.clock import now_utc
from signage.office.office import Office
from signage.release.keys import KeyPair, name_of, new_key
from signage.release.layout import URGENT_ROLE
from signage.release.repository import ONLINE_ROLES, Change


def edit_targets(office: Office, change: Callable[[Targets], None]) -> None:
    """Put out the next version of targets, as `change` leaves it. The caller has the repository locked.

    Raises:
        ReleaseError: the keys that must sign it are not here.
    """
    targets = office.repository.targets()
    change(targets.signed)
    signed = next_targets(office, targets, office.top_signers("targets"))
    office.repository.commit(Change(targets=signed), office.online_signers())


def next_targets(office: Office, targets: Metadata[Targets], signers: Sequence[Signer]) -> Metadata[Targets]:
    """Give the next version of targets, signed; above all that a restore has put behind this office."""
    targets.signed.version = max(targets.signed.version, office.number_passed) + 1
    targets.signed.expires = office.repository.expiry("targets")
    return signed_by(targets, signers)


def finish_root(office: Office, root: Metadata[Root]) -> None:
    """Make what was changed the next version of root, good for its whole life from now on. It is not signed yet."""
    root.signed.version += 1
    root.signed.expires = office.repository.expiry("root")


def signed_by(metadata: Metadata[T], signers: Sequence[Signer]) -> Metadata[T]:
    """Give the metadata with the signatures of these, and no others."""
    metadata.signatures.clear()
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata


def new_version(office: Office, name: str) -> KeyPair:
    """Make a key called `name-2`, `name-3` ...: an old key's file is never overwritten."""
    number = 2
    while office.key_path(f"{name}-{number}").exists():
        number += 1
    key = new_key(f"{name}-{number}")
    office.keep_key(key)
    return key


def is_own(key: Key, own: str) -> bool:
    """Tell whether this is the office's own key of that name, not a person's: `release`, `release-2`."""
    return name_of(key).rstrip("0123456789").removesuffix("-") == own


def renew(office: Office, *, only_online: bool = False, only_own: bool = False) -> list[str]:
    """Sign anew what is good for less than half of its life; the roles that were. Needs nobody if `only_online`.

    With `only_own` the office's passphrase is enough: orders that people have signed are left to those people.

    Raises:
        ReleaseError: a key that must sign is not here.
    """
    with office.repository.locked():
        change = Change()
        renewed = []
        if not only_online and _is_aging(office, office.repository.root().signed.expires, "root"):
            root = office.repository.root()
            finish_root(office, root)
            change.root = signed_by(root, office.top_signers("root"))
            renewed.append("root")
        if not only_online and _is_aging(office, office.repository.targets().signed.expires, "targets"):
            change.targets = next_targets(office, office.repository.targets(), office.top_signers("targets"))
            renewed.append("targets")
        is_left = only_online or (only_own and _is_peoples(office, URGENT_ROLE))
        urgent = None if is_left else office.repository.role(URGENT_ROLE)
        if urgent is not None and _is_aging(office, urgent.signed.expires, URGENT_ROLE):
            urgent.signed.version += 1
            urgent.signed.expires = office.repository.expiry(URGENT_ROLE)
            change.roles[URGENT_ROLE] = signed_by(urgent, office.role_signers(URGENT_ROLE))
            renewed.append(URGENT_ROLE)
        office.repository.commit(change, office.online_signers())
        return [*renewed, *ONLINE_ROLES]


def _is_peoples(office: Office, role: str) -> bool:
    """Tell whether too few of the office's own keys sign for a role: others than `urgent`, `urgent-2`."""
    found, keys = office.repository.delegated(role)
    return sum(is_own(key, role) for key in keys) < found.threshold


def is_online_aging(office: Office) -> bool:
    """Tell whether timestamp or snapshot has passed half of its life."""
    repository = office.repository
    signed = {"timestamp": repository.timestamp().signed.expires, "snapshot": repository.snapshot().signed.expires}
    return any(_is_aging(office, expires, role) for role, expires in signed.items())


def _is_aging(office: Office, expires: datetime, role: str) -> bool:
    return office.repository.expiry(role) - expires > (expires - now_utc(office.clock))
