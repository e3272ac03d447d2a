"""A small real store, and a way to run commands as `signage` would."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from signage.cli import main

SCREENS = """
gate:
  title: 大门
  tags: [outdoor]
  size: 320x180
  layout: banner
  timezone: Asia/Shanghai
paris:
  title: Paris
  size: 320x180
  timezone: Europe/Paris
"""
UPDATES = """
title: 工作动态
weight: 2
play:
  - file: one.jpg
    seconds: 10
  - template: work-update
    headline: 连然新村停车道闸启用
    seconds: 20
"""
APPEAL = """
title: 文明倡议
play:
  - template: civility
    text: 您让一步，路宽一分
    seconds: 10
"""
TICKER = """
title: 滚动字幕
zone: ticker
play:
  - text: 出门记得关水、关电、关气
"""


@dataclass(frozen=True)
class Ran:
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self.out)
        return rows


Run = Callable[..., Ran]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Give a store of two screens, three playlists and one picture, without a fault."""
    root = tmp_path / "store"
    (root / "media").mkdir(parents=True)
    Image.new("RGB", (64, 36), "#b3282d").save(root / "media/one.jpg")
    os.utime(root / "media/one.jpg", (1_760_000_000, 1_760_000_000))  # long at rest: nobody is still writing it
    files = {"screens": SCREENS, "updates": UPDATES, "appeal": APPEAL, "ticker": TICKER}
    (root / "playlists").mkdir()
    for name, text in files.items():
        (root / f"playlists/{name}.yaml").write_text(text, "utf-8")
    return root


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Give what runs a command in this process, its state folder below this test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def run(*arguments: object) -> Ran:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ending:
            code = int(ending.code or 0)
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return run
