"""素材库: uploads arrive whole under a safe name, never over another file; what is in use is not lost by mistake."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from starlette.testclient import TestClient

from signage.office.console.roles import Role
from signage.office.database.tables import MediaRow
from signage.office.desk import Desk

Browser = Callable[..., TestClient]


def picture(colour: str = "red", ending: str = "PNG") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (320, 180), colour).save(made, ending)
    return made.getvalue()


def media_of(desk: Desk) -> Path:
    return desk.store / "media"


def upload(
    client: TestClient, name: str, content: bytes, topic: str = "", mode: str = ""
) -> tuple[int, dict[str, str]]:
    answer = client.post("/media/upload", params={"name": name, "topic": topic, "mode": mode}, content=content)
    return answer.status_code, answer.json()


def test_an_upload_is_in_its_topic_under_its_chinese_name(desk: Desk, browser: Browser) -> None:
    client = browser(Role.EDITOR)

    status, said = upload(client, "口袋公园 开园.png", picture(), "工作动态")

    assert (status, said) == (200, {"path": "工作动态/口袋公园 开园.png"})
    assert (media_of(desk) / "工作动态" / "口袋公园 开园.png").read_bytes() == picture()
    page = client.get("/media").text
    assert "口袋公园 开园.png" in page
    assert "没有播放列表用它" in page


SAFE = (
    ("../../etc/x.png", "", "x.png"),
    ("C:\\照片\\b.png", "", "b.png"),
    ("a<b>:c?.png", "", "a-b-c-.png"),
    (".hidden.png", "", "hidden.png"),
    ("长" * 300 + ".png", "", "长" * 65 + ".png"),
    ("a.png", "一/二", "一/二/a.png"),
)
REFUSED = (("x.exe", ""), ("x", ""), ("x.png", "../.."), ("x.png", "/etc"), ("", ""), (".png", ""))


def test_a_name_is_made_safe_and_stays_within_media(desk: Desk, browser: Browser) -> None:
    client = browser(Role.EDITOR)

    for name, topic, path in SAFE:
        assert upload(client, name, picture(), topic) == (200, {"path": path})
        assert (media_of(desk) / path).is_file()


def test_what_is_no_content_or_leads_out_is_refused(desk: Desk, browser: Browser) -> None:
    client = browser(Role.EDITOR)

    for name, topic in REFUSED:
        assert upload(client, name, picture(), topic)[0] == 422
    assert list(desk.store.parent.rglob("*.png")) == []


def test_a_file_of_the_same_name_is_asked_about_and_never_overwritten(desk: Desk, browser: Browser) -> None:
    client = browser(Role.EDITOR)
    upload(client, "a.png", picture("red"))

    status, said = upload(client, "a.png", picture("blue"))
    taken = client.get("/media/taken", params={"name": "a.png", "topic": ""}).json()

    assert (status, said["free"]) == (409, "a (2).png")
    assert taken == {"path": "a.png", "is_taken": True, "free": "a (2).png", "uses": []}
    assert (media_of(desk) / "a.png").read_bytes() == picture("red")
    assert upload(client, "a.png", picture("blue"), mode="both") == (200, {"path": "a (2).png"})
    assert upload(client, "a.png", picture("green"), mode="replace") == (200, {"path": "a.png"})
    assert (media_of(desk) / "a.png").read_bytes() == picture("green")
    assert "a.png" in client.get("/media/trash").text


def test_nothing_half_is_left_where_an_upload_does_not_come_whole(desk: Desk, browser: Browser) -> None:
    client = browser(Role.EDITOR)

    answer = client.post(
        "/media/upload?name=a.png", content=iter([b"abc"]), headers={"content-length": "10", "transfer-encoding": ""}
    )

    assert answer.status_code == 422
    assert [path.name for path in media_of(desk).iterdir()] == ["README.md"]


def test_only_an_editor_uploads(desk: Desk, browser: Browser) -> None:
    assert browser(Role.REVIEWER).post("/media/upload?name=a.png", content=picture()).status_code == 403
    assert browser().post("/media/upload?name=a.png", content=picture()).status_code == 403


def test_a_file_in_use_is_deleted_only_when_somebody_is_sure(desk: Desk, browser: Browser) -> None:
    client = browser(Role.EDITOR)
    upload(client, "a.png", picture())
    (desk.store / "playlists" / "pictures.yaml").write_text("title: 照片\nplay: [a.png]\n", "utf-8")
    desk.keeper.refresh()

    refused = client.post("/media/delete", data={"path": "a.png"})
    assert refused.status_code == 422
    assert "照片" in refused.text
    assert (media_of(desk) / "a.png").is_file()

    client.post("/media/delete", data={"path": "a.png", "sure": "yes"})
    assert not (media_of(desk) / "a.png").exists()

    mark = client.get("/media/trash").text.partition('name="mark" value="')[2].partition('"')[0]
    client.post("/media/restore", data={"what": "file", "mark": mark})
    assert (media_of(desk) / "a.png").read_bytes() == picture()


def test_playlists_follow_a_file_to_its_new_name(desk: Desk, browser: Browser) -> None:
    client = browser(Role.EDITOR)
    upload(client, "a.png", picture())
    playlist = desk.store / "playlists" / "pictures.yaml"
    playlist.write_text("title: 照片\nplay:\n  - file: a.png   # 第一张\n    seconds: 9\n", "utf-8")
    desk.keeper.refresh()

    client.post("/media/move", data={"path": "a.png", "topic": "公园", "name": "湖.png"})

    assert (media_of(desk) / "公园" / "湖.png").is_file()
    assert playlist.read_text("utf-8") == "title: 照片\nplay:\n  - file: 公园/湖.png   # 第一张\n    seconds: 9\n"


def test_the_ingests_word_on_a_file_is_shown(desk: Desk, browser: Browser) -> None:
    client = browser(Role.EDITOR)
    upload(client, "a.png", picture())
    with desk.database.writing() as session:
        session.add(
            MediaRow(
                path="a.png",
                inode=1,
                length_bytes=3,
                mtime_ns=0,
                state="refused",
                reason="is truncated",
                reason_zh="文件不完整，请重新复制",
                changed_ms=0,
            )
        )

    page = client.get("/media?only=refused").text

    assert "文件不完整，请重新复制" in page
    assert "a.png" not in client.get("/media?only=ready").text


def test_a_picture_of_a_file_is_drawn_and_kept_by_the_browser(desk: Desk, browser: Browser) -> None:
    client = browser(Role.EDITOR)
    upload(client, "a.png", picture())

    first = client.get("/files/media/a.png?w=160&v=1")
    again = client.get("/files/media/a.png?w=160&v=1", headers={"if-none-match": first.headers["etag"]})

    assert first.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(first.content)).width == 160
    assert again.status_code == 304
    assert browser().get("/files/media/a.png").status_code == 403
    assert client.get("/files/media/../../office.db").status_code == 404


def test_a_file_that_is_being_taken_in_looks_again_by_itself_until_it_is_ready(desk: Desk, browser: Browser) -> None:
    client = browser(Role.EDITOR)
    upload(client, "a.png", picture())
    with desk.database.writing() as session:
        row = MediaRow(path="a.png", inode=1, length_bytes=3, mtime_ns=0, state="converting", percent=40, changed_ms=0)
        session.add(row)
    assert 'hx-get="/media/card/a.png"' in client.get("/media").text
    assert "40%" in client.get("/media/card/a.png").text

    with desk.database.writing() as session:
        session.merge(MediaRow(path="a.png", inode=1, length_bytes=3, mtime_ns=0, state="converted", changed_ms=1))

    ready = client.get("/media/card/a.png").text
    assert "可以播放" in ready
    assert "hx-get" not in ready


def test_dates_of_the_name_and_of_the_sidecar_are_shown(desk: Desk, browser: Browser) -> None:
    client = browser(Role.EDITOR)
    upload(client, "海报@2026-01-01~2026-02-01.png", picture())
    upload(client, "b.png", picture())
    (media_of(desk) / "b.png.yaml").write_text("until: 2030-05-06\n", "utf-8")
    desk.keeper.refresh()

    page = client.get("/media").text

    assert "2030-05-06" in page
    assert "b.png.yaml" not in page
    assert "海报" in client.get("/media?only=over").text
    assert "b.png" not in client.get("/media?only=over").text


def test_a_file_is_added_to_a_playlist_from_its_page(desk: Desk, browser: Browser) -> None:
    client = browser(Role.EDITOR)
    upload(client, "a.png", picture())
    playlist = desk.store / "playlists" / "p.yaml"
    playlist.write_text("title: 照片\nplay:\n  - template: civility   # 一\n    text: 慢\n", "utf-8")
    aliased = desk.store / "playlists" / "q.yaml"
    aliased.write_text("play: &all\n  - template: civility\n    text: 慢\nwhere: *all\n", "utf-8")
    desk.keeper.refresh()

    done = client.post("/playlists", data={"do": "add-file", "playlist": "p", "file": "a.png"})

    assert "已保存" in done.text
    assert playlist.read_text("utf-8").endswith("    text: 慢\n  - file: a.png\n")
    refused = client.post("/playlists", data={"do": "add-file", "playlist": "q", "file": "a.png"})
    assert refused.status_code == 409
    assert "引用" in refused.text
