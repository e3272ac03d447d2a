"""A store in, a numbered draft out; a draft with every signature in, a published release out.

A channel that says what it said keeps its signed bytes, so a screen with nothing new fetches no manifest.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from securesystemslib.signer import Signer
from tuf.api.metadata import Metadata, Targets

from signage.base.clock import now_utc
from signage.content.values import Store
from signage.office.blobs import check_blobs, copy_blobs, drop_half_copied, move_blobs
from signage.office.channels import Channel, channels_of
from signage.office.drafts import Draft, DraftState, compared_with, decode_once, draft_numbers, draft_path, save_draft
from signage.office.office import Office
from signage.office.people import RELEASE_KEY, WARN_BEFORE
from signage.office.prune import prune
from signage.office.resigning import is_own
from signage.release.errors import ReleaseError
from signage.release.keys import name_of
from signage.release.layout import blob_path, manifest_target, review_role
from signage.release.manifest import Manifest, digests_in, encode_content, encode_head
from signage.release.parts import join, split
from signage.release.repository import Change, make_target, target_file

ROLLED_BACK_NOTE = "rollback of release"


@dataclass(frozen=True, slots=True)
class Published:
    """What came of publishing: the release's number, whether it is on its way to screens, and who must still sign.

    `copied` counts the media files that were new.
    """

    number: int
    is_published: bool
    missing: Mapping[str, int]
    copied: int = 0


def on_air(office: Office, version: int | None = None) -> dict[str, bytes]:
    """Give the manifests of what is published, by channel; of an older release if `version` says so.

    Raises:
        SignageError: that release is not kept any more.
    """
    repository = office.repository
    role = repository.role(review_role(1), version)
    if role is None:
        return {}
    manifests = {}
    for path, target in role.signed.targets.items():
        data = repository.read_target(path, target)
        channel = path.partition("/")[2].removesuffix(".json")
        manifests[channel] = join(data, lambda part: repository.read(blob_path(part.sha256)))
    return manifests


def number_on_air(office: Office) -> int:
    """Give the number of the release on air; 0 when nothing is."""
    role = office.repository.role(review_role(1))
    return role.signed.version if role else 0


def content_digest(manifests: Mapping[str, bytes]) -> str:
    """Give a digest of what manifests say, whichever number and time they have: equal content, equal digest."""
    return digest_of_contents({channel: data.partition(b"\n")[2] for channel, data in manifests.items()})


def digest_of_contents(contents: Mapping[str, bytes]) -> str:
    """Give `content_digest` of manifests without their first lines, by channel."""
    digest = sha256()
    for channel in sorted(contents):
        digest.update(f"{channel} {sha256(contents[channel]).hexdigest()}\n".encode())
    return digest.hexdigest()


def publish(
    office: Office,
    store: Store,
    note: str = "",
    *,
    always: bool = False,
    by: str = "",
    seen: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Published | None:
    """Make a release of what the store says; give None where that is on air already and `always` is False.

    Where the office's own key signs every level, it is published at once; else it becomes a draft that waits for
    its reviewers. The store's files are copied first, so that nobody changes them under a reviewer's eyes.
    `seen` is the `content_digest` of what the person who asks for it was shown: nothing else is published.
    `by` is who asks for it. `progress` is told the bytes copied and of all.

    Raises:
        ReleaseError: there is nothing to play, or a file changed meanwhile.
        SignageError: the disk does not take it.
    """
    if not any(playlist.entries for playlist in store.playlists):
        raise ReleaseError(f"{store.root}: has nothing to play; nothing was published (没有可播放的内容)")
    _own_signers(office)
    with office.repository.locked():
        before = on_air(office)
        number = next_number(office)
        channels = channels_of(store)
        manifests = _manifests(office, channels, before, number)
        if seen is not None and content_digest(manifests) != seen:
            raise ReleaseError(f"{store.root}: has changed since you looked; look again (内容刚有改动，请重新查看)")
        if manifests == before and not always and _is_signed_now(office):
            return None
        there = media_digests(before)
        new = [
            (one, store.path_of(one))
            for channel in channels
            for one in channel.store.media.values()
            if one.sha256 not in there
        ]
        drop_half_copied(office.pending)  # its room may be what this release lacks
        copied = copy_blobs(new, office.pending, office.repository.folder, progress)
        screens = {channel.name: sorted(channel.store.screens) for channel in channels}
        draft = replace(make_draft(office, number, manifests, screens, before, note), by=by)
        return replace(submit(office, draft), copied=copied)


def roll_back(
    office: Office, version: int, note: str = "", *, by: str = "", seen_on_air: int | None = None
) -> Published:
    """Make a release that says again what release `version` said, under a new number. It needs every level again.

    `seen_on_air` is the number that was on air when a person asked for it: it is done to nothing else.

    Raises:
        SignageError: that release is not kept any more.
    """
    _own_signers(office)
    with office.repository.locked():
        if seen_on_air is not None and seen_on_air != number_on_air(office):
            raise ReleaseError(f"release {number_on_air(office)} is on air now; look again (刚有新的发布，请重新查看)")
        before, number, now_ms = on_air(office), next_number(office), office.clock.now_ms()
        if version not in kept_releases(office):
            kept = ", ".join(map(str, kept_releases(office))) or "none"
            raise ReleaseError(f"release {version} is not kept; there are: {kept}")
        older = {channel: decode_once(data) for channel, data in on_air(office, version).items()}
        manifests = {
            channel: _kept_or(before, channel, replace(manifest, number=number, made_ms=now_ms))
            for channel, manifest in older.items()
        }
        screens = {channel: sorted(manifest.store.screens) for channel, manifest in older.items()}
        said = f"{ROLLED_BACK_NOTE} {version}" + (f": {note}" if note else "")
        return submit(office, replace(make_draft(office, number, manifests, screens, before, said), by=by))


def kept_releases(office: Office) -> list[int]:
    """Give the numbers of the releases that were on air and can be gone back to, in order."""
    metadata, newest = office.repository.folder / "metadata", number_on_air(office)
    there = (int(path.name.partition(".")[0]) for path in metadata.glob(f"*.{review_role(1)}.json"))
    return sorted(number for number in there if number <= newest)


def next_number(office: Office) -> int:
    """Give the next release's number: higher than that of every release and draft that there was."""
    return max([number_on_air(office), office.number_passed, *draft_numbers(office.drafts)]) + 1


def _manifests(
    office: Office, channels: Iterable[Channel], before: Mapping[str, bytes], number: int
) -> dict[str, bytes]:
    now_ms = office.clock.now_ms()
    return {
        channel.name: _kept_or(before, channel.name, Manifest(channel.name, number, now_ms, channel.store))
        for channel in channels
    }


def _kept_or(before: Mapping[str, bytes], channel: str, manifest: Manifest) -> bytes:
    """Give the bytes on air where they say the same, else new ones."""
    old, content = before.get(channel, b""), encode_content(manifest.store)
    return old if old.partition(b"\n")[2] == content else encode_head(manifest) + content


def _is_signed_now(office: Office) -> bool:
    """Tell whether every level's signatures on what is on air still count, and are good for a while."""
    targets = office.repository.targets().signed
    for level in range(1, office.repository.levels() + 1):
        role = review_role(level)
        metadata = office.repository.role(role)
        if metadata is None:
            return False
        if not targets.get_verification_result(role, metadata.signed_bytes, metadata.signatures).verified:
            return False
        if metadata.signed.expires - now_utc(office.clock) < WARN_BEFORE:
            return False
    return True


def make_draft(
    office: Office,
    number: int,
    manifests: Mapping[str, bytes],
    screens: Mapping[str, Sequence[str]],
    before: Mapping[str, bytes],
    note: str,
) -> Draft:
    """Give the draft that says these manifests, signed by nobody. `screens` are those of each channel, in order."""
    roles = {}
    for level in range(1, office.repository.levels() + 1):
        expires = office.repository.expiry(review_role(level))
        targets = Targets(version=number, expires=expires, unrecognized_fields=compared_with(before))
        for channel, data in manifests.items():
            path = manifest_target(level, channel)
            targets.targets[path] = make_target(path, split(data)[0], {"screens": list(screens[channel])})
        roles[review_role(level)] = Metadata(targets)
    return Draft(number, office.clock.now_ms(), manifests, before, roles, office.repository.targets(), note=note)


def submit(office: Office, draft: Draft) -> Published:
    """Sign with the office's own release key where that is a level's; publish if that is all, else keep the draft."""
    signers = _own_signers(office)
    for role, metadata in draft.roles.items():
        for signer in signers.get(role, ()):
            metadata.sign(signer, append=True)
    return finish(office, draft, is_fresh=True)


def _own_signers(office: Office) -> dict[str, list[Signer]]:
    """Give the office's own release key for each level that it signs; it is opened, so that nobody has to wait later.

    Whoever is asked for a passphrase may take long: call it before the repository is locked, too.
    """
    return {
        role: [
            office.open_key(name_of(key)).signer
            for key in office.repository.delegated(role)[1]
            if is_own(key, RELEASE_KEY) and office.key_path(name_of(key)).exists()
        ]
        for role in map(review_role, range(1, office.repository.levels() + 1))
    }


def finish(office: Office, draft: Draft, *, is_fresh: bool = False) -> Published:
    """Publish the draft if every level has signed it by the office's keys of today, else keep it as submitted.

    Unless it `is_fresh`, its media have waited for the reviewers and are read again.

    Raises:
        ReleaseError: a newer release is on air; this draft's time is over.
    """
    targets = office.repository.targets().signed
    if draft.number <= number_on_air(office):
        raise ReleaseError(f"release {number_on_air(office)} is on air already: draft {draft.number} is too old for it")
    if len(draft.roles) != office.repository.levels():
        raise ReleaseError(f"draft {draft.number} was made for {len(draft.roles)} levels; publish it anew")
    missing = draft.missing(targets)
    if missing:
        save_draft(draft_path(office.drafts, draft.number), draft)
        return Published(draft.number, is_published=False, missing=missing)
    _put(office, draft, is_fresh=is_fresh)
    save_draft(draft_path(office.drafts, draft.number), replace(draft, state=DraftState.APPROVED, before={}))
    prune(office)
    return Published(draft.number, is_published=True, missing={})


def _put(office: Office, draft: Draft, *, is_fresh: bool) -> None:
    files = {}
    for channel, data in draft.manifests.items():
        target, parts = split(data)
        for level in range(1, len(draft.roles) + 1):
            path = manifest_target(level, channel)
            files[target_file(path, draft.roles[review_role(level)].signed.targets[path])] = target
        files |= {blob_path(part.sha256): piece for part, piece in parts.items()}
    folder = office.repository.folder
    there = {path: data for path, data in files.items() if not (folder / path).exists()}
    needed = media_digests(draft.manifests)
    if not is_fresh:
        check_blobs(needed, office.pending)
    move_blobs(needed, office.pending, folder)
    gone = [digest for digest in needed - media_digests(on_air(office)) if not (folder / blob_path(digest)).exists()]
    if gone:
        raise ReleaseError(f"draft {draft.number}: {len(gone)} of its files are gone; publish it anew (文件已丢失)")
    _drop_half_put(office)
    office.repository.commit(Change(files=there, roles=dict(draft.roles)), office.online_signers())


def _drop_half_put(office: Office) -> None:
    """Delete what a kill or a full disk left of a release that never went on air: later it would pass for one."""
    newest = number_on_air(office)
    for path in (office.repository.folder / "metadata").glob("*.review*.json"):
        if int(path.name.partition(".")[0]) > newest:
            with contextlib.suppress(OSError):
                path.unlink()


def media_digests(manifests: Mapping[str, bytes]) -> set[str]:
    """Give the sha256 of every media file that these manifests need."""
    return {digest for data in manifests.values() for digest in digests_in(data)}
