"""A person of the console and a wish in, the draft or release that comes of it out: submit, approve, return, roll back.

Who may sign is decided by keys; here stand the console's own rules beside them: four eyes, tries at passphrases, the
log. A passphrase is used for the one action and kept nowhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from signage.base.errors import SignageError
from signage.office.approval import approve, return_draft, take_signatures
from signage.office.database.tables import SignatureRow, SubmissionRow
from signage.office.desk import Desk
from signage.office.drafts import Draft, DraftState, draft_path, load_draft
from signage.office.office import Office
from signage.office.people import RELEASE_KEY
from signage.office.proposal import Proposals
from signage.office.publish import Published, publish, roll_back
from signage.office.resigning import is_own
from signage.office.tries import PassphraseTries
from signage.release.errors import ReleaseError
from signage.release.keys import name_of
from signage.release.layout import review_role

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Level:
    """A review level of this office: its role, who may sign, how many must, and whose keys lie on this machine."""

    role: str
    people: tuple[str, ...]
    threshold: int
    here: tuple[str, ...]


class Releasing:
    """What staff do with releases. Any thread; one approval at a time."""

    def __init__(self, desk: Desk, proposals: Proposals) -> None:
        self._desk = desk
        self._proposals = proposals
        self._tries = PassphraseTries(desk)
        self._one = threading.Lock()
        self._going_back: list[Callable[[str], None]] = []

    def on_going_back(self, listener: Callable[[str], None]) -> None:
        """Have it called with the person's name before an older release is put on air again."""
        self._going_back.append(listener)

    def levels(self) -> list[Level]:
        """Give the review levels; empty where the office's own key signs releases."""
        office = self._desk.office()
        found = []
        for number in range(1, office.repository.levels() + 1):
            role, keys = office.repository.delegated(review_role(number))
            if any(is_own(key, RELEASE_KEY) for key in keys):
                continue
            names = tuple(sorted(name_of(key) for key in keys))
            here = tuple(name for name in names if office.key_path(name).exists())
            found.append(Level(review_role(number), names, role.threshold, here))
        return found

    def check_release_key(self, person: str, passphrase: str) -> Office:
        """Give the office with its release keys opened; it is let go of with the action.

        Raises:
            ReleaseError: the passphrase is wrong, or was so too often.
        """
        office = self._desk.office(lambda _name: passphrase)
        for number in range(1, office.repository.levels() + 1):
            for key in office.repository.delegated(review_role(number))[1]:
                name = name_of(key)
                if is_own(key, RELEASE_KEY) and office.key_path(name).exists():
                    self._tries.open(office, person, name)
        return office

    def submit(
        self, office: Office, person: str, seen: str, note: str, progress: Progress | None = None
    ) -> Published | None:
        """Publish the store, or make it a draft that waits; None where it is on air already.

        `office` is of `check_release_key`; `seen` the digest of the proposal that the person was shown.

        Raises:
            SignageError: the store has changed since, has nothing to play, or a file is still being copied.
        """
        proposal = self._proposals.read_now()
        published = publish(office, proposal.store, note, by=person, seen=seen, progress=progress)
        if published is not None:
            self.note_submission(person, published, note, "release.submitted")
        return published

    def approve(self, person: str, number: int, key: str, passphrase: str, seen: str) -> Published:
        """Sign a draft with the key of that name, and publish it if that was the last signature that it lacked.

        Raises:
            ReleaseError: it is not what the person was shown, is the person's own, or the key or passphrase is wrong.
        """
        with self._one:
            draft = load_draft(draft_path(self._desk.office().drafts, number))
            if not any(key in level.here for level in self.levels()):
                raise ReleaseError(f"{key}: is no reviewer's key on this machine (这台电脑上没有“{key}”的审核密钥)")
            self._require_other_eyes(person, draft, key)
            office = self._desk.office(lambda _name: passphrase)
            self._tries.open(office, person, key)
            published = approve(office, number, key, seen=seen)
            self._note_signatures(person, draft, published)
        return published

    def take(self, person: str, path: Path) -> Published:
        """Take the signatures of a copy that was signed on another machine.

        Raises:
            SignageError: it is no copy of a draft that waits here, or is signed by the submitter.
        """
        with self._one:
            number = load_draft(path).number
            draft = load_draft(draft_path(self._desk.office().drafts, number))
            barred = () if self._desk.settings.read().own_approval else (draft.by,)
            published = take_signatures(self._desk.office(), path, not_of=barred)
            self._note_signatures(person, draft, published, is_from_file=True)
        return published

    def send_back(self, person: str, number: int, why: str) -> None:
        """Return a draft with a reason.

        Raises:
            ReleaseError: it is not open, or no reason is given.
        """
        return_draft(self._desk.office(), number, why)
        with self._desk.database.writing() as session:
            row = session.get(SubmissionRow, number)
            if row is not None:
                row.returned_ms, row.returned_by = self._desk.clock.now_ms(), person
            self._desk.audit.note(person, "release.returned", str(number), {"why": why}, session=session)

    def roll_back(self, office: Office, person: str, version: int, why: str, seen_on_air: int) -> Published:
        """Make a release of what an older one said. `office` is of `check_release_key`.

        Raises:
            SignageError: that release is not kept, or another one went on air meanwhile.
        """
        for listener in self._going_back:
            listener(person)
        published = roll_back(office, version, why, by=person, seen_on_air=seen_on_air)
        note = f"回退到第 {version} 号" + (f"：{why}" if why else "")
        self.note_submission(person, published, note, "release.rolled-back")
        return published

    def barred(self, person: str, draft: Draft) -> str:
        """Give why this person may not approve the draft, in a word: `own` or `twice`; empty if they may."""
        if self._desk.settings.read().own_approval:
            return ""
        if draft.by and draft.by == person:
            return "own"
        with self._desk.database.reading() as session:
            mine = select(SignatureRow).where(SignatureRow.number == draft.number, SignatureRow.person == person)
            signed = {row.key for row in session.scalars(mine)}
        counting = draft.signed_by(self._desk.office().repository.targets().signed).values()
        return "twice" if any(signed.intersection(names) for names in counting) else ""

    def _require_other_eyes(self, person: str, draft: Draft, key: str) -> None:
        reason = self.barred(person, draft)
        if reason == "own" or (key == draft.by and not self._desk.settings.read().own_approval):
            raise ReleaseError(
                f"draft {draft.number}: is your own; somebody else must approve it "
                "(不能审核自己提交的内容，请其他人审核)"
            )
        if reason == "twice":
            raise ReleaseError(
                f"draft {draft.number}: you have approved it already; another level needs another person "
                "(您已审核过，另一级须由另一人审核)"
            )

    def note_submission(self, person: str, published: Published, note: str, action: str) -> None:
        """Keep who asked for a release."""
        now_ms = self._desk.clock.now_ms()
        with self._desk.database.writing() as session:
            session.merge(
                SubmissionRow(
                    number=published.number,
                    person=person,
                    at_ms=now_ms,
                    note=note,
                    published_ms=now_ms if published.is_published else None,
                )
            )
            detail = {"note": note, "published": published.is_published}
            self._desk.audit.note(person, action, str(published.number), detail, session=session)

    def _note_signatures(self, person: str, before: Draft, published: Published, *, is_from_file: bool = False) -> None:
        """Keep who approved; whose hand it was that signed on another machine, the console does not know."""
        office, now_ms = self._desk.office(), self._desk.clock.now_ms()
        draft = load_draft(draft_path(office.drafts, before.number))
        targets = office.repository.targets().signed
        known, signed = before.signed_by(targets), draft.signed_by(targets)
        with self._desk.database.writing() as session:
            for role, names in signed.items():
                for name in set(names) - set(known[role]):
                    by = "" if is_from_file else person
                    session.merge(SignatureRow(number=draft.number, key=name, role=role, person=by, at_ms=now_ms))
                    detail = {"key": name, "level": role, "from_file": is_from_file}
                    self._desk.audit.note(person, "release.approved", str(draft.number), detail, session=session)
            if published.is_published:
                row = session.get(SubmissionRow, draft.number)
                if row is not None:
                    row.published_ms = now_ms
                self._desk.audit.note(person, "release.published", str(draft.number), session=session)


def is_open(draft: Draft, number_on_air: int) -> bool:
    """Tell whether a draft can still be approved."""
    return draft.state is DraftState.SUBMITTED and draft.number > number_on_air


def said_of(error: SignageError) -> tuple[str, str]:
    """Give an error's Chinese and English: messages carry the Chinese in brackets at their end."""
    text = str(error)
    if said := getattr(error, "zh", ""):
        return str(said), text
    head, bracket, tail = text.rpartition(" (")
    if bracket and tail.endswith(")") and any("\u4e00" <= sign <= "\u9fff" for sign in tail):
        return tail[:-1], head
    return text, text
