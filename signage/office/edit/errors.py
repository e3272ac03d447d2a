"""Why a change was not written."""

from __future__ import annotations

from signage.base.errors import SignageError


class RewriteError(SignageError):
    """The file is written in a way that a form cannot change: by hand it can. `zh` says it to staff."""

    def __init__(self, message: str, zh: str = "这份文件的写法特殊，不能在表单里改；请在“文本”页里直接改") -> None:
        super().__init__(message)
        self.zh = zh
