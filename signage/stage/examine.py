"""Nothing comes in; what Qt finds on this machine goes out as JSON on standard output: displays, fonts, how to draw.

A program of its own (`python -m signage.stage.examine`), for `signage doctor`: a driver or a library that breaks here
takes only this process down.
"""

from __future__ import annotations

import json
import os

from signage.stage.options import RendererWish
from signage.stage.renderer import choose_renderer


def main() -> None:
    """Print one JSON object: `displays` (name, width and height in px), `renderer`, `reason`, `missing_fonts`."""
    renderer = choose_renderer(RendererWish.AUTO, os.environ)
    from PySide6.QtGui import QGuiApplication

    from signage.stage.cards import missing_fonts

    application = QGuiApplication(["signage"])
    found = {
        "platform": application.platformName(),
        "displays": [
            {"name": output.name(), "size": output.size().toTuple(), "refresh_hz": round(output.refreshRate(), 1)}
            for output in application.screens()
        ],
        "renderer": renderer.name,
        "reason": renderer.reason,
        "missing_fonts": missing_fonts(),
    }
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
