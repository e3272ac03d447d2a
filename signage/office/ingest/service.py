"""The shared folder in, renditions and the state of every file out, for as long as the office runs."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from signage.base.clock import Clock, SystemClock
from signage.content.renditions import Rendition
from signage.content.scan import FileKey, Scan
from signage.content.settled import is_being_written
from signage.office.database.engine import Database
from signage.office.ingest.backlog import Backlog, Progress
from signage.office.ingest.convert import Job, Outcome
from signage.office.ingest.intake import AskWriter, Intake, Settled
from signage.office.ingest.keeping import forget_old, sweep
from signage.office.ingest.lookout import SCAN_S, Lookout
from signage.office.ingest.reasons import Reasons
from signage.office.ingest.records import Records
from signage.office.ingest.states import Record, State, StateBook, decided
from signage.office.ingest.workers import Workers, clean_work, workers_here

_log = logging.getLogger(__name__)

_SAVE_S = 0.3
_SAVE_PERCENT_S = 2.0
_RETRY_S = 60.0
_SWEEP_S = 86_400.0
_AHEAD = 2


class Ingest:
    """Takes in what lies in `media/` of a store. `start` it once; it is the `Renditions` of a StoreReader.

    `on_change` is called, on a thread of this object, when states were written that a page or a store reader has to
    see. States are in the table `media_file`; `renditions/`, `media-thumbnails/` and private copies are below `folder`.
    `progress`, `rendition_of`, `record_of` and `hint` may be used from any thread.
    """

    def __init__(
        self,
        store: Path,
        folder: Path,
        database: Database,
        clock: Clock | None = None,
        on_change: Callable[[], None] | None = None,
        *,
        workers: int | None = None,
        ask_writer: AskWriter = is_being_written,
    ) -> None:
        self._store = store
        self._media = store / "media"
        self._folder = folder
        self._clock = clock or SystemClock()
        self.on_change = on_change or (lambda: None)
        self._book = StateBook(database)
        self._records = Records(folder, {})
        self._intake = Intake(self._media, ask_writer)
        self._backlog = Backlog()
        self._reasons = Reasons(self._media)
        self._wanted_workers = workers or workers_here()
        self._workers: Workers | None = None
        self._lookout = Lookout(store, self._clock, self.hint)
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._answers: queue.SimpleQueue[tuple[Job, Outcome | float]] = queue.SimpleQueue()
        self._unsaved: set[str] = set()
        self._has_news = False
        self._is_closing = False
        self._next_save_s = self._next_sweep_s = 0.0

    def start(self) -> None:
        """Read what is known, clean up after a service that was killed, and work on a thread until `close`.

        Raises:
            SignageError, SQLAlchemyError: the database or the office's folder cannot be used.
        """
        self.open()
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
        self._thread.start()

    def open(self) -> None:
        """Do what `start` does, without the thread: the caller calls `step`."""
        self._records = Records(self._folder, {path: self._restarted(one) for path, one in self._book.load().items()})
        work = clean_work(self._folder)
        self._workers = Workers(self._wanted_workers, work, self._take_answer, self._take_answer)

    def _restarted(self, record: Record) -> Record:
        """Give the record as the next start takes it.

        What was in work begins anew, LibreOffice may be there by now, and what was made may be lost: a backup that is
        restored has no renditions.
        """
        made = record.made
        if made and not all((self._folder / name).exists() for name in (made.rendition, made.thumbnail) if name):
            record = replace(record, made=None)
        if record.state is State.CONVERTING:
            return replace(record, state=State.WAITING, percent=0.0)
        if record.refusal is not None and "LibreOffice" in record.refusal.reason:
            return replace(record, recipe="")
        return record

    def close(self) -> None:
        """End at once, conversions too; they are begun again at the next start."""
        self._is_closing = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self._lookout.close()
        if self._workers is not None:
            self._workers.close()

    def hint(self) -> None:
        """Look at the folder soon: something may have changed."""
        self._lookout.hint()
        self._wake.set()

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return self._backlog.progress

    @property
    def is_idle(self) -> bool:
        """Whether every file that is there is decided, as far as the last scan saw."""
        return not (self._lookout.is_hinted or self._unsaved or len(self._intake)) and self._backlog.is_empty

    @property
    def looked_s(self) -> float | None:
        """When the folder was looked at last, by the clock's monotonic seconds; None: not yet."""
        return self._lookout.looked_s

    @property
    def is_away(self) -> bool:
        """Whether the folder could not be read, or was empty all of a sudden, when it was looked at last."""
        return self._lookout.is_away

    def record_of(self, path: str) -> Record | None:
        """Give what is known of a file now."""
        return self._records.get(path)

    def rendition_of(self, path: str, key: FileKey) -> Rendition:
        """Give what is to be shown in place of a file: see `Renditions`."""
        return self._records.rendition_of(path, key)

    def _run(self) -> None:
        is_failing = False
        while not self._is_closing:
            try:
                wait_s = self.step()
                if is_failing:
                    _log.info("ingest: the shared folder is looked at again")
                is_failing = False
            except Exception:  # noqa: BLE001 - logged with all that is known
                # The boundary: whatever a folder or a database does, the service lives and looks again.
                if not is_failing:
                    _log.exception("ingest: a look at the shared folder failed; trying again every minute")
                is_failing = True
                wait_s = _RETRY_S
            self._wake.wait(wait_s)
            self._wake.clear()

    def wait(self, longest_s: float) -> None:
        """Wait until there is something to do, at most so long by the machine's own clock."""
        self._wake.wait(longest_s)
        self._wake.clear()

    def step(self) -> float:
        """Do what is due and give the seconds until something is due again, unless a hint or an answer comes."""
        now_s = self._clock.monotonic_s()
        if now_s >= self._lookout.due_s:
            self._look()
        for found in self._intake.settled(self._clock.monotonic_s()):
            self._take(found)
        self._hear_answers()
        self._hand_out()
        if self._unsaved and (self._clock.monotonic_s() >= self._save_due_s or self._backlog.is_empty):
            self._save()
        if now_s >= self._next_sweep_s and self.is_idle:
            self._sweep(now_s)
        return self._wait_s()

    @property
    def _save_due_s(self) -> float:
        return self._next_save_s if self._has_news else self._next_save_s + _SAVE_PERCENT_S

    def _wait_s(self) -> float:
        now_s = self._clock.monotonic_s()
        due = [self._lookout.due_s]
        if self._unsaved:
            due.append(self._save_due_s)
        if (look_s := self._intake.next_look_s) is not None:
            due.append(look_s)
        return min(max(min(due) - now_s, 0.0), SCAN_S)

    def _look(self) -> None:
        scan = self._lookout.look(is_empty_odd=any(one.state is not State.GONE for one in self._records.all()))
        if scan is None:
            return
        self._note_gone(scan)
        wanted = {path: key for path, key in scan.files.items() if self._is_to_be_taken(path, key)}
        self._intake.expect(scan, wanted, self._clock.monotonic_s())
        for path, key in wanted.items():
            self._note_waiting(path, key)
        self._settle_reasons(())

    def _is_to_be_taken(self, path: str, key: FileKey) -> bool:
        record = self._records.get(path)
        if record is None:
            return True
        if record.is_settled(key, self._lookout.recipe) or self._backlog.holds(Settled(path, key)):
            return False
        if record.is_to_be_retried and record.key == key:
            # A clock that was set back must not keep it for as long.
            return not 0 <= self._clock.now_ms() - record.changed_ms < _RETRY_S * 1000
        return True

    def _note_gone(self, scan: Scan) -> None:
        for record in self._records.all():
            path = record.path
            if record.state is State.GONE or path in scan.files or _is_below(path, scan.unreadable):
                continue
            self._put(replace(record, state=State.GONE, percent=0.0, refusal=None, changed_ms=self._clock.now_ms()))
            self._drop(path)

    def _note_waiting(self, path: str, key: FileKey) -> None:
        record = self._records.get(path)
        is_known = record is not None and record.key == key
        if record and is_known and (record.state in (State.WAITING, State.CONVERTING) or record.is_to_be_retried):
            return
        self._drop(path)
        made = record.made if record else None
        self._put(Record(path, key, State.WAITING, made=made, changed_ms=self._clock.now_ms()))

    def _drop(self, path: str) -> None:
        """Convert no longer what is not there any more."""
        job = self._backlog.job_of(path)
        if job is not None and self._workers is not None:
            self._workers.cancel(job)
            self._backlog.finish(job)

    def _take(self, found: Settled) -> None:
        """Begin with a file that came to rest; one that only moved keeps what was made of it."""
        record = self._records.get(found.path) or Record(found.path, found.key, State.WAITING)
        record = replace(record, key=found.key)
        if found.refusal is not None:
            self._put(decided(record, Outcome(found.refusal), self._lookout.recipe.name, self._clock.now_ms()))
            return
        moved = self._records.moved_from(found.path, found.key, self._lookout.recipe)
        if moved is not None and moved.made is not None:
            state = State.CONVERTED if moved.made.rendition else State.ACCEPTED
            kept = replace(
                record, state=state, percent=100.0, refusal=None, made=moved.made, recipe=self._lookout.recipe.name
            )
            self._put(replace(kept, changed_ms=self._clock.now_ms()))
            return
        self._backlog.add(found)

    def _hand_out(self) -> None:
        """Give the workers their next files."""
        assert self._workers is not None
        while self._backlog.in_work < _AHEAD * self._workers.count and (found := self._backlog.next()) is not None:
            record = self._records.get(found.path)
            if record is None or record.state is State.GONE or record.key != found.key:
                continue
            source = self._media / self._lookout.scan.spelled.get(found.path, found.path)
            nowhere = Path()
            job = Job(source, found.path, found.key, self._lookout.recipe, self._folder, nowhere, nowhere)
            self._backlog.begin(job)
            self._put(replace(record, state=State.CONVERTING, percent=0.0, refusal=None))
            self._workers.submit(job)

    def _take_answer(self, job: Job, answer: Outcome | float) -> None:
        self._answers.put((job, answer))
        self._wake.set()

    def _hear_answers(self) -> None:
        while not self._answers.empty():
            job, answer = self._answers.get()
            record = self._records.get(job.path)
            if record is None or not self._backlog.is_current(job):
                continue
            if isinstance(answer, float):
                self._backlog.note(job, answer)
                self._put(replace(record, percent=answer), is_news=False)
                continue
            self._backlog.finish(job)
            self._decide(job, record, answer)

    def _decide(self, job: Job, record: Record, outcome: Outcome) -> None:
        if record.state is State.GONE or record.key != job.key:
            self.hint()
            return
        decision = decided(record, outcome, job.recipe.name, self._clock.now_ms())
        if decision.is_to_be_retried:
            # The disk was full, or the file changed under the hand: it waits, and what was made before shows on.
            decision = replace(decision, state=State.WAITING, made=record.made)
            self.hint()
        elif decision.refusal is not None:
            _log.info("%s: is not used: it %s", job.path, decision.refusal.reason)
        self._put(decision)

    def _put(self, record: Record, *, is_news: bool = True) -> None:
        self._records.put(record)
        self._unsaved.add(record.path)
        self._has_news |= is_news

    def _save(self) -> None:
        changed, self._unsaved = self._unsaved, set()
        has_news, self._has_news = self._has_news, False
        try:
            self._book.write(record for path in sorted(changed) if (record := self._records.get(path)))
        except BaseException:
            self._unsaved |= changed
            self._has_news |= has_news
            raise
        self._next_save_s = self._clock.monotonic_s() + _SAVE_S
        if has_news:
            self._settle_reasons(changed)
            self.on_change()

    def _settle_reasons(self, changed: Collection[str]) -> None:
        scan = self._lookout.scan
        refused = {
            scan.spelled.get(record.path, record.path): record.refusal.zh
            for record in self._records.all()
            if record.state is State.REFUSED and record.refusal is not None and record.path in scan.files
        }
        there = self._reasons.settle(scan.reasons, refused, {scan.spelled.get(path, path) for path in changed})
        self._lookout.note_reasons(there)

    def _sweep(self, now_s: float) -> None:
        self._next_sweep_s = now_s + _SWEEP_S
        old = forget_old(self._records.all(), self._clock.now_ms())
        if old:
            self._book.forget(old)
            self._records.forget(old)
        sweep(self._folder, self._records.all(), self._clock.now_ms())


def _is_below(path: str, folders: Collection[str]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in folders)
