"""The seam between a store's reader and the office's ingest: what is shown in place of a file of `media/`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from signage.content.probecache import Finding
from signage.content.scan import FileKey


@dataclass(frozen=True, slots=True)
class Rendition:
    """What became of a file. `file` is where the bytes to show lie; None means the original itself.

    `finding` has the facts of these bytes (kind, sha256, length, size), under the path of the original.
    """

    finding: Finding
    file: Path | None = None


class Renditions(Protocol):
    """Who knows what became of each file. Asked often, from any thread: it must answer at once."""

    def rendition_of(self, path: str, key: FileKey) -> Rendition:
        """Give what became of the file that lies at `path` (NFC, below `media/`) in this state.

        A file of which nothing is known yet has a Refusal that `is_unsettled`.
        """
        ...
