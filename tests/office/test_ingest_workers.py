"""A file that crashes, hangs or eats memory ends its own process and nothing else; a service that is killed goes on."""

from __future__ import annotations

import os
import queue
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import psutil
import pytest
from PIL import Image

from signage.content.refusal import Refusal
from signage.content.values import MediaFile
from signage.office.ingest import converter as converter_module
from signage.office.ingest import workers as workers_module
from signage.office.ingest.convert import Job, Outcome
from signage.office.ingest.recipe import Recipe
from signage.office.ingest.states import State
from signage.office.ingest.workers import Workers
from tests.content.stores import film, noise, picture
from tests.office.ingesting import IngestingOffice

PATIENCE_S = 60.0


@pytest.fixture
def office(tmp_path):
    office = IngestingOffice(tmp_path)
    yield office
    office.close()


class Answers:
    def __init__(self) -> None:
        self.outcomes: queue.Queue[tuple[str, Outcome]] = queue.Queue()
        self.percents: queue.Queue[float] = queue.Queue()

    def outcome(self, job: Job, outcome: Outcome) -> None:
        self.outcomes.put((job.path, outcome))

    def percent(self, job: Job, percent: float) -> None:
        self.percents.put(percent)

    def next(self) -> Outcome:
        return self.outcomes.get(timeout=PATIENCE_S)[1]


def job_for(source: Path) -> Job:
    status = source.stat()
    key = (status.st_ino, status.st_size, status.st_mtime_ns)
    return Job(source, source.name, key, Recipe(), source.parent / "office", Path(), Path())


@pytest.fixture
def answers():
    return Answers()


def long_film(path: Path) -> Path:
    """Write a film that takes many seconds to convert, and few to make."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("mpeg4", rate=10)
        video.width, video.height, video.pix_fmt = 640, 480, "yuv420p"
        frames = [av.VideoFrame.from_image(noise(random.Random(at), (640, 480))) for at in range(2)]
        for at in range(300):
            frame = frames[at % 2]
            frame.pts = at
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    return path


def test_a_child_that_crashes_costs_its_file_two_tries_and_the_next_is_done(tmp_path, answers, monkeypatch, expect_log):
    expect_log("ingest.workers: bad.jpg: its conversion ended without an answer")
    (tmp_path / "crash.py").write_text(
        "import os, sys\n"
        "for line in sys.stdin:\n"
        "    if 'bad.jpg' in line: os.abort()\n"
        '    print(\'{"finding": {"reason": "r", "zh": "z"}}\', flush=True)\n'
    )
    monkeypatch.setattr(converter_module, "CHILD", [str(tmp_path / "crash.py")])
    for name in ("bad.jpg", "good.jpg"):
        (tmp_path / name).write_bytes(b"x")
    workers = Workers(1, tmp_path, answers.percent, answers.outcome)
    try:
        workers.submit(job_for(tmp_path / "bad.jpg"))
        workers.submit(job_for(tmp_path / "good.jpg"))
        bad, good = answers.next(), answers.next()
    finally:
        workers.close()

    assert isinstance(bad.finding, Refusal)
    assert "ended with -6" in bad.finding.reason
    assert good.finding == Refusal("r", "z")


def test_a_child_that_hangs_is_ended_with_all_that_it_started(tmp_path, answers, monkeypatch, expect_log):
    expect_log("ingest.workers: a.jpg: its conversion ended without an answer .took too long")
    (tmp_path / "hang.py").write_text(
        "import subprocess, sys\nprocess = subprocess.Popen(['sleep', '600'])\n"
        "print(process.pid, file=open(sys.argv[1], 'a'), flush=True)\nprocess.wait()\n"
    )
    monkeypatch.setattr(converter_module, "CHILD", [str(tmp_path / "hang.py"), str(tmp_path / "pids")])
    (tmp_path / "a.jpg").write_bytes(b"x")
    workers = Workers(1, tmp_path, answers.percent, answers.outcome, stall_s=1.5)
    try:
        workers.submit(job_for(tmp_path / "a.jpg"))
        outcome = answers.next()
    finally:
        workers.close()

    assert isinstance(outcome.finding, Refusal)
    pids = [int(line) for line in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2
    assert all(has_ended(pid) for pid in pids)


def has_ended(pid: int) -> bool:
    """Tell whether the process ends in a moment: what was killed takes some time to be gone."""
    end = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not is_running(pid)


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_picture_that_needs_more_memory_than_allowed_is_refused_and_others_go_on(tmp_path, answers):
    Image.new("L", (16_000, 12_000)).save(tmp_path / "large.png", compress_level=1)
    (tmp_path / "small.bmp").write_bytes(picture("BMP"))
    workers = Workers(1, tmp_path, answers.percent, answers.outcome, memory_bytes=400 << 20)
    try:
        workers.submit(job_for(tmp_path / "large.png"))
        workers.submit(job_for(tmp_path / "small.bmp"))
        large, small = answers.next(), answers.next()
    finally:
        workers.close()

    assert isinstance(large.finding, Refusal)
    assert "内存不够" in large.finding.zh
    assert isinstance(small.finding, MediaFile)


def test_a_child_with_nothing_to_do_gives_its_memory_back_and_the_next_file_has_another(tmp_path, answers, monkeypatch):
    monkeypatch.setattr(workers_module, "_IDLE_S", 0.1)
    (tmp_path / "a.bmp").write_bytes(picture("BMP"))
    before = set(psutil.Process().children())
    workers = Workers(1, tmp_path, answers.percent, answers.outcome)
    try:
        workers.submit(job_for(tmp_path / "a.bmp"))
        first = answers.next()
        psutil.wait_procs(set(psutil.Process().children()) - before, timeout=PATIENCE_S)
        workers.submit(job_for(tmp_path / "a.bmp"))
        second = answers.next()
    finally:
        workers.close()

    assert first == second
    assert isinstance(first.finding, MediaFile)


def test_closing_ends_what_is_in_work_at_once(tmp_path, answers):
    workers = Workers(1, tmp_path, answers.percent, answers.outcome)
    workers.submit(job_for(long_film(tmp_path / "a.avi")))
    answers.percents.get(timeout=PATIENCE_S)
    begun = time.monotonic()

    workers.close()

    assert time.monotonic() - begun < 5
    assert answers.outcomes.empty()


SERVICE = """
import sys, time
from pathlib import Path
from signage.office.database.engine import open_database
from signage.office.ingest.service import Ingest

store, folder = Path(sys.argv[1]), Path(sys.argv[2])
ingest = Ingest(store, folder, open_database(folder / "office.db"), workers=1)
ingest.start()
while True:
    time.sleep(0.05)
    if any(percent > 5 for _, percent in ingest.progress.current):
        print("half way", flush=True)
"""


def test_a_service_killed_in_the_middle_of_a_conversion_leaves_nothing_running_and_begins_again(office):
    long_film(office.media / "a.avi")
    office.put("b.jpg", picture())
    command = [sys.executable, "-c", SERVICE, str(office.store.root), str(office.folder)]
    service = subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(Path.cwd())})
    assert service.stdout is not None
    try:
        service.stdout.readline()
        children = psutil.Process(service.pid).children(recursive=True)
    finally:
        service.send_signal(signal.SIGKILL)
        service.wait()
        service.stdout.close()
    left = [child for child in children if not has_ended(child.pid)]
    # A short one in its place: what counts is that the work is taken up, and this test is quick.
    office.start()
    office.put("a.avi", film(office.folder / "short", 0.5, codec="mpeg4", container="avi"))
    office.settle()

    assert children
    assert left == []
    assert office.record("a.avi").state is State.CONVERTED
    assert office.record("b.jpg").state is State.ACCEPTED
    assert list((office.folder / "renditions/.work").glob("*/original")) == []


def until_in_work(office: IngestingOffice, name: str) -> None:
    """Step until the conversion of the file has said how far it is."""
    assert office.ingest is not None
    office.ingest.hint()
    end = time.monotonic() + PATIENCE_S
    while not any(path == name and percent > 0 for path, percent in office.ingest.progress.current):
        assert time.monotonic() < end
        office.clock.advance(max(1, round(min(office.ingest.step(), 3.0) * 1000)))
        office.ingest.wait(0.2)


def test_a_file_that_is_replaced_while_it_is_converted_is_taken_as_it_is_now(office):
    office.start()
    long_film(office.media / "a.avi")
    until_in_work(office, "a.avi")
    (office.media / "new").write_bytes(picture(size=(80, 60)))
    (office.media / "new").replace(office.media / "a.avi")
    begun = time.monotonic()

    office.settle()

    assert time.monotonic() - begun < PATIENCE_S / 4

    assert office.shown("a.avi")[0].size_px == (80, 60)


def test_a_file_that_goes_while_it_is_converted_is_gone(office):
    office.start()
    office.put("b.jpg", picture())
    long_film(office.media / "a.avi")
    until_in_work(office, "a.avi")
    (office.media / "a.avi").unlink()

    office.settle()

    assert office.record("a.avi").state is State.GONE
    assert office.record("b.jpg").state is State.ACCEPTED


def test_a_file_that_goes_and_comes_back_is_taken_again(office):
    office.start()
    long_film(office.media / "a.avi")
    until_in_work(office, "a.avi")
    (office.media / "a.avi").rename(office.folder / "away")
    office.put("b.jpg", picture())
    office.settle()
    gone = office.record("a.avi").state
    (office.folder / "away").rename(office.media / "a.avi")

    until_in_work(office, "a.avi")

    assert gone is State.GONE


@pytest.mark.skipif(sys.platform != "linux", reason="of Linux alone")
def test_where_memory_ends_a_conversion_goes_before_the_office(tmp_path, answers):
    source = tmp_path / "a.png"
    source.write_bytes(picture())
    workers = Workers(1, tmp_path / "work", answers.percent, answers.outcome)
    try:
        workers.submit(job_for(source))
        answers.next()
        (child,) = workers._children
        scores = [Path(f"/proc/{pid}/oom_score_adj").read_text().strip() for pid in (child._process.pid, os.getpid())]
    finally:
        workers.close()

    assert scores[0] == "800"
    assert scores[1] != "800"


def test_several_conversions_leave_half_of_the_memory_to_the_rest(monkeypatch):
    monkeypatch.setattr(converter_module, "memory_here", lambda: 8 << 30)
    asked = []
    monkeypatch.setattr(converter_module.subprocess, "Popen", lambda command, **_: asked.append(command) or 1 / 0)

    with pytest.raises(ZeroDivisionError):
        converter_module.Converter()

    assert asked[0][-2] == str(4 << 30)
