"""A file of 2 GiB comes to a screen that is killed twice on the way: `python -m tests.long.longfile [--mib 2048]`."""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from signage.base.clock import SystemClock
from tests.long.kills import REPOSITORY, screen_process, start
from tests.player.office import SmallOffice
from tests.player.syncing import content_of

_SERVE = (
    "import sys, uvicorn; from starlette.applications import Starlette; from starlette.routing import Mount; "
    "from starlette.staticfiles import StaticFiles; "
    "app = Starlette(routes=[Mount('/', StaticFiles(directory=sys.argv[1]))]); "
    "uvicorn.run(app, port=int(sys.argv[2]), log_level='warning', access_log=False)"
)
_LONGEST_S = 300.0
MOST_KB = 100_000


def run(folder: Path, mib: int) -> tuple[list[int], int, bool]:
    """Give where each start went on (bytes), the most memory in kB, and whether it is on air at the end."""
    office = SmallOffice(folder / "office", SystemClock())
    office.publish({"film.png": content_of(1, 1_048_576) * mib})
    (folder / "root.json").write_bytes(office.root_bytes)
    port = _free_port()
    command = [sys.executable, "-c", _SERVE, str(office.folder), str(port)]
    server = subprocess.Popen(command, cwd=REPOSITORY)
    starts, peak_kb = [0], 0
    try:
        _await_port(port)
        with screen_process(folder, f"http://127.0.0.1:{port}/") as screen:
            assert screen.stdin
            assert screen.stdout
            until_s = time.monotonic() + _LONGEST_S
            while time.monotonic() < until_s:
                screen.stdin.write(f"{mib}\n" if len(starts) < 3 else "15000\n")
                screen.stdin.flush()
                peak_kb = max(peak_kb, int(screen.stdout.readline()))
                if (folder / "screen" / "current").exists():
                    break
                starts.append(sum(path.stat().st_size for path in (folder / "screen" / "partials").glob("*[0-9a-f]")))
    finally:
        server.terminate()
        server.wait()
    return starts, peak_kb, start(folder / "screen", office.root_bytes, "http://127.0.0.1:9/").status.number == 1


def _free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _await_port(port: int) -> None:
    until_s = time.monotonic() + 20
    while time.monotonic() < until_s:
        with closing(socket.socket()) as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=2048)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="signage-long-") as folder:
        starts, peak_kb, is_on_air = run(Path(folder), options.mib)
    is_resumed = len(starts) >= 3 and starts == sorted(set(starts))
    print(f"started at {starts} bytes; at most {peak_kb} kB of memory; {'on air' if is_on_air else 'NOT on air'}")
    return 0 if is_on_air and is_resumed and peak_kb < MOST_KB else 1


if __name__ == "__main__":
    sys.exit(main())
