"""A folder comes in; the demo's pictures, film, animations and PDF are written below it (`media/` by default).

Run it as `python deploy/demo_media.py`. The same libraries and fonts give the same files. It needs PySide6, PyAV,
Pillow and the Noto fonts for Chinese (Debian: fonts-noto-cjk), and takes about a minute.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_HASH_SEED"] = "0"  # else Qt names the fonts inside the PDF anew in every run
sys.path.insert(0, str(Path(__file__).parent))

from demo import childrens, festivals, film, gatherings, halls, places, portraits, sheets, views
from demo.paint import Picture, as_pillow, save_photo
from PIL import Image
from PySide6.QtGui import QGuiApplication

ORIENTATION_TAG = 0x0112
TURN_RIGHT = 6

SCENES: Mapping[str, Callable[[], Image.Image]] = {
    "work-updates/gate.jpg": places.gate,
    "work-updates/pocket-park.jpg": places.pocket_park,
    "work-updates/garden.jpg": places.garden,
    "work-updates/lecture.jpg": halls.lecture,
    "work-updates/painting-show.jpg": halls.painting_show,
    "work-updates/volunteers.jpg": places.street_cleaning,
    "work-updates/service-hall.jpg": halls.service_hall,
    "unity/hand-in-hand.jpg": gatherings.hand_in_hand,
    "unity/long-table.jpg": gatherings.long_table,
    "festivals/torch-festival.jpg": festivals.torch_festival,
    "festivals/water-festival.jpg": festivals.water_festival,
    "festivals/mid-autumn.jpg": festivals.mid_autumn,
    "festivals/spring-festival.jpg": festivals.spring_festival,
    "views/gulls.jpg": views.gulls_on_the_lake,
    "views/terraces.jpg": views.terraces,
    "views/ginkgo.jpg": views.ginkgo_avenue,
    "views/sunrise.jpg": views.sunrise_over_the_community,
    "views/jacaranda.jpg": views.jacaranda_street,
}


def _write_scene(paint: Callable[[], Image.Image], path: Path) -> None:
    save_photo(paint(), path, 80)


def _write_phone_photo(path: Path) -> None:
    """Write a tall picture as a phone does: lying on its side, with the EXIF mark that says how to turn it."""
    lying = gatherings.lift_poster().transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = TURN_RIGHT
    save_photo(lying, path, 80, exif=exif.tobytes())


def _write_portrait(name: str, path: Path) -> None:
    save_photo(portraits.portrait(name), path, 82)


def _write_painting(paint: Callable[[], Picture], path: Path) -> None:
    drawn = paint()
    drawn.p.end()
    path.parent.mkdir(parents=True, exist_ok=True)
    as_pillow(drawn.image).convert("RGB").save(path, "WEBP", quality=66, method=6)


def _writers() -> dict[str, Callable[[Path], None]]:
    """Give what writes each file, by its path below the folder."""
    writers: dict[str, Callable[[Path], None]] = {name: partial(_write_scene, paint) for name, paint in SCENES.items()}
    writers["unity/lift-poster.jpg"] = _write_phone_photo
    writers |= {f"honours/{name}.jpg": partial(_write_portrait, name) for name in portraits.SITTERS}
    writers |= {
        f"exhibition/{title}.webp": partial(_write_painting, paint) for title, paint in childrens.PAINTINGS.items()
    }
    writers["unity/round-dance.webp"] = film.write_dance
    writers["festivals/lantern.gif"] = film.write_lantern
    writers["disclosure/2026-10.pdf"] = sheets.write_disclosure
    writers["films/our-home.mp4"] = film.write_film
    return writers


def main() -> int:
    """Write everything that is asked for; give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parents[1] / "media")
    parser.add_argument("--only", default="", metavar="TEXT", help="write only the files whose path contains TEXT")
    options = parser.parse_args()
    app = QGuiApplication([])
    total = 0
    for name, write in _writers().items():
        if options.only in name:
            path: Path = options.folder / name
            write(path)
            total += path.stat().st_size
            print(f"{path.stat().st_size / 1024:7.0f} KiB  {name}", flush=True)
    print(f"{total / 1024:7.0f} KiB  together")
    app.quit()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
