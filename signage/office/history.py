"""Drafts, releases and who did what in; one list of both out, newest first, and what a release or draft changed.

Files of drafts are long: each is read once, and again only after it has changed.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from tuf.api.metadata import Targets

from signage.base.errors import SignageError
from signage.office.database.tables import SignatureRow, SubmissionRow
from signage.office.desk import Desk
from signage.office.drafts import Draft, DraftState, decode_once, draft_numbers, draft_path, load_draft
from signage.office.publish import kept_releases, number_on_air, on_air
from signage.office.review import Difference, differences
from signage.release.manifest import Manifest

_MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class Approval:
    """A signature: of which level, with whose key, by which person of the console and when, where that is known."""

    role: str
    key: str
    person: str = ""
    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """One draft or release in the list. `is_kept` tells whether it can be gone back to."""

    number: int
    state: DraftState
    is_on_air: bool
    is_kept: bool
    made_ms: int
    by: str
    note: str
    why: str = ""
    returned_by: str = ""
    ended_ms: int | None = None
    approvals: tuple[Approval, ...] = ()
    missing: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What a draft or release says and what it would replace, or did, with every difference."""

    before: Mapping[str, Manifest]
    after: Mapping[str, Manifest]
    differences: tuple[Difference, ...]


class History:
    """Reads what became of releases. Any thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._drafts: OrderedDict[int, tuple[tuple[int, int], Draft]] = OrderedDict()
        self._changes: OrderedDict[tuple[str, int], Change] = OrderedDict()

    def draft(self, number: int) -> Draft:
        """Give a draft as its file says it now.

        Raises:
            SignageError: there is none of that number, or its file is damaged.
        """
        path = draft_path(self._desk.folder / "drafts", number)
        try:
            status = path.stat()
        except OSError as error:
            raise SignageError(f"{path}: there is no such draft (没有这个草稿)") from error
        mark = (status.st_mtime_ns, status.st_ino)
        with self._lock:
            known = self._drafts.get(number)
        if known is None or known[0] != mark:
            known = (mark, load_draft(path))
            with self._lock:
                self._drafts[number] = known
                while len(self._drafts) > _MOST_KEPT:
                    self._drafts.popitem(last=False)
        return known[1]

    def all(self) -> list[Passage]:
        """Give every draft and release that is known of, newest first. A damaged file is passed over.

        Raises:
            SignageError: what is published cannot be read.
        """
        office = self._desk.office()
        on_air_now, kept = number_on_air(office), set(kept_releases(office))
        with self._desk.database.reading() as session:
            rows = {row.number: row for row in session.scalars(select(SubmissionRow))}
            signed: dict[int, list[SignatureRow]] = {}
            for one in session.scalars(select(SignatureRow).order_by(SignatureRow.at_ms)):
                signed.setdefault(one.number, []).append(one)
        targets = office.repository.targets().signed
        numbers = {*rows, *kept, *draft_numbers(office.drafts)}
        found = []
        for number in sorted(numbers, reverse=True):
            row, signatures = rows.get(number), signed.get(number, [])
            found.append(self._passage(targets, number, row, signatures, on_air_now, number in kept))
        return found

    def one(self, number: int) -> Passage | None:
        """Give one of the list."""
        return next((passage for passage in self.all() if passage.number == number), None)

    def change_of(self, number: int) -> Change:
        """Give what a draft that waits would change on air now, or what a release changed when it went out.

        Raises:
            SignageError: what it says is not kept any more.
        """
        office = self._desk.office()
        on_air_now = number_on_air(office)
        if number > on_air_now:
            draft = self.draft(number)
            return self._compared(draft.digest(), on_air_now, on_air(office), draft.manifests)
        if number not in kept_releases(office):
            raise SignageError(f"release {number}: is not kept any more (内容已不再保存)")
        earlier = [one for one in kept_releases(office) if one < number]
        before = on_air(office, earlier[-1]) if earlier else {}
        return self._compared(f"release {number}", earlier[-1] if earlier else 0, before, on_air(office, number))

    def change_back(self, number: int) -> Change:
        """Give what going back to a release would change on air now.

        Raises:
            SignageError: it is not kept any more.
        """
        office = self._desk.office()
        if number not in kept_releases(office):
            raise SignageError(f"release {number}: is not kept any more (内容已不再保存)")
        return self._compared(f"back {number}", number_on_air(office), on_air(office), on_air(office, number))

    def _compared(self, name: str, against: int, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Change:
        with self._lock:
            known = self._changes.get((name, against))
        if known is None:
            old = {channel: decode_once(data) for channel, data in before.items()}
            new = {channel: decode_once(data) for channel, data in after.items()}
            known = Change(old, new, tuple(differences(old, new)))
            with self._lock:
                self._changes[name, against] = known
                while len(self._changes) > _MOST_KEPT:
                    self._changes.popitem(last=False)
        return known

    def _passage(
        self,
        targets: Targets,
        number: int,
        row: SubmissionRow | None,
        signatures: list[SignatureRow],
        on_air_now: int,
        is_kept: bool,
    ) -> Passage:
        try:
            draft = self.draft(number)
        except SignageError:
            draft = None
        known = {one.key: one for one in signatures}
        approvals = [Approval(one.role, one.key, one.person, one.at_ms) for one in signatures]
        missing = None
        if draft is not None:
            approvals = [
                Approval(role, name, known[name].person, known[name].at_ms) if name in known else Approval(role, name)
                for role, names in draft.signed_by(targets).items()
                for name in names
            ]
            missing = draft.missing(targets) if draft.state is DraftState.SUBMITTED else None
        return Passage(
            number=number,
            state=_state(draft, row, number, on_air_now, is_kept),
            is_on_air=number == on_air_now,
            is_kept=is_kept,
            made_ms=row.at_ms if row else draft.made_ms if draft else 0,
            by=row.person if row else draft.by if draft else "",
            note=row.note if row else draft.note if draft else "",
            why=draft.why if draft else "",
            returned_by=row.returned_by if row else "",
            ended_ms=(row.returned_ms or row.published_ms) if row else None,
            approvals=tuple(approvals),
            missing=missing,
        )


def _state(draft: Draft | None, row: SubmissionRow | None, number: int, on_air_now: int, is_kept: bool) -> DraftState:
    state = draft.state if draft else DraftState.RETURNED if row and row.returned_ms else DraftState.APPROVED
    if draft is None and row is not None and row.published_ms is None and not row.returned_ms:
        state = DraftState.SUPERSEDED
    if is_kept and state is not DraftState.RETURNED:
        # An office that was killed right after it had published could not note it any more.
        return DraftState.APPROVED
    if state is DraftState.SUBMITTED and number <= on_air_now:
        state = DraftState.SUPERSEDED
    return state
