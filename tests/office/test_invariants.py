"""Any sequence of publishing, review, return, rollback, revoking, renewing and looking keeps what must always hold."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from signage.base.clock import ManualClock
from signage.base.errors import SignageError
from signage.office.approval import approve, list_drafts, return_draft
from signage.office.drafts import DraftState
from signage.office.levels import lower_levels
from signage.office.people import add_person, is_still_signed, revoke_person, rotate_key
from signage.office.prune import prune
from signage.office.publish import number_on_air, publish, roll_back
from signage.office.resigning import renew
from signage.office.urgent import give_order
from signage.release.errors import Reason
from signage.release.layout import blob_path, review_role
from signage.release.orders import OrderKind
from signage.release.verify import Accepted, Refused
from tests.office.desk import START, Follower, make_office, make_store

NAMES = st.sampled_from(["li", "wang", "zhao", "sun"])
LEVELS = st.sampled_from(["review1", "review2"])


class OfficeMachine(RuleBasedStateMachine):
    """An office with two levels, a screen that follows it, and a model of what each release said and who approved."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="signage-office-"))
        self.clock = ManualClock(START)
        self.office = make_office(self.folder / "office", self.clock, levels=2)
        self.people = {"li": "review1", "wang": "review2"}
        for name, role in self.people.items():
            add_person(self.office, name, role)
        self.screen = Follower(self.folder / "screen", self.office, self.clock)
        self.said: dict[int, str] = {}
        self.approved: dict[int, set[str]] = {}
        self.levels = 2
        self.needed: dict[int, int] = {}
        self.returned: set[int] = set()
        self.shown: list[str] = []
        self.count = 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    @rule()
    def publish(self) -> None:
        self.count += 1
        made = publish(self.office, make_store(self.folder / "store", {f"{self.count}.png": b"%d" % self.count}))
        assert made is not None
        assert not made.is_published
        self.said[made.number] = f"{self.count}.png"
        self.approved[made.number] = set()
        self.needed[made.number] = self.levels

    @precondition(lambda self: self.said)
    @rule(name=NAMES, data=st.data())
    def approve(self, name: str, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.said)))
        try:
            approve(self.office, number, name)
        except SignageError:
            return
        assert number not in self.returned
        assert name in self.people
        self.approved[number].add(name)

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def send_back(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.said)))
        try:
            return_draft(self.office, number, "照片不清楚")
        except SignageError:
            return
        self.returned.add(number)

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def go_back(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.said)))
        try:
            made = roll_back(self.office, number)
        except SignageError:
            return
        self.said[made.number] = self.said[number]
        self.approved[made.number] = set()
        self.needed[made.number] = self.levels

    @rule(name=NAMES, role=LEVELS)
    def add(self, name: str, role: str) -> None:
        if name in self.people:
            return
        add_person(self.office, name, role)
        self.people[name] = role
        self.levels = max(self.levels, int(role.removeprefix("review")))

    @precondition(lambda self: self.levels == 2)
    @rule()
    def lower(self) -> None:
        done = lower_levels(self.office, 1)
        assert set(done.people) == {name for name, role in self.people.items() if role == "review2"}
        self.people = {name: role for name, role in self.people.items() if role == "review1"}
        self.returned |= set(done.returned)
        self.levels = 1

    @rule(name=NAMES)
    def revoke(self, name: str) -> None:
        try:
            revoke_person(self.office, name)
        except SignageError:
            return
        del self.people[name]

    @rule(role=st.sampled_from(["targets", "timestamp", "root"]))
    def rotate(self, role: str) -> None:
        rotate_key(self.office, role)

    @rule(days=st.integers(1, 20))
    def days_pass(self, days: int) -> None:
        self.clock.advance(days * 86_400_000)
        renew(self.office)

    @rule(kind=st.sampled_from([OrderKind.BLACKOUT, OrderKind.RESUME]))
    def order(self, kind: OrderKind) -> None:
        given = give_order(self.office, kind)
        outcome = self.look()
        assert outcome.news.orders is not None
        assert given.order in outcome.news.orders

    @rule()
    def clear_up(self) -> None:
        with self.office.repository.locked():
            prune(self.office, keep=2, slack=0)

    @rule()
    def lose_power(self) -> None:
        """What python-tuf leaves unsynced is empty after the cut; a screen loses no trust by it."""
        for path in (self.screen.folder / "trust" / "metadata").rglob("*.json"):
            if not path.is_symlink():
                path.write_bytes(b"")

    @rule()
    def look_for_news(self) -> None:
        self.look()

    def look(self) -> Accepted | Refused:
        before = self.screen.number
        outcome = self.screen.look()
        assert self.screen.number >= before
        if isinstance(outcome, Accepted):
            assert outcome.manifest.number == number_on_air(self.office)
            self.shown = self.screen.shows(outcome)
        else:
            assert outcome.reason in (Reason.NOTHING_PUBLISHED, Reason.UNDER_SIGNED), outcome
            signed = [is_still_signed(self.office, review_role(level)) for level in range(1, self.levels + 1)]
            number = number_on_air(self.office)
            assert not all(signed) or number == 0 or self.needed[number] < self.levels
        return outcome

    @invariant()
    def what_is_on_air_was_approved_by_every_level(self) -> None:
        number = number_on_air(self.office)
        if number:
            assert len(self.approved[number]) >= self.needed[number]
            assert number not in self.returned

    @invariant()
    def a_screen_shows_what_a_release_said_also_after_a_restart(self) -> None:
        if self.screen.number:
            assert self.shown == [self.said[self.screen.number]]
            assert self.screen.shows(self.screen.restart()) == self.shown

    @invariant()
    def the_files_of_what_is_on_air_can_be_had(self) -> None:
        number = number_on_air(self.office)
        if number:
            content = self.said[number].removesuffix(".png").encode()
            blobs = [path for path in (self.office.repository.folder / "blobs").glob("*/*") if path.is_file()]
            assert content in [path.read_bytes() for path in blobs]
            assert all(blob_path(path.name).endswith(path.name) for path in blobs)

    @invariant()
    def a_returned_draft_stays_returned(self) -> None:
        states = {line.number: line.state for line in list_drafts(self.office)}
        assert all(states.get(number) in (None, DraftState.RETURNED) for number in self.returned)


OfficeMachine.TestCase.settings = settings(max_examples=12, stateful_step_count=14)
TestOffice = OfficeMachine.TestCase
