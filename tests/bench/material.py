"""Makes what the bench plays, once, in a folder: pictures, films, an animation, a PDF; and stores and pages of it.

Nothing in it is black, so that black on the screen is always a gap. Real pictures of the machine are used where the
desktop's backgrounds are installed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image, ImageDraw, ImageOps

FIRST_COLOUR = (20, 120, 200)
"""Of the picture that a program's start is timed by."""
CODE_BITS = 12
CODE_BLOCK_PX = 32
"""A film's frames carry their number: twelve squares, light or dark, across the left of the middle row."""
_REAL_PICTURES = Path("/usr/share/backgrounds/gnome")
_HUES = [(180, 60, 40), (40, 140, 70), (50, 80, 170), (190, 140, 30), (120, 50, 140), (30, 140, 150)]


@dataclass(frozen=True, slots=True)
class Material:
    """The files of the bench. `real_film` is a film that nobody here made, if one was given."""

    media: Path
    pictures: tuple[Path, ...]
    first: Path
    film: Path
    short_films: tuple[Path, ...]
    animation: Path
    document: Path
    real_film: Path | None = None


def make_material(folder: Path, real_film: Path | None = None, film_s: float = 30) -> Material:
    """Make what is missing in the folder, and give it all."""
    media = folder / "media"
    media.mkdir(parents=True, exist_ok=True)
    first = media / "first.png"
    if not first.exists():
        Image.new("RGB", (1920, 1080), FIRST_COLOUR).save(first)
    pictures = _pictures(media)
    film = make_film(media / f"film-{film_s:g}.mp4", (1920, 1080), film_s, pictures[0])
    shorts = (
        make_film(media / "short-1080.mp4", (1920, 1080), 3, pictures[1]),
        make_film(media / "short-720.mp4", (1280, 720), 3, pictures[2]),
        make_film(media / "short-upright.mp4", (608, 1080), 3, pictures[3]),
    )
    animation, document = media / "animation.webp", media / "pages.pdf"
    if not animation.exists():
        frames = [_drawing((640, 360), hue) for hue in _HUES]
        frames[0].save(animation, save_all=True, append_images=frames[1:], duration=120, loop=0)
    if not document.exists():
        pages = [_drawing((1240, 1754), hue) for hue in _HUES[:4]]
        pages[0].save(document, save_all=True, append_images=pages[1:], resolution=150)
    kept = None
    if real_film is not None:
        kept = media / f"real{real_film.suffix}"
        shutil.copyfile(real_film, kept)
    return Material(media, pictures, first, film, shorts, animation, document, kept)


def frame_number(samples: bytes) -> int | None:
    """Give the number that a film's frame carries, from one sample (three bytes) of each square; None if unclear."""
    count = len(samples) // 3
    number = 0
    for at in range(CODE_BITS):
        level = (samples[at] + samples[count + at] + samples[2 * count + at]) // 3
        if 90 < level < 160:
            return None
        number = number * 2 + (level >= 160)
    return number


def make_store(folder: Path, material: Material, play: str, screen: str = "title: bench") -> Path:
    """Make a store with one playlist; `play` is its YAML list. Media are links, so that nothing is copied."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "playlists").mkdir(parents=True)
    (folder / "media").mkdir()
    for file in material.media.iterdir():
        (folder / "media" / file.name).hardlink_to(file)
    (folder / "playlists" / "bench.yaml").write_text(f"title: bench\nplay:\n{play}", encoding="utf-8")
    (folder / "playlists" / "screens.yaml").write_text(f"screens:\n  default: {{{screen}}}\n", encoding="utf-8")
    return folder


def entries(files: Iterable[Path], seconds: float, more: str = "") -> str:
    """Give the YAML of a list of files, each for so long."""
    return "".join(f"  - {{file: {file.name}, seconds: {seconds:g}{more}}}\n" for file in files)


def mixed(material: Material, seconds: float) -> str:
    """Give the YAML of twelve items of every kind: four pictures, three films, three cards, PDF pages, an animation."""
    films, pictures = material.short_films, material.pictures
    each = f"seconds: {seconds:g}"
    lines = [
        f"{{file: {pictures[0].name}, {each}}}",
        f"{{file: {films[0].name}, {each}}}",
        f"{{template: civility, {each}, headline: 垃圾分类，从我做起}}",
        f"{{file: {material.document.name}, {each}}}",
        f"{{file: {pictures[1].name}, {each}, transition: cut}}",
        f"{{file: {films[1].name}, {each}, transition: cut}}",
        f"{{template: work-update, {each}, headline: 连然新村停车道闸启用, body: 请业主到服务大厅登记车牌。, "
        f"photos: [{pictures[2].name}]}}",
        f"{{file: {material.animation.name}, {each}}}",
        f"{{file: {pictures[3].name}, {each}, fit: cover, transition: slide}}",
        f"{{file: {films[2].name}, {each}}}",
        f"{{template: notice, {each}, title: 停水通知, body: 明日八时至十二时检修管道，请提前储水。, "
        "office: 社区居委会}",
        f"{{file: {pictures[-1].name}, {each}}}",
    ]
    return "".join(f"  - {line}\n" for line in lines)


def still_page(path: Path, picture: Path) -> Path:
    """Write a web page that shows one picture over the whole screen."""
    return _page(path, f'<img src="{picture.as_uri()}">')


def film_page(path: Path, film: Path) -> Path:
    """Write a web page that plays a film over the whole screen, again and again."""
    return _page(path, f'<video src="{film.as_uri()}" autoplay muted loop></video>')


def fading_page(path: Path, files: Sequence[Path], seconds: float) -> Path:
    """Write a web page that fades from each picture or film to the next in 0.6 s; the next is loaded ahead."""
    script = f"""
    const files = {json.dumps([file.as_uri() for file in files])};
    function make(at) {{
      const isFilm = files[at].endsWith('.mp4');
      const made = document.createElement(isFilm ? 'video' : 'img');
      made.style.opacity = 0;
      made.src = files[at];
      if (isFilm) {{ made.muted = true; made.loop = true; made.preload = 'auto'; }} else made.decode();
      document.body.appendChild(made);
      return made;
    }}
    let at = 0, now = make(0), next = make(1 % files.length);
    now.style.opacity = 1;
    if (now.play) now.play();
    setInterval(() => {{
      const gone = now;
      now = next;
      if (now.play) now.play();
      requestAnimationFrame(() => now.style.opacity = 1);
      at = (at + 1) % files.length;
      setTimeout(() => {{ gone.remove(); next = make((at + 1) % files.length); }}, 650);
    }}, {seconds * 1000:g});
    """
    return _page(path, f"<script>{script}</script>")


def _page(path: Path, body: str) -> Path:
    style = "html,body{margin:0;background:#000;overflow:hidden} img,video{position:absolute;left:0;top:0;width:100vw;"
    style += "height:100vh;object-fit:contain;transition:opacity .6s ease-in-out}"
    path.write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style><body>{body}", encoding="utf-8")
    return path


def _pictures(media: Path) -> tuple[Path, ...]:
    """Give six JPEG pictures of 1920x1080 and one of 24 megapixels, real ones first; no two look alike."""
    real = sorted(_REAL_PICTURES.glob("*-l.webp")) if _REAL_PICTURES.is_dir() else []
    made = []
    for at in range(7):
        path = media / f"picture-{at}.jpg"
        size = (1920, 1080) if at < 6 else (6000, 4000)
        made.append(path)
        if path.exists():
            continue
        if at < len(real):
            with Image.open(real[at]) as picture:
                shown = ImageOps.fit(picture.convert("RGB"), size)
            shown = ImageOps.invert(shown) if at % 2 else shown
        else:
            shown = _drawing(size, _HUES[at % len(_HUES)])
        shown.point(lambda level: 30 + level * 200 // 255).save(path, quality=88)
    return tuple(made)


def _drawing(size: tuple[int, int], hue: tuple[int, int, int]) -> Image.Image:
    picture = Image.new("RGB", size, hue)
    draw = ImageDraw.Draw(picture)
    step = max(8, size[0] // 40)
    for at in range(0, size[0], step):
        light = tuple(min(255, part + (at * 7 // step) % 80) for part in hue)
        draw.rectangle((at, 0, at + step // 2, size[1]), fill=light)
        draw.ellipse((at, at % size[1], at + 3 * step, at % size[1] + 3 * step), fill=(250, 240, 210))
    return picture


def make_film(path: Path, size: tuple[int, int], seconds: float, picture: Path) -> Path:
    """Make a film of 30 frames a second: the picture seen through a window that wanders, with each frame's number."""
    if path.exists():
        return path
    width, height = size
    with Image.open(picture) as opened:
        wide = ImageOps.fit(opened.convert("RGB"), (width + 480, height + 240))
    part = path.with_suffix(".part.mp4")
    with av.open(str(part), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"preset": "veryfast", "crf": "21"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = Fraction(1, 30)
        for number in range(round(seconds * 30)):
            across, down = _wander(number, 480), _wander(number * 2 // 3, 240)
            shown = wide.crop((across, down, across + width, down + height))
            _write_number(shown, number)
            for packet in stream.encode(av.VideoFrame.from_image(shown)):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    part.rename(path)
    return path


def _wander(number: int, reach: int) -> int:
    at = number * 4 % (2 * reach)
    return at if at < reach else 2 * reach - at - 1


def _write_number(picture: Image.Image, number: int) -> None:
    draw = ImageDraw.Draw(picture)
    top = picture.height // 2 - CODE_BLOCK_PX // 2
    for at in range(CODE_BITS):
        is_light = number >> (CODE_BITS - 1 - at) & 1
        left = at * CODE_BLOCK_PX
        fill = (235, 235, 235) if is_light else (30, 30, 30)
        draw.rectangle((left, top, left + CODE_BLOCK_PX - 1, top + CODE_BLOCK_PX - 1), fill=fill)
