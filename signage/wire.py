"""The messages between office and screen: enrolment, heartbeat, as-run, pictures. Values in, JSON out, and back.

Nothing here is trusted with content: what plays comes signed (`signage.release`). A screen's messages carry its
token; the office's answers only ask for reports. All times are UTC milliseconds; the sender cuts texts to their limits.
Frozen dataclasses without pydantic, so that a player starts quickly; the office validates the same classes with it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen

API_PATH = "api/screens"
PAIRINGS_PATH = f"{API_PATH}/pairings"
"""POST `PairingWish` -> `Pairing`; GET `pairings/CODE` with the token -> `Enrolment`, 202 until it is let in."""
HEARTBEAT_PATH = f"{API_PATH}/heartbeat"
"""POST `Heartbeat` -> `HeartbeatAnswer`."""
ASRUN_PATH = f"{API_PATH}/asrun"
"""POST `AsRunBatch` -> `AsRunAnswer`."""
PICTURE_PATH = f"{API_PATH}/picture"
"""PUT a JPEG of at most `MOST_PICTURE_BYTES`, with its instant in the header `X-Taken-Ms`."""
WISH_EVENT = "wish"
"""On the stream of hints: data is JSON `{"screens": [...]}`; these shall send a heartbeat with picture now."""

HEARTBEAT_S = 30.0
MOST_BATCH = 500
MOST_PICTURE_BYTES = 512_000
CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, no digits: nothing that can be misread or spells a word. 20 letters, 6 of them, good for 10 minutes."""
CODE_LENGTH = 6
PAIRING_S = 600

Instant = Annotated[int, Ge(0), Le(253_402_300_799_000)]
Name = Annotated[str, MinLen(1), MaxLen(80)]
Line = Annotated[str, MaxLen(500)]
Sha256 = Annotated[str, MaxLen(64)]


@dataclass(frozen=True, slots=True)
class Machine:
    """What a screen says of the computer that it runs on."""

    hostname: Line = ""
    output_px: tuple[Annotated[int, Ge(0)], Annotated[int, Ge(0)]] = (0, 0)
    system: Line = ""
    version: Line = ""
    renderer: Line = ""


@dataclass(frozen=True, slots=True)
class PairingWish:
    """A new screen asks to be let in. It made its token itself; only the digest goes to the office, here and ever."""

    token_sha256: Annotated[str, MinLen(64), MaxLen(64)]
    machine: Machine = Machine()


@dataclass(frozen=True, slots=True)
class Pairing:
    """The code that the screen shows. Staff type it at the console within `expires_s`."""

    code: str
    expires_s: float
    poll_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A person has let the screen in: its name, and the root of trust (base64 of the root metadata's bytes)."""

    screen: Name
    root_base64: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class OnAir:
    """What one zone shows, since when and until when; `next_item` follows. `stands_in` says for what and why, if so."""

    zone: Name
    item: Line = ""
    playlist: Line | None = None
    since_ms: Instant = 0
    until_ms: Instant = 0
    stands_in: Line = ""
    next_item: Line = ""


@dataclass(frozen=True, slots=True)
class OutputLook:
    """What the output really shows, from a picture of it: `luma` 0 to 255 is its mean brightness.

    `is_black` where nothing of it is brighter than black although something should show; `frozen_s` is for how long it
    has not changed although it should have.
    """

    taken_ms: Instant
    luma: Annotated[float, Ge(0), Le(255)] = 0.0
    is_black: bool = False
    frozen_s: Annotated[float, Ge(0)] = 0.0


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the computer; None where it cannot be known. Bytes, degrees Celsius, share 0 to 1."""

    temperature_c: float | None = None
    disk_free_bytes: Annotated[int, Ge(0)] | None = None
    disk_total_bytes: Annotated[int, Ge(0)] | None = None
    memory_available_bytes: Annotated[int, Ge(0)] | None = None
    memory_total_bytes: Annotated[int, Ge(0)] | None = None
    own_memory_bytes: Annotated[int, Ge(0)] | None = None
    load: float | None = None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a screen says of itself every 30 s, and at once when its release or an order on it changes.

    `release` is the number of the manifest on air, 0 without one. `orders` are the ids of the signed orders that this
    screen has taken note of; `order_in_force` the one that decides what it shows. `stale` and `reason`: see
    `player.contact`. `sent_ms` is by the screen's own clock. `boot` numbers the player's starts, rising.
    """

    sent_ms: Instant
    boot: Annotated[int, Ge(0)]
    uptime_s: Annotated[float, Ge(0)] = 0.0
    release: Annotated[int, Ge(0)] = 0
    is_stale: bool = False
    reason: Line = ""
    message: Line = ""
    missing_bytes: Annotated[int, Ge(0)] = 0
    clock_fault: Line = ""
    orders: Annotated[tuple[Line, ...], MaxLen(100)] = ()
    order_in_force: Line = ""
    is_blackout: bool = False
    is_off_hours: bool = False
    on_air: Annotated[tuple[OnAir, ...], MaxLen(8)] = ()
    output: OutputLook | None = None
    health: Health = Health()
    machine: Machine = Machine()
    errors: Annotated[tuple[Line, ...], MaxLen(10)] = ()
    asrun_waiting: Annotated[int, Ge(0)] = 0


@dataclass(frozen=True, slots=True)
class HeartbeatAnswer:
    """The office's time, and whether it wants a picture of the output now."""

    server_ms: Instant
    wants_picture: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of the as-run log that has ended. `key` is unique for its screen, for ever; sent again it counts once."""

    key: Annotated[int, Ge(0), Le(2**63 - 1)]
    zone: Name
    item: Line
    kind: Name
    sha256: Sha256
    playlist: Line | None
    planned_start_ms: Instant
    planned_end_ms: Instant
    started_ms: Instant
    ended_ms: Instant
    outcome: Annotated[str, MaxLen(10)]
    reason: Line = ""


@dataclass(frozen=True, slots=True)
class AsRunBatch:
    """Rows of the as-run log, at most `MOST_BATCH`. At least once from the screen, counted once at the office."""

    rows: Annotated[tuple[Shown, ...], MaxLen(MOST_BATCH)] = field(default=())


@dataclass(frozen=True, slots=True)
class AsRunAnswer:
    """All rows of the batch are kept now, durably; `new` were not known before."""

    stored: int
    new: int


def fingerprint(root_bytes: bytes) -> str:
    """Give what people compare of a root, at the screen and in the console: `1A2B 3C4D`, of its sha256."""
    digits = hashlib.sha256(root_bytes).hexdigest()[:8].upper()
    return f"{digits[:4]} {digits[4:]}"
