"""How soon thousands of idle streams hear of an urgent order: `python -m tests.bench.bench_hints [STREAMS] [PORT]`.

Starts `signage serve` over a new office, opens the streams from this process (on the same cores), gives orders, and
prints one line of JSON: memory for each stream, and milliseconds from the timestamp's write to the event's arrival.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from signage.office.office import Office
from signage.office.people import create_office
from signage.office.urgent import give_order
from signage.release.orders import OrderKind

PASSPHRASE = "a passphrase for a bench"
EVENTS = 5
_CONNECTING = 50


async def listen(port: int, hellos: list[float], heard: list[float]) -> None:
    """Hold one stream open; note when each event comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /events HTTP/1.1\r\nHost: office\r\n\r\n")
    notes = hellos
    while line := await reader.readline():
        if line.startswith(b"event:"):
            notes.append(time.time())
            notes = heard


async def measure(office: Office, server: subprocess.Popen[bytes], streams: int, port: int) -> dict[str, float]:
    await wait_for_port(port)
    before_kb = resident_kb(server.pid)
    hellos: list[float] = []
    heard: list[float] = []
    tasks = []
    for _ in range(streams):
        tasks.append(asyncio.create_task(listen(port, hellos, heard)))
        while len(tasks) - len(hellos) > _CONNECTING:
            await asyncio.sleep(0.01)
    await until(lambda: len(hellos) == streams, 60)
    kb = (resident_kb(server.pid) - before_kb) / streams
    delays: list[list[float]] = []
    for number in range(EVENTS):
        heard.clear()
        kind = OrderKind.RESUME if number % 2 else OrderKind.BLACKOUT
        await asyncio.to_thread(give_order, office, kind)
        written = (office.repository.folder / "metadata" / "timestamp.json").stat().st_mtime
        await until(lambda: len(heard) == streams, 30)
        delays.append(sorted((moment - written) * 1000 for moment in heard))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return {
        "streams": streams,
        "kb_per_stream": round(kb, 1),
        "p50_ms": round(sorted(one[len(one) // 2] for one in delays)[EVENTS // 2]),
        "p99_ms": round(sorted(one[len(one) * 99 // 100] for one in delays)[EVENTS // 2]),
        "worst_p99_ms": round(max(one[len(one) * 99 // 100] for one in delays)),
    }


async def wait_for_port(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise SystemExit("the server did not start")


async def until(is_so: object, limit_s: float) -> None:
    assert callable(is_so)
    end = time.monotonic() + limit_s
    while not is_so():
        if time.monotonic() > end:
            raise SystemExit("not every stream was told in time")
        await asyncio.sleep(0.02)


def resident_kb(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGESIZE") // 1024


def main(streams: int = 5000, port: int = 18_099) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, streams + 500)), hard))
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder) / "office", lambda name: PASSPHRASE)
        create_office(office)
        command = [sys.executable, "-m", "signage.cli", "serve", "--port", str(port), "--office", str(office.folder)]
        server = subprocess.Popen(command)
        try:
            print(json.dumps(asyncio.run(measure(office, server, streams, port))))
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
