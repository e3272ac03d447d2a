"""The portraits of the roll of honour come out: friendly heads on a warm ground."""

from __future__ import annotations

from PIL import Image

from demo.paint import Picture, dot, down, glow, mix, tint
from demo.people import person

SIZE = (600, 720)

SITTERS = {
    "awu": ("yi", "#f3c98a", "#e2903e"),
    "duan": ("bai", "#bfe0f0", "#5f9cc8"),
    "dao": ("dai", "#f8cfdc", "#d8789c"),
    "ma": ("hui", "#cfe8d4", "#5fa27c"),
    "zhuoma": ("tibetan", "#f6dca8", "#c98a3a"),
    "yang": ("miao", "#cfd8f4", "#6678c0"),
    "li": ("elder", "#e8dcc8", "#a8845c"),
    "zhou": ("granny", "#ecd4e6", "#a86a9a"),
    "volunteers": ("volunteer", "#f8d0c4", "#d8604a"),
}
"""Each sitter's dress, and the light and the deep colour of the ground."""


def portrait(name: str) -> Image.Image:
    """Give one portrait of 600x720 pixels."""
    dress, light, deep = SITTERS[name]
    pic = Picture(*SIZE, seed=sum(map(ord, name)))
    pic.wash(down(0, SIZE[1], [(0, mix(light, "#ffffff", 0.4)), (1, deep)]))
    dot(pic.p, 300, 300, 420, glow(260, 220, 420, [(0, tint("#ffffff", 0.85)), (1, tint("#ffffff", 0))]))

    def leaves(layer: Picture) -> None:
        for _ in range(16):
            x, y = pic.chance.uniform(0, SIZE[0]), pic.chance.uniform(0, SIZE[1])
            dot(layer.p, x, y, pic.chance.uniform(24, 70), tint(mix(light, deep, pic.chance.random()), 0.5))

    pic.soft(14, leaves)
    person(pic.p, 300, 1560, 1420, dress, "stand", shadow=False)
    return pic.finish(vignette=0.12)
