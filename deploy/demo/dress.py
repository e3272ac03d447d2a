"""What the figures wear and how they hold their hands, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from demo.paint import Point

SKIN = "#e8b48c"


HAIR = "#2b211f"


@dataclass(frozen=True)
class Dress:
    """What a figure wears. `skirt` are bands from the waist down; `low` is skirt, tube, robe or trousers."""

    jacket: str
    sleeve: str
    trim: str
    skirt: tuple[str, ...] = ("#3a4658",)
    low: str = "skirt"
    waistcoat: str = ""
    apron: tuple[str, ...] = ()
    belt: str = ""
    hat: str = "hair"
    hair: str = HAIR
    bands: tuple[str, ...] = ()
    necklace: bool = False


DRESSES: Mapping[str, Dress] = {
    "yi": Dress(
        "#23232b",
        "#23232b",
        "#e23b2e",
        ("#d8322c", "#f2b632", "#1f1f27", "#2f7f5f", "#d8322c"),
        hat="yi",
        bands=("#f2b632", "#e23b2e", "#39a0c8"),
        belt="#f2b632",
    ),
    "yi-man": Dress(
        "#26262e",
        "#26262e",
        "#f2b632",
        ("#202027",),
        low="trousers",
        hat="turban",
        bands=("#f2b632", "#e23b2e"),
        waistcoat="#a82a27",
    ),
    "bai": Dress(
        "#fbf8f2",
        "#fdfbf6",
        "#6fb4dc",
        ("#ffffff", "#dcecf6"),
        low="trousers",
        waistcoat="#cf2c3c",
        hat="bai",
        apron=("#7fc0e4", "#f3f8fb", "#7fc0e4"),
        bands=("#cf2c3c", "#6fb4dc"),
        belt="#28487c",
    ),
    "dai": Dress(
        "#f6a6bd",
        "#f8bccd",
        "#fff3d0",
        ("#d83a78", "#e35a90", "#f0c04a", "#d83a78"),
        low="tube",
        hat="dai",
        belt="#e9c767",
    ),
    "dai-green": Dress(
        "#cfe8b4",
        "#dcefc6",
        "#fff7d8",
        ("#2f9a6a", "#46ae7d", "#f0c04a", "#2f9a6a"),
        low="tube",
        hat="dai",
        belt="#d9dfe4",
    ),
    "miao": Dress(
        "#27386e",
        "#2d4283",
        "#e8edf3",
        ("#27386e", "#c23a52", "#e6b84a", "#3f63b4", "#27386e"),
        hat="miao",
        bands=("#c23a52", "#e8edf3"),
        necklace=True,
        apron=("#c23a52", "#35509a", "#c23a52"),
    ),
    "tibetan": Dress(
        "#6e2638",
        "#f2e6cf",
        "#f0b63c",
        ("#6e2638", "#5e1f30"),
        low="robe",
        hat="tibetan",
        apron=("#3f8fc0", "#f0c24a", "#d8443c", "#54a06a", "#7a58a8", "#f0c24a", "#3f8fc0"),
        belt="#e07a34",
    ),
    "tibetan-man": Dress(
        "#2c3c5e", "#f4ead6", "#c98a3a", ("#2c3c5e", "#253452"), low="robe", hat="fur", belt="#d9502f"
    ),
    "hui": Dress("#f4f5f7", "#f4f5f7", "#3f8a6a", ("#3e4653",), low="trousers", hat="cap", waistcoat="#2e3b46"),
    "hui-woman": Dress(
        "#3f9a86", "#48a892", "#f4e6c0", ("#2f7a6a", "#37897a"), low="robe", hat="scarf", belt="#2f7a6a"
    ),
    "uygur": Dress(
        "#f6f1e4",
        "#f6f1e4",
        "#c9362e",
        ("#f0c04a", "#d4472f", "#2f9a8a", "#f0c04a", "#d4472f"),
        hat="doppa",
        waistcoat="#1f6a5a",
        belt="#1f6a5a",
    ),
    "han": Dress("#cf3b34", "#cf3b34", "#f3cf6b", ("#7a2430", "#8c2c38"), hat="bun", belt="#7a2430"),
    "han-man": Dress("#3f6fa8", "#3f6fa8", "#e8eef5", ("#39424f",), low="trousers", hat="short"),
    "elder": Dress("#7c5a48", "#7c5a48", "#e8d8c0", ("#3c4450",), low="trousers", hat="short", hair="#d8d8d8"),
    "granny": Dress("#8a4a72", "#8a4a72", "#f0d8e4", ("#45424f",), low="trousers", hat="bun", hair="#cfcfd2"),
    "volunteer": Dress(
        "#f4f4f2", "#f4f4f2", "#d9322e", ("#39506e",), low="trousers", hat="volunteer", waistcoat="#d9322e"
    ),
    "guard": Dress("#2d4468", "#2d4468", "#dfe6ee", ("#26384f",), low="trousers", hat="guard", belt="#1b2735"),
    "girl": Dress("#f6c64a", "#f9d677", "#ffffff", ("#e8704a", "#f08a5e"), hat="tails"),
    "boy": Dress("#54a8d8", "#6db8e2", "#ffffff", ("#41506a",), low="trousers", hat="short"),
    "girl-yi": Dress(
        "#23232b",
        "#23232b",
        "#e23b2e",
        ("#e23b2e", "#f2b632", "#2f7f5f", "#e23b2e"),
        hat="cock",
        bands=("#f2b632", "#39a0c8"),
    ),
    "teacher": Dress("#5a7f6a", "#5a7f6a", "#f3ecd8", ("#3b4652",), hat="bob"),
}


Hands = tuple[Point, Point]


POSES: Mapping[str, Hands] = {
    "stand": ((-17, -42), (17, -42)),
    "hold": ((-27, -47), (27, -47)),
    "up": ((-26, -98), (26, -98)),
    "dance": ((-29, -84), (26, -50)),
    "dance2": ((-26, -50), (29, -84)),
    "wave": ((-16, -42), (25, -100)),
    "clap": ((-3, -64), (3, -64)),
    "carry": ((-11, -57), (11, -57)),
    "point": ((-16, -42), (31, -72)),
    "work": ((-19, -36), (4, -40)),
    "splash": ((-25, -72), (27, -92)),
}
