"""The tables as the first release has them.

Written out: what `tables` says later must not change what this step makes. A test compares the sum of all steps.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table."""
    _make_alarm()
    _make_audit()
    _make_coverage()
    _make_kept()
    _make_media_file()
    _make_mishap()
    _make_on_air()
    _make_pairing()
    _make_person()
    _make_public_notice()
    _make_screen()
    _make_screen_state()
    _make_session()
    _make_setting()
    _make_shown()
    _make_shown_sum()
    _make_signature()
    _make_submission()


def _make_alarm() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("began_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("seen_by", sa.String(length=80), nullable=True),
        sa.Column("sent_ms", sa.BigInteger(), nullable=True),
        sa.Column("end_sent_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alarm"),
    )
    op.create_index("ix_alarm_began_ms", "alarm", ["began_ms"])
    op.create_index("ix_alarm_subject", "alarm", ["subject"])


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", _KEY, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("hash_before", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    op.create_index("ix_audit_at_ms", "audit", ["at_ms"])


def _make_coverage() -> None:
    op.create_table(
        "coverage",
        sa.Column("date", sa.String(length=10), nullable=False),
        sa.Column("screen", sa.String(length=80), nullable=False),
        sa.Column("zone", sa.String(length=80), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("planned_ms", sa.BigInteger(), nullable=False),
        sa.Column("covered_ms", sa.BigInteger(), nullable=False),
        sa.Column("late_median_ms", sa.BigInteger(), nullable=True),
        sa.Column("late_p95_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("date", "screen", "zone", name="pk_coverage"),
        sqlite_with_rowid=False,
    )


def _make_kept() -> None:
    op.create_table(
        "kept",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_kept"),
    )


def _make_media_file() -> None:
    op.create_table(
        "media_file",
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.Column("length_bytes", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("percent", sa.Float(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reason_zh", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rendition", sa.String(length=200), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_media_file"),
    )
    op.create_index("ix_media_file_sha256", "media_file", ["sha256"])
    op.create_index("ix_media_file_state", "media_file", ["state"])


def _make_mishap() -> None:
    op.create_table(
        "mishap",
        sa.Column("date", sa.String(length=10), nullable=False),
        sa.Column("screen", sa.String(length=80), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("date", "screen", "outcome", "reason", name="pk_mishap"),
        sqlite_with_rowid=False,
    )


def _make_on_air() -> None:
    op.create_table(
        "on_air",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_on_air"),
    )


def _make_pairing() -> None:
    op.create_table(
        "pairing",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("machine", sa.JSON(), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("screen", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("code", name="pk_pairing"),
    )
    op.create_index("ix_pairing_token_sha256", "pairing", ["token_sha256"])


def _make_person() -> None:
    op.create_table(
        "person",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("password_hash", sa.String(length=300), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("name", name="uq_person_name"),
    )


def _make_public_notice() -> None:
    op.create_table(
        "public_notice",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("from_date", sa.String(length=10), nullable=False),
        sa.Column("until_date", sa.String(length=10), nullable=False),
        sa.Column("first_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_ms", sa.BigInteger(), nullable=True),
        sa.Column("hidden_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_public_notice"),
    )
    op.create_index("ix_public_notice_last_ms", "public_notice", ["last_ms"])


def _make_screen() -> None:
    op.create_table(
        "screen",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("enrolled_ms", sa.BigInteger(), nullable=False),
        sa.Column("enrolled_by", sa.String(length=80), nullable=False),
        sa.Column("revoked_ms", sa.BigInteger(), nullable=True),
        sa.Column("heard_ms", sa.BigInteger(), nullable=True),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("heartbeat", sa.JSON(), nullable=True),
        sa.Column("picture_ms", sa.BigInteger(), nullable=True),
        sa.Column("wants_picture", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_screen"),
        sa.UniqueConstraint("token_sha256", name="uq_screen_token_sha256"),
    )


def _make_screen_state() -> None:
    op.create_table(
        "screen_state",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("screen", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("began_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_screen_state"),
    )
    op.create_index("ix_screen_state_screen_began_ms", "screen_state", ["screen", "began_ms"])


def _make_session() -> None:
    op.create_table(
        "session",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_session"),
    )
    op.create_index("ix_session_person_id", "session", ["person_id"])


def _make_setting() -> None:
    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_setting"),
    )


def _make_shown() -> None:
    op.create_table(
        "shown",
        sa.Column("screen", sa.String(length=80), nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("zone", sa.String(length=80), nullable=False),
        sa.Column("item", sa.String(length=500), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("playlist", sa.String(length=500), nullable=True),
        sa.Column("planned_start_ms", sa.BigInteger(), nullable=False),
        sa.Column("planned_end_ms", sa.BigInteger(), nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("screen", "key", name="pk_shown"),
    )
    op.create_index(
        "ix_shown_outcome_started_ms",
        "shown",
        ["outcome", "started_ms"],
        sqlite_where=sa.text("outcome <> 'shown'"),
        postgresql_where=sa.text("outcome <> 'shown'"),
    )
    op.create_index("ix_shown_screen_started_ms", "shown", ["screen", "started_ms"])
    op.create_index("ix_shown_started_ms", "shown", ["started_ms"])


def _make_shown_sum() -> None:
    op.create_table(
        "shown_sum",
        sa.Column("keeps", sa.String(length=10), nullable=False),
        sa.Column("span", sa.String(length=10), nullable=False),
        sa.Column("screen", sa.String(length=80), nullable=False),
        sa.Column("playlist", sa.String(length=500), nullable=False),
        sa.Column("item", sa.String(length=500), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("cut", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("shown_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("keeps", "span", "screen", "playlist", "item", name="pk_shown_sum"),
        sqlite_with_rowid=False,
    )


def _make_signature() -> None:
    op.create_table(
        "signature",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", "key", name="pk_signature"),
    )


def _make_submission() -> None:
    op.create_table(
        "submission",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("published_ms", sa.BigInteger(), nullable=True),
        sa.Column("returned_ms", sa.BigInteger(), nullable=True),
        sa.Column("returned_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_submission"),
    )
