"""The bytes of a metadata tree and an enrolled root in, what the office signed out; expiry is the caller's to judge.

This is the rule by which a screen starts from its own disk, and the last word after every refresh from the network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tuf.api.exceptions import LengthOrHashMismatchError, RepositoryError, UnsignedMetadataError
from tuf.api.metadata import Metadata, Root, Signed, Snapshot, T, TargetFile, Targets, Timestamp

from signage.base.moments import to_ms
from signage.release.errors import Reason, Rejection
from signage.release.keys import public_bytes
from signage.release.layout import MOST_LEVELS, is_channel, manifest_target, review_role

MOST_ROOTS = 256
CUSTOM = "x-signage"
"""The key of what signage adds to TUF metadata: `levels` in targets, `made_ms` in timestamp."""

Read = Callable[[str], bytes | None]


@dataclass(slots=True)
class Tree:
    """Verified metadata. `files` are the bytes that it was read from, by name."""

    root: Root
    timestamp: Timestamp
    snapshot: Snapshot
    targets: Targets
    files: dict[str, bytes]
    roles: dict[str, Targets] = field(default_factory=dict)

    @property
    def levels(self) -> int:
        """How many review levels a release needs, as the targets role has signed it.

        Raises:
            Rejection: it is not said, or out of range.
        """
        levels = custom_of(self.targets).get("levels")
        if type(levels) is not int or not 1 <= levels <= MOST_LEVELS:
            raise Rejection(Reason.DAMAGED, "targets metadata: does not say how many review levels there are")
        return levels

    @property
    def made_ms(self) -> int:
        """When the office signed the timestamp, by its own clock; 0 if it does not say, or cannot have."""
        return made_ms_of(self.timestamp)


def custom_of(signed: Signed) -> Mapping[str, Any]:
    """Give what signage added to the metadata; empty if nothing."""
    said = signed.unrecognized_fields.get(CUSTOM)
    return said if isinstance(said, dict) else {}


def made_ms_of(timestamp: Timestamp) -> int:
    """Give when a timestamp says that it was signed; 0 where that cannot be, such as after it expires."""
    made_ms = custom_of(timestamp).get("made_ms")
    return made_ms if type(made_ms) is int and 0 <= made_ms <= to_ms(timestamp.expires) else 0


def keys_of(root: Root, role: str) -> tuple[str, ...]:
    """Give the ids of a top-level role's keys, in order."""
    return tuple(sorted(root.roles[role].keyids))


def newest_root(read: Read, root_bytes: bytes) -> Root:
    """Give the last root of the chain that begins with the enrolled one, whatever the time.

    Raises:
        Rejection: the chain is broken.
    """
    root: Root = _telling("root", Reason.NOT_SIGNED)(lambda: _load_roots(root_bytes, read, {}))
    return root


def root_name(version: int) -> str:
    """Give the file name of a version of root."""
    return f"{version}.root.json"


def load_tree(read: Read, root_bytes: bytes) -> Tree:
    """Give the verified top-level metadata of a tree whose files `read` gives by name (None: not there).

    Raises:
        Rejection: something is missing, or not signed by whom it must be.
    """
    files: dict[str, bytes] = {}

    def take(name: str) -> bytes:
        data = read(name)
        if data is None:
            raise Rejection(Reason.DAMAGED, f"{name}: is missing")
        files[name] = data
        return data

    with_reason = _telling("root", Reason.NOT_SIGNED)
    root = with_reason(lambda: _load_roots(root_bytes, read, files))
    timestamp = with_reason(lambda: _load(take("timestamp.json"), Timestamp, root))
    snapshot = with_reason(lambda: _load_snapshot(take("snapshot.json"), root, timestamp))
    targets = with_reason(lambda: _load_targets(take("targets.json"), "targets", root, snapshot))
    return Tree(root, timestamp, snapshot, targets, files)


def load_role(tree: Tree, read: Read, role: str) -> Targets:
    """Give a delegated role and put it into the tree.

    Raises:
        Rejection: it is missing, or not signed by enough of its people.
    """
    name = f"{role}.json"
    data = read(name)
    if data is None or name not in tree.snapshot.meta:
        raise Rejection(Reason.UNDER_SIGNED, f"{role}: nothing is signed by it")
    telling = _telling(role, Reason.UNDER_SIGNED)
    loaded = telling(lambda: _load_targets(data, role, tree.targets, tree.snapshot))
    tree.files[name] = data
    tree.roles[role] = loaded
    return loaded


def manifest_of(tree: Tree, screen: str) -> tuple[str, TargetFile]:
    """Give the channel of a screen and its manifest, which every level must have signed alike.

    Raises:
        Rejection: a level is missing, disagrees or shares a key with another, or none speaks of this screen.
    """
    _check_disjoint(tree)
    found = [_listed(tree.roles[review_role(level)], level, screen) for level in range(1, tree.levels + 1)]
    if any(one is None for one in found):
        if all(one is None for one in found):
            raise Rejection(Reason.NOT_FOR_THIS_SCREEN, f"no screen '{screen}' in what is published")
        raise Rejection(Reason.UNDER_SIGNED, f"not every review level has signed for screen '{screen}'")
    signed = [one for one in found if one]
    if len({(channel, target.length, target.hashes.get("sha256")) for channel, target in signed}) != 1:
        raise Rejection(Reason.UNDER_SIGNED, "the review levels have signed different contents")
    channel, target = signed[0]
    if target.hashes.get("sha256") is None:
        raise Rejection(Reason.DAMAGED, f"{target.path}: is signed without a sha256")
    return channel, target


def _listed(role: Targets, level: int, screen: str) -> tuple[str, TargetFile] | None:
    for path, target in role.targets.items():
        custom = target.custom if isinstance(target.custom, dict) else {}
        screens = custom.get("screens")
        channel = path.partition("/")[2].removesuffix(".json")
        if isinstance(screens, list) and screen in screens:
            if path != manifest_target(level, channel) or not is_channel(channel):
                raise Rejection(Reason.UNDER_SIGNED, f"{path}: level {level} may not sign this")
            return channel, target
    return None


def _check_disjoint(tree: Tree) -> None:
    """One person must not stand in two levels, nor twice in one under two names."""
    delegations = tree.targets.delegations
    roles = (delegations.roles if delegations else None) or {}
    seen: set[bytes] = set()
    for level in range(1, tree.levels + 1):
        role = roles.get(review_role(level))
        if role is None or delegations is None:
            raise Rejection(Reason.UNDER_SIGNED, f"review level {level} has no people")
        if review_role(level) not in tree.roles:
            raise Rejection(Reason.UNDER_SIGNED, f"review level {level} has signed nothing")
        for key_id in role.keyids:
            public = public_bytes(delegations.keys[key_id])
            if public in seen:
                raise Rejection(Reason.UNDER_SIGNED, f"a key of review level {level} stands twice in the levels")
            seen.add(public)


def check_root(root_bytes: bytes) -> None:
    """See that these bytes are a root of trust, signed by itself.

    Raises:
        Rejection: they are not; nothing can be verified from them.
    """
    _telling("root", Reason.DAMAGED)(lambda: _load_roots(root_bytes, lambda _name: None, {}))


def _load_roots(root_bytes: bytes, read: Read, files: dict[str, bytes]) -> Root:
    """Follow the chain from the enrolled root: each next one is signed by the one before and by itself."""
    metadata = Metadata[Root].from_bytes(root_bytes)
    root = _of_type(metadata, Root)
    root.verify_delegate("root", metadata.signed_bytes, metadata.signatures)
    for version in range(root.version + 1, root.version + 1 + MOST_ROOTS):
        data = read(root_name(version))
        if data is None:
            break
        new = _load(data, Root, root)
        if new.version != version:
            raise RepositoryError(f"{version}.root.json holds version {new.version}")
        metadata = Metadata[Root].from_bytes(data)
        new.verify_delegate("root", metadata.signed_bytes, metadata.signatures)
        files[root_name(version)] = data
        root = new
    return root


def _load(data: bytes, kind: type[T], delegator: Root | Targets, role: str = "") -> T:
    metadata = Metadata[T].from_bytes(data)
    signed = _of_type(metadata, kind)
    delegator.verify_delegate(role or kind.type, metadata.signed_bytes, metadata.signatures)
    return signed


def _of_type(metadata: Metadata[T], kind: type[T]) -> T:
    if not isinstance(metadata.signed, kind):
        raise RepositoryError(f"{kind.type} metadata is wanted, not {metadata.signed.type}")
    return metadata.signed


def _load_snapshot(data: bytes, root: Root, timestamp: Timestamp) -> Snapshot:
    timestamp.snapshot_meta.verify_length_and_hashes(data)
    snapshot = _load(data, Snapshot, root)
    if snapshot.version != timestamp.snapshot_meta.version:
        raise RepositoryError("snapshot.json is not the one that timestamp.json names")
    return snapshot


def _load_targets(data: bytes, role: str, delegator: Root | Targets, snapshot: Snapshot) -> Targets:
    meta = snapshot.meta.get(f"{role}.json")
    if meta is None:
        raise RepositoryError(f"snapshot.json does not name {role}.json")
    meta.verify_length_and_hashes(data)
    targets = _load(data, Targets, delegator, role)
    if targets.version != meta.version:
        raise RepositoryError(f"{role}.json is not the one that snapshot.json names")
    return targets


R = TypeVar("R")


def _telling(role: str, unsigned: Reason) -> Callable[[Callable[[], R]], R]:
    """Give what runs one step and turns python-tuf's errors into reasons; `unsigned` is for missing signatures."""

    def run(step: Callable[[], Any]) -> Any:
        try:
            return step()
        except UnsignedMetadataError as error:
            raise Rejection(unsigned, f"{role}: {error}") from error
        except LengthOrHashMismatchError as error:
            raise Rejection(Reason.DAMAGED, f"{role}: {error}") from error
        except (RepositoryError, ValueError, KeyError, TypeError) as error:
            raise Rejection(Reason.DAMAGED, f"{role}: {error}") from error

    return run
