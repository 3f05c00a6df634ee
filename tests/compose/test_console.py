"""The console and the admin API of a running platform, over the settings that an operator may give."""

from dataclasses import replace

import aiohttp
from tests.certificate import certificate
from tests.command_store import command_store

from hongyan.compose import listeners
from hongyan.compose.listeners import OPS_LIMITS
from hongyan.model.staff import Role, StaffChange
from hongyan.model.token import TokenChange
from hongyan.services.admin import staff, tokens
from hongyan.services.admin.bearer import new_bearer

KEPT = {"Host": "sms.example"}


def test_over_tls_pages_are_shown_to_any_machine_and_otherwise_to_this_one_alone(
    on_sqlite, settings_of, run, tmp_path, monkeypatch
):
    monkeypatch.setattr(listeners, "OPS_LIMITS", replace(OPS_LIMITS, head_timeout_s=2))  # what is no request is waited for
    chain, key = certificate(tmp_path, "ops")
    secret = settings_of(tmp_path, listen={"ops_tls": True, "tls_cert": chain, "tls_key": key})

    async def go(running):
        for scheme in ("https", "http"):
            address = f"{scheme}://127.0.0.1:{running.platform.ops_port}"
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as session:
                try:
                    async with session.get(f"{address}/login", headers=KEPT) as answer:
                        seen[scheme] = answer.status, "strict-transport-security" in answer.headers
                except aiohttp.ClientError:
                    seen[scheme] = 0, False

    seen: dict = {}
    run(secret, go, with_console=True)
    assert seen == {"https": (200, True), "http": (0, False)}
    run(on_sqlite, go, with_console=True)
    assert seen == {"https": (0, False), "http": (403, False)}


def test_what_a_program_sends_by_the_admin_api_goes_out_and_is_reported(furnished, run):
    bearer = new_bearer(tokens.PREFIX)
    with command_store(furnished) as admin:
        admin.change(tokens.add_token, TokenChange(name="sender", role=Role.OPERATIONS, days=1), bearer)
        admin.change(staff.add_staff, "somebody", StaffChange(), new_bearer())

    async def go(running):
        address = f"http://127.0.0.1:{running.platform.ops_port}/api/v1"
        body = {"account": "demo", "to": ["13800138000", "13800138001"], "text": "您好【测试】"}
        headers = {"Authorization": f"Bearer {bearer.plain}", "Idempotency-Key": "one"}
        async with aiohttp.ClientSession(headers=headers) as session:
            for _ in range(2):
                async with session.post(f"{address}/messages", json=body) as answer:
                    assert (answer.status, (await answer.json())["count"]) == (201, 2)
            assert sorted(await running.reports(2)) == ["13800138000", "13800138001"]
            async with session.get(f"{address}/messages", params={"state": "delivered"}) as answer:
                assert [row["phone"] for row in (await answer.json())["items"]] == ["13800138001", "13800138000"]
            async with session.get(f"{address}/staff") as answer:
                assert answer.status == 403

    run(furnished, go, with_console=True)
