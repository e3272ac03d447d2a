"""The office's tables. All times are UTC milliseconds; JSON columns hold plain values.

A change here needs a step in `migrations/versions`; a test compares the two.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Float, Index, Integer, LargeBinary, MetaData, String, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Named by rule, so that a later step of migration can name what it alters, on either database.
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
_Ms = BigInteger
_Key = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up by itself only in a column that is called INTEGER."""


class Base(DeclarativeBase):
    """What all tables stand on."""

    metadata = MetaData(naming_convention=_NAMES)


class PersonRow(Base):
    """Somebody who may sign in. `roles` are values of `console.roles.Role`; asked for at each request."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(_Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    password_hash: Mapped[str] = mapped_column(String(300))
    roles: Mapped[list[str]] = mapped_column(JSON)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    must_change: Mapped[bool] = mapped_column(Boolean, default=False)
    made_ms: Mapped[int] = mapped_column(_Ms)


class SessionRow(Base):
    """A person who is signed in somewhere. The cookie holds the token, this only its digest."""

    __tablename__ = "session"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(BigInteger, index=True)
    made_ms: Mapped[int] = mapped_column(_Ms)
    seen_ms: Mapped[int] = mapped_column(_Ms)
    address: Mapped[str] = mapped_column(String(60), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")


class AuditRow(Base):
    """One action, chained: `hash` is over this row and the hash before it. Rows are only ever added."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(_Key, primary_key=True)
    at_ms: Mapped[int] = mapped_column(_Ms, index=True)
    person: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    hash_before: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class SettingRow(Base):
    """One of the office's settings, by name."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class PairingRow(Base):
    """A new screen that waits to be let in. `screen` is set once a person has done so."""

    __tablename__ = "pairing"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), index=True)
    machine: Mapped[dict[str, Any]] = mapped_column(JSON)
    address: Mapped[str] = mapped_column(String(60), default="")
    made_ms: Mapped[int] = mapped_column(_Ms)
    screen: Mapped[str | None] = mapped_column(String(80))


class ScreenRow(Base):
    """A screen that has been let in, and what it said last. `heartbeat` is a `wire.Heartbeat` as plain values."""

    __tablename__ = "screen"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    enrolled_ms: Mapped[int] = mapped_column(_Ms)
    enrolled_by: Mapped[str] = mapped_column(String(80), default="")
    revoked_ms: Mapped[int | None] = mapped_column(_Ms)
    heard_ms: Mapped[int | None] = mapped_column(_Ms)
    clock_offset_ms: Mapped[int | None] = mapped_column(_Ms)
    heartbeat: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    picture_ms: Mapped[int | None] = mapped_column(_Ms)
    wants_picture: Mapped[bool] = mapped_column(Boolean, default=False)


class ScreenStateRow(Base):
    """A stretch of time in which a screen was in one state; `ended_ms` is None for the one that lasts.

    `reason` has two lines, in Chinese and in English.
    """

    __tablename__ = "screen_state"

    id: Mapped[int] = mapped_column(_Key, primary_key=True)
    screen: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")
    began_ms: Mapped[int] = mapped_column(_Ms)
    ended_ms: Mapped[int | None] = mapped_column(_Ms)

    __table_args__ = (Index("ix_screen_state_screen_began_ms", "screen", "began_ms"),)


class ShownRow(Base):
    """One row of a screen's as-run log (`wire.Shown`)."""

    __tablename__ = "shown"

    screen: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    zone: Mapped[str] = mapped_column(String(80))
    item: Mapped[str] = mapped_column(String(500))
    kind: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[str] = mapped_column(String(64))
    playlist: Mapped[str | None] = mapped_column(String(500))
    planned_start_ms: Mapped[int] = mapped_column(_Ms)
    planned_end_ms: Mapped[int] = mapped_column(_Ms)
    started_ms: Mapped[int] = mapped_column(_Ms)
    ended_ms: Mapped[int] = mapped_column(_Ms)
    outcome: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(500), default="")

    __table_args__ = (
        Index("ix_shown_started_ms", "started_ms"),
        Index("ix_shown_screen_started_ms", "screen", "started_ms"),
        # The few that went wrong are looked for among tens of millions.
        Index(
            "ix_shown_outcome_started_ms",
            "outcome",
            "started_ms",
            sqlite_where=text("outcome <> 'shown'"),
            postgresql_where=text("outcome <> 'shown'"),
        ),
    )


class ShownSumRow(Base):
    """What was shown in sum, kept when the single rows are gone. `span` is a local date or month; see `screens.sums`.

    `keeps` says what is told apart: where it is over all screens, or over all items, those columns are empty.
    """

    __tablename__ = "shown_sum"

    keeps: Mapped[str] = mapped_column(String(10), primary_key=True)
    span: Mapped[str] = mapped_column(String(10), primary_key=True)
    screen: Mapped[str] = mapped_column(String(80), primary_key=True)
    playlist: Mapped[str] = mapped_column(String(500), primary_key=True)
    item: Mapped[str] = mapped_column(String(500), primary_key=True)
    shown: Mapped[int] = mapped_column(Integer)
    cut: Mapped[int] = mapped_column(Integer)
    failed: Mapped[int] = mapped_column(Integer)
    shown_ms: Mapped[int] = mapped_column(_Ms)

    # In the order of its key: what a report reads lies together.
    __table_args__ = {"sqlite_with_rowid": False}


class MishapRow(Base):
    """Why showings were cut or failed, and how often, on a local date; `screen` is empty where it is over all."""

    __tablename__ = "mishap"

    date: Mapped[str] = mapped_column(String(10), primary_key=True)
    screen: Mapped[str] = mapped_column(String(80), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(10), primary_key=True)
    reason: Mapped[str] = mapped_column(String(500), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)

    __table_args__ = {"sqlite_with_rowid": False}


class CoverageRow(Base):
    """How well a screen's zone kept to its programme on one local date. Counts of slots; lateness in ms."""

    __tablename__ = "coverage"

    date: Mapped[str] = mapped_column(String(10), primary_key=True)
    screen: Mapped[str] = mapped_column(String(80), primary_key=True)
    zone: Mapped[str] = mapped_column(String(80), primary_key=True)
    planned: Mapped[int] = mapped_column(Integer)
    missing: Mapped[int] = mapped_column(Integer)
    planned_ms: Mapped[int] = mapped_column(_Ms)
    covered_ms: Mapped[int] = mapped_column(_Ms)
    late_median_ms: Mapped[int | None] = mapped_column(_Ms)
    late_p95_ms: Mapped[int | None] = mapped_column(_Ms)

    __table_args__ = {"sqlite_with_rowid": False}


class OnAirRow(Base):
    """Since when the office has had a release on air: written by whoever notices first."""

    __tablename__ = "on_air"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    since_ms: Mapped[int] = mapped_column(_Ms)


class AlarmRow(Base):
    """Something that a person should look at. `subject` is a screen's name, or 'office'."""

    __tablename__ = "alarm"

    id: Mapped[int] = mapped_column(_Key, primary_key=True)
    subject: Mapped[str] = mapped_column(String(80), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    message: Mapped[str] = mapped_column(Text)
    message_en: Mapped[str | None] = mapped_column(Text)
    began_ms: Mapped[int] = mapped_column(_Ms, index=True)
    ended_ms: Mapped[int | None] = mapped_column(_Ms)
    seen_by: Mapped[str | None] = mapped_column(String(80))
    sent_ms: Mapped[int | None] = mapped_column(_Ms)
    end_sent_ms: Mapped[int | None] = mapped_column(_Ms)


class MediaRow(Base):
    """A file of the shared folder and what became of it. `path` is relative to `media/`."""

    __tablename__ = "media_file"

    path: Mapped[str] = mapped_column(String(1000), primary_key=True)
    inode: Mapped[int] = mapped_column(BigInteger)
    length_bytes: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(20), index=True)
    percent: Mapped[float] = mapped_column(Float, default=0.0)
    reason: Mapped[str] = mapped_column(Text, default="")
    reason_zh: Mapped[str] = mapped_column(Text, default="")
    sha256: Mapped[str] = mapped_column(String(64), default="", index=True)
    rendition: Mapped[str] = mapped_column(String(200), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    changed_ms: Mapped[int] = mapped_column(_Ms)


class SubmissionRow(Base):
    """Who asked for a release, and what became of it: beside the draft's own file."""

    __tablename__ = "submission"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    person: Mapped[str] = mapped_column(String(80))
    at_ms: Mapped[int] = mapped_column(_Ms)
    note: Mapped[str] = mapped_column(Text, default="")
    published_ms: Mapped[int | None] = mapped_column(_Ms)
    returned_ms: Mapped[int | None] = mapped_column(_Ms)
    returned_by: Mapped[str] = mapped_column(String(80), default="")


class SignatureRow(Base):
    """A draft that somebody approved at the console; `key` is the name of the key that signed."""

    __tablename__ = "signature"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    person: Mapped[str] = mapped_column(String(80))
    at_ms: Mapped[int] = mapped_column(_Ms)


class PublicRow(Base):
    """A notice that has been on air, as the public page tells of it. `key` is a digest of what it says.

    `last_ms` is None while it is on air. Dates are local; `from_date` and `until_date` limit when it may be told.
    """

    __tablename__ = "public_notice"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    template: Mapped[str] = mapped_column(String(40))
    said: Mapped[dict[str, Any]] = mapped_column(JSON)
    from_date: Mapped[str] = mapped_column(String(10), default="")
    until_date: Mapped[str] = mapped_column(String(10), default="")
    first_ms: Mapped[int] = mapped_column(_Ms)
    last_ms: Mapped[int | None] = mapped_column(_Ms, index=True)
    hidden_by: Mapped[str] = mapped_column(String(80), default="")


class KeptRow(Base):
    """Small values of the office's own that must survive a restart: marks, cursors, one-time secrets."""

    __tablename__ = "kept"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)
