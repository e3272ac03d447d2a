"""People, their own accounts, and the settings: what administrators and everybody may change, and what never."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select, text
from starlette.testclient import TestClient

from signage.base.clock import ManualClock
from signage.office.console.passwords import fault_of, temporary_password
from signage.office.console.roles import Role
from signage.office.console.roster import Roster
from signage.office.database.tables import AuditRow
from signage.office.desk import Desk
from signage.office.server import make_office_app
from tests.browsers import Visitor, needs_chromium, served
from tests.office.desk import PASSWORD, let_sign_in

Open = Callable[..., TestClient]
NEW = "rain-on-the-roof 7"
SHOTS = Path(os.environ["SIGNAGE_SHOTS"]) if os.environ.get("SIGNAGE_SHOTS") else None
SETTINGS = {
    "community": "石榴社区",
    "language": "zh",
    "kept_days": "200",
    "public_days": "90",
    "backup_hour": "3",
    "backups_kept": "14",
    "offline_after_s": "90",
    "alarm_shape": "generic",
}
WEBHOOK = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a-secret-of-the-group"


def id_of(desk: Desk, name: str) -> int:
    row = Roster(desk).named(name)
    assert row is not None
    return row.id


def temporary_in(page: str) -> str:
    found = re.search(r'<p class="path">([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})</p>', page)
    assert found, page
    return found[1]


def actions(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return list(session.scalars(select(AuditRow.action).order_by(AuditRow.number)))


def test_only_administrators_reach_settings(browser: Open) -> None:
    client = browser(Role.EDITOR, Role.REVIEWER, Role.PUBLISHER, Role.DUTY)

    paths = ("/settings", "/settings/people", "/settings/people/1", "/settings/keys", "/settings/audit")
    for path in (*paths, "/settings/audit/audit.csv", "/settings/audit/audit.jsonl"):
        assert client.get(path).status_code == 403, path
    posts = ("/settings", "/settings/people", "/settings/people/1/password", "/settings/keys/add", "/settings/backup")
    for path in posts:
        assert client.post(path).status_code == 403, path
    assert client.get("/account").status_code == 200


def test_a_new_person_changes_the_temporary_password_before_anything_else(browser: Open, desk: Desk) -> None:
    admin, newcomer = browser(Role.ADMINISTRATOR), browser()

    page = admin.post("/settings/people", data={"name": "阿依古丽·买买提", "role-editor": "1"}).text
    temporary = temporary_in(page)
    newcomer.post("/login", data={"name": "阿依古丽·买买提", "password": temporary})

    assert temporary not in admin.get("/settings/people").text
    assert newcomer.get("/media", follow_redirects=False).headers["location"] == "/password"
    assert newcomer.post("/password", data={"old": "wrong", "password": NEW, "again": NEW}).status_code == 403
    for bad in (temporary, "12345678", "short"):
        answer = newcomer.post("/password", data={"old": temporary, "password": bad, "again": bad})
        assert answer.status_code == 409, bad
    assert newcomer.post("/password", data={"old": temporary, "password": NEW, "again": "x"}).status_code == 409
    done = newcomer.post("/password", data={"old": temporary, "password": NEW, "again": NEW})
    assert "密码已改" in done.text
    assert newcomer.get("/media").status_code == 200


def test_roles_count_from_the_next_request_on(browser: Open, desk: Desk) -> None:
    admin, editor = browser(Role.ADMINISTRATOR), browser(Role.EDITOR, name="王芳")

    assert editor.get("/settings").status_code == 403
    admin.post(f"/settings/people/{id_of(desk, '王芳')}/roles", data={"role-administrator": "1", "role-nonsense": "1"})

    assert editor.get("/settings").status_code == 200
    assert [row.roles for row in Roster(desk).all() if row.name == "王芳"] == [["administrator"]]


def test_somebody_shut_out_is_signed_out_at_once_and_cannot_come_back(browser: Open, desk: Desk) -> None:
    admin, editor = browser(Role.ADMINISTRATOR), browser(Role.EDITOR, name="王芳")

    admin.post(f"/settings/people/{id_of(desk, '王芳')}/shut-out")
    after = editor.get("/media", follow_redirects=False).headers["location"]
    again = editor.post("/login", data={"name": "王芳", "password": PASSWORD})
    admin.post(f"/settings/people/{id_of(desk, '王芳')}/let-in")

    assert after.startswith("/login")
    assert again.status_code == 403
    back = browser().post("/login", data={"name": "王芳", "password": PASSWORD}, follow_redirects=False)
    assert back.status_code == 303


def test_a_forgotten_password_is_replaced_and_its_sessions_end(browser: Open, desk: Desk) -> None:
    admin, editor = browser(Role.ADMINISTRATOR), browser(Role.EDITOR, name="王芳")

    temporary = temporary_in(admin.post(f"/settings/people/{id_of(desk, '王芳')}/password").text)

    assert editor.get("/media", follow_redirects=False).headers["location"].startswith("/login")
    assert editor.post("/login", data={"name": "王芳", "password": PASSWORD}).status_code == 403
    assert "临时密码" in editor.post("/login", data={"name": "王芳", "password": temporary}).text


@pytest.mark.parametrize(("what", "said"), [("roles", {"role-editor": "1"}), ("shut-out", {})])
def test_the_last_administrator_can_neither_go_nor_be_made_less(
    browser: Open, desk: Desk, what: str, said: dict[str, str]
) -> None:
    admin = browser(Role.ADMINISTRATOR, name="管理员")
    let_sign_in(desk, "停用的管理员", Role.ADMINISTRATOR)
    Roster(desk).set_active("管理员", id_of(desk, "停用的管理员"), False)

    answer = admin.post(f"/settings/people/{id_of(desk, '管理员')}/{what}", data=said)

    assert answer.status_code == 409
    assert "最后一位管理员" in answer.text
    assert admin.get("/settings").status_code == 200


def test_with_another_administrator_one_may_go(browser: Open, desk: Desk) -> None:
    admin = browser(Role.ADMINISTRATOR, name="管理员")
    let_sign_in(desk, "接替的人", Role.ADMINISTRATOR)

    admin.post(f"/settings/people/{id_of(desk, '管理员')}/shut-out")

    assert admin.get("/settings", follow_redirects=False).headers["location"].startswith("/login")


@pytest.mark.parametrize("name", ["", " ", "a b", "../x", "<b>", "x" * 41, "王芳"])
def test_a_name_that_cannot_be_is_refused(browser: Open, desk: Desk, name: str) -> None:
    admin = browser(Role.ADMINISTRATOR)
    let_sign_in(desk, "王芳", Role.EDITOR)

    answer = admin.post("/settings/people", data={"name": name, "role-editor": "1"})

    assert answer.status_code == 409
    assert "<b>" not in answer.text.partition('<form class="stack"')[2]


def test_a_person_that_is_not_there_is_not_found(browser: Open) -> None:
    admin = browser(Role.ADMINISTRATOR)

    for number in ("999", "99999999999999999999999"):
        assert admin.get(f"/settings/people/{number}").status_code == 404
    assert admin.post("/settings/people/1/become-king").status_code == 404


def test_people_see_and_end_their_own_sessions_only(browser: Open, desk: Desk) -> None:
    here, there, other = browser(Role.EDITOR, name="王芳"), browser(), browser(Role.EDITOR, name="李明")
    there.post("/login", data={"name": "王芳", "password": PASSWORD})
    with desk.database.reading() as session:
        found = session.execute(
            text("SELECT token_sha256 FROM session WHERE person_id = :id"), {"id": id_of(desk, "李明")}
        )
        foreign = found.scalar_one()

    assert here.get("/account").text.count('name="session"') == 1
    here.post("/account/end", data={"session": foreign})
    here.post("/account/end")

    assert here.get("/account").status_code == 200
    assert there.get("/media", follow_redirects=False).status_code == 303
    assert other.get("/media").status_code == 200


def test_a_new_password_ends_every_other_session(browser: Open) -> None:
    here, there = browser(Role.EDITOR, name="王芳"), browser()
    there.post("/login", data={"name": "王芳", "password": PASSWORD})

    here.post("/password", data={"old": PASSWORD, "password": NEW, "again": NEW})

    assert here.get("/account").status_code == 200
    assert there.get("/media", follow_redirects=False).status_code == 303


def test_after_five_wrong_old_passwords_the_right_one_must_wait(browser: Open, clock: ManualClock) -> None:
    client = browser(Role.EDITOR)
    right = {"old": PASSWORD, "password": NEW, "again": NEW}

    wrong = [client.post("/password", data=right | {"old": "no"}).status_code for _ in range(5)]
    sixth = client.post("/password", data=right).status_code
    clock.advance(301_000)

    assert wrong == [403] * 5
    assert sixth == 429
    assert client.post("/password", data=right, follow_redirects=False).status_code == 303


def test_temporary_passwords_are_good_ones() -> None:
    assert len({temporary_password() for _ in range(50)}) == 50
    assert all(fault_of(temporary_password(), "王芳") is None for _ in range(50))


@pytest.mark.parametrize("good", ["correct horse battery", "下雨天喝普洱茶最好", "tea-and-rain-4", "Kx9!mQ2v"])
def test_passwords_that_are_not_obvious_will_do(good: str) -> None:
    assert fault_of(good, "王芳", "石榴社区") is None


def test_settings_are_kept_and_what_changed_is_in_the_log(browser: Open, desk: Desk) -> None:
    admin = browser(Role.ADMINISTRATOR)

    said = SETTINGS | {
        "kept_days": "365",
        "hosts": "Office.LAN，signage.local",
        "public_page": "1",
    }
    page = admin.post("/settings", data=said)

    assert "已保存" in page.text
    settings = desk.settings.read()
    assert (settings.kept_days, settings.hosts, settings.public_page) == (365, ("office.lan", "signage.local"), True)
    with desk.database.reading() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "settings.changed")).one()
    assert row.detail == {"kept_days": 365, "hosts": ["office.lan", "signage.local"], "public_page": True}
    assert "没有改动" in admin.post("/settings", data=said).text


@pytest.mark.parametrize(
    ("field", "bad", "why"),
    [
        ("community", "", "请填社区名称"),
        ("kept_days", "7", "30 到 3650 天"),
        ("kept_days", "二百", "30 到 3650 天"),
        ("backup_hour", "24", "0 到 23 点"),
        ("offline_after_s", "5", "60 到 3600 秒"),
        ("hosts", "http://office.lan", "不是主机名"),
        ("metrics_from", "office.lan", "不是 IP 地址"),
        ("alarm_webhook", "qyapi.weixin.qq.com/x", "这不是网址"),
        ("alarm_shape", "telegram", "请选一种"),
        ("language", "fr", "请选一种语言"),
    ],
)
def test_a_setting_that_cannot_be_says_why_and_nothing_is_kept(
    browser: Open, desk: Desk, field: str, bad: str, why: str
) -> None:
    before = desk.settings.read()

    answer = browser(Role.ADMINISTRATOR).post("/settings", data=SETTINGS | {"public_days": "10", field: bad})

    assert answer.status_code == 409
    assert why in answer.text
    assert desk.settings.read() == before


def test_nobody_takes_away_the_name_by_which_they_came(browser: Open, desk: Desk) -> None:
    admin = browser(Role.ADMINISTRATOR)
    desk.settings.change(hosts=("office.lan",))
    own = {
        "host": "office.lan",
        "origin": "http://office.lan",
        "cookie": f"signage_session={admin.cookies['signage_session']}",
    }

    answer = admin.post("/settings", data=SETTINGS | {"hosts": ""}, headers=own)

    assert "去掉它就打不开了" in answer.text
    assert desk.settings.read().hosts == ("office.lan",)


def test_the_alarms_address_is_never_shown_nor_logged(browser: Open, desk: Desk) -> None:
    admin = browser(Role.ADMINISTRATOR)
    secret = {"alarm_webhook": WEBHOOK, "alarm_secret": "SEC-of-the-robot", "alarm_shape": "dingtalk"}

    pages = [admin.post("/settings", data=SETTINGS | secret).text, admin.get("/settings").text]
    pages.append(admin.post("/settings", data=SETTINGS | secret | {"kept_days": "x"}).text)
    kept = admin.post("/settings", data=SETTINGS | {"alarm_shape": "wecom"})

    assert "qyapi.weixin.qq.com/…" in kept.text
    assert desk.settings.read().alarm_webhook == WEBHOOK
    pages += [admin.get(f"/settings/audit{path}").text for path in ("", "/audit.csv", "/audit.jsonl")]
    assert not any("a-secret-of-the-group" in page or "SEC-of-the-robot" in page for page in pages)
    admin.post("/settings", data=SETTINGS | {"alarm_webhook-gone": "1"})
    assert desk.settings.read().alarm_webhook == ""
    assert desk.settings.read().alarm_secret == ""


def test_a_backup_is_made_at_once(browser: Open, desk: Desk) -> None:
    page = browser(Role.ADMINISTRATOR).post("/settings/backup")

    assert "备份做好了" in page.text
    assert len(list((desk.folder / "backups").glob("backup-*.tar.gz"))) == 1
    assert "backup.made" in actions(desk)


def test_the_log_is_found_paged_proved_and_exported(browser: Open, desk: Desk, clock: ManualClock) -> None:
    admin = browser(Role.ADMINISTRATOR, name="管理员")
    for number in range(230):
        desk.audit.note("王芳", "playlist.edited", f"=list-{number}", {"n": number})
        clock.advance(60_000)

    first = admin.get("/settings/audit?person=王芳").text
    older = re.search(r'href="(/settings/audit\?[^"]*before=\d+)"', first)
    assert older
    second = admin.get(older[1].replace("&amp;", "&")).text

    assert first.count("=list-") == 100
    assert second.count("=list-") == 100
    assert not set(re.findall(r"=list-\d+", first)) & set(re.findall(r"=list-\d+", second))
    assert admin.get("/settings/audit?area=signin").text.count("登录") > admin.get(
        "/settings/audit?area=key"
    ).text.count("登录")
    assert "=list-7<" in admin.get("/settings/audit?q=list-7").text
    assert "没有符合的记录" in admin.get("/settings/audit?until=2001-01-01").text
    assert "完整" in admin.get("/settings/audit?proof=1").text
    table = admin.get("/settings/audit/audit.csv?person=王芳").content
    assert table.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
    assert len(rows) == 231
    assert rows[1][4] == "'=list-0"
    lines = [json.loads(line) for line in admin.get("/settings/audit/audit.jsonl").text.splitlines()]
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    assert all(after["hash_before"] == before["hash"] for before, after in pairwise(lines))
    assert lines[-1]["action"] == "audit.exported"


def test_a_log_that_was_tampered_with_is_named(browser: Open, desk: Desk) -> None:
    admin = browser(Role.ADMINISTRATOR)
    for number in range(3):
        desk.audit.note("王芳", "playlist.edited", str(number))
    with desk.database.writing() as session:
        session.execute(text("UPDATE audit SET person = '李明' WHERE number = 2"))

    assert "第 2 条对不上" in admin.get("/settings/audit?proof=1").text


@pytest.mark.parametrize(
    "query", ["before=x", "before=99999999999999999999", "since=nonsense", "until=9999-12-31", "area=%25"]
)
def test_a_query_that_makes_no_sense_is_passed_over(browser: Open, query: str) -> None:
    assert browser(Role.ADMINISTRATOR).get(f"/settings/audit?{query}").status_code == 200


@needs_chromium
@pytest.mark.parametrize(("width_px", "language"), [(390, "zh"), (1440, "en")])
def test_people_and_settings_in_a_browser(window: Browser, desk: Desk, width_px: int, language: str) -> None:
    let_sign_in(desk, "管理员", Role.ADMINISTRATOR, Role.PUBLISHER)
    let_sign_in(desk, "王芳", Role.EDITOR)
    let_sign_in(desk, "李明", Role.REVIEWER)
    with served(make_office_app(desk)) as url:
        visitor = Visitor(window, url, width_px, language, SHOTS)
        page = visitor.page

        def look(name: str) -> None:
            visitor.look(f"settings-{name}-{width_px}-{language}")

        visitor.sign_in("管理员")
        visitor.go("/settings")
        page.fill("[name=kept_days]", "7")
        page.press("[name=kept_days]", "Enter")
        page.wait_for_selector(".wrong .why")
        look("1-wrong")
        page.fill("[name=kept_days]", "300")
        page.fill("[name=alarm_webhook]", WEBHOOK)
        page.click("main button.main")
        page.wait_for_selector("p.done")
        look("2-general")
        visitor.go("/settings/people")
        look("3-people")
        page.fill("[name=name]", "赵新")
        page.click("main button.main")
        page.wait_for_selector(".done .path")
        look("4-person")
        visitor.go("/settings/keys")
        look("5-keys")
        page.click("[data-opens=add]")
        look("6-add")
        visitor.go("/settings/audit?proof=1")
        look("7-audit")
        visitor.go("/account")
        look("8-account")
        visitor.go("/password")
        look("9-password")
        visitor.close()
    assert [fault for fault in visitor.faults if "409" not in fault] == []
