"""What the audit log says of an edit: which playlist, which field, what stood there and what stands there now."""

from __future__ import annotations

from typing import Any

import pytest

from signage.office.console.editwords import changes_of, sentence_of

A, B = {"file": "a.jpg"}, {"template": "notice", "title": "停水", "body": "今晚"}
OLD: dict[str, Any] = {"title": "每日", "weight": "1", "play": [A, B]}


@pytest.mark.parametrize(
    ("new", "zh", "en"),
    [
        ({**OLD, "weight": "3"}, "把播放占比由“1”改为“3”", "changed weight from “1” to “3”"),
        ({**OLD, "priority": "urgent"}, "把等级设为“紧急”", "set priority to “urgent”"),
        ({"title": "每日", "play": [A, B]}, "去掉了播放占比（原为“1”）", "removed weight (was “1”)"),
        ({**OLD, "play": [A]}, "拿掉了“停水”", "took out “停水”"),
        ({**OLD, "play": [A, B, {"file": "c.jpg"}]}, "加入了“c.jpg”", "added “c.jpg”"),
        ({**OLD, "play": [B, A]}, "调整了播放次序", "reordered"),
        (
            {**OLD, "play": [{**A, "seconds": "20"}, B]},
            "把“a.jpg”的时长设为“20”",
            "set the seconds of “a.jpg” to “20”",
        ),
        (
            {**OLD, "play": [A, {**B, "body": "明晚"}]},
            "把“停水”的正文由“今晚”改为“明晚”",
            "changed the text of “停水” from “今晚” to “明晚”",
        ),
    ],
    ids=range(8),
)
def test_an_edit_is_told_in_a_sentence(new: dict[str, Any], zh: str, en: str) -> None:
    said = sentence_of({"changes": changes_of(OLD, new), "title": "每日"}, "daily")

    assert said is not None
    assert (said.zh, said.en) == (f"在“每日”里{zh}", f"In “每日”: {en}")


def test_an_edit_of_which_only_lines_were_kept_has_no_sentence() -> None:
    assert sentence_of({"lines": ["- a", "+ b"]}, "daily") is None


def test_what_is_kept_of_a_huge_edit_is_small() -> None:
    many = {"title": "x" * 5000, "play": [{"file": f"{number}.jpg"} for number in range(900)]}

    assert len(str(changes_of(OLD, many))) < 4000
