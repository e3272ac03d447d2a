"""Makers of store folders and of real media files for the tests of content."""

from __future__ import annotations

import io
import os
import random
import time
from fractions import Fraction
from pathlib import Path

import av
import pypdfium2 as pdfium
from PIL import Image, ImageDraw

from signage.content.store import StoreReader
from signage.content.values import Item, Playlist, Store


class StoreFolder:
    """A content store in a temporary folder, and the short ways to fill and read it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "media").mkdir(parents=True)
        (root / "playlists").mkdir()

    def playlist(self, name: str, text: str) -> Path:
        path = self.root / "playlists" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def media(self, path: str, content: bytes | None = None) -> Path:
        """Write a file of `media/`: `content`, or a small picture that is different for each path."""
        file = self.root / "media" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(picture(text=path) if content is None else content)
        return file

    def read(self) -> Store:
        return StoreReader(self.root).read()

    def problems(self) -> list[str]:
        return [str(problem) for problem in self.read().problems]


def only(store: Store) -> Playlist:
    """Give the one playlist of a store without problems."""
    assert [str(problem) for problem in store.problems] == []
    assert len(store.playlists) == 1
    return store.playlists[0]


def items(playlist: Playlist) -> list[Item]:
    return [item for entry in playlist.entries for item in entry.items]


def names(playlist: Playlist) -> list[str]:
    return [item.name for item in items(playlist)]


def picture(format_name: str = "JPEG", size: tuple[int, int] = (64, 48), text: str = "", **options: object) -> bytes:
    image = Image.new("RGB", size, (sum(text.encode()) % 256, 120, 60))
    ImageDraw.Draw(image).text((2, 2), text.encode("ascii", "replace").decode(), fill="white")
    out = io.BytesIO()
    image.save(out, format_name, **options)
    return out.getvalue()


def noisy_jpeg(size: tuple[int, int] = (400, 300)) -> bytes:
    """Give a JPEG with detail everywhere, so that a cut shows."""
    out = io.BytesIO()
    noise(random.Random(3), size).save(out, "JPEG", quality=90)
    return out.getvalue()


def noise(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    return Image.frombytes("RGB", size, chance.randbytes(size[0] * size[1] * 3))


def animation(format_name: str, frames: int = 3, frame_ms: int = 200) -> bytes:
    images = [Image.new("RGB", (32, 24), (60 * at, 0, 255 - 60 * at)) for at in range(frames)]
    out = io.BytesIO()
    images[0].save(out, format_name, save_all=True, append_images=images[1:], duration=frame_ms, loop=0)
    return out.getvalue()


def film(
    path: Path,
    seconds: float = 1.0,
    codec: str = "libx264",
    container: str | None = None,
    size: tuple[int, int] = (64, 48),
    *,
    has_sound: bool = False,
    faststart: bool = False,
    shape: Fraction | None = None,
    metadata: dict[str, str] | None = None,
) -> bytes:
    """Write a film of 10 pictures a second to `path` and give its bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"movflags": "faststart"} if faststart else {}
    with av.open(str(path), "w", format=container, container_options=options) as out:
        out.metadata.update(metadata or {})
        video = out.add_stream(codec, rate=25 if codec.startswith("mpeg") else 10)
        video.width, video.height = size
        video.pix_fmt = "yuv420p"
        video.codec_context.gop_size = 5
        if shape:
            video.codec_context.sample_aspect_ratio = shape
        audio = out.add_stream("aac" if container != "avi" else "mp3", rate=44_100) if has_sound else None
        chance = random.Random(5)
        for _ in range(round(seconds * int(video.codec_context.rate or 10))):
            for packet in video.encode(av.VideoFrame.from_image(noise(chance, size))):
                out.mux(packet)
        for packet in video.encode():
            out.mux(packet)
        if audio:
            add_silence(out, audio, seconds)
    return path.read_bytes()


def add_silence(out: av.container.OutputContainer, audio: av.AudioStream, seconds: float) -> None:
    size = audio.codec_context.frame_size or 1024
    for at in range(round(seconds * 44_100 / size)):
        frame = av.AudioFrame("s16", "stereo", size)
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        frame.sample_rate = 44_100
        frame.pts = at * size
        for packet in audio.encode(frame):
            out.mux(packet)
    for packet in audio.encode():
        out.mux(packet)


def pdf(path: Path, pages: int = 2, size: tuple[int, int] = (300, 200)) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    document = pdfium.PdfDocument.new()
    for _ in range(pages):
        document.new_page(*size).close()
    document.save(path)
    document.close()
    return path.read_bytes()


def make_older(path: Path, seconds: float) -> None:
    """Set the file's times back."""
    then = time.time() - seconds
    os.utime(path, (then, then))
