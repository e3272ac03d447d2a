"""Measures how long after a photo was dropped into the shared folder it is on a screen, where nothing is reviewed.

A plain script: `python -m tests.bench.bench_drop [--count 20] [--megapixels 12] [--json]`. A real
`signage office`, a real `signage play` on an Xvfb of its own, loopback. The photo is copied as staff copy it (a plain
copy, no rename); the clock starts when the copy is complete. The screen shows the newest photo of a folder for 1 s,
again and again: so up to 1 s of each figure is the item that is on air and must end. 2 s of it are the wait for a
file to come to rest.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

from PIL import Image

from signage.base.errors import SignageError
from signage.office.console.auth import hash_password
from signage.office.console.roles import Role
from signage.office.database.tables import PersonRow
from signage.office.desk import open_desk
from signage.office.office import Office
from signage.office.people import create_office
from signage.player.asrun import read_asrun
from tests.bench.measure import Display

PASSWORD = PASSPHRASE = "a password for the bench"
_PATIENCE_S = 60.0
_PLAYLIST = (
    "title: 最新照片\nplay:\n  - folder: drop\n    order: newest\n    limit: 1\n    seconds: 1\n    transition: cut\n"
)


def make_photo(path: Path, megapixels: float, seed: int) -> None:
    """Write a JPEG of that many megapixels that compresses about as a photo does, different for each seed."""
    width = round((megapixels * 1_000_000 * 4 / 3) ** 0.5)
    noise = Image.effect_noise((width // 8, width * 3 // 32), 40 + seed % 7).resize((width, width * 3 // 4))
    Image.merge("RGB", (noise, noise.point(lambda value: 255 - value), noise.rotate(180))).save(path, quality=88)


@contextmanager
def running(command: list[str], log: Path, environment: dict[str, str] | None = None) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "signage.cli", *command],
            env={**os.environ, **(environment or {})},
            stdout=output,
            stderr=output,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(_PATIENCE_S)


class Browser:
    """Signs in and posts forms, as the console's own pages do."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def post(self, path: str, **fields: str) -> int:
        data = urllib.parse.urlencode(fields).encode()
        request = urllib.request.Request(self._address + path, data, {"Origin": self._address})
        try:
            with self._opener.open(request, timeout=_PATIENCE_S) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code


def until(is_so, patience_s: float = _PATIENCE_S):
    """Wait until it gives something true, and give that."""
    end_s = time.monotonic() + patience_s
    while time.monotonic() < end_s:
        if found := is_so():
            return found
        time.sleep(0.02)
    raise TimeoutError("did not come about")


def measure(work: Path, count: int, megapixels: float) -> dict[str, object]:
    """Drop that many photos, one after the other; seconds from the end of each copy to the photo's first frame."""
    store, folder, state = work / "store", work / "office", work / "state"
    (store / "media" / "drop").mkdir(parents=True)
    (store / "playlists").mkdir()
    (store / "playlists" / "newest.yaml").write_text(_PLAYLIST, "utf-8")
    make_photo(store / "media" / "drop" / "first.jpg", 0.3, 0)
    create_office(Office(folder, lambda _name: PASSPHRASE, scrypt_cost=2**12))
    desk = open_desk(store, folder, takes_in=False)
    desk.settings.change(is_set_up=True)
    with desk.database.writing() as session:
        roles = [Role.PUBLISHER]
        session.add(PersonRow(name="bench", password_hash=hash_password(PASSWORD), roles=roles, made_ms=0))
    desk.close()
    photos = [work / f"photo-{number}.jpg" for number in range(count)]
    for number, photo in enumerate(photos):
        make_photo(photo, megapixels, number)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    root = str(folder / "published" / "metadata" / "1.root.json")
    office = ["office", str(store), "--office", str(folder), "--port", str(port)]
    play = ["play", "--office", address, "--root", root, "--screen", "default", "--state", str(state)]
    with running(office, work / "office.log"), Display(1280, 720) as display:
        browser = Browser(address)
        until(lambda: _answers(address))
        browser.post("/login", name="bench", password=PASSWORD)
        browser.post("/review/direct", turn="on", passphrase=PASSPHRASE)
        with running(play, work / "play.log", {"DISPLAY": display.name, "QT_QPA_PLATFORM": "xcb"}):
            until(lambda: _shown(state, "drop/first.jpg"))
            took = [_drop(store, state, photo) for photo in photos]
    taken, out, shown = (sorted(column) for column in zip(*took, strict=True))
    return {
        "photos": count,
        "megapixels": megapixels,
        "taken in, median s": round(statistics.median(taken), 2),
        "published, median s": round(statistics.median(out), 2),
        "on screen, median s": round(statistics.median(shown), 2),
        "p99 s": round(shown[min(len(shown) - 1, len(shown) * 99 // 100)], 2),
    }


def _drop(store: Path, state: Path, photo: Path) -> tuple[float, ...]:
    name = f"drop/{photo.name}"
    shutil.copyfile(photo, store / "media" / name)
    copied_ms = time.time() * 1000
    shown_ms = until(lambda: _shown(state, name))
    with closing(sqlite3.connect(store.parent / "office" / "office.db")) as memory:
        taken_ms = memory.execute("SELECT changed_ms FROM media_file WHERE path = ?", (name,)).fetchone()[0]
        out_ms = memory.execute("SELECT at_ms FROM submission ORDER BY number DESC LIMIT 1").fetchone()[0]
    return tuple((at_ms - copied_ms) / 1000 for at_ms in (taken_ms, out_ms, shown_ms))


def _shown(state: Path, item: str) -> int:
    """Give when the item was first on screen; 0 while it was not."""
    try:
        return min((row.started_ms for row in read_asrun(state) if row.item == item), default=0)
    except SignageError:  # there is no log yet
        return 0


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/login", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--megapixels", type=float, default=12)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="signage-drop-") as folder:
        row = measure(Path(folder), options.count, options.megapixels)
    print(json.dumps(row) if options.json else "  ".join(f"{name}: {value}" for name, value in row.items()))


if __name__ == "__main__":
    main()
