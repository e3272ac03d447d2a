"""The READMEs for staff come in; every example in them must be read without a problem, every message must be real."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from signage.content.store import StoreReader, read_store

REPOSITORY = Path(__file__).parents[2]
READMES = ("playlists/README.md", "media/README.md")
_BLOCK = re.compile(
    r"^```yaml\n# (?P<name>(?:playlists|media)/[\w./-]+\.yaml)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)

GATE = "gate:\n  tags: [outdoor, indoor]\n"
ONE_PLAYS = "play:\n  - unity/hand-in-hand.jpg\n"
MISTAKES = {
    "tab": "title: a\nplay:\n\t- unity/hand-in-hand.jpg\n",
    "wide-colon": "title：a\n" + ONE_PLAYS,
    "colon": "title: 通知: 停水\n" + ONE_PLAYS,
    "no-space": "title:a\n" + ONE_PLAYS,
    "dash": "play:\n  -file: unity/hand-in-hand.jpg\n",
    "indent": "play:\n  - file: unity/hand-in-hand.jpg\n   seconds: 3\n",
    "wide-space": "play:\n\u3000\u3000- unity/hand-in-hand.jpg\n",
    "quote": 'title: "a\n' + ONE_PLAYS,
    "gbk": "title: 社区公告栏\n" + ONE_PLAYS,
    "bom": "\ufefftitle: a\n" + ONE_PLAYS,
    "key": "tilte: a\n" + ONE_PLAYS,
    "twice": "title: a\ntitle: b\n" + ONE_PLAYS,
    "file": "play:\n  - file: unity/hand-in-hnd.jpg\n",
    "seconds": "play:\n  - file: unity/hand-in-hand.jpg\n    seconds: -3\n",
    "fit": "play:\n  - file: unity/hand-in-hand.jpg\n    fit: zoom\n",
    "date": "expires: 2026-02-30\n" + ONE_PLAYS,
    "where": "where: [outdor]\n" + ONE_PLAYS,
    "template": "play:\n  - template: civilty\n    text: a\n",
    "rows": "play:\n  - template: table\n    title: a\n    columns: [a, b]\n    rows:\n      - [1, 2, 3]\n",
    "text": "play:\n  - text: a\n",
}
BAD_FILES = {
    "half.jpg": b"",
    "empty.jpg": b"",
    "noise.jpg": b"\x89PNG\r\n\x1a\n" + bytes(500),
    "logo.svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "note.docx": "只是一段文字".encode(),
    "old.ppt": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "pack.zip": b"PK\x03\x04" + bytes(600),
    "noise.txt": bytes(range(256)) * 8,
    "date@2026-02-30.gif": b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;",
    "what.bin": bytes(range(256)) * 8,
}


def _examples(readme: str) -> Iterator[tuple[str, str]]:
    text = (REPOSITORY / readme).read_text(encoding="utf-8")
    for block in _BLOCK.finditer(text):
        yield block["name"], block["text"]


def _messages(readme: str) -> list[str]:
    """Give what the tables of mistakes quote: the first cell of a row, where it is one piece of code with a blank."""
    text = (REPOSITORY / readme).read_text(encoding="utf-8")
    tables = re.findall(r"^\| (?:看到|message) .*\n(?:\|.*\n)+", text, re.MULTILINE)
    return [row for table in tables for row in re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "playlists").mkdir()
    shutil.copytree(REPOSITORY / "media", tmp_path / "media")
    return tmp_path


@pytest.mark.parametrize("readme", READMES)
def test_every_example_of_a_readme_is_read_without_a_problem(readme: str, store: Path) -> None:
    examples = list(_examples(readme))
    (store / "playlists/screens.yaml").write_text(GATE, encoding="utf-8")
    for name, text in examples:
        (store / name).write_text(text, encoding="utf-8")

    read = read_store(store)

    assert examples
    assert read.problems == ()
    assert {playlist.name for playlist in read.playlists} == {
        name.removeprefix("playlists/").removesuffix(".yaml")
        for name, _ in examples
        if name.startswith("playlists/") and name != "playlists/screens.yaml"
    }


@pytest.mark.parametrize("readme", READMES)
def test_every_yaml_block_of_a_readme_says_which_file_it_is(readme: str) -> None:
    text = (REPOSITORY / readme).read_text(encoding="utf-8")

    assert text.count("```yaml") == len(list(_examples(readme)))


def test_every_message_that_the_playlists_readme_quotes_is_what_the_reader_says(store: Path) -> None:
    for name, text in MISTAKES.items():
        raw = text.encode("gb18030" if name == "gbk" else "utf-8")
        (store / "playlists" / f"{name}.yaml").write_bytes(raw)

    said = "\n".join(f"{p.message}\n{p.message_zh}" for p in read_store(store).problems)

    assert [message for message in _messages("playlists/README.md") if message not in said] == []


def test_every_message_that_the_media_readme_quotes_is_what_the_reader_says(store: Path) -> None:
    folder = store / "media/bad"
    folder.mkdir()
    for name, raw in BAD_FILES.items():
        (folder / name).write_bytes(raw)
    whole = (store / "media/unity/hand-in-hand.jpg").read_bytes()
    (folder / "half.jpg").write_bytes(whole[: len(whole) // 2])
    _write_office_file(folder / "plan.pptx")
    (store / "playlists/all.yaml").write_text("play:\n  - folder: bad\n", encoding="utf-8")

    said = "\n".join(f"{p.message}\n{p.message_zh}" for p in StoreReader(store).read().problems)

    assert [message for message in _messages("media/README.md") if message not in said] == []


def _write_office_file(path: Path) -> None:
    with ZipFile(path, "w") as pack:
        pack.writestr("[Content_Types].xml", "<Types/>")
        pack.writestr("ppt/presentation.xml", "<p/>" * 2000)
