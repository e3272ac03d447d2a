"""The first-run wizard: who may set an office up, step by step, broken off and gone on with, once only."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from signage.base.clock import ManualClock
from signage.office import keyroom
from signage.office.console.roles import Role
from signage.office.console.roster import Roster
from signage.office.database.tables import AuditRow
from signage.office.desk import Desk, open_desk
from signage.office.office import Office
from signage.office.server import make_office_app
from signage.starter import make_store
from tests.browsers import Visitor, needs_chromium, served
from tests.office.desk import COST, PASSPHRASE, START, make_new_office, make_office

PASSWORD, OFFICE_PASSPHRASE, OWN = "tea-and-rain-4", "rice noodles at dawn", "my own quiet words"
SHOTS = Path(os.environ["SIGNAGE_SHOTS"]) if os.environ.get("SIGNAGE_SHOTS") else None
Open = Callable[..., TestClient]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def new_desk(tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A new office: nothing but a starter store. Keys are sealed as in all tests, so that none takes a second."""
    monkeypatch.setattr(
        "signage.office.desk.Office", lambda folder, ask, at, **more: Office(folder, ask, at, COST, **more)
    )
    make_store(tmp_path / "store")
    make_new_office(tmp_path / "office")
    desk = open_desk(tmp_path / "store", tmp_path / "office", clock=clock, takes_in=False)
    yield desk
    desk.close()


@pytest.fixture
def visit(new_desk: Desk) -> Iterator[Open]:
    with TestClient(make_office_app(new_desk), headers={"origin": "http://testserver"}) as first:

        def open_browser(address: str = "192.168.1.30") -> TestClient:
            host = "127.0.0.1" if address == "127.0.0.1" else "testserver"
            return TestClient(
                first.app, base_url=f"http://{host}", headers={"origin": f"http://{host}"}, client=(address, 50000)
            )

        yield open_browser


def take(client: TestClient, step: str, **said: str) -> str:
    """Send one step's form; give where it leads, or the page that says why not."""
    answer = client.post(f"/setup/{step}", data=said, follow_redirects=False)
    return answer.headers["location"] if answer.status_code == 303 else answer.text


def make_administrator(client: TestClient, **said: str) -> str:
    take(client, "community", community="石榴社区")
    wanted = {"name": "王芳", "password": PASSWORD, "again": PASSWORD, "role-editor": "1", "role-publisher": "1"}
    return take(client, "administrator", **wanted | said)


def test_a_new_office_is_set_up_step_by_step_and_works(visit: Open, new_desk: Desk) -> None:
    client = visit("127.0.0.1")

    assert client.get("/media", follow_redirects=False).headers["location"] == "/setup"
    assert make_administrator(client) == "/setup"
    assert take(client, "folder") == "/setup"
    assert take(client, "levels", levels="0") == "/setup"
    ready = take(client, "passphrase", passphrase=OFFICE_PASSPHRASE, again=OFFICE_PASSPHRASE)

    assert ready == "/setup/done"
    assert "signage play --office http://" in client.get("/setup/done").text
    assert new_desk.settings.read().is_set_up
    assert new_desk.settings.read().community == "石榴社区"
    for path in ("/", "/media", "/playlists", "/review", "/pair"):
        assert client.get(path, follow_redirects=False).status_code == 200
    assert client.get("/setup", follow_redirects=False).headers["location"] == "/"
    assert take(client, "administrator", name="x", password=PASSWORD, again=PASSWORD) == "/"
    assert new_desk.audit.first_fault() is None


def test_somebody_on_the_network_needs_the_code_that_the_terminal_shows(visit: Open, new_desk: Desk) -> None:
    client = visit()

    assert "设置码" in client.get("/setup").text
    assert "设置码" in take(client, "community", community="别人的社区")
    assert new_desk.settings.read().community == ""
    assert take(client, "code", code=new_desk.setup_code.lower().replace("-", " ")) == "/setup"
    assert "哪个社区" in client.get("/setup").text
    assert "设置码" in visit().get("/setup").text


def test_a_proxy_on_this_machine_does_not_make_everybody_its_own(visit: Open) -> None:
    client = visit("127.0.0.1")

    assert "哪个社区" in client.get("/setup").text
    assert "设置码" in client.get("/setup", headers={"x-forwarded-for": "192.168.1.30"}).text
    assert "设置码" in client.get("/setup", headers={"host": "testserver"}).text


def test_after_five_wrong_codes_the_right_one_must_wait(visit: Open, new_desk: Desk, clock: ManualClock) -> None:
    client = visit()

    wrong = [client.post("/setup/code", data={"code": "BBBB-BBBB"}).status_code for _ in range(5)]
    sixth = client.post("/setup/code", data={"code": new_desk.setup_code}).status_code
    clock.advance(301_000)

    assert wrong == [403] * 5
    assert sixth == 429
    assert take(client, "code", code=new_desk.setup_code) == "/setup"


def test_codes_tried_from_many_addresses_run_out_too(visit: Open, new_desk: Desk) -> None:
    for number in range(50):
        assert visit(f"10.0.0.{number}").post("/setup/code", data={"code": "BBBB-BBBB"}).status_code == 403

    assert visit("10.0.1.1").post("/setup/code", data={"code": new_desk.setup_code}).status_code == 429


def test_a_wizard_that_was_broken_off_goes_on_for_the_administrator_only(visit: Open, new_desk: Desk) -> None:
    make_administrator(visit("127.0.0.1"))

    for stranger in (visit("127.0.0.1"), visit()):
        assert stranger.get("/setup", follow_redirects=False).headers["location"] == "/login?next=/setup"
        assert take(stranger, "folder") == "/login?next=/setup"
        assert take(stranger, "code", code=new_desk.setup_code) == "/setup"
        assert stranger.get("/setup", follow_redirects=False).headers["location"] == "/login?next=/setup"
    again = visit()
    signed_in = again.post("/login", data={"name": "王芳", "password": PASSWORD, "next": "/setup"})

    assert "文件夹" in signed_in.text
    assert take(again, "folder") == "/setup"


def test_a_second_administrator_cannot_be_slipped_in(visit: Open, new_desk: Desk) -> None:
    first, second = visit("127.0.0.1"), visit("127.0.0.1")
    take(second, "community", community="别人的社区")
    make_administrator(first)

    assert take(second, "administrator", name="贼", password=PASSWORD, again=PASSWORD) == "/login?next=/setup"
    assert [row.name for row in Roster(new_desk).all()] == ["王芳"]


def test_a_weak_or_mistyped_password_is_refused_and_never_shown_again(visit: Open, new_desk: Desk) -> None:
    client = visit("127.0.0.1")

    for bad in (
        "short",
        "12345678",
        "19800101",
        "password1",
        "abcabcab",
        "qwertyuiop",
        "admin2026!",
        "王芳王芳王芳1234",
    ):
        page = make_administrator(client, password=bad, again=bad)
        assert "密码：" in page, bad
        assert f'value="{bad}"' not in page
    assert "不一样" in make_administrator(client, again="tea-and-rain-5")
    assert Roster(new_desk).all() == []


def test_reviewers_get_keys_of_their_own_and_may_sign_in(visit: Open, new_desk: Desk) -> None:
    client = visit("127.0.0.1")
    make_administrator(client)
    take(client, "folder")
    take(client, "levels", levels="2")
    take(client, "passphrase", passphrase=OFFICE_PASSPHRASE, again=OFFICE_PASSPHRASE)
    owns = {"name-1": "李·明", "own-1": OWN, "again-1": OWN}

    refused = take(client, "reviewers", passphrase="not the passphrase", **owns)
    first = take(client, "reviewers", passphrase=OFFICE_PASSPHRASE, **owns)
    second = take(client, "reviewers", passphrase=OFFICE_PASSPHRASE, **{"name-2": "王芳", "own-2": OWN, "again-2": OWN})

    assert "办公室口令不对" in refused
    assert "临时密码" in first
    assert "临时密码" not in second
    assert take(client, "finish") == "/setup/done"
    roles = {row.name: set(row.roles) for row in Roster(new_desk).all()}
    assert Role.REVIEWER in roles["李·明"]
    assert {Role.REVIEWER, Role.ADMINISTRATOR} < roles["王芳"]
    assert [one.people for one in keyroom.KeyRoom(new_desk).levels()] == [("李·明",), ("王芳",)]
    assert new_desk.office(lambda _name: OWN).open_key("李·明").name == "李·明"


def test_a_step_that_is_none_or_is_not_due_leads_to_the_one_that_is(
    visit: Open, new_desk: Desk, clock: ManualClock
) -> None:
    client = visit("127.0.0.1")

    for step in ("levels", "screen", "finish", "later", "done", "nonsense"):
        assert take(client, step, levels="0") == "/setup", step
        assert client.get(f"/setup/{step}", follow_redirects=False).status_code == 303
    make_office(new_desk.folder, clock)
    make_administrator(client)
    take(client, "folder")
    assert take(client, "screen") == "/setup"
    assert client.get("/setup?step=community").status_code == 200
    assert client.get("/setup?step=nonsense").status_code == 200


def test_a_reviewer_whose_name_cannot_sign_in_gets_no_key(visit: Open, new_desk: Desk) -> None:
    client = visit("127.0.0.1")
    make_administrator(client, name="Wang")
    take(client, "folder")
    take(client, "levels", levels="1")
    take(client, "passphrase", passphrase=OFFICE_PASSPHRASE, again=OFFICE_PASSPHRASE)

    for name in ("_li", "wang"):
        said = {"name-1": name, "own-1": OWN, "again-1": OWN}
        assert take(client, "reviewers", passphrase=OFFICE_PASSPHRASE, **said).startswith("<!doctype")
    assert keyroom.KeyRoom(new_desk).levels()[0].people == ()


def test_keys_that_are_there_already_are_used(visit: Open, new_desk: Desk, clock: ManualClock) -> None:
    make_office(new_desk.folder, clock)
    client = visit("127.0.0.1")
    make_administrator(client)
    take(client, "folder")

    assert "都准备好了" in client.get("/setup").text
    assert take(client, "finish") == "/setup/done"
    assert "原来就有" in client.get("/setup/done").text
    assert new_desk.office(lambda _name: PASSPHRASE).open_key("root").name == "root"


def test_keys_of_a_try_that_broke_off_need_their_passphrase(
    visit: Open, new_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visit("127.0.0.1")
    make_administrator(client)
    take(client, "folder")
    take(client, "levels", levels="0")
    with monkeypatch.context() as broken:
        broken.setattr("signage.release.repository.Repository.create", _power_cut)
        with pytest.raises(RuntimeError, match="power cut"):
            take(client, "passphrase", passphrase=OFFICE_PASSPHRASE, again=OFFICE_PASSPHRASE)

    other = "another passphrase 7"
    assert "口令不对" in take(client, "passphrase", passphrase=other, again=other)
    done = take(client, "passphrase", passphrase=OFFICE_PASSPHRASE, again=OFFICE_PASSPHRASE)

    assert done == "/setup/done"


def _power_cut(*_said: object) -> None:
    raise RuntimeError("power cut")


def test_no_password_or_passphrase_is_kept_in_any_file_or_told_again(visit: Open, new_desk: Desk) -> None:
    client = visit("127.0.0.1")
    pages = [make_administrator(client, again="differs entirely 1"), make_administrator(client)]
    pages += [take(client, "folder"), take(client, "levels", levels="1")]
    pages += [take(client, "passphrase", passphrase=OFFICE_PASSPHRASE, again="differs entirely 1")]
    pages += [take(client, "passphrase", passphrase=OFFICE_PASSPHRASE, again=OFFICE_PASSPHRASE)]
    pages += [
        take(client, "reviewers", passphrase="wrong passphrase 1", **{"name-1": "李", "own-1": OWN, "again-1": OWN})
    ]
    pages += [take(client, "reviewers", passphrase=OFFICE_PASSPHRASE, **{"name-1": "李", "own-1": OWN, "again-1": OWN})]
    take(client, "finish")

    files = [path for path in new_desk.folder.rglob("*") if path.is_file()]
    with new_desk.database.reading() as session:
        assert session.query(AuditRow).count() > 5
    for secret in (PASSWORD, OFFICE_PASSPHRASE, OWN, "wrong passphrase 1"):
        assert not any(secret in page for page in pages)
        assert not [path for path in files if secret.encode() in path.read_bytes()]


@needs_chromium
@pytest.mark.parametrize(("width_px", "language"), [(390, "zh"), (1440, "en")])
def test_the_wizard_in_a_browser(window: Browser, new_desk: Desk, width_px: int, language: str) -> None:
    with served(make_office_app(new_desk)) as url:
        visitor = Visitor(window, url, width_px, language, SHOTS)
        page = visitor.page

        def look(name: str) -> None:
            visitor.look(f"setup-{name}-{width_px}-{language}")

        def on() -> None:
            page.click("main button.main")

        visitor.go("/")
        look("1-community")
        page.fill("[name=community]", "石榴社区")
        on()
        page.fill("[name=name]", "王芳")
        page.fill("[name=password]", "12345678")
        page.fill("[name=again]", "12345678")
        on()
        page.wait_for_selector(".fault")
        look("2-administrator")
        page.fill("[name=password]", PASSWORD)
        page.fill("[name=again]", PASSWORD)
        on()
        page.wait_for_selector("details.hint")
        page.click("details.hint summary")
        look("3-folder")
        on()
        page.wait_for_selector(".choices")
        look("4-levels")
        page.check("[name=levels][value='1']")
        on()
        page.fill("[name=passphrase]", OFFICE_PASSPHRASE)
        page.click("label:has([name=passphrase]) .show")
        assert page.get_attribute("[name=passphrase]", "type") == "text"
        page.fill("[name=again]", OFFICE_PASSPHRASE)
        look("5-passphrase")
        page.check("main [type=checkbox]")
        on()
        page.fill("[name=name-1]", "李明")
        page.fill("[name=own-1]", OWN)
        page.fill("[name=again-1]", OWN)
        page.fill("[name=passphrase]", OFFICE_PASSPHRASE)
        look("6-reviewers")
        on()
        page.wait_for_selector("form[action='/setup/finish']")
        look("7-ready")
        on()
        page.wait_for_url("**/setup/done")
        look("8-done")
        page.click("a[href='/pair']")
        page.wait_for_selector("[name=code]")
        visitor.close()
    assert [fault for fault in visitor.faults if "409" not in fault] == []
