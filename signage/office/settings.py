"""The settings table in, frozen settings out, and back: what the office may change about itself while it runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import select

from signage.office.database.engine import Database
from signage.office.database.tables import SettingRow


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set. `hosts` are names besides addresses under which the console may be asked for.

    `own_approval` lets people approve what they submitted themselves. `urgent_texts` are the frequent texts of
    takeovers, each with its title as first line; empty means the usual ones. `alarm_webhook` and `alarm_secret` are
    secrets: `webhooks.masked` gives what may be shown. `metrics_from` are addresses and networks beside this machine.
    """

    community: str = ""
    language: str = "zh"
    hosts: tuple[str, ...] = ()
    kept_days: int = 200
    backup_hour: int = 3
    backups_kept: int = 14
    public_page: bool = False
    public_days: int = 90
    alarm_webhook: str = ""
    alarm_shape: str = "generic"
    alarm_secret: str = ""
    offline_after_s: int = 90
    own_approval: bool = False
    urgent_texts: tuple[str, ...] = ()
    metrics_from: tuple[str, ...] = ()
    is_set_up: bool = False


class SettingsBook:
    """Reads and writes settings. Read afresh at each call: it is one small query."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> Settings:
        """Give the settings; what was never set has its default, and what nobody knows any more is passed over."""
        with self._database.reading() as session:
            rows = {row.name: row.value for row in session.scalars(select(SettingRow))}
        known = {field.name for field in fields(Settings)}
        said: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in rows.items()
        }
        return replace(Settings(), **{name: value for name, value in said.items() if name in known})

    def change(self, **values: Any) -> Settings:
        """Set some of them; give all as they are then.

        Raises:
            TypeError: there is no such setting; a bug of the caller.
        """
        after = replace(self.read(), **values)
        with self._database.writing() as session:
            for name in values:
                session.merge(SettingRow(name=name, value=asdict(after)[name]))
        return after
