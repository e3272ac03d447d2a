"""The office's commands as a person types them, from making the keys to a rollback."""

from __future__ import annotations

import getpass
import os
import shutil
import warnings
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from signage.base.clock import SystemClock
from signage.office.desk import open_desk
from signage.release.verify import Accepted, TrustedRelease
from tests.cli.conftest import Run
from tests.office.desk import PASSPHRASE, FolderFetcher, make_office

APPEAL = """
title: 文明倡议
play:
  - template: civility
    text: 您让一步，路宽十分
    seconds: 12
"""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of an office whose own key signs."""
    folder = tmp_path / "office"
    monkeypatch.setenv("SIGNAGE_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("SIGNAGE_OFFICE", str(folder))
    make_office(folder, SystemClock())
    return folder


def look(office: Path, tmp_path: Path) -> Accepted:
    """Give what a screen takes."""
    root = (office / "published/metadata/1.root.json").read_bytes()
    trusted = TrustedRelease(tmp_path / "screen", root, "gate")
    outcome = trusted.refresh(FolderFetcher(office / "published"), "folder:/")
    assert isinstance(outcome, Accepted), outcome
    return outcome


def names(outcome: Accepted) -> list[str]:
    return [item.name for one in outcome.manifest.store.playlists for entry in one.entries for item in entry.items]


def test_publish_change_roll_back(run: Run, office: Path, store: Path, tmp_path: Path) -> None:
    first = run("publish", store)
    same = run("publish", store)
    before = names(look(office, tmp_path))
    (store / "playlists/appeal.yaml").write_text(APPEAL, "utf-8")
    second = run("publish", store)
    changed = names(look(office, tmp_path))
    back = run("rollback", 1)

    assert (first.code, same.code, second.code, back.code) == (0, 0, 0, 0)
    assert "release 1 is published, 1 new file (已发布第 1 号)" in first.out
    assert "nothing has changed" in same.out
    assert "civility:您让一步，路宽十分" in changed
    assert names(look(office, tmp_path)) == before
    assert look(office, tmp_path).manifest.number == 3


@pytest.mark.usefixtures("qapp")
def test_review_from_draft_to_air(run: Run, office: Path, store: Path, tmp_path: Path) -> None:
    run("publish", store)
    run("keys", "new", "王芳", "--out", tmp_path / "wang.key")
    added = run("keys", "add-reviewer", "王芳", "--level", 2, "--public", tmp_path / "wang.key.pub")
    (store / "playlists/appeal.yaml").write_text(APPEAL, "utf-8")

    draft = run("publish", store, "--note", "改字")
    listed = run("review", "--json").rows
    told = run("review", 2)
    page = run("review", 2, "--html", tmp_path / "review.html")
    approved = run("approve", 2, "--as", "王芳", "--key", tmp_path / "wang.key")

    assert added.code == 0
    assert "draft 2 waits for review: review2 lacks 1 signature" in draft.out
    assert [(row["release"], row["state"]) for row in listed] == [(1, "approved"), (2, "submitted")]
    assert "新增　文明倡议　您让一步，路宽十分" in told.out
    assert "撤下　文明倡议　您让一步，路宽一分" in told.out
    assert page.code == 0
    assert (tmp_path / "review.html").read_text("utf-8").count("data:image/webp") == 2
    assert "release 2 is published" in approved.out
    assert "civility:您让一步，路宽十分" in names(look(office, tmp_path))


def test_a_copied_draft_is_signed_elsewhere_and_taken(run: Run, office: Path, store: Path, tmp_path: Path) -> None:
    run("keys", "add-reviewer", "li", "--level", 1, "--key-out", tmp_path / "li.key")
    run("publish", store)
    copy = tmp_path / "stick.draft"
    copy.write_bytes((office / "drafts/1.draft").read_bytes())

    signed = run("approve", copy, "--as", "li", "--key", tmp_path / "li.key", "--office", tmp_path / "elsewhere")
    taken = run("approve", copy, "--take")

    assert "bring" in signed.out
    assert "release 1 is published" in taken.out


def test_a_draft_that_changed_after_it_was_shown_is_not_signed(
    run: Run, office: Path, store: Path, tmp_path: Path
) -> None:
    run("keys", "add-reviewer", "li", "--level", 1)
    run("publish", store)
    (store / "playlists/appeal.yaml").write_text(APPEAL, "utf-8")
    run("publish", store)
    first, second = office / "drafts/1.draft", office / "drafts/2.draft"
    copy = tmp_path / "stick.draft"
    copy.write_bytes(first.read_bytes())

    shown = run("review", copy)
    copy.write_bytes(second.read_bytes())
    changed = run("approve", copy, "--as", "li", "--key", office / "keys/li.key")
    again = run("review", copy)
    signed = run("approve", copy, "--as", "li", "--key", office / "keys/li.key")

    assert "code" in shown.err
    assert changed.code == 3
    assert "重新查看" in changed.err
    assert shown.err != again.err
    assert signed.code == 0


def test_what_a_draft_says_cannot_play_with_the_terminal(run: Run, office: Path, store: Path) -> None:
    run("keys", "add-reviewer", "li", "--level", 1)

    run("publish", store, "--note", "\x1b[2Jfine\u202egpj")
    listed = run("review")

    assert "\x1b" not in listed.out
    assert "\u202e" not in listed.out
    assert "\\x1b[2Jfine[U+202E]gpj" in listed.out


class Typist:
    """A person at the terminal: types what is given, one after the other, and remembers what was asked."""

    def __init__(self, *typed: str) -> None:
        self.asked: list[str] = []
        self._typed = list(typed)

    def __call__(self, prompt: str) -> str:
        self.asked.append(prompt)
        if not self._typed:
            raise KeyboardInterrupt
        return self._typed.pop(0)


def test_a_new_passphrase_is_typed_twice_and_once_for_all_of_the_offices_keys(
    run: Run, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNAGE_OFFICE", str(tmp_path / "typed"))
    typist = Typist("long enough", "lonh enough", "long enough", "long enough", "long enough")
    monkeypatch.setattr(getpass, "getpass", typist)

    made = run("keys", "init")
    published = run("publish", store)

    assert (made.code, published.code) == (0, 0)
    assert "两次输入不同" in made.err
    assert [("再" in prompt) for prompt in typist.asked] == [False, True, False, True, False]


def test_keys_that_were_broken_off_are_made_again(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNAGE_OFFICE", str(tmp_path / "typed"))
    monkeypatch.setattr(getpass, "getpass", Typist("short", "short"))
    first = run("keys", "init")
    monkeypatch.setattr(getpass, "getpass", Typist("long enough", "long enough"))

    again = run("keys", "init")

    assert first.code == 3
    assert again.code == 0


def test_all_of_a_draft_is_shown_where_it_is_asked_for(run: Run, office: Path, store: Path) -> None:
    run("publish", store)
    run("keys", "add-reviewer", "li", "--level", 1)
    run("publish", store)

    assert "新增" not in run("review", 2).out
    assert "新增" in run("review", 2, "--all").out


def test_a_stick_carries_the_file_that_a_takeover_shows(run: Run, office: Path, store: Path, tmp_path: Path) -> None:
    run("publish", store)
    (tmp_path / "stick").mkdir()

    run("takeover", "--file", store / "media/one.jpg", "--out", tmp_path / "stick/fire.order.json")

    (blob,) = (path for path in (tmp_path / "stick/blobs").rglob("*") if path.is_file())
    assert blob.read_bytes() == (store / "media/one.jpg").read_bytes()


def test_a_file_overwritten_in_place_with_its_time_kept_is_published_at_the_second_try(
    run: Run, office: Path, store: Path, tmp_path: Path
) -> None:
    photo = store / "media/one.jpg"
    run("check", store)
    status, data = photo.stat(), photo.read_bytes()
    with photo.open("r+b") as file:
        file.seek(data.index(b"JFIF") + 9)
        file.write(bytes([data[data.index(b"JFIF") + 9] ^ 1]))
    os.utime(photo, ns=(status.st_atime_ns, status.st_mtime_ns))

    first = run("publish", store)
    second = run("publish", store)

    assert first.code == 3
    assert "publish again" in first.err
    assert second.code == 0, second.err
    (media,) = look(office, tmp_path).manifest.store.media.values()
    assert media.sha256 == sha256(photo.read_bytes()).hexdigest()


def test_return_says_why(run: Run, office: Path, store: Path) -> None:
    run("keys", "add-reviewer", "li", "--level", 1)
    run("publish", store)

    returned = run("return", 1, "--why", "照片不清楚")
    again = run("approve", 1, "--as", "li")

    assert returned.code == 0
    assert run("review", "--json").rows[0]["why"] == "照片不清楚"
    assert again.code == 3
    assert "已退回" in again.err


def test_orders_go_out_and_onto_a_stick(run: Run, office: Path, store: Path, tmp_path: Path) -> None:
    run("publish", store)

    black = run("blackout", "--screens", "outdoor", "--out", tmp_path / "black.order.json")
    text = run("takeover", "--text", "今晚停水", "--for", "30m")
    file = run("takeover", "--file", store / "media/one.jpg")
    wrong = run("blackout", "--screens", "outdor")
    misnamed = run("resume", "--out", tmp_path / "x.json")
    orders = look(office, tmp_path).news.orders

    assert (black.code, text.code, file.code) == (0, 0, 0)
    assert "is out for gate" in black.out
    assert (tmp_path / "black.order.json").exists()
    assert "did you mean 'outdoor'" in wrong.err
    assert (misnamed.code, misnamed.err.count("\n")) == (2, 1)
    assert orders is not None
    assert [str(order.kind) for order in orders] == ["blackout", "takeover", "takeover"]


def test_review_levels_are_lowered_once_it_is_said_that_it_is_meant(run: Run, office: Path, store: Path) -> None:
    run("keys", "add-reviewer", "li", "--level", 1)
    run("keys", "add-reviewer", "wang", "--level", 2)
    run("publish", store)

    asked = run("keys", "levels", 0)
    done = run("keys", "levels", 0, "--yes")
    published = run("publish", store)

    assert asked.code == 2
    assert "看内容的人更少" in asked.err
    assert done.code == 0
    assert "no longer asked: wang, li" in done.out
    assert "returned: 1" in done.out
    assert "published" in published.out


def test_an_office_that_is_restored_says_how_screens_are_led_on(
    run: Run, office: Path, store: Path, tmp_path: Path
) -> None:
    run("publish", store)
    made = run("backup", store)
    backup = tmp_path / "kept.tar.gz"
    backup.write_bytes(Path(made.out.partition(":")[0]).read_bytes())
    run("keys", "rotate", "root")
    look(office, tmp_path)

    restored = run("restore", backup, "--office", tmp_path / "new", "--roots", tmp_path / "screen")
    shutil.copy(office / "keys/root-2.key", tmp_path / "new/keys")
    mended = run("keys", "mend", "--office", tmp_path / "new")
    (store / "playlists/appeal.yaml").write_text(APPEAL, "utf-8")
    published = run("publish", store, "--office", tmp_path / "new")

    assert "2.root.json" in restored.out
    assert "root-2.key is not here" in restored.err
    assert "signage keys mend" in restored.err
    assert "root 10 is signed" in mended.out
    assert "published" in published.out
    assert look(tmp_path / "new", tmp_path).manifest.number > 10_000


def test_keys_are_shown_rotated_and_revoked(run: Run, office: Path) -> None:
    run("keys", "add-reviewer", "li", "--level", 1)
    run("keys", "add-reviewer", "zhao", "--level", 1)

    revoked = run("keys", "revoke", "li")
    rotated = run("keys", "rotate", "timestamp")
    renewed = run("keys", "renew", "--online")
    shown = run("keys", "show", "--json")

    assert (revoked.code, rotated.code, renewed.code, shown.code) == (0, 0, 0, 0)
    people = {row["role"]: row["people"] for row in shown.rows}
    assert people["review1"] == ["zhao"]
    assert people["timestamp"] == ["timestamp-2"]
    assert "good until" in run("keys", "show").out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("publish",), 3, "signage keys init"),
        (("keys", "show"), 3, "signage keys init"),
        (("approve", "7", "--as", "li"), 3, "no such draft"),
        (("keys", "add-reviewer", "li", "--level", "one"), 2, "neither a number nor 'urgent'"),
        (("takeover",), 2, "--text --file"),
        (("keys", "rotat"), 2, "rotat"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    run: Run, store: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    where = ("--office", str(tmp_path / "nowhere")) if code == 3 else ()

    ran = run(*arguments, *([str(store)] if arguments == ("publish",) else []), *where)

    assert ran.code == code
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_a_wrong_passphrase_is_told(run: Run, office: Path, store: Path, tmp_path: Path) -> None:
    (tmp_path / "said").write_text("not the passphrase\n", "utf-8")

    ran = run("publish", store, "--passphrase-file", tmp_path / "said")

    assert ran.code == 3
    assert "口令不对" in ran.err


def test_while_a_file_is_being_copied_nothing_is_published(run: Run, office: Path, store: Path) -> None:
    with (store / "playlists/appeal.yaml").open("a", encoding="utf-8"):
        ran = run("publish", store)

    assert ran.code == 3
    assert "文件还在复制" in ran.err
    assert run("publish", store).code == 0


def test_publish_gives_screens_what_the_running_office_has_made_of_a_file(
    run: Run, office: Path, store: Path, tmp_path: Path
) -> None:
    (store / "media" / "要闻.txt").write_text("停水通知\n今晚十点起停水", "utf-8")
    (store / "playlists" / "text.yaml").write_text("title: 要闻\nplay:\n  - file: 要闻.txt\n", "utf-8")
    Image.new("CMYK", (64, 36), (0, 255, 255, 0)).save(store / "media" / "red.jpg")
    (store / "playlists" / "red.yaml").write_text("title: 红\nplay:\n  - file: red.jpg\n", "utf-8")
    desk = open_desk(store, office)
    assert desk.ingest is not None
    desk.ingest.start()
    while not desk.ingest.is_idle or not desk.keeper.refresh().store.media:
        desk.ingest.wait(0.1)
    desk.close()

    done = run("publish", store)

    assert done.code == 0, done.err
    media = {one.path: one for one in look(office, tmp_path).manifest.store.media.values()}
    original = sha256((store / "media" / "red.jpg").read_bytes()).hexdigest()
    assert media["red.jpg"].sha256 != original  # screens get it in sRGB


def test_a_file_that_the_office_has_not_taken_in_yet_is_told(run: Run, office: Path, store: Path) -> None:
    desk = open_desk(store, office)
    assert desk.ingest is not None
    desk.ingest.start()
    while not desk.ingest.is_idle or not desk.keeper.refresh().files:
        desk.ingest.wait(0.1)
    desk.close()
    Image.new("RGB", (64, 36)).save(store / "media" / "new.png")
    (store / "playlists" / "new.yaml").write_text("title: 新\nplay:\n  - file: new.png\n", "utf-8")

    done = run("publish", store)

    assert done.code == 3
    assert "还没有入库" in done.err


def test_a_passphrase_is_never_asked_for_in_plain_sight(
    run: Run, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_terminal(_prompt: str) -> str:
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=2)
        return "typed for all to see"

    monkeypatch.delenv("SIGNAGE_PASSPHRASE")
    monkeypatch.setattr(getpass, "getpass", no_terminal)

    ran = run("blackout")

    assert ran.code == 2
    assert "there is no terminal to ask at" in ran.err
