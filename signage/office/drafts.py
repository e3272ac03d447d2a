"""A draft's file in, the draft out, and back: what a release will say, with the signatures that it has so far.

One JSON file holds all that a reviewer signs, so that it can be copied to the reviewer's own machine and back. What is
signed is TUF metadata, one file for each level, which names every manifest by its digest; all of them name the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Targets

from signage.base.errors import SignageError
from signage.base.files import open_plain, write_durably
from signage.release.errors import ReleaseError
from signage.release.keys import name_of
from signage.release.layout import manifest_target, review_role
from signage.release.manifest import MOST_BYTES, Manifest, decode_manifest
from signage.release.parts import split
from signage.release.repository import delegated
from signage.release.strictjson import read_json
from signage.release.trust import CUSTOM, custom_of

FORMAT = 1
_ENDING = ".draft"
_LAST_MS = 2**47


class DraftState(StrEnum):
    """Where a draft stands. `title_zh` says it to staff."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    SUPERSEDED = "superseded"

    @property
    def title_zh(self) -> str:
        return {"submitted": "待审", "approved": "已通过", "returned": "已退回", "superseded": "已被更新的发布取代"}[
            self
        ]


@dataclass(frozen=True, slots=True)
class Draft:
    """One release before it is published.

    `manifests` are the bytes by channel, `before` those on air when it was made. `roles` is what each level signs.
    `targets` is the metadata that says whose signatures count, as of then: at the office the newest counts. `why` is
    said when it is returned. `by` is who asked for it at the console; empty if it was made elsewhere.
    """

    number: int
    made_ms: int
    manifests: Mapping[str, bytes]
    before: Mapping[str, bytes]
    roles: Mapping[str, Metadata[Targets]]
    targets: Metadata[Targets]
    state: DraftState = DraftState.SUBMITTED
    note: str = ""
    why: str = ""
    by: str = ""

    @property
    def code(self) -> str:
        """Give a short code of what is signed: equal codes are equal drafts, on whatever machine they are looked at."""
        digest = self.digest()
        return "-".join((digest[:4], digest[4:8], digest[8:12]))

    def decoded(self) -> dict[str, Manifest]:
        """Give the manifests as values, by channel."""
        return {channel: decode_once(data) for channel, data in self.manifests.items()}

    def decoded_before(self) -> dict[str, Manifest]:
        return {channel: decode_once(data) for channel, data in self.before.items()}

    def digest(self) -> str:
        """Give a digest of the very bytes that every level signs: what a reviewer saw is told by it from all else."""
        signed = {role: sha256(metadata.signed_bytes).hexdigest() for role, metadata in self.roles.items()}
        return sha256(json.dumps(signed, sort_keys=True).encode()).hexdigest()

    def signed_by(self, targets: Targets | None = None) -> dict[str, list[str]]:
        """Give the names of those whose signatures count, for each level; by `targets` if given.

        Nobody's count for a level that there is no more.
        """
        trusted = targets or self.targets.signed
        signed: dict[str, list[str]] = {role: [] for role in self.roles}
        for role, metadata in self.roles.items():
            if not _is_level(trusted, role):
                continue
            result = trusted.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
            signed[role] = sorted(name_of(key) for key in result.signed.values())
        return signed

    def missing(self, targets: Targets | None = None) -> dict[str, int]:
        """Give how many must still sign, for each level that lacks any; empty when the draft is complete.

        For a level that there is no more somebody is always missing: such a draft is never complete.
        """
        trusted = targets or self.targets.signed
        signed = self.signed_by(trusted)
        lacking = {
            role: (delegated(trusted, role)[0].threshold if _is_level(trusted, role) else 1) - len(names)
            for role, names in signed.items()
        }
        return {role: count for role, count in lacking.items() if count > 0}


def _is_level(targets: Targets, role: str) -> bool:
    return role in ((targets.delegations.roles if targets.delegations else None) or {})


@lru_cache(maxsize=64)
def decode_once(data: bytes) -> Manifest:
    """Give what `decode_manifest` gives; long manifests are asked for many times in one edit."""
    return decode_manifest(data)


def draft_path(folder: Path, number: int) -> Path:
    """Give where the draft of a number lies in a folder of drafts."""
    return folder / f"{number}{_ENDING}"


def draft_numbers(folder: Path) -> list[int]:
    """Give the numbers of the drafts that are kept, in order."""
    names = [path.stem for path in folder.glob(f"*{_ENDING}")]
    return sorted(int(name) for name in names if name.isdecimal())


def save_draft(path: Path, draft: Draft) -> None:
    """Write it durably.

    Raises:
        SignageError: the disk does not take it.
    """
    said = {
        "signage_draft": FORMAT,
        "number": draft.number,
        "made_ms": draft.made_ms,
        "state": draft.state.value,
        "note": draft.note,
        "why": draft.why,
        "by": draft.by,
        "targets": draft.targets.to_dict(),
        "roles": {role: metadata.to_dict() for role, metadata in draft.roles.items()},
        "manifests": {channel: data.decode() for channel, data in draft.manifests.items()},
        "before": {channel: data.decode() for channel, data in draft.before.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, json.dumps(said, ensure_ascii=False).encode())


def load_draft(path: Path) -> Draft:
    """Give the draft, checked within itself: what its levels sign is what its manifests say.

    Raises:
        SignageError: the file cannot be read.
        ReleaseError: it is no draft, or its parts do not fit together; do not sign it.
    """
    try:
        with open_plain(path) as file:
            data = file.read(4 * MOST_BYTES + 1)
    except OSError as error:
        raise SignageError(f"{path}: there is no such draft ({error.strerror}); see signage review") from error
    if len(data) > 4 * MOST_BYTES:
        raise ReleaseError(f"{path}: is too long for a draft")
    try:
        draft = _read(read_json(data))
    except (RepositoryError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ReleaseError(f"{path}: is no draft of a release ({error})") from error
    check_draft(draft)
    return draft


def _read(said: dict[str, Any]) -> Draft:
    if said["signage_draft"] != FORMAT or type(said["number"]) is not int or type(said["made_ms"]) is not int:
        raise ValueError("of another format")
    if not 0 <= said["made_ms"] < _LAST_MS:
        raise ValueError("made at no time")
    return Draft(
        number=said["number"],
        made_ms=said["made_ms"],
        manifests={str(channel): text.encode() for channel, text in said["manifests"].items()},
        before={str(channel): text.encode() for channel, text in said["before"].items()},
        roles={str(role): Metadata[Targets].from_dict(metadata) for role, metadata in said["roles"].items()},
        targets=Metadata[Targets].from_dict(said["targets"]),
        state=DraftState(said["state"]),
        note=str(said["note"]),
        why=str(said["why"]),
        by=str(said.get("by", "")),
    )


def check_draft(draft: Draft) -> None:
    """Make sure that every level signs exactly the manifests of this draft, and its number.

    Raises:
        ReleaseError: it does not; somebody has changed the file.
    """
    targets = {channel: split(data)[0] for channel, data in draft.manifests.items()}
    _check_channels(draft)
    screens = {}
    for channel, manifest in draft.decoded().items():
        screens[channel] = sorted(manifest.store.screens)
        if manifest.channel != channel or manifest.number > draft.number:
            raise ReleaseError(f"draft {draft.number}: the manifest of '{channel}' is another one's")
    if set(draft.roles) != {review_role(level) for level in range(1, len(draft.roles) + 1)}:
        raise ReleaseError(f"draft {draft.number}: its levels are not as they must be")
    for level in range(1, len(draft.roles) + 1):
        signed = draft.roles[review_role(level)].signed
        if signed.version != draft.number or set(signed.targets) != {manifest_target(level, one) for one in targets}:
            raise ReleaseError(f"draft {draft.number}: level {level} would sign something else")
        if draft.before and custom_of(signed) != compared_with(draft.before)[CUSTOM]:
            raise ReleaseError(f"draft {draft.number}: level {level} would sign it beside another 'before'")
        for channel, data in targets.items():
            target = signed.targets[manifest_target(level, channel)]
            try:
                target.verify_length_and_hashes(data)
            except RepositoryError as error:
                raise ReleaseError(f"draft {draft.number}: level {level} would sign other contents") from error
            if target.custom != {"screens": screens[channel]}:
                raise ReleaseError(f"draft {draft.number}: level {level} would sign other screens for '{channel}'")


def compared_with(before: Mapping[str, bytes]) -> dict[str, Any]:
    """Give what each level signs of the manifests that were on air: the differences that it saw are from these."""
    digests = "\n".join(f"{channel} {sha256(before[channel]).hexdigest()}" for channel in sorted(before))
    return {CUSTOM: {"before": sha256(digests.encode()).hexdigest()}}


def _check_channels(draft: Draft) -> None:
    """See that a playlist or screen is one thing wherever it stands: reviewers are shown each once."""
    seen: dict[tuple[str, str], object] = {}
    for channel, manifest in draft.decoded().items():
        said: dict[tuple[str, str], object] = {("screen", name): channel for name in manifest.store.screens}
        said |= {("playlist", one.name): one for one in manifest.store.playlists}
        said["calendar", ""] = manifest.store.calendar
        if len(manifest.store.playlists) != len({one.name for one in manifest.store.playlists}):
            raise ReleaseError(f"draft {draft.number}: channel '{channel}' has two playlists of one name")
        for (kind, name), what in said.items():
            if seen.setdefault((kind, name), what) != what:
                raise ReleaseError(f"draft {draft.number}: {kind} '{name}' differs from channel to channel")


def with_signatures(draft: Draft, other: Draft) -> Draft:
    """Give the draft with the signatures of its copy that a reviewer has brought back.

    Raises:
        ReleaseError: it is not a copy: it says something else.
    """
    roles = {}
    for role, metadata in draft.roles.items():
        copy = other.roles.get(role)
        if copy is None or copy.signed_bytes != metadata.signed_bytes:
            raise ReleaseError(f"the file is not a copy of draft {draft.number}: it says something else")
        roles[role] = Metadata(metadata.signed, {**copy.signatures, **metadata.signatures})
    return replace(draft, roles=roles)
