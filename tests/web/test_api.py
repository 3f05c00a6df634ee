"""The admin API: permissions, strict reading, problems, pages, keys; and everything that its schema says, tried by schemathesis."""

import asyncio
import json
import re
import sys
from base64 import urlsafe_b64decode
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import uvloop
from tests.web.conftest import IdleServer, Tried

from hongyan.http.server import Listener
from hongyan.model.account import AccountChange
from hongyan.model.act import Actor
from hongyan.model.approval import AloneRule
from hongyan.model.channel import Channel
from hongyan.model.protocol import Protocol
from hongyan.model.staff import Permission, Role
from hongyan.model.token import TokenChange
from hongyan.policy.permissions import ROLES
from hongyan.services.admin import accounts, approvals, billing, channels, tokens
from hongyan.services.admin.bearer import new_bearer
from hongyan.web.api.app import AdminApi, CallRoute
from hongyan.web.api.openapi import openapi
from hongyan.web.api.table import CALLS

RULE = AloneRule(points_most=1_000, prices=False)
POINTS = 500


class Api:
    """The API on a port, and a program that calls it with a token of each role."""

    def __init__(self, admin):
        self.admin = admin
        self.app = AdminApi(admin, IdleServer(), Tried(), RULE, "9.8.7").app()
        self._listener = Listener(self.app, "127.0.0.1", 0)
        self.tokens = {role: new_bearer(tokens.PREFIX) for role in Role}
        self.session: aiohttp.ClientSession

    async def start(self):
        for role, bearer in self.tokens.items():
            await self.admin.change(tokens.add_token, TokenChange(name=role.value, role=role, days=1), bearer)
        new = accounts.NewAccount("acme", 7, "abc123", AccountChange(extno="12"))
        account_id = await self.admin.change(accounts.add_account, new, self.admin.sealer)
        await self.admin.change(billing.top_up, account_id, POINTS)
        channel = Channel(0, "up1", Protocol.LOOPBACK, access="10690001")
        await self.admin.change(channels.add_channel, channel, self.admin.sealer)
        await self.admin.change(channels.add_route, "up1", None, None, 0, 1)
        await self._listener.open()
        await self._listener.start()

    async def stop(self):
        await self._listener.stop(1)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._listener.port}"

    def authorization(self, role=Role.ADMIN):
        """Headers of a program with this role."""
        return {"Authorization": f"Bearer {self.tokens[role].plain}", "Accept-Language": "en"}

    async def ask(self, method, path, body=None, role=Role.ADMIN, **headers):
        """Status and JSON; whatever goes wrong is a problem."""
        proof = self.authorization(role) if role else {}
        kept = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        content = {"Content-Type": "application/json"} if body is not None else {}
        async with self.session.request(method, self.url + path, data=data, headers=proof | content | kept) as answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            expected = "application/json" if answer.status < 400 else "application/problem+json"
            assert answer.headers["Content-Type"] == expected, await answer.text()
            return answer.status, await answer.json(content_type=None)


@asynccontextmanager
async def calling(admin):
    api = Api(admin)
    await api.start()
    try:
        async with aiohttp.ClientSession() as api.session:
            yield api
    finally:
        await api.stop()


@pytest.fixture
def call(admin):
    """`call(go)`: runs `await go(api)` while the API runs."""

    def run(go):
        async def inside():
            async with calling(admin) as api:
                return await go(api)

        return uvloop.run(inside())

    return run


def path_of(one):
    return re.sub(r"\{(\w+)\}", lambda found: "7" if found[1] in {"number", "id"} else "nobody", one.path)


def test_every_route_is_a_call_but_the_description(call):
    async def go(api):
        assert [route.path for route in api.app.routes if not isinstance(route, CallRoute)] == ["/openapi.json"]
        routed = [one for route in api.app.routes if isinstance(route, CallRoute) for one in route.calls.values()]
        assert sorted(map(id, routed)) == sorted(map(id, CALLS))

    call(go)


def test_names_and_addresses_of_calls_are_unique():
    assert len({(one.method, one.path) for one in CALLS}) == len(CALLS)
    names = [done["operationId"] for methods in openapi(CALLS, "1")["paths"].values() for done in methods.values()]
    assert len(set(names)) == len(CALLS)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_calls_what_its_permissions_say_and_nothing_else(call, role):
    async def go(api):
        for one in CALLS:
            status, _ = await api.ask(one.method, path_of(one), {} if one.takes_body else None, role)
            assert (status == 403) is (one.needs not in ROLES[role]), (one.path, status)

    call(go)


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer x", "Basic YTpi", "Bearer hongyan_" + "A" * 43, "bearer \xe9"])
def test_without_a_token_nothing_is_answered_but_the_description(call, shown):
    async def go(api):
        for one in CALLS:
            status, answer = await api.ask(one.method, path_of(one), role=None, Authorization=shown)
            assert (status, answer["code"]) == (401, "http-401")
        assert (await api.ask("GET", "/openapi.json", role=None))[0] == 200

    call(go)


def test_a_revoked_token_opens_nothing_any_more(call):
    async def go(api):
        assert (await api.ask("GET", "/accounts", role=Role.FINANCE))[0] == 200
        assert (await api.ask("DELETE", "/tokens/finance"))[0] == 200
        assert (await api.ask("GET", "/accounts", role=Role.FINANCE))[0] == 401

    call(go)


def test_a_token_is_made_answered_once_and_its_use_is_noted(call):
    async def go(api):
        _, made = await api.ask("POST", "/tokens", {"name": "watch", "role": "read-only", "days": 3})
        _, listed = await api.ask("GET", "/tokens")
        rows = {row["name"]: row for row in listed["items"]}
        assert made["token"] not in json.dumps(listed)
        assert (rows["watch"]["used_ms"], rows["watch"]["maker"]) == (0, "token:admin")
        assert rows["admin"]["used_ms"] > 0

    call(go)


def test_an_account_is_added_shown_changed_and_given_another_secret(call):
    async def go(api):
        new = {"name": "beta", "customer_id": 8, "secret": "s3cret", "products": ["sms", "mms"], "ip_list": ["10.0.0.0/8"]}
        assert (await api.ask("POST", "/accounts", new))[0] == 201
        change = {"push_url": "https://beta.example/cb", "is_stopped": True, "unknown_after_s": 7200}
        assert await api.ask("PATCH", "/accounts/beta", change) == (200, {"is_done": True})
        _, shown = await api.ask("GET", "/accounts/beta")
        assert {name: shown[name] for name in change} == change
        assert (shown["products"], shown["ip_list"], shown["pay_mode"]) == (["sms", "mms"], ["10.0.0.0/8"], "prepaid")
        assert "secret" not in shown
        assert (await api.ask("POST", "/accounts/beta/secret", {"secret": "another"}))[0] == 200
        _, audit = await api.ask("GET", "/audit?subject=beta")
        assert [row["action"] for row in audit["items"]] == ["account.secret", "account.change", "account.add"]
        assert {row["actor"] for row in audit["items"]} == {"token:admin"}
        assert "s3cret" not in json.dumps(audit)

    call(go)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"{", 422, None), (b"[]", 422, None), (b'{"is_stopped": "yes"}', 422, "is_stopped"), (b'{"unknown": 1}', 422, "unknown"),
        (b'{"unknown_after_s": 7200.5}', 422, "unknown_after_s"), (b'{"unknown_after_s": true}', 422, "unknown_after_s"),
        (b'{"unknown_after_s": "7200"}', 422, "unknown_after_s"), (b'{"unknown_after_s": 1}', 422, "unknown_after_s"),
        (b'{"push_url": null}', 422, "push_url"), (b'{"products": "sms"}', 422, "products"), (b'{"products": ["fax"]}', 422, "products"),
        (b'{"dialect": "klingon"}', 422, "dialect"), (b'{"push_url": "javascript:alert(1)"}', 422, "push_url"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_name_with_a_cure(call, body, status, field):
    async def go(api):
        got, answer = await api.ask("PATCH", "/accounts/acme", body)
        assert (got, answer["code"], answer.get("field")) == (status, "invalid", field)
        assert answer["status"] == got
        assert answer["cause"] in answer["detail"]

    call(go)


def test_problems_say_what_and_how_to_mend_it_in_the_language_that_is_asked_for(call):
    async def go(api):
        assert (await api.ask("GET", "/accounts/nobody"))[1]["cause"] == "there is no account nobody"
        chinese = await api.ask("GET", "/accounts/nobody", Accept_Language="zh-CN")
        assert (chinese[0], chinese[1]["code"], re.search("[\u4e00-\u9fff]", chinese[1]["cause"]) is not None) == (
            404,
            "not_found",
            True,
        )
        assert (await api.ask("GET", "/nowhere"))[1]["code"] == "http-404"
        assert (await api.ask("DELETE", "/accounts"))[0] == 405
        assert (await api.ask("GET", "/accounts?colour=red"))[1]["field"] == "colour"
        assert (await api.ask("GET", "/accounts?most=0"))[1]["field"] == "most"
        twice = await api.ask("GET", "/messages?most=5&state=failed&state=unknown")
        assert (twice[0], twice[1]["field"]) == (422, "state")
        assert (await api.ask("PATCH", "/accounts/acme", b"{}", Content_Type="text/plain"))[0] == 415
        assert (await api.ask("POST", "/customers", {"id": 7, "name": "x"}))[1]["code"] == "conflict"
        assert (await api.ask("POST", "/customers"))[1]["field"] == "id"  # what has no body says nothing
        assert (await api.ask("POST", "/customers", b'\xef\xbb\xbf{"id": 8, "name": "y"}'))[0] == 201
        assert (await api.ask("POST", "/customers", b"{"))[1]["cure"] == "send an object in UTF-8"
        refused = await api.ask("POST", "/messages", {"account": "acme", "to": ["13800138000"] * 2, "text": "x" * 2000})
        assert (refused[0], refused[1]["code"]) == (409, "content_long")
        assert refused[1]["detail"] == f"{refused[1]['cause']}; {refused[1]['cure']}"  # each of them once
        assert refused[1]["cure"] not in refused[1]["cause"]
        assert "most, after, account, state" in (await api.ask("GET", "/tasks?colour=red"))[1]["cure"]

    call(go)


def test_a_list_comes_page_by_page_and_each_row_once(call):
    async def go(api):
        for number in range(25):
            await api.ask("POST", "/customers", {"id": 100 + number, "name": f"customer {number}"})
        for path in ("/customers", "/audit"):
            seen, after = [], ""
            while True:
                status, page = await api.ask("GET", f"{path}?most=7{after}")
                assert (status, len(page["items"]) <= 7) == (200, True)
                seen += [row["id"] for row in page["items"]]
                if page["next"] is None:
                    break
                after = f"&after={page['next']}"
            assert len(seen) == len(set(seen)) >= 26
            assert seen in (sorted(seen), sorted(seen, reverse=True))
        assert (await api.ask("GET", "/customers?after=x"))[1]["field"] == "after"
        assert (await api.ask("GET", "/audit?after=WyJ4Il0="))[1]["field"] == "after"
        _, page = await api.ask("GET", "/customers?most=1")
        assert (await api.ask("GET", f"/words?after={page['next']}"))[1]["field"] == "after"

    call(go)


def test_under_one_key_points_are_added_once(call):
    async def go(api):
        body = {"points": 5}
        answers = [await api.ask("POST", "/accounts/acme/topup", body, Role.FINANCE, Idempotency_Key="k1") for _ in range(3)]
        assert answers == [(200, {"state": "made", "balance": POINTS + 5, "approval_id": None})] * 3
        assert (await api.ask("POST", "/accounts/acme/topup", {"points": 6}, Role.FINANCE, Idempotency_Key="k1"))[0] == 409
        assert (await api.ask("POST", "/accounts/acme/adjust", {"points": 5, "note": "x"}, Role.FINANCE, Idempotency_Key="k1"))[
            0
        ] == 409
        assert (await api.ask("POST", "/accounts/acme/topup", body, Role.ADMIN, Idempotency_Key="k1"))[1][
            "balance"
        ] == POINTS + 10
        assert (await api.ask("POST", "/accounts/acme/topup", body, Role.FINANCE))[1]["balance"] == POINTS + 15
        assert (await api.ask("GET", "/ledger/verify"))[1]["differences"] == []

    call(go)


def test_a_large_top_up_and_a_price_wait_for_a_second_person(call):
    async def go(api):
        _, large = await api.ask("POST", "/accounts/acme/topup", {"points": 1_001}, Role.FINANCE)
        _, price = await api.ask("POST", "/accounts/acme/price", {"points": 3, "carrier": "+852"}, Role.FINANCE)
        assert (large["state"], price["state"]) == ("waits", "waits")
        assert (await api.ask("GET", "/accounts/acme"))[1]["points"] == POINTS
        await api.admin.acting(Actor("staff", "decider")).change(approvals.approve, price["approval_id"])
        assert (await api.ask("GET", "/accounts/acme"))[1]["prices"] == {"sms +852": 3}
        assert (await api.ask("POST", f"/approvals/{large['approval_id']}/reject", {"reason": "typo"}))[0] == 200
        _, decided = await api.ask("GET", "/approvals?state=rejected")
        assert [(row["points"], row["decider"], row["reason"]) for row in decided["items"]] == [(1_001, "token:admin", "typo")]
        assert (await api.ask("POST", "/accounts/acme/adjust", {"points": -600, "note": "x"}, Role.FINANCE))[1][
            "code"
        ] == "forbidden"

    call(go)


def test_a_text_is_sent_once_under_one_key_seen_masked_and_traced(call):
    async def go(api):
        body = {"account": "acme", "to": ["13800138000", "1", "13800138001"], "text": "您好【测试】"}
        first, again = [await api.ask("POST", "/messages", body, Idempotency_Key="s1") for _ in range(2)]
        assert first == again
        assert (first[0], first[1]["count"], first[1]["rejected"]) == (201, 2, [{"number": "1", "code": 1108}])
        _, tasks = await api.ask("GET", "/tasks?account=acme")
        assert [(row["id"], row["numbers"], row["source"]) for row in tasks["items"]] == [(first[1]["task_id"], 2, "api")]
        for role, phone in ((Role.ADMIN, "13800138001"), (Role.SUPPORT, "138****8001")):
            _, messages = await api.ask("GET", "/messages?channel=up1&state=queued", None, role)
            assert next(row["phone"] for row in messages["items"]) == phone
            _, traces = await api.ask("GET", "/trace?what=13800138001", None, role)
            (traced,) = traces["items"]
            assert (traced["phone"], "测试" in traced["text"]) == (phone, role is Role.ADMIN)
            assert next(event["event"] for event in traced["events"]) == "accepted"
        assert (await api.ask("POST", f"/tasks/{first[1]['task_id']}/cancel"))[1]["count"] == 2
        assert (await api.ask("GET", "/accounts/acme"))[1]["points"] == POINTS

    call(go)


def test_channels_rules_and_people_are_changed(call):
    async def go(api):
        new = {"name": "up2", "protocol": "smpp", "host": "192.0.2.7", "port": 2775, "options": {"system_type": "x"}}
        assert (await api.ask("POST", "/channels", new))[0] == 201
        assert (await api.ask("POST", "/channels/up2/secret", {"secret": "s3cret"}))[0] == 200
        assert (await api.ask("POST", "/channels/up2/pause"))[0] == 200
        _, shown = await api.ask("GET", "/channels/up2")
        assert (shown["state"], shown["options"], shown["product"], shown["answer_timeout_s"] > 1) == (
            "paused",
            {"system_type": "x"},
            "sms",
            True,
        )
        assert "s3cret" not in json.dumps(shown)
        _, route = await api.ask("POST", "/routes", {"channel": "up2", "account": "acme", "carrier": "mobile", "tier": 3})
        assert (await api.ask("PATCH", f"/routes/{route['id']}", {"channel": "up1", "weight": 7}))[0] == 200
        _, second = await api.ask("POST", "/routes", {"channel": "up2", "account": "acme", "tier": 9})
        assert (await api.ask("POST", f"/routes/{second['id']}/move", {"to": "up"}))[0] == 200
        assert (await api.ask("POST", f"/routes/{second['id']}/move", {"to": "up"}))[0] == 409
        listed = [one for one in (await api.ask("GET", "/routes"))[1]["items"] if one["account"] == "acme"]
        assert [(one["channel"], one["tier"], one["weight"]) for one in listed] == [("up2", 3, 1), ("up1", 9, 7)]
        assert (await api.ask("DELETE", f"/routes/{route['id']}"))[0] == 200
        assert (await api.ask("POST", "/words", {"words": ["赌博", "casino"], "account": "acme"}))[1] == {"count": 2}
        assert len((await api.ask("GET", "/words"))[1]["items"]) == 2
        assert (await api.ask("POST", "/blacklist", {"phones": ["138 0013 8000"], "note": "asked"}, Role.SUPPORT))[1] == {
            "count": 1
        }
        assert (await api.ask("GET", "/blacklist/check?phone=13800138000", None, Role.SUPPORT))[1]["items"][0][
            "phone"
        ] == "138****8000"
        _, signature = await api.ask("POST", "/signatures", {"account": "acme", "name": "测试"})
        assert (await api.ask("POST", f"/signatures/{signature['id']}/approve", {}))[0] == 200
        _, template = await api.ask("POST", "/templates", {"account": "acme", "text": "验证码{1}【测试】"})
        assert (await api.ask("DELETE", f"/templates/acme/{template['number']}"))[0] == 200
        assert (await api.ask("PUT", "/sites/any", {"brand": "飞鸽"}))[0] == 200
        assert (await api.ask("GET", "/sites"))[1]["items"][0]["brand"] == "飞鸽"
        assert (await api.ask("POST", "/codes", {"code": "MK:0099", "class": "absent", "channel": "up1"}))[0] == 200
        assert (await api.ask("DELETE", "/codes/MK:0099?channel=up1"))[0] == 200
        _, person = await api.ask("POST", "/staff", {"name": "nightshift", "role": "support"})
        assert person["invitation"].startswith("/invitation/")
        assert (await api.ask("PATCH", "/staff/nightshift", {"is_stopped": True}))[0] == 200
        for path in (
            "/replies",
            "/owed",
            "/receipts/unmatched",
            "/accounts/acme/pushes",
            "/statistics?by=account",
            "/codes/unknown",
        ):
            assert (await api.ask("GET", path))[0] == 200, path
        assert (await api.ask("POST", "/accounts/acme/replay", {"since_ms": 0, "until_ms": 9}))[1] == {"count": 0}

    call(go)


def test_jobs_are_asked_for_seen_and_cancelled_and_phones_are_for_roles_that_may_see_them(call):
    async def go(api):
        span = {"since_ms": 0, "until_ms": 9}
        _, asked = await api.ask("POST", "/jobs/exports/messages", span | {"account": "acme", "state": "failed"}, Role.SUPPORT)
        _, shown = await api.ask("GET", f"/jobs/{asked['job']}", None, Role.SUPPORT)
        assert (shown["kind"], shown["state"], shown["actor"]) == ("message_export", "queued", "token:support")
        full = await api.ask("POST", "/jobs/exports/messages", span | {"full": True}, Role.SUPPORT)
        assert (full[0], full[1]["code"]) == (403, "forbidden")
        _, secret = await api.ask("POST", "/jobs/exports/blacklist", {}, Role.OPERATIONS)
        assert (await api.ask("GET", f"/jobs/{secret['job']}/result", None, Role.SUPPORT))[0] == 403
        assert (await api.ask("GET", f"/jobs/{secret['job']}/result"))[0] == 404
        assert (await api.ask("POST", "/jobs/imports/words", {"words": ["a", "b"]}, Role.REVIEW))[0] == 201
        assert (await api.ask("POST", "/jobs/replays", span | {"account": "acme"}))[0] == 201
        assert (await api.ask("POST", f"/jobs/{asked['job']}/cancel"))[0] == 200
        _, listed = await api.ask("GET", "/jobs")
        assert [row["kind"] for row in listed["items"]] == ["replay", "word_import", "blacklist_export", "message_export"]

    call(go)


def test_money_is_given_back_stated_and_its_reasons_are_listed(call):
    async def go(api):
        _, sent = await api.ask("POST", "/messages", {"account": "acme", "to": ["13800138000"], "text": "您好【测试】"})
        _, task = await api.ask("GET", f"/tasks/{sent['task_id']}")
        assert task["messages"] == {"queued": 1}
        _, messages = await api.ask("GET", "/messages")
        number = messages["items"][0]["id"]
        assert (await api.ask("POST", f"/messages/{number}/refund", {"note": "complaint"}))[1]["code"] == "conflict"
        assert (await api.ask("POST", f"/tasks/{sent['task_id']}/refund", {"note": "x"}))[1] == {"messages": 0, "points": 0}
        await api.ask("POST", "/accounts/acme/adjust", {"points": 7, "note": "goodwill"})
        _, entries = await api.ask("GET", "/accounts/acme/entries")
        assert next((row["points"], row["note"]) for row in entries["items"]) == (7, "goodwill")
        now = api.admin.now_ms()
        _, stated = await api.ask("GET", f"/statements?since_ms={now - 1000}&until_ms={now + 1000}&account=acme")
        (row,) = stated["items"]
        assert (row["topped_up"], row["charged"], row["adjusted"], row["closing"]) == (POINTS, 1, 7, POINTS + 6)
        _, tested = await api.ask("GET", "/routes/test?account=acme&number=13800138000")
        assert (tested["channel"], tested["candidates"][0]["standing"]) == ("up1", "chosen")
        _, needs = await api.ask("GET", "/needs")
        assert "balance_low" in {row["kind"] for row in needs["items"]}

    call(go)


def test_black_lists_and_words_come_page_by_page_and_the_place_shows_no_phone(call):
    async def go(api):
        phones = [f"138001380{number:02}" for number in range(12)]
        for account in (None, "acme"):
            whose = {"account": account} if account else {}
            await api.ask("POST", "/blacklist", {"phones": phones} | whose)
            await api.ask("POST", "/words", {"words": [f"word{number}" for number in range(12)]} | whose)
        await api.ask("POST", "/blacklist/remove", {"phones": phones[:3]})
        for path, name, wanted in (("/blacklist", "phone", 21), ("/words", "word", 24)):
            for role in (Role.ADMIN, Role.SUPPORT):
                seen, after = [], ""
                while True:
                    _, page = await api.ask("GET", f"{path}?most=5{after}", None, role)
                    seen += [(row["account"], row[name]) for row in page["items"]]
                    if page["next"] is None:
                        break
                    assert b"138" not in urlsafe_b64decode(page["next"])
                    after = f"&after={page['next']}"
                assert len(seen) == wanted
                assert role is Role.SUPPORT or len(set(seen)) == wanted
            _, mine = await api.ask("GET", f"{path}?account=acme&most=1000")
            assert {row["account"] for row in mine["items"]} == {"acme"}
            assert len(mine["items"]) == 12

    call(go)


def test_the_audit_masks_phones_for_roles_that_may_not_see_them(call):
    async def go(api):
        await api.ask("POST", "/blacklist", {"phones": ["13800138000"]})
        await api.ask("POST", "/blacklist/remove", {"phones": ["13800138000"]})
        for role, phone in ((Role.OPERATIONS, 8613800138000), (Role.FINANCE, "138****8000")):
            _, page = await api.ask("GET", "/audit?action=blacklist.add", None, role)
            assert page["items"][0]["after"]["first"] == [phone]
            _, page = await api.ask("GET", "/audit?action=blacklist.remove", None, role)
            assert page["items"][0]["before"]["first"] == [phone]

    call(go)


def test_phones_of_replies_are_whole_for_roles_that_may_see_them_alone():
    assert {role for role in Role if Permission.PHONES in ROLES[role]} == {Role.ADMIN, Role.OPERATIONS}


@pytest.mark.parametrize("examples", [1, pytest.param(25, marks=pytest.mark.soak)])
def test_the_api_does_what_its_schema_says_whatever_is_sent(call, tmp_path, examples):
    """Schemathesis sends what the schema allows and what it does not: as much of it on a slow machine as on a fast one.

    Every bound of every value is tried, some 6,000 requests, and so many `examples` by chance.

    Not asked: that whatever the schema allows is taken (phones and addresses of hosts are no patterns), and the answer to TRACE,
    which our listener takes for no request.
    """

    async def go(api):
        words = [
            Path(sys.executable).parent / "schemathesis", "run", f"{api.url}/openapi.json", "--url", api.url, "--no-color", "--seed", "1",
            "--header", f"Authorization: Bearer {api.tokens[Role.ADMIN].plain}", "--phases", "coverage,fuzzing",
            "--max-examples", str(examples), "--exclude-checks", "positive_data_acceptance,unsupported_method",
            "--exclude-operation-id", "tokens-name-delete",
        ]  # fmt: skip
        ran = await asyncio.create_subprocess_exec(
            *words, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        output, _ = await ran.communicate()
        assert ran.returncode == 0, output.decode()
        assert int(re.search(r"(\d+) generated", output.decode())[1]) > 6_000
        assert (await api.ask("GET", "/ledger/verify"))[1]["differences"] == []

    call(go)


def test_a_program_sends_a_sample_alarm(admin):
    async def go():
        async with calling(admin) as api:
            return (await api.ask("POST", "/alarms/test"))[1], (await api.ask("POST", "/alarms/test", role=Role.FINANCE))[0]

    assert uvloop.run(go()) == ({"is_done": True}, 403)


def test_the_description_has_the_groups_of_forms():
    (settings,) = (one for one in CALLS if (one.method, one.path) == ("PATCH", "/accounts/{name}"))
    schema = openapi([settings], "1")["paths"]["/accounts/{name}"]["patch"]["requestBody"]["content"]["application/json"][
        "schema"
    ]

    assert schema["properties"]["push_url"]["description"].startswith("Pushes: ")
    assert list(schema["properties"])[:2] == ["dialect", "sid"]
