"""Why a file of `media/` cannot be used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reason, in English and in Chinese (`zh`). `is_unsettled`: it may be well in a moment; ask again."""

    reason: str
    zh: str
    is_unsettled: bool = False


class RefusalError(Exception):
    """Carries a Refusal out of a decoder's depths; `signage.content.media.probe` turns it into its answer."""

    def __init__(self, reason: str, zh: str, *, is_unsettled: bool = False) -> None:
        super().__init__(reason)
        self.refusal = Refusal(reason, zh, is_unsettled)


NOT_DECODABLE_ZH = "无法解码，文件可能已损坏，请重新导出"
TRUNCATED_ZH = "文件不完整（可能没有复制完），请重新复制"
