"""审核发布: who may do what, that only what was shown is signed, and that passphrases are kept nowhere."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select
from starlette.testclient import TestClient

from signage.base.clock import ManualClock
from signage.office.console.roles import Role
from signage.office.database.tables import AuditRow
from signage.office.desk import Desk
from signage.office.drafts import DraftState, draft_path, load_draft
from signage.office.publish import number_on_air, on_air
from signage.release.layout import blob_path
from tests.office.desk import COST, PASSPHRASE, add_reviewer

Browser = Callable[..., TestClient]
EVERYBODY = tuple(Role)
LIMIT_S = 60.0


def office_of(desk: Desk):
    office = desk.office(lambda _name: PASSPHRASE)
    office._scrypt_cost = COST
    return office


@pytest.fixture
def two_levels(desk: Desk) -> None:
    office = office_of(desk)
    add_reviewer(office, "li", 1)
    add_reviewer(office, "wang", 2)


def look(client: TestClient, path: str = "/review") -> str:
    end_s = time.monotonic() + LIMIT_S
    while time.monotonic() < end_s:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        if 'hx-trigger="load delay' not in answer.text:
            return answer.text
        threading.Event().wait(0.02)
    raise AssertionError("the store is not read")


def hidden(html: str, name: str = "seen") -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, html
    return found[1]


def fault_of(html: str) -> str:
    found = re.search(r'class="fault"[^>]*>([^<]*)<', html)
    return found[1] if found else html


def submit(client: TestClient, note: str = "", passphrase: str = "", seen: str = "") -> str:
    """Submit, wait for the work, and give where it led: a path."""
    data = {"seen": seen or hidden(look(client)), "note": note, "passphrase": passphrase}
    answer = client.post("/review/submit", data=data, follow_redirects=False)
    if answer.status_code != 303:
        return fault_of(answer.text)
    path = answer.headers["location"]
    end_s = time.monotonic() + LIMIT_S
    while time.monotonic() < end_s:
        answer = client.get(path, follow_redirects=False)
        if answer.status_code == 303:
            return answer.headers["location"]
        if "hx-trigger" not in answer.text:
            return fault_of(answer.text)
        threading.Event().wait(0.02)
    raise AssertionError("the work does not end")


def approve(client: TestClient, number: int, key: str, passphrase: str = PASSPHRASE, seen: str = ""):
    seen = seen or hidden(client.get(f"/review/{number}").text)
    return client.post(
        f"/review/{number}/approve", data={"seen": seen, "key": key, "passphrase": passphrase}, follow_redirects=False
    )


def actions(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return [row.action for row in session.scalars(select(AuditRow).order_by(AuditRow.number))]


def edit(desk: Desk) -> None:
    playlist = min((desk.store / "playlists").glob("*.yaml"), key=lambda path: (path.name == "screens.yaml", path.name))
    playlist.write_text(playlist.read_text("utf-8").replace("title: ", "title: 新", 1), "utf-8")


def test_a_reviewer_is_shown_what_hides_in_a_text_or_turns_it_round(desk: Desk, browser: Browser) -> None:
    client = browser(Role.PUBLISHER)
    submit(client, passphrase=PASSPHRASE)
    playlist = desk.store / "playlists" / "hostile.yaml"
    playlist.write_text("title: 收\u202e费免\nplay:\n  - {template: civility, text: 停\u200b水}\n", "utf-8")

    page = look(client)
    where = submit(client, "说\u2067明", PASSPHRASE)

    assert "收[U+202E]费免" in page
    assert "停[U+200B]水" in page
    assert "说[U+2067]明" in client.get(where).text
    assert not {"\u202e", "\u200b", "\u2067"} & set(page + client.get(where).text)


def test_without_levels_a_publisher_releases_with_the_passphrase(desk: Desk, browser: Browser) -> None:
    client = browser(Role.PUBLISHER)

    where = submit(client, "第一次", PASSPHRASE)

    assert where == "/review/1"
    assert number_on_air(desk.office()) == 1
    assert "正在播放" in client.get(where).text
    assert "第一次" in client.get("/review").text
    assert actions(desk)[-1] == "release.submitted"


def test_a_wrong_passphrase_releases_nothing_and_five_are_enough(
    desk: Desk, browser: Browser, clock: ManualClock
) -> None:
    client = browser(Role.PUBLISHER)

    answers = [submit(client, "", "not the passphrase") for _ in range(6)]

    assert number_on_air(desk.office()) == 0
    assert "口令不对" in answers[0]
    assert "次数太多" in answers[5]
    assert "次数太多" in submit(client, "", PASSPHRASE)
    clock.advance(301_000)
    assert submit(client, "", PASSPHRASE) == "/review/1"


def test_what_changed_since_it_was_shown_is_not_released(desk: Desk, browser: Browser) -> None:
    client = browser(Role.PUBLISHER)
    seen = hidden(look(client))
    edit(desk)

    answer = submit(client, "", PASSPHRASE, seen)

    assert "内容刚有改动" in answer
    assert number_on_air(desk.office()) == 0


def test_two_levels_approve_in_the_browser_and_then_it_is_on_air(
    desk: Desk, browser: Browser, two_levels: None
) -> None:
    where = submit(browser(Role.EDITOR, name="小赵"), "国庆海报")
    first, second = browser(Role.REVIEWER, name="老李"), browser(Role.REVIEWER, name="王主任")

    one = approve(first, 1, "li")
    between = number_on_air(desk.office())
    two = approve(second, 1, "wang")

    assert where == "/review/1"
    assert (one.status_code, two.status_code) == (303, 303)
    assert (between, number_on_air(desk.office())) == (0, 1)
    page = second.get("/review/1").text
    assert "li 已通过" in page
    assert "wang 已通过" in page
    assert actions(desk)[-1] == "release.published"


def test_nobody_approves_what_they_submitted_or_twice(desk: Desk, browser: Browser, two_levels: None) -> None:
    own = browser(Role.EDITOR, Role.REVIEWER, name="小赵")
    submit(own)
    other = browser(Role.REVIEWER, name="老李")

    mine = approve(own, 1, "li", seen=load_draft(draft_path(desk.folder / "drafts", 1)).digest())
    first = approve(other, 1, "li")
    again = approve(other, 1, "wang", seen=load_draft(draft_path(desk.folder / "drafts", 1)).digest())

    assert (mine.status_code, first.status_code, again.status_code) == (409, 303, 409)
    assert "不能审核自己提交的内容" in mine.text
    assert "另一级须由另一人" in again.text
    assert number_on_air(desk.office()) == 0


def test_a_setting_lets_people_approve_their_own(desk: Desk, browser: Browser, two_levels: None) -> None:
    desk.settings.change(own_approval=True)
    own = browser(Role.EDITOR, Role.REVIEWER, name="小赵")
    submit(own)

    assert approve(own, 1, "li").status_code == 303
    assert approve(own, 1, "wang").status_code == 303
    assert number_on_air(desk.office()) == 1


def test_a_draft_other_than_the_one_that_was_shown_is_not_signed(
    desk: Desk, browser: Browser, two_levels: None
) -> None:
    submit(browser(Role.EDITOR, name="小赵"))
    reviewer = browser(Role.REVIEWER, name="老李")
    shown = hidden(reviewer.get("/review/1").text)
    edit(desk)
    submit(browser(Role.EDITOR, name="小钱"))
    # Somebody puts another draft in the place of the one that was looked at.
    other = load_draft(draft_path(desk.folder / "drafts", 2))

    forged = approve(reviewer, 1, "li", seen="0" * 64)
    swapped = approve(reviewer, 2, "li", seen=shown)

    assert (forged.status_code, swapped.status_code) == (409, 409)
    assert "与所见不一致" in forged.text
    assert load_draft(draft_path(desk.folder / "drafts", 1)).signed_by() == {"review1": [], "review2": []}
    assert other.signed_by() == load_draft(draft_path(desk.folder / "drafts", 2)).signed_by()


def test_a_returned_draft_can_be_approved_by_nobody(desk: Desk, browser: Browser, two_levels: None) -> None:
    submitter = browser(Role.EDITOR, name="小赵")
    submit(submitter)
    reviewer = browser(Role.REVIEWER, name="老李")
    seen = hidden(reviewer.get("/review/1").text)

    without = reviewer.post("/review/1/return", data={"why": " "}, follow_redirects=False)
    returned = reviewer.post("/review/1/return", data={"why": "日期写错了"}, follow_redirects=False)
    late = approve(reviewer, 1, "li", seen=seen)

    assert (without.status_code, returned.status_code, late.status_code) == (409, 303, 409)
    assert "日期写错了" in submitter.get("/review").text
    assert "release.returned" in actions(desk)


def test_a_draft_that_a_newer_release_has_overtaken_is_said_so(desk: Desk, browser: Browser, two_levels: None) -> None:
    submit(browser(Role.EDITOR, name="小赵"))
    edit(desk)
    submit(browser(Role.EDITOR, name="小钱"))
    first, second = browser(Role.REVIEWER, name="老李"), browser(Role.REVIEWER, name="王主任")
    seen = hidden(first.get("/review/1").text)
    stale = first.get("/review/1").text

    approve(first, 2, "li")
    approve(second, 2, "wang")
    late = approve(first, 1, "li", seen=seen)

    assert "又有改动" in stale
    assert number_on_air(desk.office()) == 2
    assert late.status_code == 409
    assert "已有更新的发布" in first.get("/review").text


def test_a_draft_is_signed_elsewhere_and_handed_in(
    tmp_path: Path, desk: Desk, browser: Browser, two_levels: None
) -> None:
    from signage.office.approval import approve_copy

    submit(browser(Role.EDITOR, name="小赵"))
    reviewer = browser(Role.REVIEWER, name="老李")
    stick = tmp_path / "signage-1.draft"
    stick.write_bytes(reviewer.get("/review/1/draft").content)

    unsigned = reviewer.post(
        "/review/take", files={"file": ("signed.draft", stick.read_bytes())}, follow_redirects=False
    )
    approve_copy(office_of(desk), stick, "li")
    approve_copy(office_of(desk), stick, "wang")
    taken = reviewer.post("/review/take", files={"file": ("signed.draft", stick.read_bytes())}, follow_redirects=False)
    junk = reviewer.post("/review/take", files={"file": ("x.draft", b"{}")}, follow_redirects=False)

    assert "没有新的签名" in unsigned.text
    assert (unsigned.status_code, taken.status_code, junk.status_code) == (409, 303, 409)
    assert str(desk.folder) not in junk.text
    assert number_on_air(desk.office()) == 1


def test_going_back_is_a_new_release(desk: Desk, browser: Browser) -> None:
    client = browser(Role.PUBLISHER)
    submit(client, "", PASSPHRASE)
    before = on_air(desk.office())
    edit(desk)
    submit(client, "", PASSPHRASE)

    page = client.get("/review/1/back").text
    stale = client.post("/review/1/back", data={"on_air": "1", "passphrase": PASSPHRASE}, follow_redirects=False)
    wrong = client.post("/review/1/back", data={"on_air": "2", "passphrase": "wrong one"}, follow_redirects=False)
    done = client.post(
        "/review/1/back", data={"on_air": "2", "passphrase": PASSPHRASE, "why": "有错"}, follow_redirects=False
    )

    assert hidden(page, "on_air") == "2"
    assert (stale.status_code, wrong.status_code, done.status_code) == (409, 409, 303)
    assert number_on_air(desk.office()) == 3
    assert {name: data.partition(b"\n")[2] for name, data in before.items()} == {
        name: data.partition(b"\n")[2] for name, data in on_air(desk.office()).items()
    }
    assert "回退到第 1 号：有错" in client.get("/review").text


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/review/submit", {Role.EDITOR, Role.PUBLISHER}),
        ("/review/1/approve", {Role.REVIEWER}),
        ("/review/1/return", {Role.REVIEWER}),
        ("/review/take", {Role.REVIEWER, Role.PUBLISHER}),
        ("/review/1/back", {Role.PUBLISHER}),
    ],
)
def test_each_action_is_for_its_roles(
    desk: Desk, browser: Browser, two_levels: None, path: str, allowed: set[Role]
) -> None:
    submit(browser(Role.EDITOR, name="小赵"))

    refused = {
        role for role in EVERYBODY if browser(role).post(path, data={}, follow_redirects=False).status_code == 403
    }
    nobody = browser().post(path, data={}, follow_redirects=False)

    assert refused == set(EVERYBODY) - allowed
    assert nobody.headers["location"].startswith("/login")
    assert load_draft(draft_path(desk.folder / "drafts", 1)).state is DraftState.SUBMITTED


def test_the_passphrase_is_kept_nowhere(
    desk: Desk, browser: Browser, two_levels: None, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "a-wrong-passphrase-1729"
    submit(browser(Role.EDITOR, name="小赵"))
    reviewer = browser(Role.REVIEWER, name="老李")

    answers = [approve(reviewer, 1, "li", secret), approve(reviewer, 1, "li"), reviewer.get("/review/1")]

    with desk.database.reading() as session:
        audit = "".join(f"{row.subject}{row.detail}" for row in session.scalars(select(AuditRow)))
    kept = [path for path in desk.folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    told = "".join(answer.text for answer in answers) + audit + caplog.text
    assert secret not in told
    assert PASSPHRASE not in told
    assert kept == []


def test_two_people_who_approve_at_the_same_instant_both_count(desk: Desk, browser: Browser, two_levels: None) -> None:
    import threading

    submit(browser(Role.EDITOR, name="小赵"))
    people = [(browser(Role.REVIEWER, name="老李"), "li"), (browser(Role.REVIEWER, name="王主任"), "wang")]
    seen = hidden(people[0][0].get("/review/1").text)
    gate, answers = threading.Barrier(2), []

    def sign(client: TestClient, key: str) -> None:
        gate.wait()
        answers.append(approve(client, 1, key, seen=seen).status_code)

    threads = [threading.Thread(target=sign, args=one) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [303, 303]
    assert number_on_air(desk.office()) == 1


def test_a_picture_that_was_swapped_while_it_waits_is_not_shown_as_the_one_to_sign(
    desk: Desk, browser: Browser, two_levels: None
) -> None:
    Image.new("RGB", (64, 36), "green").save(desk.store / "media" / "新.png")
    (desk.store / "playlists" / "新.yaml").write_text("title: 新\nplay:\n  - 新.png\n", "utf-8")
    submit(browser(Role.EDITOR, name="小赵"))
    reviewer = browser(Role.REVIEWER, name="老李")
    html = look(reviewer, "/review/1")
    # The picture of the file, not of a card: the one that is under the heading of its name.
    key = re.search(r"新\.png</h4>.*?/review/pictures/([0-9a-f]{32})", html, re.S)
    assert key, html
    honest = reviewer.get(f"/review/pictures/{key[1]}")
    digest = sha256((desk.store / "media" / "新.png").read_bytes()).hexdigest()
    blob = desk.folder / "pending" / blob_path(digest)
    Image.new("RGB", (64, 36), "red").save(blob, "PNG")

    swapped = reviewer.get(f"/review/pictures/{key[1]}")

    assert honest.headers["content-type"] == "image/webp"
    assert swapped.headers["content-type"].startswith("image/svg")
    assert "文件已被改动" in swapped.text
