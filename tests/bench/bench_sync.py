"""Measures how a screen gets its files beside rsync and curl, all from this machine: first, no change, one change.

A plain script: `python -m tests.bench.bench_sync [--files 1000] [--mb 1] [--many 10000] [--json]`. Files are served by
nginx where it is installed (`apt-get install nginx-light rsync`); what is not installed is left out, and said so.
signage verifies every byte and has it on the disk when it is done; rsync and curl do neither.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from signage.base.clock import SystemClock
from signage.content.values import MediaFile
from signage.player.http import Http
from signage.player.sync import Sync
from tests.player.office import SmallOffice
from tests.player.syncing import content_of

_NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  log_format sent '$bytes_sent'; access_log {folder}/access.log sent;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5; sendfile on;
  gzip on; gzip_types application/json; gzip_min_length 1000;
  types {{ application/json json; }}
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""
Row = dict[str, object]


class Server:
    """Serves an office's folder and counts what it sent."""

    def __init__(self, folder: Path, port: int) -> None:
        self._log = folder / "access.log"
        self.url = f"http://127.0.0.1:{port}/"

    def sent(self) -> tuple[int, int]:
        """Give how many requests were answered so far, with how many bytes."""
        time.sleep(0.2)  # nginx writes its log after the answer
        lines = self._log.read_text().split() if self._log.exists() else []
        return len(lines), sum(map(int, lines))


@contextmanager
def serving(root: Path, folder: Path) -> Iterator[Server]:
    """Serve `root` with nginx; with Python's own server, which counts nothing, where there is none."""
    folder.mkdir()
    port = _free_port()
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(root))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Server(folder, port)
        server.shutdown()
        return
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=port, root=root))
    # As root, nginx would serve as nobody, who may not look into this folder.
    user = ["-g", "user root;"] if os.geteuid() == 0 else []
    process = subprocess.Popen([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), *user])
    try:
        _await_port(port)
        yield Server(folder, port)
    finally:
        process.terminate()
        process.wait()


class Screen:
    """One screen's sync over the server."""

    def __init__(self, folder: Path, office: SmallOffice, url: str) -> None:
        clock = SystemClock()
        self._http = Http(clock)
        self.sync = Sync(folder, [url], office.root_bytes, "lobby", clock, self._http)
        self.sync.restore()

    def update(self) -> None:
        assert self.sync.look(), self.sync.status.message
        if self.sync.has_work:
            self.sync.fetch()

    def close(self) -> None:
        self._http.close()


def measure(folder: Path, files: int, length: int, many: int) -> list[Row]:
    """Give the figures as rows of `name`, `value`, `unit`."""
    rows: list[Row] = []

    def timed(name: str, work: Callable[[], object], server: Server | None = None) -> None:
        requests, sent = server.sent() if server else (0, 0)
        began_s, cpu_s = time.perf_counter(), time.process_time()
        work()
        rows.append(_row(f"{name}: wall", round(time.perf_counter() - began_s, 3), "s"))
        if server:
            rows.append(_row(f"{name}: CPU of the screen", round(time.process_time() - cpu_s, 3), "s"))
            requests_after, sent_after = server.sent()
            rows.append(_row(f"{name}: requests", requests_after - requests, ""))
            rows.append(_row(f"{name}: bytes down", sent_after - sent, "B"))

    office = SmallOffice(folder / "office", SystemClock())
    media = {f"{at:05}.png": _blob(office, at, length) for at in range(files)}
    _publish(office, media)
    with serving(office.folder, folder / "server") as server:
        screen = Screen(folder / "screen", office, server.url)
        timed(f"signage, first sync of {files} files", screen.update, server)
        timed("signage, no change", screen.update, server)
        changed = media | {"00000.png": _blob(office, files, length)}
        paths = folder / "urls"
        _write_urls(paths, media, server.url, folder / "curl")
        timed(f"curl --parallel, first sync of {files} files", functools.partial(_curl, paths))
        rsync = functools.partial(_rsync, office.folder / "blobs", folder / "rsync")
        if shutil.which("rsync"):
            timed(f"rsync, first sync of {files} files", rsync)
            timed("rsync, no change", rsync)
        _publish(office, changed)
        timed("signage, one change", screen.update, server)
        if shutil.which("rsync"):
            timed("rsync, one change", rsync)
        screen.close()
    small = SmallOffice(folder / "many", SystemClock())
    media = {f"{at % 50:02}/{at:06}.png": _blob(small, at, 100) for at in range(many)}
    _publish(small, media)
    with serving(small.folder, folder / "server-many") as server:
        screen = Screen(folder / "screen-many", small, server.url)
        timed(f"signage, first sync of {many} small files", screen.update, server)
        timed(f"signage, no change in {many}", screen.update, server)
        _publish(small, media | {"00/000000.png": _blob(small, many, 100)})
        timed(f"signage, one file of {many}", screen.update, server)
        screen.close()
    return rows


def _blob(office: SmallOffice, seed: int, length: int) -> MediaFile:
    return office.blob(f"{seed}.png", content_of(seed, length))


def _publish(office: SmallOffice, media: dict[str, MediaFile]) -> None:
    office.number += 1
    named = {path: MediaFile(path, one.kind, one.sha256, one.length_bytes, 0, (16, 9)) for path, one in media.items()}
    office.publish_files(named)


def _write_urls(path: Path, media: dict[str, MediaFile], url: str, target: Path) -> None:
    target.mkdir()
    lines = [
        f'url = "{url}blobs/{one.sha256[:2]}/{one.sha256}"\noutput = "{target / one.sha256}"' for one in media.values()
    ]
    path.write_text("\n".join(lines))


def _curl(urls: Path) -> None:
    subprocess.run(["curl", "-s", "--parallel", "--parallel-max", "4", "-K", str(urls)], check=True)


def _rsync(source: Path, target: Path) -> None:
    subprocess.run(["rsync", "-a", f"{source}/", str(target)], check=True)


def _row(name: str, value: float, unit: str) -> Row:
    return {"name": name, "value": value, "unit": unit}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _await_port(port: int) -> None:
    until_s = time.monotonic() + 20
    while time.monotonic() < until_s:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--mb", type=float, default=1.0)
    parser.add_argument("--many", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="signage-bench-") as folder:
        for row in measure(Path(folder), options.files, round(options.mb * 1_000_000), options.many):
            print(json.dumps(row) if options.json else f"{row['name']:52} {row['value']:>14} {row['unit']}", flush=True)


if __name__ == "__main__":
    main()
