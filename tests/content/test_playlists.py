"""What a playlist file says, what is refused in it, and how its entries become items."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.content.mediapath import natural_key
from signage.content.playlistfile import read_playlist_file
from signage.content.values import DayClass, Edge, Fit, Hours, Kind, Priority, SunEvent, Transition, Window
from tests.content.stores import animation, film, items, make_older, names, only, pdf

ISSUE = """\
title: 社区工作动态
where: [outdoor]            # screen names or tags; left out: every screen
weight: 3
priority: normal
expires: 2026-12-31
when:                       # left out: always
  - days: workday
    hours: 07:00-22:00
play:
  - folder: work-updates
    order: newest
    limit: 20
    seconds: 12
  - file: unity/poster-01.jpg
    seconds: 10
    fit: contain
    transition: fade
  - template: work-update
    seconds: 15
    headline: 连然新村停车道闸启用
    body: ...
    photos: [work-updates/gate.jpg]
"""


def test_the_example_of_the_issue_is_read_as_it_stands(folder):
    folder.playlist("screens", "gate: {tags: [outdoor]}")
    folder.playlist("work", ISSUE)
    folder.media("work-updates/gate.jpg")
    folder.media("unity/poster-01.jpg")

    playlist = only(folder.read())

    assert (playlist.name, playlist.title, playlist.zone) == ("work", "社区工作动态", "main")
    assert playlist.where == {"outdoor"}
    assert (playlist.weight, playlist.priority, playlist.expires) == (3, Priority.NORMAL, date(2026, 12, 31))
    assert playlist.windows == (
        Window(day_classes=frozenset({DayClass.WORKDAY}), hours=(Hours(Edge(25_200), Edge(79_200)),)),
    )
    assert [(item.name, item.kind, item.duration_ms) for item in items(playlist)] == [
        ("work-updates/gate.jpg", Kind.PICTURE, 12_000),
        ("unity/poster-01.jpg", Kind.PICTURE, 10_000),
        ("work-update:连然新村停车道闸启用", Kind.CARD, 15_000),
    ]
    card = items(playlist)[2].card
    assert card is not None
    assert card.fields == {"headline": "连然新村停车道闸启用", "body": "...", "photos": ["work-updates/gate.jpg"]}
    assert [photo.path for photo in card.photos] == ["work-updates/gate.jpg"]


def test_short_forms_say_the_same_as_long_ones(folder):
    folder.media("a.jpg")
    folder.media("topic/b.jpg")
    folder.playlist("screens", "gate: {tags: outdoor}")
    short = folder.playlist(
        "x",
        "where: outdoor\nwhen: {days: mon-fri, hours: sunrise+0:30-sunset, lunar: 6-24}\n"
        "play:\n- a.jpg\n- topic/\n- topic\n",
    )
    brief = only(folder.read())
    short.write_text(
        "title: x\nwhere: [outdoor]\nwhen:\n- days: [1, 2, wed, 周四, friday]\n  hours: ['sunrise+0:30-sunset']\n"
        "  lunar: [六月廿四]\nplay:\n- file: a.jpg\n- folder: topic\n- folder: media/topic/\n",
        encoding="utf-8",
    )

    long = only(folder.read())

    assert brief == long
    assert brief.windows[0].hours == (Hours(Edge(1800, SunEvent.SUNRISE), Edge(0, SunEvent.SUNSET)),)
    assert names(brief) == ["a.jpg", "topic/b.jpg", "topic/b.jpg"]


def test_several_days_may_stand_in_one_text(folder):
    folder.media("a.jpg")
    folder.playlist("x", "when: {days: 周一、周三, hours: '07:00-09:00, 17:00-19:00', lunar: 6-24~6-25}\nplay: a.jpg")

    (window,) = only(folder.read()).windows

    assert window.weekdays == {1, 3}
    assert [hours.start for hours in window.hours] == [Edge(25_200), Edge(61_200)]
    assert window.lunar == {(6, 24), (6, 25)}


def test_what_is_left_out_has_its_default(folder):
    folder.media("a.jpg")
    folder.playlist("x", "play: a.jpg")

    playlist = only(folder.read())

    assert (playlist.title, playlist.where, playlist.windows) == ("x", frozenset(), ())
    assert (playlist.weight, playlist.priority, playlist.expires) == (Fraction(1), Priority.NORMAL, None)
    item = items(playlist)[0]
    assert (item.duration_ms, item.fit, item.transition) == (10_000, Fit.CONTAIN, Transition.FADE)


def test_each_kind_of_medium_has_its_own_default_length(folder):
    folder.media("a.jpg")
    folder.media("short.gif", animation("GIF", 2, 500))
    folder.media("middle.gif", animation("GIF", 2, 6000))
    folder.media("long.gif", animation("GIF", 2, 60_000))
    film(folder.root / "media/a.mp4", 3.0)
    pdf(folder.root / "media/a.pdf", 1)
    folder.playlist("x", "play: [a.jpg, short.gif, middle.gif, long.gif, a.mp4, a.pdf]")

    lengths = [item.duration_ms for item in items(only(folder.read()))]

    assert lengths == [10_000, 10_000, 12_000, 30_000, 3_000, 15_000]


@pytest.mark.parametrize(("film_s", "milliseconds"), [(0.1, 3_000), (1.2, 3_600), (2.0, 4_000), (3.2, 3_200)])
def test_a_film_too_short_to_be_seen_plays_whole_again_until_it_is_seen(folder, film_s, milliseconds):
    film(folder.root / "media/a.mp4", film_s)
    folder.playlist("x", "play: a.mp4")

    assert items(only(folder.read()))[0].duration_ms == milliseconds


@pytest.mark.parametrize(("characters", "milliseconds"), [(5, 10_000), (60, 16_000), (900, 60_000)])
def test_a_card_lasts_as_long_as_its_text_takes_to_read(folder, characters, milliseconds):
    folder.playlist("x", f"play:\n- template: notice\n  title: 通知\n  body: {'字' * (characters - 2)}\n")

    assert items(only(folder.read()))[0].duration_ms == milliseconds


def test_every_page_of_a_pdf_is_an_item_in_order(folder):
    pdf(folder.root / "media/notices/plan.pdf", 3)
    folder.playlist("x", "play:\n- file: notices/plan.pdf\n  seconds: 20\n- notices/plan.pdf#page=2\n")

    found = items(only(folder.read()))

    assert [item.name for item in found] == [
        *(f"notices/plan.pdf#page={page}" for page in (1, 2, 3)), "notices/plan.pdf#page=2",
    ]  # fmt: skip
    assert [(item.page, item.duration_ms, item.kind) for item in found[:2]] == [
        (1, 20_000, Kind.PAGE),
        (2, 20_000, Kind.PAGE),
    ]
    assert found[0].media is not None
    assert {item.sha256 for item in found} == {found[0].media.sha256}


def test_a_folder_by_name_counts_as_people_do(folder):
    for name in ("10.jpg", "2.jpg", "1.jpg", "b/3.jpg"):
        folder.media(f"t/{name}")
    folder.playlist("x", "play: [{folder: t}]")

    assert names(only(folder.read())) == ["t/1.jpg", "t/2.jpg", "t/10.jpg", "t/b/3.jpg"]


def test_a_folder_by_age_begins_with_the_newest_and_is_cut_by_limit(folder):
    for age, name in enumerate(("new", "newer", "old", "older")):
        make_older(folder.media(f"t/{name}.jpg"), [200, 100, 300, 400][age])
    folder.playlist("x", "play: [{folder: t, order: newest, limit: 3}]")

    assert names(only(folder.read())) == ["t/newer.jpg", "t/new.jpg", "t/old.jpg"]


def test_a_refused_file_does_not_use_up_the_limit(folder):
    for at in range(1, 7):
        folder.media(f"t/{at}.jpg", b"broken" if at in (1, 3) else None)
    folder.playlist("x", "play: [{folder: t, limit: 3}]")

    store = folder.read()

    assert names(store.playlists[0]) == ["t/2.jpg", "t/4.jpg", "t/5.jpg"]
    assert [problem.file for problem in store.problems] == ["media/t/1.jpg", "media/t/3.jpg"]
    assert set(store.media) == {"t/2.jpg", "t/4.jpg", "t/5.jpg"}


def test_a_shuffled_folder_keeps_all_and_its_limit(folder):
    for at in range(4):
        folder.media(f"t/{at}.jpg")
    folder.playlist("x", "play: [{folder: t, order: shuffle, limit: 2}]")

    entry = only(folder.read()).entries[0]

    assert (len(entry.items), entry.shuffled, entry.limit) == (4, True, 2)


@pytest.mark.parametrize(("count", "is_taken"), [(5_000, True), (100_001, False)])
def test_a_playlist_may_be_long_but_not_endless(count, is_taken):
    draft = read_playlist_file(b"play:\n" + b"- a.jpg\n" * count, "x", "x")

    assert (len(draft.entries) == count) == is_taken
    assert draft.is_broken != is_taken


def test_equal_items_of_several_playlists_are_one_object(folder):
    folder.media("a.jpg")
    folder.playlist("x", "play: [a.jpg, a.jpg]")
    folder.playlist("y", "play: a.jpg")

    store = folder.read()

    assert len({id(item) for playlist in store.playlists for item in items(playlist)}) == 1


FAULTY = """\
tilte: x
weight: 0
priority: hihg
where: []
expires:
when:
  - days: mondy
    hours: 7-22
    untill: 2026-01-01
  - from: 2026-12-01
    until: 2026-11-01
zone: tikcer
play:
  - file: a.jpg
    seconds: -3
    fit: zoom
  - tempalte: notice
  - template: honors
  - folder: t
    order: random
    limit: 0
  - file: ../secret.jpg
  - file: /etc/passwd
  - file: a.jpg
    folder: t
  - []
  - template: table
    title: 公开
    columns: [a, b]
    rows: [[1, 2], [1]]
  - text: 滚动
"""


def test_all_problems_of_a_file_come_at_once_each_at_its_line():
    draft = read_playlist_file(FAULTY.encode(), "x", "playlists/x.yaml")

    assert draft.is_broken
    found = [(problem.line, problem.message) for problem in draft.problems]
    expected = [
        (1, "tilte: is not a known key; did you mean 'title'?"),
        (2, "weight: must be > 0"),
        (3, "priority: must be one of 'filler', 'normal', 'special' or 'urgent' (got hihg); did you mean 'filler'?"),
        (4, "where: is empty"),
        (5, "expires: is empty"),
        (7, "days: must be a weekday"),
        (8, "hours: must be hours such as 07:00-22:00"),
        (9, "untill: is not a known key; did you mean 'until'?"),
        (12, "zone: must be one of 'main', 'side' or 'ticker' (got tikcer); did you mean 'ticker'?"),
        (15, "seconds: must be > 0 (got -3)"),
        (16, "fit: must be one of 'contain', 'cover' or 'stretch' (got zoom)"),
        (17, "tempalte: an entry needs file, folder or template; did you mean 'template'?"),
        (18, "template: there is no template honors; did you mean 'honours'?"),
        (20, "order: must be one of 'name', 'newest' or 'shuffle' (got random)"),
        (21, "limit: must be a whole number from 1 to 10000 (got 0)"),
        (22, "file: must stay inside media/"),
        (23, "file: must be a path below media/"),
        (25, "has 'file' and 'folder'"),
        (26, "play: an entry must be a file name"),
        (30, "rows: has 1 cells where there are 2 columns"),
        (31, "text: only zone ticker"),
    ]
    for line, words in expected:
        if line == 3:
            words = words.partition(";")[0]
        assert any(at == line and message.startswith(words) for at, message in found), (line, words, found)
    assert len(found) == len(expected)
    for problem in draft.problems:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in problem.message_zh), problem


def test_the_form_of_a_problem_is_file_line_key_fault():
    draft = read_playlist_file(b"play:\n- file: a.jpg\n\n  seconds: -3\n", "x", "playlists/x.yaml")

    assert [str(problem) for problem in draft.problems] == ["playlists/x.yaml:4: seconds: must be > 0 (got -3)"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "is empty; a playlist needs"),
        ("title: x", "play: is missing"),
        ("play:", "play: is empty"),
        ("play: []", "play: is empty"),
        ("- a.jpg", "must be keys and values"),
        ("title：x", "not '：'"),
        ("title:x", "space after the colon"),
        ("play: [{file: [a, b]}]", "file: must be one value"),
        ("play: [{file: }]", "file: is empty"),
        ("play: [{seconds: 3}]", "an entry needs file, folder or template"),
        ("play: [{file: a, seconds: {a: 1}}]", "seconds: must be one value"),
        ("play: [a.jpg]\ntitle: [a]", "title: must be one value"),
        (f"play: [a.jpg]\ntitle: {'x' * 200}", "title: is too long"),
        ("play: [a.jpg]\nwhen: always", "when: must be a mapping"),
        ("play: [a.jpg]\nwhere: [a, ]\nwhen: [[]]", "when: must be a mapping"),
        ("play: [{template: }]", "template: is empty"),
        ("play: [{template: slate}]", "template: there is no template slate"),
        ("play: [{template: notice, title: a}]", "body: is missing"),
        ("play: [{template: notice, title: a, body: b, text: c}]", "says the same as 'body'"),
        ("play: [{template: event, title: a, date: soon}]", "date: must be a date"),
        ("play: [{template: unity-poster, headline: a, pattern: dots}]", "pattern: must be one of"),
        ("play: [{template: honours, title: a, people: []}]", "people: is empty"),
        ("play: [{template: honours, title: a, people: [{photo: a.jpg}]}]", "name: is missing"),
        ("play: [{template: work-update, headline: a, photos: [a, b, c, d, e]}]", "photos: has 5 entries; at most 4"),
        ("play: [{template: work-update, headline: a, photos: ../a.jpg}]", "photos: must stay inside media/"),
        ("zone: ticker\nplay: [{file: a.jpg}]", "zone ticker takes only 'text'"),
        ("zone: ticker\nplay: [{text: }]", "text: is empty"),
        ("play: [{file: a.jpg, from: 2026-02-01, until: 2026-01-01}]", "until: lies before 'from'"),
        ("play: [a.jpg]\nwhen: {from: 2026-02-01, until: 2026-01-01}", "until: lies before 'from'"),
    ],
)  # fmt: skip
def test_a_fault_makes_the_file_broken_and_is_told_once(text, fault):
    draft = read_playlist_file(text.encode(), "x", "playlists/x.yaml")

    assert draft.is_broken
    assert len(draft.problems) == 1, [str(problem) for problem in draft.problems]
    assert fault in draft.problems[0].message
    assert draft.problems[0].message_zh


@pytest.mark.parametrize("comma", ["，", "、", "；"])
def test_a_wide_comma_parts_the_words_of_a_list(comma):
    text = f"where: [gate{comma}hall]\nwhen: {{days: [周一{comma}周三]}}\nplay: [a.jpg]"

    draft = read_playlist_file(text.encode(), "x", "playlists/x.yaml")

    assert [word for word, _ in draft.where] == ["gate", "hall"]
    assert draft.windows[0].weekdays == {1, 3}


def test_lines_for_the_ticker_are_texts(folder):
    folder.playlist("screens", "gate: {layout: banner}")
    folder.playlist("x", "zone: ticker\nplay:\n- 明天停水\n- text: 周六植树\n  until: 2026-12-01\n")

    playlist = only(folder.read())

    assert playlist.zone == "ticker"
    assert [(item.kind, item.card.fields, item.until_date) for item in items(playlist) if item.card] == [
        (Kind.TICKER, {"text": "明天停水"}, None),
        (Kind.TICKER, {"text": "周六植树"}, date(2026, 12, 1)),
    ]


def test_other_names_and_dates_of_fields_are_put_in_order(folder):
    folder.media("a.jpg")
    folder.playlist(
        "x",
        "play:\n- {template: work-update, title: 标题, text: 正文, date: 2026年11月5日, photo: media/a.jpg}\n"
        "- {template: notice, title: 公告, body: 内容, date: 2026年10月}\n"
        "- {template: honours, title: 光荣榜, people: [张三, {name: 李四, photo: a.jpg}]}\n"
        "- {template: table, title: 收支, columns: [项目, 金额], rows: [[收入, 1234.50], [编号, 010], [空, ~]]}\n"
        "- {template: event, title: 植树, countdown_to: 2027/3/12}\n",
    )

    cards = [item.card.fields for item in items(only(folder.read())) if item.card]

    assert cards == [
        {"headline": "标题", "body": "正文", "date": "2026-11-05", "photos": ["a.jpg"]},
        {"title": "公告", "body": "内容", "date": "2026年10月"},
        {"title": "光荣榜", "people": [{"name": "张三"}, {"name": "李四", "photo": "a.jpg"}]},
        {"title": "收支", "columns": ["项目", "金额"], "rows": [["收入", "1234.50"], ["编号", "010"], ["空", ""]]},
        {"title": "植树", "date": "2027-03-12"},
    ]


def test_a_photo_that_cannot_be_used_is_left_out_of_its_card_and_named(folder):
    folder.media("good.jpg")
    folder.media("bad.jpg", b"broken")
    film(folder.root / "media/film.mp4", 0.5)
    folder.playlist(
        "x",
        "play:\n- template: work-update\n  headline: 标题\n  photos:\n"
        "  - good.jpg\n  - bad.jpg\n  - film.mp4\n  - gone.jpg\n",
    )

    store = folder.read()

    (item,) = items(store.playlists[0])
    assert item.card is not None
    assert item.card.fields["photos"] == ["good.jpg"]
    assert [(problem.line, problem.message) for problem in store.problems] == [
        (6, "photo: media/bad.jpg is a text file that is not called .txt; rename it, or use a template"),
        (7, "photo: media/film.mp4 is no picture"),
        (8, "photo: there is no file media/gone.jpg"),
    ]


def test_the_sha256_of_a_card_is_of_its_text_and_its_photos(folder):
    folder.media("a.jpg")
    folder.playlist("x", "play: [{template: work-update, headline: 标题, photos: a.jpg}]")

    def sha256() -> str:
        return items(only(folder.read()))[0].sha256

    first = sha256()
    assert sha256() == first
    folder.media("a.jpg", folder.media("b.jpg").read_bytes())
    other_photo = sha256()
    folder.playlist("x", "play: [{template: work-update, headline: 标题2, photos: a.jpg}]")

    assert len({first, other_photo, sha256()}) == 3


@given(st.lists(st.text(st.sampled_from("a1٣²B0-. 中"), max_size=8)))
def test_any_names_can_be_put_in_natural_order(written):
    assert sorted(sorted(written, key=natural_key, reverse=True), key=natural_key) == sorted(written, key=natural_key)


KEYS = st.sampled_from(["title", "play", "when", "where", "zone", "file", "folder", "template", "days", "photos", "x"])
WORDS = st.sampled_from(["a", "1", "", "notice", "table", "ticker", "2026-01-01", "mon", "-1"]) | st.none()
VALUES = st.recursive(
    WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


def written(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {written(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return "~" if value is None else f"'{value}'"


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_no_shape_of_a_file_crashes_the_reader(said):
    draft = read_playlist_file(written(said).encode(), "x", "playlists/x.yaml")

    assert draft.is_broken or draft.entries
    assert all(problem.line == 1 and problem.message_zh for problem in draft.problems)
