"""The store as it is now and what is on air come in; what publishing would change goes out, and nothing is made."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from dataclasses import dataclass, replace

from signage.base.errors import Problem, SignageError
from signage.content.values import Store
from signage.office.channels import channels_of
from signage.office.desk import Desk
from signage.office.drafts import decode_once
from signage.office.office import Office
from signage.office.publish import content_digest, digest_of_contents, media_digests, number_on_air, on_air
from signage.office.review import Difference, differences
from signage.release.manifest import Manifest, encode_content

_PATIENCE_S = 0.2
_AHEAD_S = 3600.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """What publishing would do now. `digest` is the `content_digest` of what it would say.

    `problems` is what is wrong in the store: what has an error is left out. `new_bytes` is what has to be copied.
    """

    digest: str
    store: Store
    on_air: int
    differences: tuple[Difference, ...]
    manifests: Mapping[str, Manifest]
    before: Mapping[str, Manifest]
    problems: tuple[Problem, ...]
    is_empty: bool
    new_files: int
    new_bytes: int

    @property
    def errors(self) -> int:
        return sum(one.severity == "error" for one in self.problems)


def propose(office: Office, store: Store) -> Proposal:
    """Give what `publish` would make of the store, without making anything.

    Raises:
        SignageError: what is on air cannot be read.
    """
    before = on_air(office)
    channels = channels_of(store)
    number = number_on_air(office)
    after = {one.name: Manifest(one.name, number + 1, office.clock.now_ms(), one.store) for one in channels}
    old = {channel: decode_once(data) for channel, data in before.items()}
    contents = {channel: encode_content(one.store) for channel, one in after.items()}
    digest = digest_of_contents(contents)
    there = media_digests(before)
    new = {media.sha256: media for one in channels for media in one.store.media.values() if media.sha256 not in there}
    return Proposal(
        digest=digest,
        store=store,
        on_air=number,
        differences=() if digest == content_digest(before) else tuple(differences(old, after)),
        manifests=after,
        before=old,
        problems=store.problems,
        is_empty=not any(playlist.entries for playlist in store.playlists),
        new_files=len(new),
        new_bytes=sum(media.length_bytes for media in new.values()),
    )


class Proposals:
    """Keeps the proposal of the newest store: made anew only where the store or what is on air has changed.

    Any thread. The first reading of a big folder takes long: `look` gives None until it is done.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._keeper = desk.keeper
        self._makers = ThreadPoolExecutor(1, "proposal")
        self._lock = threading.Lock()
        self._making: Future[Proposal] | None = None
        self._made: tuple[tuple[str, int, tuple[Problem, ...]], Proposal] | None = None
        self._looked_s: float | None = None
        desk.keeper.on_change(lambda _view: self._make_ahead())

    @property
    def has_unsettled(self) -> bool:
        """Tell whether a file is still being copied, so that it would be missing."""
        return self._keeper.has_unsettled

    def look(self, patience_s: float = _PATIENCE_S) -> Proposal | None:
        """Give the proposal; the last one where a new one takes longer than the patience lasts, None without any.

        Raises:
            SignageError: the store, or what is on air, cannot be read.
        """
        self._looked_s = self._desk.clock.monotonic_s()
        with self._lock:
            making = self._making
            # What was made for somebody who did not wait may be old by now; what failed is still to be told.
            if making is None or (making.done() and making.exception() is None):
                making = self._making = self._makers.submit(self._make)
        try:
            proposal = making.result(patience_s)
        except NotYet:
            return self._made[1] if self._made else None
        except SignageError:
            self._forget(making)
            raise
        self._forget(making)
        return proposal

    def read_now(self, *, may_miss: bool = False) -> Proposal:
        """Give the proposal of the store as it is at this moment, however long it takes.

        Raises:
            SignageError: as `look`; or a file is still being copied, so that it would be missing on the screens, and
                it may not be.
        """
        proposal = self._makers.submit(self._make).result()
        if self.has_unsettled and not may_miss:
            raise SignageError(
                f"{self._desk.store}: a file is still being copied; try in a moment (文件还在复制，请稍后再提交)"
            )
        return proposal

    def close(self) -> None:
        """Wait for what is being made."""
        self._makers.shutdown(wait=True, cancel_futures=True)

    def _make_ahead(self) -> None:
        """Make the proposal of a store that has just changed, if somebody has looked lately: the page comes at once."""
        looked_s = self._looked_s
        if looked_s is None or self._desk.clock.monotonic_s() - looked_s > _AHEAD_S:
            return
        with self._lock, suppress(RuntimeError):  # closed meanwhile
            if self._making is None:
                self._making = self._makers.submit(self._make)

    def _forget(self, making: Future[Proposal]) -> None:
        with self._lock:
            if self._making is making:
                self._making = None

    def _make(self) -> Proposal:
        view = self._keeper.refresh()
        if view.fault:
            raise SignageError(view.fault)
        office = self._desk.office()
        key = (view.store.revision, number_on_air(office), view.problems)
        if self._made is None or self._made[0] != key:
            self._made = (key, replace(propose(office, view.store), problems=view.problems))
        return self._made[1]
