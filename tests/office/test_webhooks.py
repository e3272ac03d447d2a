"""Alarms go to the group, once each, in the shape that it reads; whatever the other side does, nobody waits for it."""

from __future__ import annotations

import base64
import hmac
import json
import logging
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from signage.base.clock import ManualClock
from signage.office.desk import Desk
from signage.office.webhooks import AlarmSender, WebhookError, is_address, masked, send
from tests.conftest import ExpectLog

SECRET = "3f8c-secret-of-the-robot"


class Robot:
    """A group robot on this machine; `answer` is what it says: a status and a body."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.answer: tuple[int, bytes] = (200, b'{"errcode": 0}')
        self.headers: dict[str, str] = {}
        robot = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                robot.heard.append((self.path, json.loads(body)))
                self.send_response(robot.answer[0])
                for name, value in robot.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(robot.answer[1])

            def log_message(self, *_arguments: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/cgi-bin/webhook/send?key={SECRET}"


@pytest.fixture
def robot() -> Iterator[Robot]:
    robot = Robot()
    thread = threading.Thread(target=robot.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield robot
    robot.server.shutdown()
    robot.server.server_close()
    thread.join()


def test_an_alarm_is_told_when_it_begins_and_when_it_ends_and_never_again(desk: Desk, robot: Robot) -> None:
    desk.settings.change(alarm_webhook=robot.address)
    sender = AlarmSender(desk)

    desk.alarms.begin("gate", "offline", "东门屏断线了")
    sender.step()
    sender.step()
    desk.alarms.end("gate", "offline")
    sender.step()
    sender.step()

    told = [[(one["subject"], one["state"]) for one in body["alarms"]] for _, body in robot.heard]
    assert told == [[("gate", "began")], [("gate", "ended")]]


def test_wecom_and_dingtalk_get_markdown_that_a_message_cannot_break(desk: Desk, robot: Robot) -> None:
    desk.alarms.begin("gate", "offline", "断线\n[点这里](http://evil.example) <@all>")
    for shape in ("wecom", "dingtalk"):
        desk.settings.change(alarm_webhook=robot.address, alarm_shape=shape)
        send(desk.settings.read(), rows(desk), desk.clock.now_ms())

    (_, wecom), (_, dingtalk) = robot.heard
    for text in (wecom["markdown"]["content"], dingtalk["markdown"]["text"]):
        assert "石榴社区" in text
        assert "断线" in text
        assert "[" not in text
        assert "<" not in text
    assert wecom["msgtype"] == dingtalk["msgtype"] == "markdown"
    assert dingtalk["markdown"]["title"]


def rows(desk: Desk) -> list[Any]:
    from sqlalchemy import select

    from signage.office.database.tables import AlarmRow

    with desk.database.reading() as session:
        return list(session.scalars(select(AlarmRow)))


def test_dingtalk_is_signed_as_its_documentation_says(desk: Desk, robot: Robot) -> None:
    desk.settings.change(alarm_webhook=robot.address, alarm_shape="dingtalk", alarm_secret="SEC123")

    send(desk.settings.read(), [], desk.clock.now_ms())

    query = parse_qs(urlsplit(robot.heard[0][0]).query)
    at_ms = query["timestamp"][0]
    expected = base64.b64encode(hmac.new(b"SEC123", f"{at_ms}\nSEC123".encode(), "sha256").digest()).decode()
    assert query["sign"] == [expected]
    assert at_ms == str(desk.clock.now_ms())


def test_what_was_refused_is_tried_again_later_and_later_and_the_address_stands_nowhere(
    desk: Desk, robot: Robot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert isinstance(desk.clock, ManualClock)
    desk.settings.change(alarm_webhook=robot.address, alarm_shape="wecom")
    sender = AlarmSender(desk)
    desk.alarms.begin("gate", "offline", "断线")
    answers = [(500, b""), (200, b"<html>login</html>"), (200, b'{"errcode": 93000}')]

    waits = []
    for answer in answers:
        robot.answer = answer
        waits.append(sender.step())
        assert sender.step() == waits[-1]
        desk.clock.advance(int(waits[-1] * 1000))
    alarms = {alarm.kind for alarm in desk.alarms.open()}
    robot.answer = (200, b'{"errcode": 0}')
    sender.step()

    assert waits == [30, 60, 120]
    assert len(robot.heard) == 4
    assert alarms == {"offline", "webhook"}
    assert {alarm.kind for alarm in desk.alarms.open()} == {"offline"}
    assert [record.levelname for record in caplog.records if record.name.endswith("webhooks")] == ["WARNING", "INFO"]
    assert SECRET not in caplog.text
    assert SECRET not in str([alarm.message for alarm in desk.alarms.history()])


def test_a_redirect_is_not_followed(desk: Desk, robot: Robot) -> None:
    robot.answer, robot.headers = (307, b""), {"location": "/elsewhere"}
    desk.settings.change(alarm_webhook=robot.address)

    with pytest.raises(WebhookError, match="307"):
        send(desk.settings.read(), [], 0)

    assert len(robot.heard) == 1


def test_no_error_names_the_address(desk: Desk) -> None:
    for address in (f"http://127.0.0.1:1/{SECRET}", f"http://nowhere.invalid/{SECRET}", f"ftp://x/{SECRET}", SECRET):
        desk.settings.change(alarm_webhook=address)
        with pytest.raises(WebhookError) as caught:
            send(desk.settings.read(), [], 0)
        assert SECRET not in str(caught.value)
        assert caught.value.__cause__ is None


def test_only_web_addresses_are_taken_and_they_are_shown_masked() -> None:
    bad = ("", "file:///etc/passwd", "http://", "https://user:pass@x/", "http://x/\nHost: y", "javascript:alert(1)")
    assert not any(is_address(one) for one in bad)
    assert masked(f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={SECRET}") == "qyapi.weixin.qq.com/…"


def test_alarms_from_before_the_address_was_set_are_not_sent(desk: Desk, robot: Robot) -> None:
    sender = AlarmSender(desk)
    desk.alarms.begin("gate", "offline", "断线")
    sender.step()

    desk.settings.change(alarm_webhook=robot.address)
    sender.step()
    desk.alarms.begin("hall", "offline", "断线")
    sender.step()

    assert [one["subject"] for _, body in robot.heard for one in body["alarms"]] == ["hall"]


def test_a_hundred_alarms_are_few_messages(desk: Desk, robot: Robot) -> None:
    desk.settings.change(alarm_webhook=robot.address, alarm_shape="wecom")
    sender = AlarmSender(desk)
    for number in range(100):
        desk.alarms.begin(f"screen{number}", "offline", "断线" * 50)

    while sender.step() == 0.0:
        pass

    assert len(robot.heard) == 5
    assert all(len(body["markdown"]["content"].encode()) <= 4096 for _, body in robot.heard)


def test_its_thread_sends_on_a_hint_and_ends(desk: Desk, robot: Robot, expect_log: ExpectLog) -> None:
    desk.settings.change(alarm_webhook=robot.address)
    came = threading.Event()
    sender = AlarmSender(desk)
    sender.start()
    robot_append = robot.heard.append
    robot.heard = type("Heard", (list,), {"append": lambda self, one: (robot_append(one), came.set())})()

    desk.alarms.begin("gate", "offline", "断线")

    assert came.wait(10)
    sender.close()


def test_an_answer_that_drips_is_cut_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signage.office.webhooks._WHOLE_S", 1.0)
    ended = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not ended.wait(0.02):
                try:
                    connection.sendall(b"x: y\r\n")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        desk.settings.change(alarm_webhook=f"http://127.0.0.1:{listener.getsockname()[1]}/")
        with pytest.raises(WebhookError, match="too long"):
            send(desk.settings.read(), [], 0)
        ended.set()
        thread.join()
