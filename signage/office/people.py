"""Names of people and roles in, changed trust out: keys are made, added, revoked and rotated.

Every edit is a new version of root or targets metadata, signed by the keys of that role.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from securesystemslib.signer import Key
from tuf.api.metadata import DelegatedRole, Signed, Targets

from signage.base.clock import now_utc
from signage.office.office import Office
from signage.office.resigning import edit_targets, finish_root, is_own, new_version, next_targets, signed_by
from signage.release.errors import ReleaseError
from signage.release.keys import KeyPair, name_of, new_key, public_bytes, renamed
from signage.release.layout import MOST_LEVELS, URGENT_ROLE, review_role
from signage.release.repository import ONLINE_ROLES, Change, TopKeys, delegated
from signage.release.trust import CUSTOM

RELEASE_KEY = "release"
TOP_ROLES = ("root", "targets", *ONLINE_ROLES)
WARN_BEFORE = timedelta(days=30)
_NAME = re.compile(r"[\w][\w.·-]{0,39}")
_RESERVED = (*TOP_ROLES, RELEASE_KEY, URGENT_ROLE)


@dataclass(frozen=True, slots=True)
class RoleState:
    """What `keys show` tells of a role: its people, how many must sign, and until when what it signed is good.

    `expires` is None for a role that has signed nothing yet.
    """

    role: str
    people: tuple[str, ...]
    threshold: int
    version: int
    expires: datetime | None
    is_expiring: bool = False
    is_expired: bool = False


def create_office(office: Office, levels: int = 0) -> None:
    """Make the trust root and every key. With no levels, releases are signed by the office's own release key.

    Raises:
        ReleaseError: there are keys already, or too many levels.
    """
    if not 0 <= levels <= MOST_LEVELS:
        raise ReleaseError(f"there can be 0 to {MOST_LEVELS} review levels")
    if office.repository.exists:
        raise ReleaseError(f"{office.folder}: has its keys already; change them with keys rotate or keys revoke")
    names = (*TOP_ROLES, URGENT_ROLE, *(() if levels else (RELEASE_KEY,)))
    with office.repository.locked():
        # Keys that are here already are of a try that was broken off: nothing was published with them yet.
        keys = {name: _open_or_make(office, name) for name in names}
        delegates: dict[str, Sequence[Key]] = {review_role(level): () for level in range(1, max(levels, 1) + 1)}
        if not levels:
            delegates[review_role(1)] = (keys[RELEASE_KEY].public,)
        delegates[URGENT_ROLE] = (keys[URGENT_ROLE].public,)
        top = TopKeys(
            [keys["root"].public], [keys["targets"].public], keys["snapshot"].public, keys["timestamp"].public
        )
        office.repository.create(top, [key.signer for key in keys.values()], delegates)


def _open_or_make(office: Office, name: str) -> KeyPair:
    if office.key_path(name).exists():
        return office.open_key(name)
    key = new_key(name)
    office.keep_key(key)
    return key


def add_person(
    office: Office,
    name: str,
    role: str,
    *,
    public: Key | None = None,
    key_path: Path | None = None,
    threshold: int | None = None,
) -> Path | None:
    """Let a person sign for a role, `review1` and on or `urgent`; give where the new private key lies.

    With `public`, the person made the key elsewhere and it stays there. A key that they had before, and that counts no
    more, is set aside. The first person of level 1 takes the place
    of the office's own release key; a level one higher than the last is made anew.

    Raises:
        ReleaseError: the name cannot be, or is known in a level already; a person is in one level only.
    """
    if not _NAME.fullmatch(name) or unicodedata.normalize("NFKC", name) != name or _is_reserved(name):
        raise ReleaseError(
            f"'{name}': a name is up to 40 letters, digits, '.', '·', '_' or '-', and none of the roles' own "
            f"(“{name}”不能用作审核员的名字)"
        )
    office.top_signers("targets")  # asks for its passphrase before others are kept waiting
    with office.repository.locked():
        targets = office.repository.targets().signed
        _require_stranger(targets, name, public)
        added, path = renamed(public, name) if public else None, None
        if added is None:
            key = new_key(name)
            if key_path is None:
                office.set_key_aside(name)
            added, path = key.public, office.keep_key(key, key_path)
        newcomer = added

        def change(targets: Targets) -> None:
            _make_level(targets, role)
            found, people = delegated(targets, role)
            for person in people:
                if is_own(person, RELEASE_KEY):
                    targets.revoke_key(person.keyid, role)
            targets.add_key(newcomer, role)
            _set_threshold(found, threshold)

        edit_targets(office, change)
    return path


def revoke_person(office: Office, name: str) -> list[str]:
    """Take a person's key out of every role; give the roles whose last signature no longer counts.

    Such a level must sign a new release before screens take anything new; they play on meanwhile.

    Raises:
        ReleaseError: nobody is called so, or a role would be left with fewer people than must sign.
    """
    office.top_signers("targets")
    with office.repository.locked():
        targets = office.repository.targets().signed
        held = [role for role in _roles(targets) if name in map(name_of, delegated(targets, role)[1])]
        if not held:
            raise ReleaseError(f"nobody called '{name}' signs for this office; see signage keys show")

        def change(targets: Targets) -> None:
            for role in held:
                found, people = delegated(targets, role)
                if len(people) <= found.threshold:
                    raise ReleaseError(
                        f"{role}: {found.threshold} must sign, and only {len(people)} could; add somebody first "
                        "(先加接替的人，再撤销)"
                    )
                for person in people:
                    if name_of(person) == name:
                        targets.revoke_key(person.keyid, role)

        edit_targets(office, change)
        return [role for role in held if not is_still_signed(office, role)]


def set_threshold(office: Office, role: str, threshold: int) -> bool:
    """Say how many of a role's people must sign; tell whether what it signed last still counts.

    Raises:
        ReleaseError: there is no such role, or it has fewer people.
    """
    office.top_signers("targets")
    with office.repository.locked():
        edit_targets(office, lambda targets: _set_threshold(delegated(targets, role)[0], threshold))
        return is_still_signed(office, role)


def is_still_signed(office: Office, role: str) -> bool:
    """Tell whether what a role signed last has enough signatures of the people that it has now."""
    signed = office.repository.role(role)
    if signed is None:
        return True
    targets = office.repository.targets().signed
    return targets.get_verification_result(role, signed.signed_bytes, signed.signatures).verified


def rotate_key(office: Office, role: str) -> str:
    """Give a role a new key in place of its old ones; the new key's name.

    Raises:
        ReleaseError: the role has people of its own, or the keys that must sign the change are not here.
    """
    with office.repository.locked():
        if role in TOP_ROLES:
            return _rotate_top(office, role)
        targets = office.repository.targets().signed
        own = URGENT_ROLE if role == URGENT_ROLE else RELEASE_KEY
        name_now = review_role(1) if role == RELEASE_KEY else role
        _, people = delegated(targets, name_now)
        if any(not is_own(person, own) for person in people):
            raise ReleaseError(f"'{role}' is signed by people: keys add-reviewer and keys revoke change who")
        key = new_version(office, own)

        def change(targets: Targets) -> None:
            targets.add_key(key.public, name_now)
            for person in people:
                targets.revoke_key(person.keyid, name_now)

        edit_targets(office, change)
        return key.name


def _rotate_top(office: Office, role: str) -> str:
    root = office.repository.root()
    before = [root.signed.keys[key_id] for key_id in root.signed.roles[role].keyids]
    key = new_version(office, role)
    old_root_signers = office.top_signers("root")
    root.signed.add_key(key.public, role)
    for person in before:
        root.signed.revoke_key(person.keyid, role)
    finish_root(office, root)
    signers = [*old_root_signers, key.signer] if role == "root" else old_root_signers
    change = Change(root=signed_by(root, signers))
    if role == "targets":
        change.targets = next_targets(office, office.repository.targets(), [key.signer])
    online = [key.signer] if role in ONLINE_ROLES else []
    office.repository.commit(change, [*online, *office.online_signers()])
    return key.name


def show_roles(office: Office) -> list[RoleState]:
    """Give the state of every role, with what expires within 30 days or has expired."""
    repository = office.repository
    root, targets = repository.root().signed, repository.targets().signed
    signed: dict[str, Signed] = {"root": root, "targets": targets, "snapshot": repository.snapshot().signed}
    signed["timestamp"] = repository.timestamp().signed
    states = []
    for role in TOP_ROLES:
        people = tuple(name_of(root.keys[key_id]) for key_id in root.roles[role].keyids)
        states.append(_state(office, role, people, root.roles[role].threshold, signed[role]))
    for role in _roles(targets):
        found, keys = delegated(targets, role)
        metadata = repository.role(role)
        states.append(
            _state(office, role, tuple(map(name_of, keys)), found.threshold, metadata.signed if metadata else None)
        )
    return states


def _state(office: Office, role: str, people: tuple[str, ...], threshold: int, signed: Signed | None) -> RoleState:
    if signed is None:
        return RoleState(role, people, threshold, 0, None)
    left = signed.expires - now_utc(office.clock)
    is_expiring = left < WARN_BEFORE and role not in ONLINE_ROLES
    return RoleState(role, people, threshold, signed.version, signed.expires, is_expiring, left <= timedelta())


def _roles(targets: Targets) -> list[str]:
    return list((targets.delegations.roles if targets.delegations else None) or {})


def _require_stranger(targets: Targets, name: str, public: Key | None) -> None:
    for role in _roles(targets):
        for person in delegated(targets, role)[1]:
            if name_of(person).casefold() == name.casefold():
                raise ReleaseError(
                    f"'{name}' signs for '{role}' already; a person has one place (“{name}”已经有审核密钥了)"
                )
            if public is not None and public_bytes(person) == public_bytes(public):
                raise ReleaseError(
                    f"this key is that of '{name_of(person)}' in '{role}'; a key has one place "
                    f"(这把公钥已登记给“{name_of(person)}”)"
                )


def _is_reserved(name: str) -> bool:
    """Tell whether the name, or what it says without a number, is a role's own."""
    plain = name.casefold()
    return bool({plain, plain.split("-")[0], plain.rstrip("0123456789").removesuffix("-")} & {*_RESERVED, "review"})


def _make_level(targets: Targets, role: str) -> None:
    roles = _roles(targets)
    if role in roles or targets.delegations is None or targets.delegations.roles is None:
        return
    levels = sum(one != URGENT_ROLE for one in roles)
    if role != review_role(levels + 1) or levels >= MOST_LEVELS:
        raise ReleaseError(f"there is no role '{role}'; the next level that can be made is {levels + 1}")
    targets.delegations.roles[role] = DelegatedRole(role, [], 1, terminating=True, paths=[f"{role}/*"])
    targets.unrecognized_fields[CUSTOM] = {"levels": levels + 1}


def _set_threshold(role: DelegatedRole, threshold: int | None) -> None:
    if threshold is None:
        return
    if not 1 <= threshold <= len(role.keyids):
        raise ReleaseError(f"{role.name}: {threshold} cannot sign where there are {len(role.keyids)} people (人数不够)")
    role.threshold = threshold
