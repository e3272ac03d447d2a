"""What is known of each file of the shared folder: kept in the database, read back from it at the next start."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select, update

from signage.content.probecache import Finding, finding_from_json, finding_to_json
from signage.content.refusal import Refusal
from signage.content.scan import FileKey
from signage.content.values import MediaFile
from signage.office.database.engine import Database
from signage.office.database.tables import MediaRow
from signage.office.ingest.convert import Outcome
from signage.office.ingest.recipe import Recipe, Size

_log = logging.getLogger(__name__)


class State(StrEnum):
    """What became of a file. ACCEPTED is shown as it is, CONVERTED by its rendition."""

    WAITING = "waiting"
    CONVERTING = "converting"
    ACCEPTED = "accepted"
    CONVERTED = "converted"
    REFUSED = "refused"
    GONE = "gone"


STATES_ZH = {
    State.WAITING: "等待写完",
    State.CONVERTING: "转换中",
    State.ACCEPTED: "已采用",
    State.CONVERTED: "已转换",
    State.REFUSED: "未采用",
    State.GONE: "已移除",
}


@dataclass(frozen=True, slots=True)
class Made:
    """What is shown of a file, and of which state of it (`key`) and by which recipe that was made.

    `original_px` is the size of the file itself, as a viewer sees it; None where it has none, or nobody noted it.
    """

    finding: Finding
    key: FileKey
    recipe: str
    rendition: str = ""
    thumbnail: str = ""
    sha256: str = ""
    original_px: Size | None = None

    def holds(self, recipe: Recipe) -> bool:
        """Tell whether it would come out as it is by this recipe, too."""
        if self.recipe == recipe.name:
            return True
        if not recipe.is_version_of(self.recipe):
            return False
        shown = self.finding
        return not isinstance(shown, MediaFile) or recipe.is_met(shown.kind, shown.size_px, self.original_px)


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a file. `made` may be of an older state of it, which shows until the newer is ready."""

    path: str
    key: FileKey
    state: State
    percent: float = 0.0
    refusal: Refusal | None = None
    made: Made | None = None
    changed_ms: int = 0
    recipe: str = ""

    def is_settled(self, key: FileKey, recipe: Recipe) -> bool:
        """Tell whether there is nothing to do for the file in this state."""
        if self.state in (State.ACCEPTED, State.CONVERTED):
            return self.made is not None and self.made.key == key and self.made.holds(recipe)
        is_refused = self.state is State.REFUSED and recipe.is_version_of(self.recipe)
        return is_refused and self.key == key and not self.is_to_be_retried

    @property
    def is_to_be_retried(self) -> bool:
        """Tell whether a refusal may be over without a change of the file (no right to read it, a full disk)."""
        return self.refusal is not None and self.refusal.is_unsettled


def decided(record: Record, outcome: Outcome, recipe: str, now_ms: int) -> Record:
    """Give the record of a file of which a conversion has said what becomes of it.

    A file that has not changed, and only was to come out better, stays as it was where that fails: new screens, or a
    newer version of the rules, take nothing off the air.
    """
    made = record.made
    if isinstance(outcome.finding, Refusal) and not outcome.finding.is_unsettled and made and made.key == record.key:
        _log.warning("%s: stays as it was; made anew it %s", record.path, outcome.finding.reason)
        state = State.CONVERTED if made.rendition else State.ACCEPTED
        kept = replace(made, recipe=recipe)
        return replace(record, state=state, percent=100.0, refusal=None, made=kept, changed_ms=now_ms, recipe=recipe)
    if isinstance(outcome.finding, Refusal):
        return replace(
            record,
            state=State.REFUSED,
            percent=0.0,
            refusal=outcome.finding,
            made=None,
            changed_ms=now_ms,
            recipe=recipe,
        )
    made = Made(
        outcome.finding,
        record.key,
        recipe,
        outcome.rendition,
        outcome.thumbnail,
        outcome.sha256,
        outcome.original_px,
    )
    state = State.CONVERTED if outcome.rendition else State.ACCEPTED
    return replace(record, state=state, percent=100.0, refusal=None, made=made, changed_ms=now_ms, recipe=recipe)


class StateBook:
    """The table `media_file`. Its column `sha256` is of the original; `facts` are of what is shown, as plain values:
    kind, size_px, duration_ms, pages, sha256 ..., with `thumbnail` (a path below the office's folder), `recipe` and
    `original_px`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: set[str] = set()

    def load(self) -> dict[str, Record]:
        """Give every record by its path."""
        with self._database.reading() as session:
            rows = session.scalars(select(MediaRow)).all()
        self._known = {row.path for row in rows}
        return {row.path: _record(row) for row in rows}

    def write(self, records: Iterable[Record]) -> None:
        """Keep these records, all or none.

        Raises:
            SQLAlchemyError: the disk does not take it.
        """
        rows = [_row(record) for record in records]
        new = [row for row in rows if row["path"] not in self._known]
        old = [row for row in rows if row["path"] in self._known]
        with self._database.writing() as session:
            if new:
                session.execute(insert(MediaRow), new)
            if old:
                session.execute(update(MediaRow), old)
        self._known |= {row["path"] for row in new}

    def forget(self, paths: Collection[str]) -> None:
        """Drop what is known of files that went long ago."""
        with self._database.writing() as session:
            for path in paths:
                session.execute(delete(MediaRow).where(MediaRow.path == path))
        self._known -= set(paths)


def _row(record: Record) -> dict[str, Any]:
    inode, length_bytes, mtime_ns = record.key
    made = record.made
    facts: dict[str, Any] = {"recipe": record.recipe}
    if made is not None:
        facts |= json.loads(finding_to_json(made.finding))
        facts |= {"recipe": made.recipe, "thumbnail": made.thumbnail, "key": list(made.key)}
        facts |= {"original_px": list(made.original_px)} if made.original_px else {}
    if record.is_to_be_retried:
        facts["is_unsettled"] = True
    return {
        "path": record.path,
        "inode": _signed(inode),
        "length_bytes": length_bytes,
        "mtime_ns": mtime_ns,
        "state": record.state.value,
        "percent": record.percent,
        "reason": record.refusal.reason if record.refusal else "",
        "reason_zh": record.refusal.zh if record.refusal else "",
        "sha256": made.sha256 if made else "",
        "rendition": made.rendition if made else "",
        "facts": facts,
        "changed_ms": record.changed_ms,
    }


def _record(row: MediaRow) -> Record:
    facts = dict(row.facts)
    recipe, thumbnail = facts.pop("recipe", ""), facts.pop("thumbnail", "")
    key, is_unsettled = facts.pop("key", None), facts.pop("is_unsettled", False)
    pair = facts.pop("original_px", None)
    made = None
    if key is not None:
        finding = finding_from_json(json.dumps(facts))
        original_px = (pair[0], pair[1]) if pair else None
        file_key = (key[0], key[1], key[2])
        made = Made(finding, file_key, recipe, row.rendition, thumbnail, row.sha256, original_px)
    refusal = Refusal(row.reason, row.reason_zh, is_unsettled) if row.reason else None
    row_key = (row.inode % (1 << 64), row.length_bytes, row.mtime_ns)
    return Record(row.path, row_key, State(row.state), row.percent, refusal, made, row.changed_ms, recipe)


def _signed(inode: int) -> int:
    """Give an inode as databases hold it: some network shares use all 64 bits."""
    return inode - (1 << 64) if inode >= 1 << 63 else inode
