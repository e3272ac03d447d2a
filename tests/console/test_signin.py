"""Signing in: who may, who may not, and what a page of another site cannot do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.testclient import TestClient

from signage.base.clock import ManualClock
from signage.office.console.roles import Role
from signage.office.desk import Desk
from tests.office.desk import PASSWORD, let_sign_in

Browser = Callable[..., TestClient]


def test_signing_in_leads_to_the_page_that_was_wanted(desk: Desk, browser: Browser) -> None:
    let_sign_in(desk, "王芳", Role.EDITOR)
    client = browser()

    done = client.post("/login", data={"name": "王芳", "password": PASSWORD, "next": "/media"}, follow_redirects=False)

    assert done.headers["location"] == "/media"
    assert "HttpOnly" in done.headers["set-cookie"]
    assert "SameSite=strict" in done.headers["set-cookie"]


def test_nobody_is_sent_to_another_site_after_signing_in(desk: Desk, browser: Browser) -> None:
    let_sign_in(desk, "王芳", Role.EDITOR)

    for bad in ("//evil.example", "https://evil.example", "/\\evil.example"):
        data = {"name": "王芳", "password": PASSWORD, "next": bad}
        done = browser().post("/login", data=data, follow_redirects=False)

        assert done.headers["location"] == "/"


def test_after_five_wrong_passwords_the_right_one_must_wait(desk: Desk, browser: Browser, clock: ManualClock) -> None:
    let_sign_in(desk, "王芳", Role.EDITOR)
    client = browser()

    wrong = [client.post("/login", data={"name": "王芳", "password": "no"}).status_code for _ in range(5)]
    sixth = client.post("/login", data={"name": "王芳", "password": PASSWORD})
    clock.advance(301_000)
    later = client.post("/login", data={"name": "王芳", "password": PASSWORD}, follow_redirects=False)

    assert wrong == [403] * 5
    assert sixth.status_code == 429
    assert later.status_code == 303


def test_nobody_keeps_somebody_else_out_by_mistyping_their_password(desk: Desk, browser: Browser) -> None:
    let_sign_in(desk, "值班", Role.DUTY)
    headers = {"origin": "http://testserver"}

    stranger = TestClient(browser().app, headers=headers, client=("192.168.1.66", 1))
    wrong = [stranger.post("/login", data={"name": "值班", "password": "no"}).status_code for _ in range(8)]
    right = {"name": "值班", "password": PASSWORD}

    assert wrong == [403] * 5 + [429] * 3
    assert browser().post("/login", data=right, follow_redirects=False).status_code == 303


def test_one_address_cannot_try_name_after_name(browser: Browser) -> None:
    client = browser()

    answers = [client.post("/login", data={"name": f"name-{n}", "password": "no"}).status_code for n in range(21)]

    assert answers == [403] * 20 + [429]


def test_a_post_from_another_sites_page_is_refused(browser: Browser) -> None:
    client = browser(Role.ADMINISTRATOR)

    for origin in ("http://evil.example", "null", ""):
        answer = client.post("/logout", headers={"origin": origin})

        assert answer.status_code == 403


def test_a_host_name_that_is_not_the_offices_is_refused(browser: Browser) -> None:
    assert browser().get("/login", headers={"host": "evil.example"}).status_code == 403
    assert browser().get("/login", headers={"host": "192.168.1.9:8080"}).status_code == 200


def test_every_page_says_what_a_browser_may_do_with_it(browser: Browser) -> None:
    headers = browser().get("/login").headers

    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


def test_a_session_that_was_ended_is_over(browser: Browser) -> None:
    client = browser(Role.EDITOR)
    cookie = client.cookies["signage_session"]

    client.post("/logout")
    client.cookies.set("signage_session", cookie)

    assert client.get("/login").text.count("退出") == 0


def test_nobody_sends_more_than_a_form_holds(browser: Browser) -> None:
    stranger, editor = browser(), browser(Role.EDITOR)
    long = {"name": "王芳", "password": "x" * 300_000}

    assert stranger.post("/login", data=long).status_code == 413
    assert stranger.post("/media/upload", content=b"x" * 300_000).status_code in (303, 413)
    assert editor.post("/playlists", content=b"x" * 65_000_000).status_code == 413
    assert editor.post("/login", data=long).status_code == 413


def test_a_browser_on_a_plain_network_is_told_nothing_that_it_would_complain_of(browser: Browser) -> None:
    def headers(host: str) -> Mapping[str, str]:
        return browser().get("/login", headers={"host": host}).headers

    assert "cross-origin-opener-policy" not in headers("192.168.1.9:8080")
    assert headers("127.0.0.1:8080")["cross-origin-opener-policy"] == "same-origin"
    assert headers("localhost")["cross-origin-opener-policy"] == "same-origin"
