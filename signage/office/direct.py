"""A publisher's passphrase, once, and every change of the store in; a release for each change out, without review.

Only for an office without review levels. The release key stays open in this process's memory, from when a publisher
turns it on until somebody turns it off or the office ends: meanwhile whoever may write to the shared folder decides
what screens show. That is what an office chooses that has no review.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace

from sqlalchemy import select

from signage.base.errors import SignageError
from signage.content.refusal import Refusal
from signage.office.alarms import OFFICE
from signage.office.console.roles import Role
from signage.office.database.tables import PersonRow
from signage.office.desk import Desk
from signage.office.office import Office
from signage.office.problemwords import place_words, problem_words
from signage.office.proposal import Proposal, Proposals
from signage.office.publish import publish
from signage.office.releasing import Releasing
from signage.release.errors import ReleaseError

_log = logging.getLogger(__name__)

NOTE = "直接发布"
ALARM = "direct"
_QUIET_S = 0.4
_RETRY_S = 30.0
_LEAST_BETWEEN_S = 3.0
_CLOSE_S = 60.0


@dataclass(frozen=True, slots=True)
class DirectState:
    """Whether it is on, by whom and since when; `held` says in Chinese why the newest change is not out, if so."""

    is_on: bool = False
    by: str = ""
    since_ms: int = 0
    held: str = ""
    number: int = 0


class DirectPublishing:
    """Publishes what changes while it is on. `start` it with the office; any thread may ask and turn it on and off."""

    def __init__(self, desk: Desk, proposals: Proposals, releasing: Releasing) -> None:
        self._desk = desk
        self._proposals = proposals
        self._releasing = releasing
        self._lock = threading.Lock()
        self._at_work = threading.Lock()
        self._office: Office | None = None
        self._state = DirectState()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def state(self) -> DirectState:
        return self._state

    def start(self) -> None:
        """Follow the store from now on."""
        self._desk.keeper.on_change(lambda _view: self._wake.set())
        self._thread = threading.Thread(target=self._follow, name="direct-publishing", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End; what is being published is published."""
        self._closing.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_CLOSE_S)
        with self._lock:
            self._office = None

    def turn_on(self, person: str, passphrase: str) -> None:
        """Publish every change from now on, beginning with what is not out yet.

        Raises:
            ReleaseError: releases are reviewed here, or the passphrase is wrong.
        """
        if self._releasing.levels():
            raise ReleaseError("releases are reviewed here; nothing goes out directly (设有审核，不能直接发布)")
        office = self._releasing.check_release_key(person, passphrase)
        with self._lock:
            self._office = office
            self._state = DirectState(True, person, self._desk.clock.now_ms())
        self._desk.alarms.end(OFFICE, ALARM)
        self._desk.audit.note(person, "direct.turned-on")
        self._wake.set()

    def turn_off(self, person: str) -> None:
        """Publish nothing by itself any more, and forget the key."""
        with self._lock:
            self._office, self._state = None, DirectState()
        self._desk.alarms.end(OFFICE, ALARM)
        self._desk.audit.note(person, "direct.turned-off")

    def stop(self, person: str) -> None:
        """Turn it off if it is on: what somebody takes back must not go out again with the next file."""
        with self._at_work:  # what is being published now is out first, and whoever goes back is told so
            if self._state.is_on:
                self.turn_off(person)

    def _follow(self) -> None:
        wait_s: float | None = None
        while not self._closing.is_set():
            self._wake.wait(wait_s)
            if self._closing.is_set():
                return
            self._wake.clear()
            self._closing.wait(_QUIET_S)  # changes come in flocks
            wait_s = self._publish_guarded()

    def _publish_guarded(self) -> float | None:
        """Publish if there is something to; give after how long to look again without a change."""
        with self._at_work:
            return self._publish_what_is_new()

    def _publish_what_is_new(self) -> float | None:
        with self._lock:
            office, by = self._office, self._state.by
        if office is None:
            return None
        number_before = self._state.number
        try:
            held = self._publish(office, by)
        except SignageError as error:
            held = str(error)
        except Exception:  # noqa: BLE001 - the boundary of one release: the next change is published all the same
            _log.exception("publishing directly failed; trying again")
            held = "出现意外错误，正在重试"
        self._note(held)
        if held:
            return _RETRY_S
        if self._state.number != number_before:
            self._closing.wait(_LEAST_BETWEEN_S)  # a hundred photos are a few releases, not a hundred
        return None

    def _publish(self, office: Office, by: str) -> str:
        if self._releasing.levels():
            self.turn_off(by)
            return ""
        if not self._may_still(by):
            self.turn_off("office")
            message = f"直接发布已关闭：{by} 不再是发布员。新的改动不会自动上屏，请由发布员重新打开"
            self._desk.alarms.begin(OFFICE, ALARM, message)
            return ""
        proposal = self._proposals.read_now(may_miss=True)
        if proposal.is_empty or not proposal.differences:
            return ""
        if held := self._held(proposal):
            return held
        published = publish(office, proposal.store, NOTE, by=by, seen=proposal.digest)
        if published is not None and published.is_published:
            self._releasing.note_submission(by, published, NOTE, "release.direct")
            with self._lock:
                self._state = replace(self._state, number=published.number)
        return ""

    def _may_still(self, person: str) -> bool:
        """Tell whether who turned it on may still publish: else their passphrase would work on without them."""
        with self._desk.database.reading() as session:
            row = session.scalars(select(PersonRow).where(PersonRow.name == person)).first()
        return row is not None and row.is_active and Role.PUBLISHER in row.roles

    def _held(self, proposal: Proposal) -> str:
        """Give what would vanish from the screens only because somebody is at work on it."""
        playing = {path for manifest in proposal.before.values() for path in manifest.store.media}
        findings = self._desk.keeper.view().findings
        for path in sorted(playing & findings.keys()):
            finding = findings[path]
            if isinstance(finding, Refusal) and finding.is_unsettled:
                return f"{path} 正在更换，处理好后自动发布"
        was = {one.name for manifest in proposal.before.values() for one in manifest.store.playlists}
        gone = was - {one.name for manifest in proposal.manifests.values() for one in manifest.store.playlists}
        for problem in proposal.problems:
            name = problem.file.removeprefix("playlists/").rpartition(".")[0]
            if problem.severity == "error" and name in gone:
                return f"{place_words(problem).zh} 有错，改好后自动发布：{problem_words(problem).zh}"
        return ""

    def _note(self, held: str) -> None:
        with self._lock:
            if not self._state.is_on:
                return  # turned off meanwhile, which ended the alarm
            before = self._state.held
            self._state = replace(self._state, held=held)
        if held and held != before:
            _log.warning("a change is not published yet: %s", held)
            self._desk.alarms.begin(OFFICE, ALARM, f"有改动还没有发布：{held}")
        elif before and not held:
            _log.info("changes are published again")
            self._desk.alarms.end(OFFICE, ALARM)
