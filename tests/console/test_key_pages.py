"""Keys at the console: who signs what, reviewers added and revoked; passphrases pass through and stay nowhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from signage.base.clock import ManualClock, now_utc
from signage.office.approval import list_drafts
from signage.office.console.roles import Role
from signage.office.console.roster import Roster
from signage.office.database.tables import AuditRow
from signage.office.desk import Desk
from signage.office.drafts import DraftState
from signage.office.keyroom import KeyRoom
from signage.office.mending import note_restored
from signage.office.office import Office
from signage.office.people import revoke_person
from signage.office.publish import publish
from signage.office.urgent import give_order
from signage.release.keys import load_key, new_key, public_text
from signage.release.orders import OrderKind
from tests.office.desk import COST, PASSPHRASE, Follower, add_reviewer, let_sign_in, make_store

Open = Callable[..., TestClient]
OWN = "my own quiet words"
ADD = {"role": "review1", "name": "李·明", "made": "here", "own": OWN, "again": OWN, "passphrase": PASSPHRASE}


@pytest.fixture(autouse=True)
def cheap_seals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "signage.office.desk.Office", lambda folder, ask, at, **more: Office(folder, ask, at, COST, **more)
    )


def people_of(desk: Desk, role: str) -> tuple[str, ...]:
    return next(one.people for one in KeyRoom(desk).roles() if one.role == role)


def test_a_reviewer_is_added_with_a_passphrase_of_their_own(browser: Open, desk: Desk) -> None:
    page = browser(Role.ADMINISTRATOR).post("/settings/keys/add", data=ADD).text

    assert "李·明 的密钥已登记" in page
    assert "临时密码" in page
    assert people_of(desk, "review1") == ("李·明",)
    assert load_key(desk.folder / "keys" / "李·明.key", OWN).name == "李·明"
    row = Roster(desk).named("李·明")
    assert row is not None
    assert row.roles == ["reviewer"]


def test_somebody_who_may_sign_in_already_becomes_a_reviewer(browser: Open, desk: Desk) -> None:
    let_sign_in(desk, "王芳", Role.EDITOR)

    page = browser(Role.ADMINISTRATOR).post("/settings/keys/add", data=ADD | {"name": "王芳"}).text

    assert "临时密码" not in page
    assert [row.roles for row in Roster(desk).all() if row.name == "王芳"] == [["editor", "reviewer"]]


def test_a_key_that_was_made_elsewhere_is_added_by_its_public_file(browser: Open, desk: Desk) -> None:
    key = new_key("made as anybody")
    said = ADD | {"made": "elsewhere", "own": "", "again": ""}
    upload = {"public": ("li.key.pub", public_text(key.public).encode())}

    page = browser(Role.ADMINISTRATOR).post("/settings/keys/add", data=said, files=upload).text

    assert "已登记" in page
    assert people_of(desk, "review1") == ("李·明",)
    assert not (desk.folder / "keys" / "李·明.key").exists()


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff\x00", b"x" * 30_000])
def test_a_file_that_is_no_public_key_is_refused(browser: Open, desk: Desk, data: bytes) -> None:
    said = ADD | {"made": "elsewhere"}

    answer = browser(Role.ADMINISTRATOR).post("/settings/keys/add", data=said, files={"public": ("x.pub", data)})

    assert answer.status_code == 409
    assert "公钥" in answer.text
    assert "uploaded.pub" not in answer.text
    assert people_of(desk, "review1") == ("release",)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"own": "short", "again": "short"}, "至少 8 个字符"),
        ({"own": "12345678", "again": "12345678"}, "不要只用数字"),
        ({"again": "something else 1"}, "不一样"),
        ({"own": PASSPHRASE, "again": PASSPHRASE}, "不能和办公室口令相同"),
        ({"passphrase": "wrong passphrase"}, "办公室口令不对"),
        ({"name": "root"}, "不能用作审核员的名字"),
        ({"name": "../李"}, "姓名最多 40 个字"),
        ({"role": "targets"}, "用来做什么"),
        ({"role": "review5"}, "用来做什么"),
    ],
)
def test_a_reviewer_that_cannot_be_is_refused_and_nobody_is_let_in(
    browser: Open, desk: Desk, said: dict[str, str], why: str
) -> None:
    client = browser(Role.ADMINISTRATOR)
    people = len(Roster(desk).all())

    answer = client.post("/settings/keys/add", data=ADD | said)

    assert answer.status_code == 409
    assert why in answer.text
    assert people_of(desk, "review1") == ("release",)
    assert len(Roster(desk).all()) == people


def test_a_level_can_be_added_and_the_number_of_those_who_sign(browser: Open, desk: Desk) -> None:
    client = browser(Role.ADMINISTRATOR)
    for name, role in (("li", "review1"), ("wang", "review1"), ("zhao", "review2")):
        assert client.post("/settings/keys/add", data=ADD | {"name": name, "role": role}).status_code == 200
    two = {"role": "review1", "threshold": "2", "passphrase": PASSPHRASE}

    assert "签字人数已改" in client.post("/settings/keys/threshold", data=two).text
    assert [(one.people, one.threshold) for one in KeyRoom(desk).levels()] == [(("li", "wang"), 2), (("zhao",), 1)]
    assert client.post("/settings/keys/threshold", data=two | {"threshold": "3"}).status_code == 409
    assert client.post("/settings/keys/threshold", data=two | {"threshold": "x"}).status_code == 409
    assert client.post("/settings/keys/revoke", data={"name": "li", "passphrase": PASSPHRASE}).status_code == 409


def test_a_reviewer_is_revoked_once_somebody_else_can_sign(browser: Open, desk: Desk) -> None:
    client = browser(Role.ADMINISTRATOR)
    for name in ("li", "wang"):
        client.post("/settings/keys/add", data=ADD | {"name": name})

    page = client.post("/settings/keys/revoke", data={"name": "li", "passphrase": PASSPHRASE}).text
    stranger = client.post("/settings/keys/revoke", data={"name": "nobody", "passphrase": PASSPHRASE})
    last = client.post("/settings/keys/revoke", data={"name": "wang", "passphrase": PASSPHRASE})

    assert "已撤销" in page
    assert stranger.status_code == 409
    assert "先加接替的人" in last.text
    assert people_of(desk, "review1") == ("wang",)


def test_what_expires_soon_is_said_in_words_and_renewed(browser: Open, desk: Desk, clock: ManualClock) -> None:
    before = min(one.expires for one in KeyRoom(desk).roles() if one.expires and one.role in ("root", "targets"))
    clock.advance(int((before - timedelta(days=20) - now_utc(clock)).total_seconds() * 1000))
    client = browser(Role.ADMINISTRATOR)

    warned = client.get("/settings/keys").text
    wrong = client.post("/settings/keys/renew", data={"passphrase": "wrong passphrase"})
    page = client.post("/settings/keys/renew", data={"passphrase": PASSPHRASE}).text

    assert "还有 20 天到期" in warned or "还有 19 天到期" in warned
    assert wrong.status_code == 409
    assert "已续签" in page
    assert "天到期" not in page


def test_after_five_wrong_passphrases_the_right_one_must_wait(browser: Open, clock: ManualClock) -> None:
    client = browser(Role.ADMINISTRATOR)

    for _ in range(5):
        assert "办公室口令不对" in client.post("/settings/keys/add", data=ADD | {"passphrase": "wrong one 77"}).text
    sixth = client.post("/settings/keys/add", data=ADD)
    clock.advance(301_000)

    assert "次数太多" in sixth.text
    assert client.post("/settings/keys/add", data=ADD).status_code == 200


def test_keys_that_lie_elsewhere_are_said_to(browser: Open, desk: Desk) -> None:
    (desk.folder / "keys" / "targets.key").rename(desk.folder / "targets.key")
    client = browser(Role.ADMINISTRATOR)

    assert "密钥在别处" in client.get("/settings/keys").text
    assert "不在这台电脑上" in client.post("/settings/keys/add", data=ADD).text


def test_an_english_page_and_one_without_reviewers_are_whole(browser: Open, desk: Desk, clock: ManualClock) -> None:
    client = browser(Role.ADMINISTRATOR)
    client.cookies.set("signage_lang", "en")

    assert "Who signs what" in client.get("/settings/keys").text
    add_reviewer(Office(desk.folder, lambda _name: PASSPHRASE, clock, COST), "li", 1)
    assert "Review level 1" in client.get("/settings/keys").text
    assert client.get("/settings/keys/add", follow_redirects=False).headers["location"] == "/settings/keys"


def test_no_passphrase_is_told_again_logged_or_written_down(browser: Open, desk: Desk) -> None:
    client = browser(Role.ADMINISTRATOR)
    pages = [client.post("/settings/keys/add", data=ADD | {"passphrase": "wrong one 77"}).text]
    pages.append(client.post("/settings/keys/add", data=ADD | {"again": "differs altogether"}).text)
    pages.append(client.post("/settings/keys/add", data=ADD).text)
    pages.append(client.post("/settings/keys/renew", data={"passphrase": PASSPHRASE}).text)
    pages += [client.get(f"/settings/audit{path}").text for path in ("", "/audit.jsonl")]

    files = [path for path in desk.folder.rglob("*") if path.is_file()]
    assert "key.refused" in pages[-1]
    for secret in (OWN, PASSPHRASE, "wrong one 77", "differs altogether"):
        assert not any(secret in page for page in pages)
        assert not [path for path in files if secret.encode() in path.read_bytes()]


def test_the_folder_of_keys_is_named_for_the_copy_on_a_stick(browser: Open, desk: Desk) -> None:
    assert f"{Path(desk.folder)}/keys" in browser(Role.ADMINISTRATOR).get("/settings/keys").text


def reviewed(desk: Desk) -> Office:
    """Let two people review, each a level, sealed with PASSPHRASE."""
    office = Office(desk.folder, lambda _name: PASSPHRASE, desk.clock, COST)
    for level, name in enumerate(("li", "wang"), 1):
        add_reviewer(office, name, level)
    return office


def noted(desk: Desk, action: str) -> list[str]:
    with desk.database.reading() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.number))
        return [row.subject for row in rows]


LESS = {"levels": "1", "sure": "yes", "passphrase": PASSPHRASE}


def test_review_levels_are_taken_away_one_by_one_until_nothing_is_reviewed(
    browser: Open, desk: Desk, tmp_path: Path
) -> None:
    office, client = reviewed(desk), browser(Role.ADMINISTRATOR, name="王芳")
    publish(office, make_store(tmp_path / "other", {"a.png": b"a"}), by="王芳")

    asked = client.get("/settings/keys").text
    one = client.post("/settings/keys/levels", data=LESS).text
    none = client.post("/settings/keys/levels", data=LESS | {"levels": "0"}).text

    assert "留下第 1 级；wang 不用再签。" in asked
    assert "现在是 1 级审核" in one
    assert "第 1 号已退回，请重新提交" in one
    assert "现在不用审核" in none
    assert KeyRoom(desk).levels() == []
    assert "减少审核级数" not in none
    assert noted(desk, "key.levels-lowered") == ["review", "review"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"passphrase": "wrong passphrase"}, "办公室口令不对"),
        ({"sure": ""}, "我知道"),
        ({"levels": "2"}, "只能改得更少"),
        ({"levels": "-1"}, "请选几级审核"),
        ({"levels": ""}, "请选几级审核"),
    ],
)
def test_levels_stay_where_the_wish_is_not_whole(browser: Open, desk: Desk, said: dict[str, str], why: str) -> None:
    reviewed(desk)

    answer = browser(Role.ADMINISTRATOR).post("/settings/keys/levels", data=LESS | said)

    assert answer.status_code == 409
    assert why in answer.text
    assert len(KeyRoom(desk).levels()) == 2


def test_a_level_that_is_added_returns_what_waited_for_fewer(browser: Open, desk: Desk, tmp_path: Path) -> None:
    client = browser(Role.ADMINISTRATOR)
    client.post("/settings/keys/add", data=ADD)
    office = Office(desk.folder, lambda _name: OWN, desk.clock, COST)
    publish(office, make_store(tmp_path / "other", {"a.png": b"a"}))

    client.post("/settings/keys/add", data=ADD | {"name": "王芳", "role": "review2"})

    assert [(line.state, line.why) for line in list_drafts(office)] == [
        (DraftState.RETURNED, "审核级数由 1 级改为 2 级，请重新提交")
    ]


@pytest.mark.parametrize("role", ["root", "targets", "snapshot", "timestamp", "release", "urgent"])
def test_each_of_the_offices_keys_can_be_made_anew(browser: Open, desk: Desk, role: str) -> None:
    client = browser(Role.ADMINISTRATOR)

    refused = client.post("/settings/keys/rotate", data={"role": role, "passphrase": "wrong passphrase"})
    done = client.post("/settings/keys/rotate", data={"role": role, "passphrase": PASSPHRASE})

    assert refused.status_code == 409
    assert "已换成新密钥" in done.text
    assert people_of(desk, "review1" if role == "release" else role) == (f"{role}-2",)
    assert noted(desk, "key.rotated") == [role]


def test_the_key_of_a_person_is_not_made_anew_by_the_office(browser: Open, desk: Desk) -> None:
    reviewed(desk)

    answer = browser(Role.ADMINISTRATOR).post(
        "/settings/keys/rotate", data={"role": "release", "passphrase": PASSPHRASE}
    )

    assert answer.status_code == 409
    assert "不是办公室自己的密钥" in answer.text
    assert 'data-opens="rotate-release"' not in browser(Role.ADMINISTRATOR, name="two").get("/settings/keys").text


def test_passphrase_and_all_keys_are_changed_together_and_screens_follow(
    browser: Open, desk: Desk, tmp_path: Path, clock: ManualClock
) -> None:
    new = "quite other words 7"
    old_office = Office(desk.folder, lambda _name: PASSPHRASE, clock, COST)
    publish(old_office, make_store(tmp_path / "first", {"a.png": b"a"}))
    screen = Follower(tmp_path / "screen", old_office, clock)
    screen.look()
    form = {"passphrase": PASSPHRASE, "new": new, "again": new}
    client = browser(Role.ADMINISTRATOR)

    wrong = [client.post("/settings/keys/rotate-all", data=form | one) for one in ({"again": "x"}, {"new": "short"})]
    done = client.post("/settings/keys/rotate-all", data=form)
    publish(Office(desk.folder, lambda _name: new, clock, COST), make_store(tmp_path / "next", {"b.png": b"b"}))

    assert [one.status_code for one in wrong] == [409, 409]
    assert "都换好了" in done.text
    assert people_of(desk, "root") == ("root-2",)
    assert screen.shows(screen.look()) == ["b.png"]
    assert "已续签" in client.post("/settings/keys/renew", data={"passphrase": new}).text


def test_who_signs_changes_and_nothing_goes_out_directly_any_more(desk: Desk) -> None:
    told: list[str] = []
    keys = KeyRoom(desk)
    keys.on_new_signers(told.append)
    reviewed(desk)

    keys.rotate("王芳", "timestamp", PASSPHRASE)
    keys.lower("王芳", 0, PASSPHRASE)
    keys.rotate("王芳", "release", PASSPHRASE)

    assert told == ["王芳", "王芳"]


def test_a_restored_office_offers_to_have_screens_know_it_again(browser: Open, desk: Desk) -> None:
    client = browser(Role.ADMINISTRATOR)
    before = client.get("/settings/keys").text
    note_restored(desk.office())

    asked = client.get("/settings/keys").text
    refused = client.post("/settings/keys/mend", data={"passphrase": "wrong passphrase"})
    done = client.post("/settings/keys/mend", data={"passphrase": PASSPHRASE}).text

    assert "从备份恢复" not in before
    assert "从备份恢复" in asked
    assert refused.status_code == 409
    assert "屏幕会重新认得这间办公室" in done
    assert "从备份恢复" not in done
    assert noted(desk, "key.mended") == ["9"]


def test_the_offices_signatures_are_renewed_also_where_people_give_the_orders(
    browser: Open, desk: Desk, clock: ManualClock
) -> None:
    client = browser(Role.ADMINISTRATOR)
    client.post("/settings/keys/add", data=ADD | {"role": "urgent"})
    revoke_person(Office(desk.folder, lambda _name: PASSPHRASE, clock, COST), "urgent")
    give_order(Office(desk.folder, lambda _name: OWN, clock, COST), OrderKind.BLACKOUT)
    clock.advance(int(timedelta(days=1000).total_seconds() * 1000))

    done = browser(Role.ADMINISTRATOR, name="two").post("/settings/keys/renew", data={"passphrase": PASSPHRASE})

    assert "已续签" in done.text
    root = next(one for one in KeyRoom(desk).roles() if one.role == "root")
    assert not root.is_expiring
