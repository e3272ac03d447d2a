"""How pages fare while 200 screens report: `python -m tests.bench.bench_office [SCREENS] [SPEED] [SECONDS]`.

Starts `signage office` over a store with that many screens, each of which sends a heartbeat every 30 s, rows of its
as-run log every minute and a picture every three, all SPEED times as fast; three people ask for pages meanwhile. Then
as many posts as go through. Client and server share the machine. Prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import httpx2
from PIL import Image

from signage.base.moments import to_datetime
from signage.content.store import read_store
from signage.office.console.auth import hash_password
from signage.office.console.roles import Role
from signage.office.console.shell import ZONE
from signage.office.database.tables import PersonRow
from signage.office.desk import Desk, open_desk
from signage.office.office import Office
from signage.office.people import create_office
from signage.office.publish import publish
from signage.office.screens.roll import Roll, digest_of
from signage.schedule.days import day_start_ms
from signage.starter import make_store
from signage.wire import Health, Heartbeat, Machine, OnAir, OutputLook, Shown
from tests.bench.measure import go_ahead_of_others

PASSWORD = "a password for a bench"
PAGES = {
    "/": "/",
    "/screens/changes": "/screens/changes",
    "/screens/screen-17": "/screens/screen-17",
    "/reports": "/reports",
    "/reports of a month": "/reports?first={month}&last={today}",
    "/reports of the last month, compared": "/reports?first={month}&last={yesterday}",
    "/reports of a month by screen": "/reports?first={month}&last={today}&by=screen&playlist=views",
    "/reports of a month, some screens": "/reports?first={month}&last={today}&screen=tag:lift",
    "/reports of a year": "/reports?first={year}&last={yesterday}",
    "/reports of a year by screen": "/reports?first={year}&last={yesterday}&by=screen",
    "/reports of a year of an item by screen": "/reports?first={year}&last={yesterday}&by=screen&item=unity/2",
    "/reports of a year of a screen": "/reports?first={year}&last={yesterday}&screen=screen-17",
    "/reports of a year, some screens": "/reports?first={year}&last={yesterday}&screen=tag:lift",
}
_ITEMS, _DAYS, _ROWS, _KEPT_DAYS = 50, 365, 6, 200


def prepare(folder: Path, screens: int) -> Desk:
    """Make the office: its screens let in, a release on air, a year behind it."""
    make_store(folder / "store")
    names = [f"screen-{number}" for number in range(screens)]
    said = "\n".join(
        f"{name}:\n  title: 屏幕 {name}\n  tags: [indoor{', lift' if number % 4 == 0 else ''}]"
        for number, name in enumerate(names)
    )
    (folder / "store" / "playlists" / "screens.yaml").write_text(f"{said}\n", "utf-8")
    office = Office(folder / "office", lambda _name: "a passphrase for a bench", None, 2)
    create_office(office)
    publish(office, read_store(folder / "store"))
    desk = open_desk(folder / "store", folder / "office")
    desk.settings.change(is_set_up=True)
    today = to_datetime(desk.clock.now_ms(), ZONE).date()
    roll = Roll(desk.database, desk.audit, desk.clock)
    with desk.database.writing() as session:
        made_ms = desk.clock.now_ms()
        session.add(PersonRow(name="bench", password_hash=hash_password(PASSWORD), roles=list(Role), made_ms=made_ms))
        for name in names:
            roll.let_in(session, name, digest_of(token_of(name)), "bench")
    remember_a_year(desk, names, today)
    return desk


def remember_a_year(desk: Desk, names: list[str], today: date) -> None:
    """Write what such a year leaves: sums as screens report them, nights' comparisons, and what was cut or failed."""
    seconds = 86_400 // _ITEMS
    playlists = ("views", "notices", "unity", "office", "festival")
    with desk.database.writing() as session:
        write = session.connection().exec_driver_sql
        for back in range(1, _DAYS + 1):
            day = (today - timedelta(days=back)).isoformat()
            write(
                "INSERT INTO shown_sum VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        "all",
                        day,
                        name,
                        playlists[item % 5],
                        f"{playlists[item % 5]}/{item}.jpg",
                        170,
                        item % 3,
                        0,
                        seconds * 1000,
                    )
                    for name in names
                    for item in range(_ITEMS)
                ],
            )
            write(
                "INSERT INTO coverage VALUES (?, ?, 'main', 8640, 3, 86400000, 86100000, ?, 31)",
                [(day, name, number % 20) for number, name in enumerate(names)],
            )
            if back > _KEPT_DAYS:
                continue
            at_ms = day_start_ms(today - timedelta(days=back), ZONE) + 43_200_000
            write(
                "INSERT INTO shown VALUES (?, ?, 'main', ?, 'picture', '', 'views', ?, ?, ?, ?, ?, ?)",
                [
                    (name, -(back * 10 + turn), f"views/{turn}.jpg", at_ms, at_ms + 9000, at_ms, at_ms + 4000, *why)
                    for name in names
                    for turn, why in enumerate(
                        (
                            ("cut", "takeover"),
                            ("cut", "programme replaced"),
                            ("failed", "not ready in time"),
                            ("cut", "takeover"),
                            ("cut", "player closed"),
                        )
                    )
                ],
            )
        write(
            "INSERT INTO mishap SELECT strftime('%Y-%m-%d', started_ms / 1000, 'unixepoch', '+8 hours') AS at,"
            " screen, outcome, reason, count(*) FROM shown GROUP BY at, screen, outcome, reason"
        )
        write(
            "INSERT INTO mishap SELECT date, '', outcome, reason, sum(count) FROM mishap GROUP BY date, outcome, reason"
        )
        for keeps, span, screen, item in _COARSER:
            write(
                f"INSERT INTO shown_sum SELECT '{keeps}', {span} AS at, {screen} AS place, playlist, {item} AS what,"
                " sum(shown), sum(cut), sum(failed), sum(shown_ms) FROM shown_sum"
                " WHERE keeps = 'all' AND length(span) = 10 GROUP BY at, place, playlist, what"
            )


_MONTH = "substr(span, 1, 7)"
_COARSER = (
    ("items", "span", "''", "item"),
    ("items", _MONTH, "''", "item"),
    ("screens", "span", "screen", "''"),
    ("screens", _MONTH, "screen", "''"),
    ("all", _MONTH, "screen", "item"),
)


def token_of(name: str) -> str:
    return f"bench-token-of-{name}"


class Load:
    """Screens and people at one office. `took` has the milliseconds of every answer by what was asked."""

    def __init__(self, client: httpx2.AsyncClient, screens: int, speed: float) -> None:
        self.client = client
        self.names = [f"screen-{number}" for number in range(screens)]
        self.speed = speed
        self.took: dict[str, list[float]] = defaultdict(list)
        self.faults: dict[str, int] = defaultdict(int)
        self._keys = dict.fromkeys(self.names, 0)
        stream = BytesIO()
        Image.effect_noise((640, 360), 40).convert("RGB").save(stream, "JPEG", quality=60)
        self._picture = stream.getvalue()

    async def screen(self, name: str) -> None:
        """Report for ever, beginning at a moment of this screen's own."""
        await asyncio.sleep(random.uniform(0, 30 / self.speed))
        for turn in range(1_000_000):
            began = time.monotonic()
            await self.beat(name)
            if turn % 2:
                await self.report(name, _ROWS)
            if turn % 6 == 5:
                await self.send_picture(name)
            await asyncio.sleep(max(0.0, 30 / self.speed - (time.monotonic() - began)))

    async def beat(self, name: str) -> None:
        await self._ask("heartbeat", self.client.post, "/api/screens/heartbeat", name, json=heartbeat())

    async def report(self, name: str, rows: int) -> None:
        first = self._keys[name]
        self._keys[name] += rows
        body = {"rows": [row(key) for key in range(first, first + rows)]}
        await self._ask("asrun", self.client.post, "/api/screens/asrun", name, json=body)

    async def send_picture(self, name: str) -> None:
        await self._ask("picture", self.client.put, "/api/screens/picture", name, content=self._picture)

    async def person(self) -> None:
        """Ask for one page after the other, with half a second to look at each."""
        today = to_datetime(time.time_ns() // 1_000_000, ZONE).date()
        while True:
            for name, page in PAGES.items():
                days = {"today": 0, "yesterday": 1, "month": 29, "year": 365}
                path = page.format(**{word: today - timedelta(days=back) for word, back in days.items()})
                await self._ask(f"page {name}", self.client.get, path)
                await asyncio.sleep(0.5)

    async def _ask(
        self, what: str, send: Callable[..., Awaitable[httpx2.Response]], path: str, name: str = "", **body: object
    ) -> None:
        headers = {"authorization": f"Bearer {token_of(name)}"} if name else {}
        began = time.monotonic()
        answer = await send(path, headers=headers, **body)
        self.took[what].append((time.monotonic() - began) * 1000)
        if answer.status_code >= 300:
            self.faults[f"{what} {answer.status_code}"] += 1


def heartbeat() -> dict[str, object]:
    now_ms = time.time_ns() // 1_000_000
    on_air = (OnAir("main", "views/gulls.jpg", "views", now_ms - 4000, now_ms + 6000, next_item="views/terraces.jpg"),)
    machine = Machine("bench-pc", (1920, 1080), "Debian 12", "0.1.0", "software")
    health = Health(51.0, 20_000_000_000, 32_000_000_000, 2_000_000_000, 4_000_000_000, 200_000_000, 0.5)
    return asdict(
        Heartbeat(now_ms, 1, 3600.0, 1, on_air=on_air, output=OutputLook(now_ms, 90.0), health=health, machine=machine)
    )


def row(key: int) -> dict[str, object]:
    now_ms = time.time_ns() // 1_000_000
    item = f"views/{key % _ITEMS}.jpg"
    start_ms, end_ms = now_ms - 10_000, now_ms
    return asdict(Shown(key, "main", item, "picture", "0" * 64, "views", start_ms, end_ms, start_ms, end_ms, "shown"))


async def measure(url: str, pid: int, screens: int, speed: float, seconds: float) -> dict[str, object]:
    limits = httpx2.Limits(max_connections=400, max_keepalive_connections=400)
    async with httpx2.AsyncClient(base_url=url, limits=limits, timeout=60) as client:
        await until_it_answers(client)
        # Only people's browsers say where they come from; a screen that did would be refused.
        await client.post("/login", data={"name": "bench", "password": PASSWORD}, headers={"origin": url})
        load = Load(client, screens, speed)
        before_s = cpu_s(pid)
        tasks = [asyncio.create_task(load.screen(name)) for name in load.names]
        tasks += [asyncio.create_task(load.person()) for _ in range(3)]
        await asyncio.sleep(seconds)
        await end(tasks)
        found: dict[str, object] = {"screens": screens, "speed": speed, "seconds": seconds, "faults": dict(load.faults)}
        posts = sum(len(took) for what, took in load.took.items() if not what.startswith("page"))
        found["server's share of a core"] = round((cpu_s(pid) - before_s) / seconds, 2)
        found["posts_per_s"] = round(posts / seconds, 1)
        found["ms"] = {what: quantiles(took) for what, took in sorted(load.took.items())}
        for what, rows in (("heartbeats", 0), ("batches of 20 rows", 20)):
            found[f"most {what} per s"] = await most(client, screens, rows, 8.0)
    return found


async def most(client: httpx2.AsyncClient, screens: int, rows: int, seconds: float) -> float:
    """Give how many posts go through in a second, 64 at a time."""
    load = Load(client, screens, 1)
    load._keys = dict.fromkeys(load.names, 10_000_000)

    async def post() -> None:
        while True:
            name = random.choice(load.names)
            await (load.report(name, rows) if rows else load.beat(name))

    tasks = [asyncio.create_task(post()) for _ in range(64)]
    await asyncio.sleep(seconds)
    await end(tasks)
    return round(sum(map(len, load.took.values())) / seconds, 1)


async def end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome


async def until_it_answers(client: httpx2.AsyncClient) -> None:
    for _ in range(300):
        try:
            await client.get("/login")
        except httpx2.HTTPError:
            await asyncio.sleep(0.1)
        else:
            return
    raise SystemExit("the office did not start")


def quantiles(took: list[float]) -> dict[str, float]:
    took = sorted(took)
    named = {"n": len(took), "p50": took[len(took) // 2], "p99": took[len(took) * 99 // 100], "max": took[-1]}
    return {name: round(value, 1) for name, value in named.items()}


def cpu_s(pid: int) -> float:
    """Give the seconds of CPU that a process has used. Source: proc(5), the 14th and 15th of `stat`."""
    words = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def main(screens: int = 200, speed: float = 1.0, seconds: float = 60.0) -> None:
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder), screens).close()
        go_ahead_of_others()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "signage.cli", "office", f"{folder}/store", "--office", f"{folder}/office"]
        server = subprocess.Popen([*command, "--port", str(port)], env=os.environ | {"PYTHONPATH": str(Path.cwd())})
        try:
            print(json.dumps(asyncio.run(measure(f"http://127.0.0.1:{port}", server.pid, screens, speed, seconds))))
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)


if __name__ == "__main__":
    main(*(kind(value) for kind, value in zip((int, float, float), sys.argv[1:], strict=False)))
