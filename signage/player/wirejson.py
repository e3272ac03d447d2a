"""A screen's messages come in and go out as JSON; the office's answers come in as JSON and go out as checked values.

By hand and small, because a player must start quickly (see `signage.wire`). An answer may have more fields than these.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from signage.base.errors import SignageError
from signage.wire import (
    CODE_LENGTH,
    CODE_LETTERS,
    AsRunAnswer,
    AsRunBatch,
    Enrolment,
    Heartbeat,
    HeartbeatAnswer,
    Pairing,
    PairingWish,
)

MOST_LINE = 500
MOST_NAME = 80
MOST_ROOT_BYTES = 500_000
_LATEST_MS = 253_402_300_799_000


class AnswerError(SignageError):
    """The office answered with something that is no answer of an office."""


def encode(message: PairingWish | Heartbeat | AsRunBatch) -> bytes:
    """Give the message as it goes over the wire."""
    return json.dumps(dataclasses.asdict(message), ensure_ascii=False, separators=(",", ":")).encode()


def line(text: str, most: int = MOST_LINE) -> str:
    """Give `text` as a message may carry it: cut to its limit, without half characters."""
    return text.encode("utf-8", "backslashreplace").decode()[:most]


def read_pairing(data: bytes) -> Pairing:
    """Raises AnswerError."""
    said = _read(data)
    code = _text(said, "code", CODE_LENGTH)
    if len(code) != CODE_LENGTH or not set(code) <= set(CODE_LETTERS):
        raise AnswerError("the office's pairing code is none")
    return Pairing(code, _number(said, "expires_s", 1, 86_400), _number(said, "poll_s", 0.1, 600, 2.0))


def read_enrolment(data: bytes) -> tuple[Enrolment, bytes]:
    """Give what the office says and the bytes of its root. Raises AnswerError."""
    said = _read(data)
    enrolment = Enrolment(
        _text(said, "screen", MOST_NAME), _text(said, "root_base64", 2 * MOST_ROOT_BYTES), str(said.get("title") or "")
    )
    try:
        root = base64.b64decode(enrolment.root_base64, validate=True)
    except (binascii.Error, ValueError) as error:
        raise AnswerError("the office's root is no base64") from error
    if not enrolment.screen or not root or len(root) > MOST_ROOT_BYTES:
        raise AnswerError("the office's answer names no screen, or its root is too long")
    return dataclasses.replace(enrolment, title=enrolment.title[:MOST_NAME]), root


def read_heartbeat_answer(data: bytes) -> HeartbeatAnswer:
    """Raises AnswerError."""
    said = _read(data)
    wants_picture = said.get("wants_picture", False)
    if not isinstance(wants_picture, bool):
        raise AnswerError("the office's answer: wants_picture is no truth value")
    return HeartbeatAnswer(int(_number(said, "server_ms", 0, _LATEST_MS)), wants_picture)


def read_asrun_answer(data: bytes) -> AsRunAnswer:
    """Raises AnswerError."""
    said = _read(data)
    return AsRunAnswer(int(_number(said, "stored", 0, 2**31)), int(_number(said, "new", 0, 2**31)))


def read_wish(data: str) -> frozenset[str]:
    """Give the screens that shall report now. Raises AnswerError."""
    screens = _read(data.encode()).get("screens")
    if not isinstance(screens, list):
        raise AnswerError("a wish names no screens")
    return frozenset(screen for screen in screens if isinstance(screen, str))


def _read(data: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise AnswerError(f"the office's answer is no JSON ({error})") from error
    if not isinstance(said, dict):
        raise AnswerError("the office's answer is no object")
    return said


def _text(said: Mapping[str, Any], name: str, most: int) -> str:
    value = said.get(name)
    if not isinstance(value, str) or len(value) > most:
        raise AnswerError(f"the office's answer: {name} is missing, no text, or longer than {most}")
    return value


def _number(said: Mapping[str, Any], name: str, least: float, most: float, usual: float | None = None) -> float:
    value = said.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise AnswerError(f"the office's answer: {name} is missing, or not a number from {least:g} to {most:g}")
    return value
