"""What a person may do: roles, their words, and what each page asks for."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A role of a person. Who reviews at which level is decided by keys (`people`), not by this table."""

    EDITOR = "editor"
    REVIEWER = "reviewer"
    PUBLISHER = "publisher"
    DUTY = "duty"
    ADMINISTRATOR = "administrator"

    @property
    def title_zh(self) -> str:
        return _TITLES[self][0]

    @property
    def title_en(self) -> str:
        return _TITLES[self][1]


_TITLES = {
    Role.EDITOR: ("编辑", "Editor"),
    Role.REVIEWER: ("审核员", "Reviewer"),
    Role.PUBLISHER: ("发布员", "Publisher"),
    Role.DUTY: ("值班员", "Duty officer"),
    Role.ADMINISTRATOR: ("管理员", "Administrator"),
}
