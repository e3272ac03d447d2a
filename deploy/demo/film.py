"""A short film of the community and two small animations come out."""

from __future__ import annotations

import array
import math
import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath

from demo import buildings, nature
from demo.dress import POSES, Hands
from demo.paint import SERIF, Picture, closed_path, dot, down, glow, mix, smooth_path, stroke, tint, write
from demo.people import person

SIZE = (1280, 720)
RATE = 30
SECONDS = 18
SOUND_HZ = 44_100


def _strip(width: int, seed: int) -> Picture:
    return Picture(width, SIZE[1], seed=seed, clear=True)


def _far() -> Picture:
    pic = _strip(1500, 71)
    nature.ranges(pic, 430, (170, 120), "#b4c4de", "#8ba4bc", "#fbe8cc")
    return pic


def _middle() -> Picture:
    pic = _strip(1800, 72)
    nature.hill(pic, 440, 18, "#a9c98a", "#6f9f6a", 0.8)
    for x, floors, wide in (
        (60, 6, 150),
        (240, 7, 130),
        (430, 5, 170),
        (680, 7, 140),
        (860, 6, 160),
        (1100, 8, 130),
        (1280, 6, 170),
        (1520, 7, 150),
    ):
        buildings.block(
            pic,
            x,
            560,
            wide,
            floors,
            wall=("#f5e4ca", "#efe2d6", "#f0d8c4")[floors % 3],
            roof=("#8a4a3c", "#5c6a78")[floors % 2],
            floor=27,
        )
    for x in range(20, 1800, 92):
        nature.tree(pic, x + pic.chance.uniform(-20, 20), 580, pic.chance.uniform(90, 140), "#2f6a3c", "#b8d864")
    return pic


def _near() -> Picture:
    pic = _strip(2360, 73)
    pic.p.fillRect(QRectF(0, 560, 2360, 160), down(560, 720, [(0, "#9cc860"), (1, "#4f8a42")]))
    buildings.pavilion(pic, 420, 610, 250)
    for x, tall in ((120, 230), (700, 250), (1130, 260), (1620, 240), (2080, 270), (2290, 220)):
        nature.shade_on_ground(pic, x, 618, 80)
        nature.tree(pic, x, 620, tall, "#2a6236", "#c0dc66")
    nature.shade_on_ground(pic, 1370, 640, 110)
    buildings.pomegranate(pic.p, 1370, 560, 62)
    nature.flowers(pic, (0, 630, 2360, 70), 420, ["#f06a92", "#f7c84a", "#ffffff", "#c86ad8", "#f0604a"], 10)
    return pic


def _image(pic: Picture) -> QImage:
    pic.p.end()
    return pic.image


def _ease(value: float) -> float:
    value = min(1.0, max(0.0, value))
    return value * value * (3 - 2 * value)


def _kite(p: QPainter, x: float, y: float, size: float, colour: str, t: float, ground: tuple[float, float]) -> None:
    line = QPainterPath(QPointF(*ground))
    line.quadTo((x + ground[0]) / 2 + 40, (y + ground[1]) / 2 + 60, x, y)
    stroke(p, line, tint("#5a5048", 0.45), 1.1)
    p.save()
    p.translate(x, y)
    p.rotate(14 * math.sin(t * 1.3 + x))
    tail = smooth_path([(math.sin(t * 3 + k * 0.8) * 5 * k / 3, size + k * size * 0.28) for k in range(7)])
    stroke(p, tail, tint(colour, 0.9), 2.2)
    for half, shade in ((-1, 0.0), (1, 0.22)):
        p.fillPath(closed_path((0, -size), (half * size * 0.72, -size * 0.1), (0, size)), mix(colour, "#000000", shade))
    p.fillPath(
        closed_path((-size * 0.72, -size * 0.1), (size * 0.72, -size * 0.1), (0, size * 0.2)), tint("#fff3c4", 0.8)
    )
    p.restore()


def _walk(t: float, phase: float, base: Hands) -> Hands:
    """Give the hands of somebody who dances slowly."""
    up = 0.5 + 0.5 * math.sin(t * 4.2 + phase)
    (lx, ly), (rx, ry) = base
    return (lx, ly - 34 * up), (rx, ry - 34 * (1 - up))


def frames() -> Iterator[QImage]:
    """Give the film's pictures one after another."""
    sky = Picture(*SIZE, seed=70)
    nature.sky(sky, [(0, "#4a8fd4"), (0.4, "#a9d2ee"), (0.62, "#fdebc8")])
    nature.sun(sky, 1110, 330, 44, "#ffd88a", 7)
    bank = Picture(2200, SIZE[1], seed=74, clear=True)
    nature.clouds(bank, 11, 60, 280, "#ffffff", 0.95)
    layers = [_image(part) for part in (sky, bank, _far(), _middle(), _near())]
    dancers = ("yi", "hui", "dai", "tibetan", "bai", "han-man", "miao", "yi-man", "hui-woman", "uygur")
    for number in range(RATE * SECONDS):
        t = number / RATE
        share = t / SECONDS
        pan = 0.5 - 0.5 * math.cos(math.pi * share)
        pic = Picture(*SIZE)
        p = pic.p
        p.drawImage(QPointF(0, 0), layers[0])
        p.drawImage(QPointF(-120 - 26 * t, 0), layers[1])
        for image, reach in ((layers[2], 200), (layers[3], 500)):
            p.drawImage(QPointF(-reach * pan, 0), image)
        for k, (x, y, size, colour) in enumerate(
            ((820, 170, 26, "#e2483c"), (1090, 120, 20, "#f0a82e"), (560, 220, 18, "#3f9ad0"))
        ):
            kx = x + 26 * math.sin(t * 0.7 + k * 2) - 130 * pan
            _kite(p, kx, y + 18 * math.sin(t * 1.1 + k), size, colour, t + k, (kx - 150, 560))
        p.drawImage(QPointF(-1060 * pan, 0), layers[4])
        for k, dress in enumerate(dancers):
            px = 760 + k * 118 - 1060 * pan
            if -80 < px < SIZE[0] + 80:
                hop = 7 * abs(math.sin(t * 4.2 + k * 0.6))
                person(
                    p, px, 668 - hop, 150, dress, _walk(t, k * 0.6, POSES["hold"]), lean=4 * math.sin(t * 2.1 + k * 0.6)
                )
        for k in range(9):
            gx = (k * 173 + t * (46 + 5 * k)) % 1500 - 110
            nature.gull(
                p, gx, 110 + 26 * (k * 5 % 7) + 14 * math.sin(t * 1.4 + k), 17 + 5 * (k % 4), math.sin(t * 7 + k * 1.3)
            )
        swing = 7 * math.sin(t * 1.6)
        for k, x in enumerate((70, 170, 1110, 1210)):
            p.save()
            p.translate(x, -10)
            p.rotate(swing * (1 if k % 2 else -1) * 0.8 + 2 * math.sin(t * 2.3 + k))
            stroke(p, smooth_path([(0, 0), (0, 60 + 26 * (k % 2))]), "#6a3a20", 2)
            buildings.lantern(p, 0, 96 + 26 * (k % 2), 26)
            p.restore()
        _titles(p, t)
        p.end()
        yield pic.image


def _titles(p: QPainter, t: float) -> None:
    """Write the title at the start and the wish at the end, each with a soft dark edge."""
    for text, size, show in (
        ("石榴里社区 · 我们的家", 76, _ease((t - 0.6) / 1.2) * _ease((6.0 - t) / 1.2)),
        ("像石榴籽一样紧紧抱在一起", 68, _ease((t - 11.5) / 1.2) * _ease((SECONDS - 0.4 - t) / 1.0)),
    ):
        if show <= 0:
            continue
        p.save()
        p.setOpacity(show)
        for dx, dy in ((-2, 0), (2, 0), (0, -2), (0, 2), (3, 4)):
            write(p, (dx, 172 + dy, SIZE[0], 110), text, size, "#8f1f1a", family=SERIF, spacing_px=6)
        write(p, (0, 172, SIZE[0], 110), text, size, "#fff6da", family=SERIF, spacing_px=6)
        p.restore()


def _pluck(pitch_hz: float, seconds: float, chance: random.Random) -> list[float]:
    """Give the sound of one plucked string (Karplus and Strong, 1983)."""
    loop = [chance.uniform(-1, 1) for _ in range(max(2, round(SOUND_HZ / pitch_hz)))]
    for _ in range(2):
        loop = [(a + b) / 2 for a, b in zip(loop, loop[1:] + loop[:1], strict=True)]
    made, size = [], len(loop)
    for k in range(int(seconds * SOUND_HZ)):
        at = k % size
        made.append(loop[at])
        loop[at] = 0.4985 * (loop[at] + loop[(at + 1) % size])
    return made


def music() -> array.array[float]:
    """Give a gentle melody of plucked strings in a five-tone scale, in [-1, 1]."""
    chance = random.Random(8)
    total = SECONDS * SOUND_HZ
    out = array.array("f", bytes(4 * total))
    scale = {1: 293.66, 2: 329.63, 3: 369.99, 5: 440.0, 6: 493.88, 8: 587.33, 9: 659.26}
    beats = [3, 5, 6, 5, 8, 6, 5, 0, 6, 8, 9, 8, 6, 5, 3, 0, 5, 6, 8, 6, 5, 3, 2, 0, 3, 5, 6, 8, 6, 5, 3, 2, 1, 0]
    notes = [(0.3 + k * 0.5, scale[note], 0.30) for k, note in enumerate(beats) if note]
    notes += [
        (0.3 + k * 2.0, (146.83, 110.0, 123.47, 146.83, 97.999, 110.0, 146.83, 110.0, 146.83)[k], 0.34)
        for k in range(9)
    ]
    for start, pitch, loud in notes:
        at = int(start * SOUND_HZ)
        for k, sample in enumerate(_pluck(pitch, 1.9, chance)):
            if at + k < total:
                out[at + k] += sample * loud
    for k in range(total):
        edge = _ease(k / SOUND_HZ / 0.4) * _ease((total - k) / SOUND_HZ / 1.6)
        out[k] = math.tanh(out[k] * edge)
    return out


def write_film(path: Path) -> None:
    """Write the film: H.264 and AAC in MP4, its index at the front."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as out:
        video = out.add_stream(
            "libx264", rate=RATE, options={"crf": "29", "preset": "slow", "threads": "2", "tune": "animation"}
        )
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        video.time_base = Fraction(1, RATE)
        audio = out.add_stream("aac", rate=SOUND_HZ, layout="mono")
        audio.bit_rate = 64_000
        for number, image in enumerate(frames()):
            flat = image.convertToFormat(QImage.Format.Format_RGBA8888)
            frame = av.VideoFrame(*SIZE, "rgba")
            frame.planes[0].update(bytes(flat.constBits()))
            frame.pts = number
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        sound = music()
        for at in range(0, len(sound), 1024):
            part = sound[at : at + 1024]
            block = av.AudioFrame(format="fltp", layout="mono", samples=len(part))
            block.planes[0].update(part.tobytes().ljust(block.planes[0].buffer_size, b"\0"))
            block.sample_rate, block.pts = SOUND_HZ, at
            block.time_base = Fraction(1, SOUND_HZ)
            out.mux(audio.encode(block))
        out.mux(audio.encode(None))


def dance() -> list[Image.Image]:
    """Give the frames of a round dance that repeats without a seam."""
    ground = Picture(960, 540, seed=81)
    nature.sky(ground, [(0, "#1c2a66"), (0.5, "#7a4a8c"), (0.75, "#f09a6a")])
    nature.ranges(ground, 380, (110, 70), "#6a4c86", "#3a2a5c", "#e08a6a")
    ground.p.fillRect(QRectF(0, 392, 960, 150), down(392, 540, [(0, "#8a5a3c"), (1, "#4a2a24")]))
    dot(ground.p, 480, 470, 420, glow(480, 470, 420, [(0, tint("#ffb050", 0.6)), (1, tint("#ffb050", 0))]), 0.4)
    buildings.garland(ground.p, -10, 60, 970, 60, 46, 9, 20, True)
    back = _image(ground)
    made = []
    for number in range(16):
        turn = number / 16 * math.tau
        pic = Picture(960, 540)
        pic.p.drawImage(QPointF(0, 0), back)
        for k, dress in enumerate(("yi", "hui", "dai", "tibetan", "bai", "miao", "yi-man")):
            up = 0.5 + 0.5 * math.sin(turn + k * 0.9)
            hands = ((-28, -46 - 44 * up), (28, -46 - 44 * (1 - up)))
            person(
                pic.p,
                78 + k * 134,
                512 - 16 * abs(math.sin(turn + k * 0.9)),
                226,
                dress,
                hands,
                lean=5 * math.sin(turn + k * 0.9),
            )
        made.append(pic.finish(grain=0))
    return made


def lantern_swing() -> list[Image.Image]:
    """Give the frames of a lantern that swings on a red ground, in few colours."""
    made = []
    for number in range(20):
        turn = number / 20 * math.tau
        pic = Picture(640, 360)
        pic.wash(QColor("#a8201a"))
        for k in range(5):
            for side in (90, 550):
                dot(pic.p, side, 40 + k * 70, 16, "#c23428")
        pic.p.save()
        pic.p.translate(320, -30)
        pic.p.rotate(13 * math.sin(turn))
        stroke(pic.p, smooth_path([(0, 0), (0, 110)]), "#f0c04a", 3)
        buildings.lantern(pic.p, 0, 190, 84, colour="#e8402a")
        write(pic.p, (-70, 150, 140, 84), "福", 74, "#ffe9a0", family=SERIF)
        pic.p.restore()
        made.append(pic.finish(grain=0, vignette=0))
    return made


def write_dance(path: Path) -> None:
    """Write the round dance as an animated WebP."""
    path.parent.mkdir(parents=True, exist_ok=True)
    first, *rest = dance()
    first.save(path, save_all=True, append_images=rest, duration=110, loop=0, quality=62, method=6)


def write_lantern(path: Path) -> None:
    """Write the lantern as an animated GIF."""
    path.parent.mkdir(parents=True, exist_ok=True)
    first, *rest = [frame.quantize(48, dither=Image.Dither.NONE) for frame in lantern_swing()]
    first.save(path, save_all=True, append_images=rest, duration=80, loop=0, optimize=True)
