"""A file or a URL in; a database of the newest shape out, for many threads: any number read, one writes."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from signage.base.errors import SignageError

MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_S = 30.0
_WRITERS_LOCK = 7_446_244_263
"""PostgreSQL's number for the lock that writers of an office's database share; any number that nobody else uses."""


class Database:
    """The office's memory. `reading` and `writing` give a session of SQLAlchemy; what was read stays usable after.

    Source: sqlite.org/pragma.html#pragma_synchronous: in WAL mode only FULL keeps commits through a power cut.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._one_writer = threading.RLock()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one state of everything; nothing that it changes is kept."""
        with Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session whose changes are kept, durably, when the block ends without an exception.

        Raises:
            SQLAlchemyError: the disk does not take it; nothing of the block is kept.
        """
        if not self.is_sqlite:
            with self._one_writer, Session(self.engine, expire_on_commit=False) as session, session.begin():
                # As on SQLite: what is read here stays so until it is kept, also for the command line beside us.
                session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS_LOCK})
                yield session
            return
        with self._one_writer, Session(self.engine, expire_on_commit=False) as session:
            session.connection(execution_options={"begin": "IMMEDIATE"})
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def open_database(place: Path | str) -> Database:
    """Give the database at a path (SQLite) or a URL, brought up to date.

    Raises:
        SignageError: it cannot be opened, or was made by a newer version.
    """
    url = URL.create("sqlite", database=str(place)) if isinstance(place, Path) else make_url(place)
    try:
        engine = _engine(url)
        _upgrade(engine)
    except CommandError as error:
        raise SignageError(
            f"{url.render_as_string()}: was made by a newer version of signage; install that one (数据库来自更新的版本)"
        ) from error
    except (SQLAlchemyError, OSError, ImportError) as error:
        raise SignageError(f"{url.render_as_string()}: the database cannot be opened ({_said(error)})") from error
    return Database(engine)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    if url.database:
        # It holds digests of passwords: nobody else's, from its first byte on; its -wal takes after it.
        os.close(os.open(url.database, os.O_RDWR | os.O_CREAT, 0o600))
    engine = create_engine(url, connect_args={"timeout": _BUSY_S}, pool_size=20)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # The driver must not begin transactions by itself: see the event below.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA busy_timeout = {int(_BUSY_S * 1000)}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer that begins as a reader can find itself unable to go on; so it says at once that it will write.
        kind = connection.get_execution_options().get("begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {kind}")

    return engine


def _upgrade(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.connect().execution_options(begin="IMMEDIATE") as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def _said(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
