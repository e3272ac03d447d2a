"""The office's folder in, the same without what no screen and no reviewer can still ask for out.

Kept are: the last releases, whatever was superseded less than two days ago (a slow screen may be at it), everything
that a waiting draft or an order needs, and every root: a screen that was off for years follows them one by one.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Targets

from signage.base.errors import SignageError
from signage.office.drafts import draft_numbers, draft_path, load_draft
from signage.office.office import Office
from signage.release.layout import ORDERS_TARGET, blob_path, review_role
from signage.release.manifest import digests_in
from signage.release.orders import files_of, read_orders
from signage.release.parts import join, parts_of
from signage.release.repository import target_file

KEPT_RELEASES = 10
GRACE_MS = 2 * 86_400_000
_VERSIONED = re.compile(r"(\d+)\.([a-z0-9]+)\.json")


def prune(office: Office, keep: int = KEPT_RELEASES, slack: int = 10) -> int:
    """Delete what is not wanted any more; how many files went. Call it under the repository's lock.

    It looks through all blobs, so it waits until `slack` more releases than `keep` have gathered.
    """
    folder = office.repository.folder
    if sum(1 for _ in (folder / "metadata").glob(f"*.{review_role(1)}.json")) <= keep + slack:
        return 0
    role = office.repository.role(review_role(1))
    on_air = role.signed.version if role else 0
    numbers = draft_numbers(office.drafts)
    drafted = _drafted_media(office, [number for number in numbers if number > on_air])
    doomed = list(_old_metadata(office, keep))
    wanted = _wanted_files(office, set(doomed)) | {blob_path(digest) for digest in drafted}
    for top in ("targets", "blobs"):
        doomed += [path for path in _files(folder / top) if path.relative_to(folder).as_posix() not in wanted]
    past = [number for number in numbers if number <= on_air]
    doomed += [draft_path(office.drafts, number) for number in past[: -2 * keep]]
    doomed += [path for path in _files(office.pending) if path.name not in drafted]
    doomed += _half_written(office)
    for path in doomed:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
    return len(doomed)


def _old_metadata(office: Office, keep: int) -> Iterator[Path]:
    """Give the files of metadata that are neither among the last `keep` versions nor fresh."""
    versions: dict[str, list[tuple[int, Path]]] = {}
    for path in (office.repository.folder / "metadata").iterdir():
        found = _VERSIONED.fullmatch(path.name)
        if found and found[2] != "root":
            versions.setdefault(found[2], []).append((int(found[1]), path))
    for known in versions.values():
        known.sort()
        for (_, path), (_, successor) in islice(pairwise(known), max(0, len(known) - keep)):
            if office.clock.now_ms() - successor.stat().st_mtime_ns // 1_000_000 > GRACE_MS:
                yield path


def _half_written(office: Office) -> Iterator[Path]:
    """Give the files that a process which was killed was writing, once nobody can be at them any more."""
    for folder in (office.repository.folder / "metadata", office.drafts):
        for path in folder.glob(".*.tmp"):
            if office.clock.now_ms() - path.stat().st_mtime_ns // 1_000_000 > GRACE_MS:
                yield path


def _wanted_files(office: Office, doomed: set[Path]) -> set[str]:
    """Give the targets and blobs that the metadata that stays speaks of."""
    repository = office.repository
    wanted: set[str] = set()
    for path in (repository.folder / "metadata").iterdir():
        found = _VERSIONED.fullmatch(path.name)
        if path in doomed or not found or found[2] in ("root", "snapshot"):
            continue
        try:
            targets = Metadata[Targets].from_bytes(path.read_bytes()).signed
        except (RepositoryError, ValueError) as error:
            raise SignageError(f"{path}: is damaged ({error}); nothing was deleted") from error
        for name, target in targets.targets.items():
            place = target_file(name, target)
            if place in wanted:
                continue
            wanted.add(place)
            data = repository.read(place)
            if name == ORDERS_TARGET:
                wanted |= {blob_path(media.sha256) for order in read_orders(data) for media in files_of(order)}
                continue
            wanted |= {blob_path(part.sha256) for part in parts_of(data)}
            manifest = join(data, lambda part: repository.read(blob_path(part.sha256)))
            wanted |= {blob_path(digest) for digest in digests_in(manifest)}
    return wanted


def _drafted_media(office: Office, waiting: list[int]) -> set[str]:
    """Give the digests that drafts need which can still be published."""
    drafts = (load_draft(draft_path(office.drafts, number)) for number in waiting)
    return {digest for draft in drafts for data in draft.manifests.values() for digest in digests_in(data)}


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in folder.rglob("*") if path.is_file())
