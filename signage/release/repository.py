"""Edits of the office's metadata in, a published folder of static files out: blobs first, timestamp last, durably.

Nothing here decides what is published. Whoever reads the folder meanwhile finds the old state or the new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from securesystemslib.signer import Key, Signer
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    T,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

from signage.base.clock import Clock, SystemClock, now_utc
from signage.base.errors import SignageError
from signage.base.files import make_folder, write_durably
from signage.base.moments import to_ms, to_text
from signage.release.errors import ReleaseError
from signage.release.folderlock import locked
from signage.release.layout import URGENT_ROLE
from signage.release.trust import CUSTOM, custom_of, keys_of, made_ms_of

LIFE = {
    "root": timedelta(days=3 * 365),
    "targets": timedelta(days=2 * 365),
    "review": timedelta(days=365),
    URGENT_ROLE: timedelta(days=365),
    "snapshot": timedelta(days=30),
    "timestamp": timedelta(days=7),
}
"""How long a signature of each role is good; snapshot and timestamp renew by themselves."""
ONLINE_ROLES = ("snapshot", "timestamp")
_SERIALIZER = JSONSerializer(compact=True)


@dataclass(slots=True)
class Change:
    """What one edit will put out: files by path below the folder, and metadata of roles, signed already.

    `leap` is added to the versions of snapshot and timestamp: after a restore, what screens saw since must be passed.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    root: Metadata[Root] | None = None
    targets: Metadata[Targets] | None = None
    roles: dict[str, Metadata[Targets]] = field(default_factory=dict)
    leap: int = 0


@dataclass(frozen=True, slots=True)
class TopKeys:
    """The keys of the top-level roles when a repository is made; several of one role share its work by threshold."""

    root: Sequence[Key]
    targets: Sequence[Key]
    snapshot: Key
    timestamp: Key


class Repository:
    """The published folder, as the office edits it. Every edit happens under `locked()`, one process at a time."""

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        self.folder = folder
        self._clock = clock or SystemClock()

    @property
    def exists(self) -> bool:
        return (self.folder / "metadata" / "timestamp.json").exists()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes of this machine from editing meanwhile.

        Raises:
            SignageError: the folder cannot be written, or another process has kept it for a minute.
        """
        with locked(self.folder):
            yield

    def root(self) -> Metadata[Root]:
        """Give the newest root.

        Raises:
            ReleaseError: there is none: make the keys first.
        """
        versions = [int(path.name.partition(".")[0]) for path in (self.folder / "metadata").glob("*.root.json")]
        return self._load(f"{max(versions, default=1)}.root.json", Root)

    def missing_roots(self) -> list[int]:
        """Give the versions of root that are not here, though a later one is: screens follow them one by one."""
        versions = {int(path.name.partition(".")[0]) for path in (self.folder / "metadata").glob("*.root.json")}
        return sorted(set(range(1, max(versions, default=1))) - versions)

    def timestamp(self) -> Metadata[Timestamp]:
        return self._load("timestamp.json", Timestamp)

    def snapshot(self) -> Metadata[Snapshot]:
        return self._load(f"{self.timestamp().signed.snapshot_meta.version}.snapshot.json", Snapshot)

    def targets(self) -> Metadata[Targets]:
        return self._load(f"{self.snapshot().signed.meta['targets.json'].version}.targets.json", Targets)

    def role(self, role: str, version: int | None = None) -> Metadata[Targets] | None:
        """Give what a delegated role has signed, the newest unless a version is named; None if nothing."""
        if version is None:
            meta = self.snapshot().signed.meta.get(f"{role}.json")
            if meta is None:
                return None
            version = meta.version
        return self._load(f"{version}.{role}.json", Targets)

    def levels(self) -> int:
        """How many review levels a release needs."""
        return int(custom_of(self.targets().signed)["levels"])

    def delegated(self, role: str) -> tuple[DelegatedRole, list[Key]]:
        """Give a delegated role's threshold and its people's keys.

        Raises:
            ReleaseError: there is no such role.
        """
        return delegated(self.targets().signed, role)

    def read_target(self, path: str, target: TargetFile) -> bytes:
        """Give the bytes of a target of any version that is still kept.

        Raises:
            SignageError: they are gone.
        """
        return self.read(target_file(path, target))

    def read(self, path: str) -> bytes:
        try:
            return (self.folder / path).read_bytes()
        except OSError as error:
            raise SignageError(f"{self.folder / path}: cannot be read ({error.strerror})") from error

    def create(self, keys: TopKeys, signers: Sequence[Signer], delegates: Mapping[str, Sequence[Key]]) -> None:
        """Make the first metadata: the top-level roles, and `review1` to `reviewN` and `urgent` by their keys.

        Raises:
            ReleaseError: there is a repository already; its keys are changed, never made anew.
        """
        if self.exists or (self.folder / "metadata" / "2.root.json").exists():
            raise ReleaseError(f"{self.folder}: has its keys already; change them with signage keys rotate or revoke")
        root = Root(version=1, expires=self.expiry("root"), consistent_snapshot=True)
        top = {"root": keys.root, "targets": keys.targets, "snapshot": [keys.snapshot], "timestamp": [keys.timestamp]}
        for role, people in top.items():
            for key in people:
                root.add_key(key, role)
        levels = sum(role != URGENT_ROLE for role in delegates)
        roles = {role: DelegatedRole(role, [], 1, terminating=True, paths=[f"{role}/*"]) for role in delegates}
        targets = Targets(version=1, expires=self.expiry("targets"), delegations=Delegations({}, roles))
        targets.unrecognized_fields[CUSTOM] = {"levels": levels}
        for role, people in delegates.items():
            for key in people:
                targets.add_key(key, role)
        signed_targets = sign(Metadata(targets), signers, keys.targets)
        for folder in ("metadata", "targets", "blobs"):
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
        root_change = Change(root=sign(Metadata(root), signers, keys.root), targets=signed_targets)
        self._put(root_change, signers, Snapshot(), Timestamp())

    def commit(self, change: Change, signers: Iterable[Signer]) -> None:
        """Put a change out. `signers` must hold the snapshot and timestamp keys.

        Raises:
            ReleaseError: a signature is wanting.
            SignageError: the disk does not take it; what was published stays.
        """
        self._put(change, list(signers), self.snapshot().signed, self.timestamp().signed)

    def _put(self, change: Change, signers: Sequence[Signer], snapshot: Snapshot, timestamp: Timestamp) -> None:
        root = change.root or self.root()
        self._require_clock(root.signed, timestamp)
        for path, data in change.files.items():
            self._write(path, data)
        named = {**({"targets": change.targets} if change.targets else {}), **change.roles}
        for role, metadata in named.items():
            data = metadata.to_bytes(_SERIALIZER)
            version = metadata.signed.version
            self._write(f"metadata/{version}.{role}.json", data)
            snapshot.meta[f"{role}.json"] = _meta(version, data)
        if named or change.root or change.leap or self._is_aging(snapshot):
            snapshot.version += 1 + change.leap
            snapshot.expires = self.expiry("snapshot")
            data = _signed_online(snapshot, root.signed, signers)
            self._write(f"metadata/{snapshot.version}.snapshot.json", data)
            timestamp.snapshot_meta = _meta(snapshot.version, data)
        if change.root:
            # Before the timestamp, which the keys of the new root may sign; screens look for it first.
            self._write(f"metadata/{change.root.signed.version}.root.json", change.root.to_bytes(_SERIALIZER))
        timestamp.version += 1 + change.leap
        timestamp.expires = self.expiry("timestamp")
        timestamp.unrecognized_fields[CUSTOM] = {"made_ms": self._clock.now_ms()}
        self._write("metadata/timestamp.json", _signed_online(timestamp, root.signed, signers))

    def _require_clock(self, root: Root, timestamp: Timestamp) -> None:
        """Sign nothing that every screen would call expired, having seen a later time signed by the same keys."""
        made_ms = made_ms_of(timestamp)
        if to_ms(self.expiry("timestamp")) > made_ms:
            return
        if keys_of(self.root().signed, "timestamp") != keys_of(root, "timestamp"):
            return
        raise ReleaseError(
            f"this computer's clock says {to_text(self._clock.now_ms())}, but it has signed at {to_text(made_ms)}: "
            "set the clock; if that other time was wrong: signage keys rotate timestamp (请先校准这台电脑的时钟)"
        )

    def _is_aging(self, snapshot: Snapshot) -> bool:
        return snapshot.expires - now_utc(self._clock) < LIFE["snapshot"] / 2

    def expiry(self, role: str) -> datetime:
        """Give until when a signature made now is good, to the second."""
        life = LIFE["review"] if role.startswith("review") else LIFE[role]
        return (now_utc(self._clock) + life).replace(microsecond=0)

    def _load(self, name: str, kind: type[T]) -> Metadata[T]:
        if not self.exists:
            raise ReleaseError(f"{self.folder}: nothing is published here; make the keys first: signage keys init")
        try:
            metadata = Metadata[T].from_bytes(self.read(f"metadata/{name}"))
        except (RepositoryError, ValueError, KeyError, TypeError) as error:
            raise ReleaseError(f"{self.folder}/metadata/{name}: is damaged ({error})") from error
        if not isinstance(metadata.signed, kind):
            raise ReleaseError(f"{self.folder}/metadata/{name}: is {metadata.signed.type} metadata")
        return metadata

    def _write(self, path: str, data: bytes) -> None:
        target = self.folder / path
        make_folder(target.parent)
        write_durably(target, data)


def delegated(targets: Targets, role: str) -> tuple[DelegatedRole, list[Key]]:
    """Give a delegated role and its people's keys.

    Raises:
        ReleaseError: there is no such role.
    """
    delegations = targets.delegations
    if delegations is None or not delegations.roles or role not in delegations.roles:
        raise ReleaseError(f"there is no role '{role}' in this office")
    found = delegations.roles[role]
    return found, [delegations.keys[key_id] for key_id in found.keyids]


def target_file(path: str, target: TargetFile) -> str:
    """Give where a target lies below the published folder."""
    folder, _, name = path.rpartition("/")
    return f"targets/{folder}/{target.hashes['sha256']}.{name}"


def make_target(path: str, data: bytes, custom: Mapping[str, object] | None = None) -> TargetFile:
    """Give the entry of a target in the metadata of its role."""
    fields = {"custom": dict(custom)} if custom else {}
    return TargetFile(len(data), {"sha256": sha256(data).hexdigest()}, path, fields)


def sign(metadata: Metadata[T], signers: Iterable[Signer], keys: Iterable[Key]) -> Metadata[T]:
    """Add the signatures of those signers whose keys are among `keys`; gives the metadata."""
    wanted = {key.keyid for key in keys}
    for signer in signers:
        if signer.public_key.keyid in wanted:
            metadata.sign(signer, append=True)
    return metadata


def _meta(version: int, data: bytes) -> MetaFile:
    return MetaFile(version, len(data), {"sha256": sha256(data).hexdigest()})


def _signed_online(signed: T, root: Root, signers: Iterable[Signer]) -> bytes:
    metadata = Metadata(signed)
    sign(metadata, signers, [root.keys[key_id] for key_id in root.roles[signed.type].keyids])
    try:
        root.verify_delegate(signed.type, metadata.signed_bytes, metadata.signatures)
    except RepositoryError as error:
        raise ReleaseError(f"the key of {signed.type} is not here; nothing was published") from error
    return metadata.to_bytes(_SERIALIZER)
