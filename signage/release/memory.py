"""What a screen has seen of the office's metadata, kept on disk: so that nothing older is ever taken again.

python-tuf remembers by its own files alone; emptied by a power cut, an old repository would be accepted (measured:
field notes, sync). The versions of a role, and the time, count only while its keys stay the same: after the office has
replaced keys that were stolen, numbers may begin anew, and a time far ahead is forgotten.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path

from tuf.api.metadata import Root

from signage.base.files import write_durably
from signage.release.errors import Reason, Rejection
from signage.release.trust import Tree, keys_of

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Memory:
    """The highest version seen of each top-level role, with its keys; and when the office last signed."""

    seen: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    made_ms: int = 0

    def updated(self, tree: Tree) -> Memory:
        """Give the memory with what this tree says.

        Raises:
            Rejection: the tree is older than what was seen.
        """
        now: dict[str, tuple[int, tuple[str, ...]]] = {}
        for role, signed in (("timestamp", tree.timestamp), ("snapshot", tree.snapshot), ("targets", tree.targets)):
            keys = keys_of(tree.root, role)
            version, before = self.seen.get(role, (0, keys))
            if before == keys and signed.version < version:
                message = f"{role}: version {signed.version} is older than {version}, which this screen has seen"
                raise Rejection(Reason.ROLLED_BACK, message)
            now[role] = (signed.version, keys)
        return Memory(now, max(self.for_root(tree.root).made_ms, tree.made_ms))

    def for_root(self, root: Root) -> Memory:
        """Give what counts of it under this root: a time that keys signed which sign no more is forgotten with them."""
        _, keys = self.seen.get("timestamp", (0, ()))
        return self if keys == keys_of(root, "timestamp") else Memory(self.seen, 0)


def load_memory(path: Path) -> Memory:
    """Give what was kept; nothing where there is none or it is damaged."""
    try:
        said = json.loads(path.read_bytes())
        seen = {str(role): (int(version), tuple(map(str, keys))) for role, (version, keys) in said["seen"].items()}
        return Memory(seen, int(said["made_ms"]))
    except FileNotFoundError:
        return Memory()
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        _log.warning("%s is damaged (%s); it is made anew", path, error)
        return Memory()


def save_memory(path: Path, memory: Memory) -> None:
    """Keep it durably.

    Raises:
        SignageError: the disk does not take it.
    """
    write_durably(path, json.dumps({"seen": memory.seen, "made_ms": memory.made_ms}).encode())
