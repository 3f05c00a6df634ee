"""Coming in: passwords, second factors, links, sessions."""

import asyncio
import re
from types import SimpleNamespace

import pyotp
import pytest
import uvloop
from tests.web import conftest as site_module
from tests.web.conftest import _KEY, PASSWORD

from hongyan.compose.admin_store import DatabaseAdminStore
from hongyan.http.address import address_block
from hongyan.model.number_list import FOREVER_S
from hongyan.model.refusal import Refusal
from hongyan.model.staff import Origin, StaffChange, Stage
from hongyan.services.admin import accounts, approvals, passwords, sessions, staff
from hongyan.services.admin.bearer import Bearer, new_bearer
from hongyan.services.admin.login_guard import LoginGuard, owner_named
from hongyan.services.queries.lists.listing import NEWEST

HERE = Origin("127.0.0.1", "test")


def test_a_password_opens_and_the_page_that_was_asked_for_comes(browse):
    async def go(site):
        async with site.browser() as browser:
            _, headers, _ = await browser.get("/staff?role=x")
            assert headers["Location"] == "/login?next=/staff%3Frole%3Dx"
            _, headers, _ = await browser.ask(
                "POST", "/login", {"name": "READ-only ", "password": PASSWORD, "next": "/staff?role=x"}
            )
            assert headers["Location"] == "/staff?role=x"
            cookie = headers["Set-Cookie"]
            assert "HttpOnly" in cookie
            assert "SameSite=lax" in cookie
            assert "Path=/" in cookie
            assert "Domain" not in cookie

    browse(go)


def test_over_tls_the_cookie_is_of_this_host_alone(browse):
    async def go(site):
        sent = []

        async def send(message):
            sent.append(message)

        async def receive():
            return {"type": "http.request", "body": b"name=read-only&password=correct+horse+7", "more_body": False}

        form = (b"content-type", b"application/x-www-form-urlencoded")
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/login",
            "raw_path": b"/login",
            "query_string": b"",
            "scheme": "https",
            "root_path": "",
            "server": ("x", 443),
            "client": ("203.0.113.9", 1),
            "headers": [(b"host", b"sms.example"), (b"sec-fetch-site", b"same-origin"), form],
        }
        await site.app(scope, receive, send)
        headers = dict(sent[0]["headers"])
        assert sent[0]["status"] == 303
        assert headers[b"set-cookie"].startswith(b"__Host-hongyan=")
        assert b"Secure" in headers[b"set-cookie"]
        assert b"strict-transport-security" in headers

    browse(go)


def test_a_wrong_password_an_unknown_name_and_a_stopped_person_get_the_same_answer(browse):
    async def go(site):
        await site.admin.change(staff.change_staff, "review", StaffChange(is_stopped=True))
        await site.admin.change(staff.add_staff, "invited", StaffChange(), new_bearer())
        seen = set()
        for name in ("admin", "nobody", "review", "invited", "x' OR 1=1 --", "管理员"):
            async with site.browser() as browser:
                status, _, text = await browser.ask("POST", "/login", {"name": name, "password": "wrong password"})
                seen.add((status, re.search('role="alert">.*?<div>([^<]*)</div>\\s*</div>', text, re.DOTALL)[1]))
        assert seen == {(403, "用户名或密码错误")}

    browse(go)


def test_a_name_that_nobody_has_costs_as_much_as_one_that_somebody_has(browse, monkeypatch):
    """Each has one password hashed, against nobody's where there is none."""
    tried = []
    monkeypatch.setattr(passwords, "_HASHER", SimpleNamespace(verify=lambda stored, _: tried.append(stored) or True))

    async def go(site):
        for name in ("admin", "nobody"):
            async with site.browser() as browser:
                status, _, _ = await browser.ask("POST", "/login", {"name": name, "password": "whatever it is"})
                assert status == (303 if name == "admin" else 403)

    monkeypatch.setattr(site_module, "hash_password", lambda *_: "$argon2id$stored")
    browse(go)
    assert [stored[:10] for stored in tried] == ["$argon2id$"] * 2
    assert tried[0] != tried[1]


@pytest.fixture
def _still(monkeypatch):
    """The clock stands still: no pause ends while a slow machine goes on."""
    now_ms = DatabaseAdminStore.now_ms(None)
    monkeypatch.setattr(DatabaseAdminStore, "now_ms", lambda _: now_ms)


@pytest.mark.usefixtures("_still")
def test_a_hundred_wrong_passwords_are_slowed_and_the_time_is_said(browse):
    """Known or unknown, the name makes no difference; then even the right password waits."""

    async def go(site):
        answers = {}
        for name in ("admin", "nobody"):
            async with site.browser() as browser:
                browser_answers = [
                    await browser.ask("POST", "/login", {"name": name, "password": f"wrong {n}"}) for n in range(50)
                ]
                answers[name] = [status for status, _, _ in browser_answers]
                assert re.search(r"\d\d:\d\d:\d\d", browser_answers[-1][2])
                assert answers[name].count(403) < 10
                assert answers[name][-1] == 429
        async with site.browser() as browser:
            status, _, _ = await browser.ask("POST", "/login", {"name": "admin", "password": PASSWORD})
            assert status == 429

    browse(go)


def test_a_planted_cookie_is_not_taken_over_by_a_login(browse):
    async def go(site):
        async with site.browser() as browser:
            browser.cookie = "planted"
            await browser.log_in("read-only")
            assert browser.cookie != "planted"
            assert await site.logins.find(Bearer("planted")) is None

    browse(go)


def test_the_cookie_changes_when_the_second_factor_is_shown_and_the_old_one_ends(browse):
    async def go(site):
        async with site.browser() as browser:
            await browser.log_in("admin")
            half = browser.cookie
            _, _, text = await browser.get("/login/second-factor")
            key = _KEY.search(text)[1]
            status, _, text = await browser.post("/login/second-factor", code=pyotp.TOTP(key).now())
            assert status == 200
            assert len(re.findall(r"<code>[0-9a-f-]{19}</code>", text)) == 10
            assert browser.cookie != half
            assert await site.logins.find(Bearer(half)) is None
            assert (await browser.get("/staff"))[0] == 200

    browse(go)


def test_a_code_of_the_second_factor_counts_once_and_a_recovery_code_too(browse):
    async def go(site):
        async with site.browser() as browser:
            await browser.log_in("admin")
            _, _, text = await browser.get("/login/second-factor")
            totp = pyotp.TOTP(_KEY.search(text)[1])
            used = totp.now()
            _, _, text = await browser.post("/login/second-factor", code=used)
            recovery = re.findall(r"<code>([0-9a-f-]{19})</code>", text)[0]
        async with site.browser() as browser:
            _, headers, _ = await browser.log_in("admin")
            assert headers["Location"].startswith("/login/code")
            assert (await browser.post("/login/code", code=used))[0] == 403
            assert (await browser.post("/login/code", code=recovery.upper().replace("-", " "), next="/staff"))[0] == 303
            assert (await browser.get("/staff"))[0] == 200
        async with site.browser() as browser:
            await browser.log_in("admin")
            assert (await browser.post("/login/code", code=recovery))[0] == 403
            await browser.get("/login/code")
            later = totp.at(site.admin.now_ms() // 1000 + 30)
            assert (await browser.post("/login/code", code=later))[0] == 303

    browse(go)


def test_codes_cannot_be_guessed(browse):
    async def go(site):
        async with site.browser() as browser:
            await browser.come_in("admin")
            await browser.post("/logout")
        async with site.browser() as browser:
            await browser.log_in("admin")
            statuses = [(await browser.post("/login/code", code=f"{n:06}"))[0] for n in range(30)]
            assert statuses.count(403) < 10
            assert statuses[-1] == 429

    browse(go)


def test_a_link_sets_the_password_once_and_looking_at_it_uses_nothing_up(browse):
    async def go(site):
        link = new_bearer()
        await site.admin.change(staff.add_staff, "newcomer", StaffChange(), link)
        async with site.browser() as browser:
            for _ in range(2):
                assert (await browser.get(f"/invitation/{link.plain}"))[0] == 200
            short = await browser.post(f"/invitation/{link.plain}", password="short", again="short")
            differs = await browser.post(f"/invitation/{link.plain}", password="a good password", again="another")
            assert (short[0], differs[0]) == (422, 422)
            status, headers, _ = await browser.post(
                f"/invitation/{link.plain}", password="a good password", again="a good password"
            )
            assert (status, headers["Location"]) == (303, "/")
            assert (await browser.get("/me"))[0] == 200
        async with site.browser() as browser:
            assert (await browser.get(f"/invitation/{link.plain}"))[0] == 404
            assert (await browser.post(f"/invitation/{link.plain}", password="a good password 2", again="a good password 2"))[
                0
            ] == 404
            assert (await browser.log_in("newcomer", "a good password"))[0] == 303

    browse(go)


def test_a_changed_password_ends_the_other_sessions(browse):
    async def go(site):
        async with site.browser() as here, site.browser() as elsewhere:
            await here.come_in("read-only")
            await elsewhere.come_in("read-only")
            before = here.cookie
            await here.get("/me")
            assert (await here.post("/me/password", old="wrong one", password="another good 1", again="another good 1"))[
                0
            ] == 403
            assert (await here.post("/me/password", old=PASSWORD, password="another good 1", again="another good 1"))[0] == 303
            assert here.cookie != before
            assert (await here.get("/me"))[0] == 200
            assert (await elsewhere.get("/me"))[0] == 303

    browse(go)


def test_a_session_is_ended_from_another_one_and_by_its_person_alone(browse):
    async def go(site):
        async with site.browser() as mine, site.browser() as others:
            await mine.come_in("read-only")
            await others.come_in("review")
            rows = await site.admin.read(sessions.sessions, site.admin.now_ms(), site.rule)
            ids = {row["name"]: row["id"] for row in rows}
            await mine.get("/me")
            assert (await mine.post(f"/me/sessions/{ids['review']}/end"))[0] == 404
            assert (await others.get("/me"))[0] == 200
            assert (await mine.post(f"/me/sessions/{ids['read-only']}/end"))[0] == 303
            assert (await mine.get("/me"))[0] == 303

    browse(go)


def test_a_person_who_is_stopped_or_gets_another_role_is_out_at_once(browse):
    async def go(site):
        for change in (StaffChange(is_stopped=True), StaffChange(role="support")):
            name = "finance" if change.role is None else "review"
            async with site.browser() as browser:
                await browser.come_in(name)
                await site.admin.change(staff.change_staff, name, change)
                assert (await browser.get("/me"))[0] == 303

    browse(go)


def test_an_installation_may_do_without_second_factors(browse):
    async def go(site):
        async with site.browser() as browser:
            await browser.log_in("admin")
            assert (await browser.get("/staff"))[0] == 200

    browse(go, asks_second_factor=False)


def test_a_second_factor_that_somebody_set_up_is_asked_for_whatever_the_role(browse):
    async def go(site):
        entered = await site.logins.enter("read-only", PASSWORD, HERE)
        person = (await site.logins.find(entered.bearer)).person
        offered = await site.logins.offer(person)
        await site.logins.confirm(person, pyotp.TOTP(offered.secret).now())
        assert (await site.logins.enter("read-only", PASSWORD, HERE)).stage is Stage.CODE

    browse(go)


def test_script_in_a_name_is_shown_as_text(browse):
    async def go(site):
        await site.admin.change(staff.change_staff, "review", StaffChange(title="<script>alert(1)</script>"))
        async with site.browser() as browser:
            await browser.get("/login")
            await browser.come_in("admin")
            _, _, text = await browser.get("/staff")
            assert "<script>" not in text
            assert "&lt;script&gt;" in text

    browse(go)


def test_no_mark_of_strangers_turns_the_words_of_a_page_around(browse):
    """A note from before notes were checked; digits behind such a mark would read backwards."""

    async def go(site):
        row = (0, 8613800138000, FOREVER_S, "\u202egnp.exe \u2066x")
        await site.admin.change(lambda tx, act: tx.put_listed([row], 1, act.now_ms))
        async with site.browser() as browser:
            await browser.get("/login")
            await browser.come_in("admin")
            _, _, text = await browser.get("/blacklist")
            assert r"\u202egnp.exe \u2066x" in text
            assert not {"\u202e", "\u2066"} & set(text)

    browse(go)


def test_the_language_is_the_persons_choice_then_the_browsers_then_chinese(browse):
    async def go(site):
        async with site.browser() as browser:
            assert 'lang="zh-CN"' in (await browser.get("/login"))[2]
            assert 'lang="en"' in (await browser.get("/login", **{"Accept-Language": "fr, en;q=0.8, zh;q=0.5"}))[2]
            _, headers, _ = await browser.get("/language/en?next=/login")
            assert headers["Location"] == "/login"
            assert "Password" in (await browser.get("/login", **{"Accept-Language": "zh-CN"}))[2]
            assert (await browser.get("/language/en?next=//evil.example"))[1]["Location"] == "/"

    browse(go)


def test_a_second_factor_is_replaced_with_the_password_alone_and_other_sessions_end(browse):
    async def go(site):
        async with site.browser() as browser, site.browser() as elsewhere:
            await browser.come_in("read-only")
            await elsewhere.come_in("read-only")
            _, _, text = await browser.get("/me/second-factor")
            totp = pyotp.TOTP(_KEY.search(text)[1])
            for password, status in (("", 403), ("wrong one", 403), (PASSWORD, 200)):
                answer = await browser.post("/me/second-factor", code=totp.now(), password=password)
                assert answer[0] == status
            assert "<code>" in answer[2]
            assert (await browser.get("/me"))[0] == 200
            assert (await elsewhere.get("/me"))[0] == 303

    browse(go)


def test_a_wrong_confirmation_sets_nothing_up(browse):
    async def go(site):
        entered = await site.logins.enter("admin", PASSWORD, HERE)
        person = (await site.logins.find(entered.bearer)).person
        first, again = await site.logins.offer(person), await site.logins.offer(person)
        assert first == again
        async with site.browser() as browser:
            browser.cookie = entered.bearer.plain
            await browser.get("/login/second-factor")
            status, _, text = await browser.post("/login/second-factor", code="000000")
            assert (status, first.secret in text) == (403, True)
        assert (await site.logins.find(entered.bearer)).person.stage is Stage.ENROL

    browse(go)


def test_a_large_top_up_from_a_page_waits_for_another_person(browse):
    async def go(site):
        new = accounts.NewAccount("acme", 7, "abc123")
        account_id = await site.admin.change(accounts.add_account, new, site.admin.sealer)
        async with site.browser() as finance, site.browser() as boss:
            await finance.come_in("finance")
            await boss.come_in("admin")
            await finance.get("/accounts/acme")
            for points in ("1000", "1001"):
                assert (await finance.post("/accounts/acme/topup", points=points))[0] == 303
            (row,) = await site.admin.read(approvals.approvals, NEWEST, 10)
            assert (row["points"], row["maker"]) == (1_001, "staff:finance")
            assert f"/approvals/{row['id']}/approve" not in (await finance.get("/approvals"))[2]
            assert (await finance.post(f"/approvals/{row['id']}/approve"))[0] == 403
            assert f"/approvals/{row['id']}/approve" in (await boss.get("/approvals"))[2]
            assert (await boss.post(f"/approvals/{row['id']}/approve"))[0] == 303
        wallet = await site.admin.read(lambda tx: tx.read_wallet(account_id, 1))
        assert wallet.points == 2_001

    browse(go)


def test_first_points_of_a_new_account_are_no_way_round_the_second_person(browse):
    async def go(site):
        async with site.browser() as browser:
            await browser.come_in("admin")
            await browser.get("/accounts/new")
            form = {"name": "beta", "customer_id": "8", "points": "50000", "products": "sms"}
            assert (await browser.post("/accounts/new", **form))[0] == 200
        (row,) = await site.admin.read(approvals.approvals, NEWEST, 10)
        assert (row["account"], row["points"], row["state"]) == ("beta", 50_000, "waiting")

    browse(go)


def test_a_token_is_shown_once_and_what_was_changed_stands_in_the_audit(browse):
    async def go(site):
        async with site.browser() as browser:
            await browser.come_in("admin")
            await browser.get("/tokens")
            _, _, text = await browser.post("/tokens", name="watch", role="read-only", days="3")
            token = re.search(r'id="token">(hongyan_[^<]+)<', text)[1]
            assert token not in (await browser.get("/tokens"))[2]
            assert (await browser.post("/tokens/watch/revoke"))[0] == 303
            _, _, text = await browser.get("/audit?action=token.add")
            assert "watch" in text
            assert token not in text

    browse(go)


@pytest.mark.usefixtures("_still")
def test_tries_are_remembered_when_the_console_is_started_again(browse, admin):
    """What slowed a name and an address down holds in the next process too."""

    async def guess(site, count):
        async with site.browser() as browser:
            return [(await browser.ask("POST", "/login", {"name": "admin", "password": f"wrong {n}"}))[0] for n in range(count)]

    async def first(site):
        assert (await guess(site, 8))[-1] == 429

    async def second(site):
        assert await guess(site, 1) == [429]

    browse(first)
    browse(second, is_new=False)


def test_a_flood_of_wrong_passwords_of_one_address_makes_nobody_else_wait(admin):
    """Two of an address wait for their turn at most, so the queue before somebody else is short."""
    guard = LoginGuard(admin.now_ms, address_block)

    async def flood():
        inside, refused = 0, 0
        go = asyncio.Event()

        async def one(address):
            nonlocal inside, refused
            try:
                async with guard.turn(owner_named(address), address, admin):
                    inside += 1
                    await go.wait()
            except Refusal:
                refused += 1

        tasks = [asyncio.ensure_future(one("203.0.113.9")) for _ in range(50)] + [asyncio.ensure_future(one("198.51.100.7"))]
        while refused < 48:  # noqa: ASYNC110  they are refused as they come
            await asyncio.sleep(0)
        go.set()
        await asyncio.gather(*tasks)
        return inside

    assert uvloop.run(flood()) == 3
