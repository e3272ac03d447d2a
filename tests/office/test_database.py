"""The steps of migration make what the tables say, on SQLite and on a real PostgreSQL; the office works on both."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from signage.base.clock import ManualClock
from signage.base.errors import SignageError
from signage.office.alarms import Alarms
from signage.office.audit import Audit
from signage.office.console.sessions import Sessions
from signage.office.database.engine import Database, open_database
from signage.office.database.tables import AuditRow, Base, PersonRow, SettingRow
from signage.office.settings import SettingsBook
from tests.office.desk import START

DAY_MS = 86_400_000


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind, brought up to date."""
    place: Path | str = tmp_path / "office.db"
    if request.param == "postgresql":
        place = request.getfixturevalue("server")
    with closing(open_database(place)) as database:
        yield database
        if not database.is_sqlite:
            Base.metadata.drop_all(database.engine)
            with database.engine.begin() as connection:
                connection.execute(text("DROP TABLE alembic_version"))


def test_the_steps_make_what_the_tables_say(database: Database) -> None:
    options = {"target_metadata": Base.metadata, "compare_type": True, "compare_server_default": True}
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        operations = produce_migrations(context, Base.metadata).upgrade_ops

    assert operations is not None
    assert operations.is_empty(), f"a step is missing:\n{render_python_code(operations)}"


def test_opening_again_keeps_everything(tmp_path: Path) -> None:
    for _ in range(2):
        with closing(open_database(tmp_path / "office.db")) as database, database.writing() as session:
            session.merge(SettingRow(name="community", value="石榴社区"))
    assert (tmp_path / "office.db").stat().st_mode & 0o077 == 0


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "office.db")) as database, database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(SignageError, match="newer version"):
        open_database(tmp_path / "office.db")


def test_a_password_in_a_url_is_not_told(tmp_path: Path) -> None:
    with pytest.raises(SignageError) as caught:
        open_database("postgresql+psycopg://office:geheim@127.0.0.1:1/none")

    assert "geheim" not in str(caught.value)


def test_what_fails_in_the_middle_is_not_kept(database: Database) -> None:
    def add_twice() -> None:
        with database.writing() as session:
            session.add(SettingRow(name="community", value="甲"))
            session.flush()
            session.execute(SettingRow.__table__.insert().values(name="community", value="乙"))

    with pytest.raises(IntegrityError):
        add_twice()

    assert SettingsBook(database).read().community == ""


def test_settings_alarms_sessions_and_audit_work_on_both(database: Database) -> None:
    clock = ManualClock(START)
    book, alarms, audit, sessions = (
        SettingsBook(database),
        Alarms(database, clock),
        Audit(database, clock),
        Sessions(database, clock),
    )
    book.change(community="石榴社区", hosts=("office.lan",))
    begun = (alarms.begin("gate", "offline", "断线"), alarms.begin("gate", "offline", "断线"))
    with database.writing() as session:
        session.add(PersonRow(name="王芳", password_hash="", roles=["editor"], made_ms=0))
    token = sessions.begin(1, "192.168.1.9", "")
    for number in range(3):
        audit.note("王芳", "x.y", str(number), {"before": None, "after": "晚间"})
        clock.advance(DAY_MS)

    assert book.read().hosts == ("office.lan",)
    assert begun == (True, False)
    assert sessions.person_of(token) is None  # three days without a request
    assert audit.first_fault() is None
    assert audit.prune(clock.now_ms(), DAY_MS * 7) == 2
    assert audit.first_fault() is None
    with database.writing() as session:
        row = session.scalars(select(AuditRow).order_by(AuditRow.number)).first()
        assert row is not None
        row.detail = {"before": None, "after": "changed"}
    assert audit.first_fault() is not None


def test_many_who_act_at_once_make_one_chain(database: Database) -> None:
    audit = Audit(database, ManualClock(START))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: audit.note("王芳", "x.y", str(number)), range(120)))

    with database.reading() as session:
        assert session.scalar(select(func.count(AuditRow.number))) == 120
    assert audit.first_fault() is None


def test_many_who_see_the_same_thing_begin_one_alarm(database: Database) -> None:
    alarms = Alarms(database, ManualClock(START))

    with ThreadPoolExecutor(6) as pool:
        begun = list(pool.map(lambda _: alarms.begin("gate", "offline", "断线"), range(30)))

    assert begun.count(True) == 1
    assert len(alarms.open()) == 1
