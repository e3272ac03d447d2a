"""Texts become notices; dates in names and sidecars say how a file is shown; none of them is a medium itself."""

from __future__ import annotations

from datetime import date

import pytest

from signage.content.datednames import dates_in
from signage.content.notation import NotationError
from signage.content.refusal import Refusal
from signage.content.renditions import Rendition
from signage.content.store import StoreReader
from signage.content.values import Fit, Kind, MediaFile, Transition
from tests.content.stores import items, names, only

DECEMBER = (date(2026, 12, 1), date(2026, 12, 31))
NOTICE = "停水通知\n明天 9:00 至 17:00 停水。\n请提前储水。\n"


@pytest.mark.parametrize(
    ("name", "dates"),
    [
        ("活动海报@2026-12-01~2026-12-31.jpg", DECEMBER),
        ("活动海报＠2026-12-01～2026-12-31.jpg", DECEMBER),
        ("活动海报@2026-12-01-2026-12-31.jpg", DECEMBER),
        ("活动海报@2026-12-01—2026-12-31.jpg", DECEMBER),
        ("活动海报@20261201-20261231.jpg", DECEMBER),
        ("活动海报@2026.12.1~2026.12.31.jpg", DECEMBER),
        ("活动海报@2026年12月1日至2026年12月31日.jpg", DECEMBER),
        ("活动海报@2026-12-01~2026-12-31 (2).jpg", DECEMBER),
        ("活动海报@2026-12-01~2026-12-31 - 副本.jpg", DECEMBER),
        ("活动海报@2026-12-01 ~ 2026-12-31", DECEMBER),
        ("海报@2026-12-01.jpg", (date(2026, 12, 1), date(2026, 12, 1))),
        ("海报@~2026-12-31.jpg", (None, date(2026, 12, 31))),
        ("海报@-2026-12-31.jpg", (None, date(2026, 12, 31))),
        ("海报@2026-12-01~.jpg", (date(2026, 12, 1), None)),
        ("海报@2026-12-01-.jpg", (date(2026, 12, 1), None)),
        ("logo@2x.png", (None, None)),
        ("照片@王老师.jpg", (None, None)),
        ("比分@3-2.jpg", (None, None)),
        ("2026-11-08-口袋公园.jpg", (None, None)),
        ("a@b.com@2026-12-01~2026-12-31.jpg", DECEMBER),
    ],
)
def test_dates_after_an_at_sign_limit_when_a_file_plays(name, dates):
    assert dates_in(name) == dates


@pytest.mark.parametrize(
    "name",
    [
        "海报@2026-13-01.jpg",
        "海报@2026-02-30~2026-03-01.jpg",
        "海报@2026-12-31~2026-12-01.jpg",
        "海报@20261301.jpg",
        "海报@12-01~12-31.jpg",
        "海报@2026-12.jpg",
        "海报@2026-12-01 2026-12-31.jpg",
    ],
)
def test_an_impossible_date_is_named_and_not_guessed(name):
    with pytest.raises(NotationError) as caught:
        dates_in(name)

    assert "请改名" in caught.value.zh


def test_dates_in_names_count_for_files_and_folders_and_the_playlist_wins(folder):
    folder.media("a/x@2026-12-01~2026-12-31.jpg")
    folder.playlist("p", "play:\n- folder: a\n- {file: a/x@2026-12-01~2026-12-31.jpg, until: 2027-01-05}\n")

    one, two = items(only(folder.read()))

    assert (one.from_date, one.until_date) == DECEMBER
    assert (two.from_date, two.until_date) == (date(2026, 12, 1), date(2027, 1, 5))


def test_a_file_with_an_impossible_date_is_left_out_and_the_others_stay(folder):
    folder.media("a/x@2026-13-01.jpg")
    folder.media("a/y.jpg")
    folder.playlist("p", "play: a/\n")

    store = folder.read()

    assert names(store.playlists[0]) == ["a/y.jpg"]
    assert [problem.file for problem in store.problems] == ["media/a/x@2026-13-01.jpg"]
    assert "日历上没有" in store.problems[-1].message_zh


def test_a_date_that_contradicts_the_playlist_is_named_at_its_line(folder):
    folder.media("x@2026-12-01~.jpg")
    folder.playlist("p", "play:\n- {file: x@2026-12-01~.jpg, until: 2026-11-01}\n")

    (_, problem) = folder.problems()

    assert problem.startswith("playlists/p.yaml:2: file: media/x@2026-12-01~.jpg never plays")


def test_a_sidecar_says_what_an_entry_could_and_the_playlist_wins(folder):
    folder.media("a/x.jpg")
    folder.media("a/x.jpg.yaml", b"seconds: 25\nfit: cover\ntransition: cut\nfrom: 2026-12-01\nuntil: 2026-12-31\n")
    folder.playlist("p", "play:\n- folder: a\n- {file: a/x.jpg, seconds: 7, fit: stretch}\n")

    one, two = items(only(folder.read()))

    assert (one.duration_ms, one.fit, one.transition) == (25_000, Fit.COVER, Transition.CUT)
    assert (one.from_date, one.until_date) == DECEMBER
    assert (two.duration_ms, two.fit, two.transition) == (7_000, Fit.STRETCH, Transition.CUT)


def test_a_sidecar_wins_over_dates_in_the_name(folder):
    folder.media("x@~2026-12-31.jpg")
    folder.media("x@~2026-12-31.jpg.yaml", "until: 2027年1月1日\n".encode())
    folder.playlist("p", "play: x@~2026-12-31.jpg\n")

    assert items(only(folder.read()))[0].until_date == date(2027, 1, 1)


def test_a_fault_in_a_sidecar_is_named_at_its_line_and_its_file_is_left_out(folder):
    folder.media("a/x.jpg")
    folder.media("a/y.jpg")
    folder.media("a/x.jpg.yaml", b"seconds: 5\nfitt: cover\n")
    folder.playlist("p", "play: a/\n")

    store = folder.read()

    assert names(store.playlists[0]) == ["a/y.jpg"]
    assert [str(problem) for problem in store.problems] == [
        "media/a/x.jpg: left out: its sidecar (.yaml) has a fault",
        "media/a/x.jpg.yaml:2: fitt: is not a known key; did you mean 'fit'?",
    ]


def test_sidecars_and_reasons_are_no_media(folder):
    folder.media("a/x.jpg")
    folder.media("a/x.jpg.yaml", b"seconds: 5\n")
    folder.media("a/broken.jpg.未采用.txt", "原因".encode())
    folder.playlist("p", "play: a/\n")

    assert names(only(folder.read())) == ["a/x.jpg"]


@pytest.mark.parametrize("name", ["x.yaml", "x.jpg.yaml.txt"])
def test_a_yaml_that_belongs_to_no_file_is_named_and_never_shown(folder, name):
    folder.media("a/x.jpg")
    folder.media(f"a/{name}", b"seconds: 5\n")
    folder.playlist("p", "play: a/\n")

    store = folder.read()

    assert names(store.playlists[0]) == ["a/x.jpg"]
    assert [(problem.file, problem.severity) for problem in store.problems] == [(f"media/a/{name}", "warning")]


def test_a_changed_sidecar_is_noticed_without_looking_at_its_file_again(folder, monkeypatch):
    folder.media("x.jpg")
    folder.playlist("p", "play: x.jpg\n")
    reader = StoreReader(folder.root)
    first = reader.read()
    monkeypatch.setattr("signage.content.library.examine", None)
    note = folder.media("x.jpg.yaml", b"seconds: 5\n")

    second = reader.read()
    note.unlink()

    assert items(only(second))[0].duration_ms == 5_000
    assert reader.read().revision == first.revision != second.revision


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_becomes_a_notice_in_whatever_encoding(folder, encoding):
    folder.media("a/停水.txt", NOTICE.replace("\n", "\r\n").encode(encoding))
    folder.playlist("p", "play:\n- folder: a\n- file: a/停水.txt\n")

    one, two = items(only(folder.read()))

    assert one == two
    assert (one.name, one.kind) == ("a/停水.txt", Kind.CARD)
    assert one.card is not None
    assert one.card.template == "notice"
    assert one.card.fields == {"title": "停水通知", "body": "明天 9:00 至 17:00 停水。\n请提前储水。"}


@pytest.mark.parametrize("text", ["今天下午三点在活动室开会。", "长" * 61 + "\n第二行"])
def test_a_text_without_a_title_of_its_own_is_called_as_its_file(folder, text):
    folder.media("开会通知@~2026-12-31.txt", text.encode())
    folder.playlist("p", "play: 开会通知@~2026-12-31.txt\n")

    (item,) = items(only(folder.read()))

    assert item.card is not None
    assert item.card.fields == {"title": "开会通知", "body": text}
    assert item.until_date == date(2026, 12, 31)


def test_gbk_that_is_utf8_by_chance_is_read_as_gbk(folder):
    folder.media("a.txt", "通知停水\n通知停水".encode("gbk"))
    folder.playlist("p", "play: a.txt\n")

    (item,) = items(only(folder.read()))

    assert item.card is not None
    assert item.card.fields["title"] == "通知停水"


def test_the_sidecar_of_a_text_may_say_who_gives_notice(folder):
    folder.media("a.txt", NOTICE.encode())
    folder.media("a.txt.yaml", "office: 社区居委会\ndate: 2026-11-26\nseconds: 20\n".encode())
    folder.media("b.jpg")
    folder.media("b.jpg.yaml", "office: 社区居委会\n".encode())
    folder.playlist("p", "play: [a.txt, b.jpg]\n")

    store = folder.read()

    (item,) = items(store.playlists[0])
    assert item.card is not None
    assert (item.card.fields["office"], item.card.fields["date"]) == ("社区居委会", "2026-11-26")
    assert item.duration_ms == 20_000
    assert any("office: is not a known key" in problem.message for problem in store.problems)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (bytes(range(256)) * 20, "不是文字"),
        (b"\x01\x02\x03 abc", "不是文字"),
        ("没有标记".encode("utf-16-le") * 3 + "abcd".encode("utf-16-le") * 9, "UTF-16"),
        (b" \r\n\r\n", "没有文字"),
        (b"\xef\xbb\xbf", "没有文字"),
        (("字" * 6001).encode(), "过长"),
        (b"", "空"),
        (b"<html><body>x</body></html>", "网页"),
    ],
)
def test_rubbish_called_txt_is_refused_clearly(folder, content, word):
    folder.media("a.txt", content)
    folder.playlist("p", "play: a.txt\n")

    problem = folder.read().problems[-1]

    assert word in problem.message_zh


def test_a_text_of_another_ending_is_no_notice_until_it_is_renamed(folder):
    path = folder.media("a.log", NOTICE.encode())
    folder.playlist("p", "play: [a.log, a.txt]\n")
    reader = StoreReader(folder.root)
    before = [problem.message_zh for problem in reader.read().problems]
    path.rename(path.with_name("a.txt"))

    assert any("请把后缀改为 .txt" in message for message in before)
    assert names(reader.read().playlists[0]) == ["a.txt"]


@pytest.mark.parametrize("head", [b"PK\3\4" + b"x" * 26 + b"[Content_Types].xml", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_an_office_file_without_an_office_is_refused_with_how_to_export_it(folder, head):
    folder.media("a.pptx", head + bytes(4096))
    folder.playlist("p", "play: a.pptx\n")

    assert "导出 PDF" in folder.read().problems[-1].message_zh


class KnownRenditions:
    """What an office's ingest would say, from a dictionary."""

    def __init__(self):
        self.known = {}

    def rendition_of(self, path, key):
        return self.known.get(path, Rendition(Refusal("is being taken in", "正在入库", is_unsettled=True)))


def test_a_rendition_is_shown_under_the_name_of_its_original(folder, tmp_path):
    folder.media("a/幻灯片.pptx", b"PK\3\4[Content_Types].xml")
    folder.media("a/x.jpg")
    folder.playlist("p", "play: a/\n")
    renditions = KnownRenditions()
    reader = StoreReader(folder.root, renditions=renditions)

    before = reader.read()
    pdf = tmp_path / "r.pdf"
    pages = MediaFile("", Kind.PAGE, "ab" * 32, 4, 0, (400, 300), pages=2, mime="application/pdf")
    renditions.known["a/幻灯片.pptx"] = Rendition(pages, pdf)
    renditions.known["a/x.jpg"] = Rendition(MediaFile("a/x.jpg", Kind.PICTURE, "cd" * 32, 5, 0, (64, 48)))
    was_unsettled = reader.has_unsettled
    after = reader.read()

    assert was_unsettled
    assert before.playlists == ()
    assert names(after.playlists[0]) == ["a/x.jpg", "a/幻灯片.pptx#page=1", "a/幻灯片.pptx#page=2"]
    media = after.media["a/幻灯片.pptx"]
    assert (media.sha256, after.path_of(media)) == ("ab" * 32, pdf)
    assert after.path_of(after.media["a/x.jpg"]) == folder.root / "media/a/x.jpg"


def test_another_rendition_of_the_same_file_is_noticed(folder, tmp_path):
    folder.media("x.jpg")
    folder.playlist("p", "play: x.jpg\n")
    renditions = KnownRenditions()
    facts = MediaFile("x.jpg", Kind.PICTURE, "ab" * 32, 4, 0, (400, 300))
    renditions.known["x.jpg"] = Rendition(facts, tmp_path / "one.jpg")
    reader = StoreReader(folder.root, renditions=renditions)
    first = reader.read()

    renditions.known["x.jpg"] = Rendition(facts, tmp_path / "two.jpg")
    second = reader.read()

    assert first.path_of(first.media["x.jpg"]).name == "one.jpg"
    assert second.path_of(second.media["x.jpg"]).name == "two.jpg"
