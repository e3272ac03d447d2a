"""A folder comes in; the demo's pictures, film, animation and PDF are written below it (`media/` by default).

Run it as `python deploy/demo_media.py`. The same libraries give the same pictures.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parent))

from PIL import Image
from PySide6.QtGui import QGuiApplication

from demo import places, views
from demo.paint import save_photo

PHOTOS: Mapping[str, Callable[[], Image.Image]] = {
    "work-updates/gate.jpg": places.gate,
    "work-updates/pocket-park.jpg": places.pocket_park,
    "work-updates/garden.jpg": places.garden,
    "work-updates/lecture.jpg": places.lecture,
    "work-updates/painting-show.jpg": places.painting_show,
    "work-updates/volunteers.jpg": places.street_cleaning,
    "work-updates/service-hall.jpg": places.service_hall,
    "views/gulls.jpg": views.gulls_on_the_lake,
    "views/terraces.jpg": views.terraces,
    "views/ginkgo.jpg": views.ginkgo_avenue,
    "views/sunrise.jpg": views.sunrise_over_the_community,
    "views/jacaranda.jpg": views.jacaranda_street,
}


def main() -> int:
    """Write everything that is asked for; give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parents[1] / "media")
    parser.add_argument("--only", default="", help="write only the files whose path contains this text")
    options = parser.parse_args()
    app = QGuiApplication([])
    for name, paint in PHOTOS.items():
        if options.only in name:
            save_photo(paint(), options.folder / name)
            print(name, (options.folder / name).stat().st_size // 1024, "KiB", flush=True)
    app.quit()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
