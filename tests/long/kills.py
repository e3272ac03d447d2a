"""A screen's sync is killed again and again under random faults: `python -m tests.long.kills --kills 300`."""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from signage.base.clock import SystemClock
from signage.player.sync import Sync
from tests.faults.server import Choose, Fault, FaultyServer, at_random
from tests.player.office import SmallOffice
from tests.player.syncing import content_of
from tests.player.syncing_child import make_sync

REPOSITORY = Path(__file__).parents[2]
_FILES = 6


@dataclass
class Outcome:
    """What a run came to. `broken` are the rules that did not hold, in words."""

    kills: int
    releases: int
    requests: int
    switches: int
    peak_kb: int
    broken: list[str]


class Contents:
    """Releases of an office, by number: each changes two files of the one before; some are long enough to resume."""

    def __init__(self, office: SmallOffice, dice: random.Random) -> None:
        self.office = office
        self.dice = dice
        self.released: dict[int, dict[str, bytes]] = {}
        self._now = {f"{number}.png": self._content(number) for number in range(_FILES)}

    def publish(self) -> None:
        for number in self.dice.sample(range(_FILES), 2):
            self._now[f"{number}.png"] = self._content(self.dice.randrange(10**9))
        self.office.publish(self._now)
        self.released[self.office.number] = dict(self._now)

    def _content(self, seed: int) -> bytes:
        return content_of(seed, self.dice.choice([900, 30_000, 600_000]))


def run(folder: Path, kills: int, seed: int) -> Outcome:
    """Publish, sync and kill; look after each kill at what the next start would find."""
    dice = random.Random(seed)
    contents = Contents(SmallOffice(folder / "office", SystemClock()), dice)
    root = folder / "root.json"
    root.write_bytes(contents.office.root_bytes)
    outcome = Outcome(0, 0, 0, 0, 0, [])
    highest = 0
    contents.publish()
    with FaultyServer(contents.office.folder, _faults(seed)) as server, screen_process(folder, server.url) as screen:
        for _ in range(kills):
            if dice.random() < 0.5:
                contents.publish()
            assert screen.stdin
            assert screen.stdout
            screen.stdin.write(f"{dice.randrange(10, 600)}\n")
            screen.stdin.flush()
            outcome.peak_kb = max(outcome.peak_kb, int(screen.stdout.readline()))
            outcome.kills += 1
            number = look(folder / "screen", contents, outcome.broken)
            if number < highest:
                outcome.broken.append(f"release {number} is on air after {highest}")
            outcome.switches += number > highest
            highest = max(highest, number)
        server.choose = lambda _request: None
        converge(folder / "screen", contents, server.url, outcome.broken)
        outcome.releases, outcome.requests = len(contents.released), len(server.requests)
    return outcome


def _faults(seed: int) -> Choose:
    return at_random(seed, 0.2, without=(Fault.STALL,))


@contextmanager
def screen_process(folder: Path, url: str, *more: str) -> Iterator[subprocess.Popen[str]]:
    """Start what forks the screens that are killed."""
    command = [sys.executable, "-m", "tests.player.syncing_child", str(folder / "screen"), str(folder / "root.json")]
    with subprocess.Popen(
        [*command, url, *more], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            if process.stdin:
                process.stdin.close()
            process.wait(30)


def look(folder: Path, contents: Contents, broken: list[str]) -> int:
    """Start a screen from this disk without an office; give the number of what is on air, and note what is wrong."""
    sync = start(folder, contents.office.root_bytes, "http://127.0.0.1:9/")
    switch = sync.cache.current()
    number = sync.status.number
    if switch and int(switch.now.partition("-")[0]) != number:
        broken.append(f"the switch names {switch.now}, but release {number} is on air")
    store = sync.store
    if store is not None:
        found = {path: store.path_of(media).read_bytes() for path, media in store.media.items()}
        if found != contents.released[number]:
            broken.append(f"release {number} has other content than was published")
    return number


def converge(folder: Path, contents: Contents, url: str, broken: list[str]) -> None:
    """See that the newest release comes in once the network is well."""
    sync = start(folder, contents.office.root_bytes, url)
    sync.look()
    if sync.has_work:
        sync.fetch()
    if sync.status.number != max(contents.released):
        broken.append(f"release {sync.status.number} stays on air, not {max(contents.released)}")
    left = sorted(path.name for path in (folder / "partials").iterdir())
    if left:
        broken.append(f"partial files are left: {left}")


def start(folder: Path, root: bytes, url: str) -> Sync:
    sync = make_sync(folder, root, url)
    sync.restore()
    return sync


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="signage-kills-") as folder:
        outcome = run(Path(folder), options.kills, options.seed)
    print(outcome)
    return 1 if outcome.broken else 0


if __name__ == "__main__":
    sys.exit(main())
