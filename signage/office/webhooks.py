"""Alarms that began or ended in; messages to the group robot that the administrator named out. The one door outwards.

The address is a secret: who has it can write to the group. It is never logged, nor told with an error.
"""

from __future__ import annotations

import base64
import hmac
import http.client
import json
import logging
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Any
from urllib.parse import quote_plus, urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from signage.base.errors import SignageError
from signage.base.moments import to_datetime
from signage.office.alarms import OFFICE
from signage.office.database.tables import AlarmRow
from signage.office.desk import Desk
from signage.office.settings import Settings

_log = logging.getLogger(__name__)

OWN_KIND = "webhook"
MOST_AT_ONCE = 20
OLDEST_MS = 86_400_000
_FIRST_WAIT_S, _LONGEST_WAIT_S = 30.0, 3600.0
_TRIES_BEFORE_ALARM = 3
_SOCKET_S, _WHOLE_S = 10.0, 20.0
_MOST_ANSWER_BYTES = 65_536
_TOO_LONG = "the answer took too long (对方太慢)"
_MOST_TEXT_BYTES = 3_800
_CLOSE_S = 15.0
_ZONE = ZoneInfo("Asia/Shanghai")
_PLAIN = str.maketrans("<>[]`*#", "〈〉【】'·＃")


class Shape(StrEnum):
    """How the receiver wants it: any program that reads JSON, a 企业微信 group robot, a 钉钉 group robot."""

    GENERIC = "generic"
    WECOM = "wecom"
    DINGTALK = "dingtalk"


class WebhookError(SignageError):
    """The message was not taken. It says why, never where to."""


def masked(address: str) -> str:
    """Give an address as it may be shown: whose it is, without the part that opens it."""
    host = urlsplit(address).hostname if is_address(address) else None
    return f"{host}/…" if host else ""


def is_address(address: str) -> bool:
    """Tell whether messages can be sent there: http or https, a host, no name or password."""
    try:
        parts = urlsplit(address)
        is_fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_fine and parts.username is None and address.isascii() and address.isprintable() and " " not in address


def send(settings: Settings, alarms: Sequence[AlarmRow], now_ms: int) -> None:
    """Send one message about these alarms; none makes a test message.

    Raises:
        WebhookError: it was not taken.
    """
    shape = Shape(settings.alarm_shape) if settings.alarm_shape in set(Shape) else Shape.GENERIC
    address = settings.alarm_webhook
    if not is_address(address):
        raise WebhookError("the webhook's address is no http or https address (报警地址不对)")
    if shape is Shape.DINGTALK and settings.alarm_secret:
        address += ("&" if "?" in address else "?") + _dingtalk_signature(settings.alarm_secret, now_ms)
    answer = _post(address, _body(shape, settings.community, alarms, now_ms))
    if shape is not Shape.GENERIC:
        _require_taken(answer)


class AlarmSender:
    """Sends what is new, on a thread of its own. `hint` may be called from any thread and returns at once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._wake = threading.Event()
        self._is_closing = False
        self._thread: threading.Thread | None = None
        self._failed = 0
        self._next_s = 0.0

    def start(self) -> None:
        self._desk.alarms.on_news = self.hint
        self._thread = threading.Thread(target=self._run, name="alarm-sender", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Send nothing any more; an answer that does not come is not waited for longer than 15 s."""
        self._is_closing = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_CLOSE_S)

    def hint(self) -> None:
        """Look soon: an alarm has begun or ended."""
        self._wake.set()

    def step(self) -> float:
        """Send what waits, if it is time; give the seconds until there may be something to do without a hint.

        Raises:
            SQLAlchemyError: the database cannot be asked.
        """
        wait_s = self._next_s - self._desk.clock.monotonic_s()
        if wait_s > 0:
            return wait_s
        settings, now_ms = self._desk.settings.read(), self._desk.clock.now_ms()
        with self._desk.database.reading() as session:
            rows = list(session.scalars(_untold().limit(500)))
        wanted = [row for row in rows if row.kind != OWN_KIND and row.began_ms > now_ms - OLDEST_MS]
        if not settings.alarm_webhook:
            wanted = []
        chosen = wanted[:MOST_AT_ONCE]
        if chosen:
            try:
                send(settings, chosen, now_ms)
            except WebhookError as error:
                return self._note_failure(error)
            self._note_success()
        passed = [row for row in rows if row not in wanted]
        self._mark([*chosen, *passed], now_ms)
        return 0.0 if len(wanted) > len(chosen) else _LONGEST_WAIT_S

    def _mark(self, rows: Sequence[AlarmRow], now_ms: int) -> None:
        if not rows:
            return
        with self._desk.database.writing() as session:
            for row in rows:
                _mark(session, row, now_ms)

    def _note_failure(self, error: WebhookError) -> float:
        self._failed += 1
        wait_s: float = min(_FIRST_WAIT_S * 2 ** min(self._failed - 1, 10), _LONGEST_WAIT_S)
        self._next_s = self._desk.clock.monotonic_s() + wait_s
        if self._failed == 1:
            _log.warning("an alarm could not be sent on: %s; it is tried again", error)
        if self._failed == _TRIES_BEFORE_ALARM:
            self._desk.alarms.begin(OFFICE, OWN_KIND, "报警消息发不到群里，请检查网络，或在“设置”里检查报警地址")
        return wait_s

    def _note_success(self) -> None:
        if self._failed:
            _log.info("alarms can be sent on again")
        if self._failed >= _TRIES_BEFORE_ALARM:
            self._desk.alarms.end(OFFICE, OWN_KIND)
        self._failed, self._next_s = 0, 0.0

    def _run(self) -> None:
        is_failing = False
        while not self._is_closing:
            self._wake.clear()
            try:
                wait_s = self.step()
                is_failing = False
            except Exception:  # noqa: BLE001 - logged
                # The boundary of this thread: alarms must go out when the database is there again.
                if not is_failing:
                    _log.exception("alarms cannot be sent on; trying again every minute")
                is_failing, wait_s = True, 60.0
            self._wait(wait_s)

    def _wait(self, wait_s: float) -> None:
        """Wait for a hint, or so long; after a failure a hint does not shorten it."""
        self._wake.wait(wait_s)
        while not self._is_closing and (left_s := self._next_s - self._desk.clock.monotonic_s()) > 0:
            self._wake.clear()
            if not self._is_closing:
                self._wake.wait(left_s)


def _untold() -> Any:
    ended = AlarmRow.ended_ms.is_not(None) & AlarmRow.end_sent_ms.is_(None)
    return select(AlarmRow).where(or_(AlarmRow.sent_ms.is_(None), ended)).order_by(AlarmRow.began_ms, AlarmRow.id)


def _mark(session: Session, row: AlarmRow, now_ms: int) -> None:
    """Note what was told: of an alarm that ended meanwhile, only what was read when the message was made."""
    values: dict[str, int] = {"sent_ms": row.sent_ms or now_ms}
    if row.ended_ms is not None:
        values["end_sent_ms"] = now_ms
    session.execute(update(AlarmRow).where(AlarmRow.id == row.id).values(**values))


def _body(shape: Shape, community: str, alarms: Sequence[AlarmRow], now_ms: int) -> bytes:
    title = f"{community or '社区屏幕'}：{'报警' if alarms else '这是一条测试消息'}"
    if shape is Shape.GENERIC:
        said: dict[str, Any] = {"title": title, "sent_ms": now_ms, "alarms": [_plain(row) for row in alarms]}
    else:
        lines = [f"### {title.translate(_PLAIN)}", *(_line(row) for row in alarms)]
        text = "\n\n".join(lines).encode()[:_MOST_TEXT_BYTES].decode("utf-8", "ignore")
        if shape is Shape.WECOM:
            said = {"msgtype": "markdown", "markdown": {"content": text}}
        else:
            said = {"msgtype": "markdown", "markdown": {"title": title, "text": text}}
    return json.dumps(said, ensure_ascii=False).encode()


def _plain(row: AlarmRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "subject": row.subject,
        "kind": row.kind,
        "message": row.message,
        "state": "began" if row.ended_ms is None else "ended",
        "began_ms": row.began_ms,
        "ended_ms": row.ended_ms,
    }


def _line(row: AlarmRow) -> str:
    subject = "办公室" if row.subject == OFFICE else row.subject
    message = " ".join(row.message.split()).translate(_PLAIN)
    began = to_datetime(row.began_ms, _ZONE)
    if row.ended_ms is None:
        return f"> 🔴 **{subject.translate(_PLAIN)}** {message}（{began:%m-%d %H:%M}）"
    ended = to_datetime(row.ended_ms, _ZONE)
    return f"> ✅ **{subject.translate(_PLAIN)}** 已恢复：{message}（{began:%m-%d %H:%M} 至 {ended:%H:%M}）"


def _dingtalk_signature(secret: str, now_ms: int) -> str:
    """Source: open.dingtalk.com, custom robots, 加签: HMAC-SHA256 of "timestamp\\nsecret" under the secret."""
    digest = hmac.new(secret.encode(), f"{now_ms}\n{secret}".encode(), "sha256").digest()
    return f"timestamp={now_ms}&sign={quote_plus(base64.b64encode(digest))}"


def _post(address: str, body: bytes) -> bytes:
    """Post JSON within limits of time and length. A redirect would carry the message elsewhere: it is an error."""
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_SOCKET_S)
    # The timeout is of each single wait; an answer that drips would hold the thread for ever.
    is_cut = threading.Event()
    cut = threading.Timer(_WHOLE_S, _cut, [connection, is_cut])
    cut.daemon = True
    cut.start()
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"content-type": "application/json; charset=utf-8", "user-agent": "signage"}
        connection.request("POST", target or "/", body, headers)
        answer = connection.getresponse()
        said = answer.read(_MOST_ANSWER_BYTES)
    except (OSError, http.client.HTTPException, ValueError) as error:
        if is_cut.is_set():
            raise WebhookError(_TOO_LONG) from None
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise WebhookError(f"it cannot be reached: {reason} (连不上)") from None
    finally:
        cut.cancel()
        connection.close()
    if is_cut.is_set():
        raise WebhookError(_TOO_LONG)
    if not 200 <= answer.status < 300:
        raise WebhookError(f"the answer was {answer.status} (对方没有接收)")
    return said


def _cut(connection: http.client.HTTPConnection, is_cut: threading.Event) -> None:
    is_cut.set()
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _require_taken(answer: bytes) -> None:
    """Source: developer.work.weixin.qq.com and open.dingtalk.com: both answer 200 with `errcode`, 0 if it was taken."""
    try:
        said = json.loads(answer)
        code = said["errcode"]
    except (ValueError, KeyError, TypeError) as error:
        raise WebhookError("the answer is not that of such a group robot (地址不是这种群机器人)") from error
    if code != 0:
        raise WebhookError(
            f"the group robot refused it: errcode {code if isinstance(code, int) else '?'} (群机器人拒收)"
        )
