"""Whatever is posted to a page or asked of it, the answer is a page: a refusal that says why, never a broken one."""

import pytest
from tests.web.test_access import method_of, pages_of, path_of

from hongyan.model.channel import Channel
from hongyan.model.listener import ListenerChange
from hongyan.model.protocol import Protocol
from hongyan.model.session_settings import SessionProtocol
from hongyan.model.signature import SignatureChange
from hongyan.model.staff import Role
from hongyan.services.admin import accounts, channels, listeners, rules
from hongyan.services.admin.accounts import NewAccount

NONSENSE = "\u202e<b>\x00 'OR 1=1-- 99999999999999999999 ￿"
FIELDS = """
account action afterwards before by carrier channel chinese class code customer_id customer_name days english from hours kind name note
number numbers order parent_id period points product protocol reason role secret state subject tasks text tier to weight what with words
window options ip_list has overlap_h full is_forced
""".split()  # noqa: SIM905  a table
FORMS = {
    "nothing": {},
    "nonsense": dict.fromkeys(FIELDS, NONSENSE),
    "numbers": dict.fromkeys(FIELDS, "-99999999999999999999"),
    "words": dict.fromkeys(FIELDS, "nobody"),
}


async def _furnish(site) -> None:
    """What the addresses of the pages name is there."""
    await site.admin.change(accounts.add_account, NewAccount("nobody", 7, "abc123"), site.admin.sealer)
    await site.admin.change(channels.add_channel, Channel(0, "nobody", Protocol.LOOPBACK), site.admin.sealer)
    listening = ListenerChange(port=2775)
    await site.admin.change(listeners.add_listener, "nobody", SessionProtocol.SMPP, listening)
    await site.admin.change(rules.add_signature, "nobody", SignatureChange(name="name"))


@pytest.mark.parametrize("form", FORMS)
def test_no_form_breaks_a_page(browse, form):
    async def go(site):
        broken = []
        await _furnish(site)
        async with site.browser() as browser:
            await browser.come_in(Role.ADMIN.value)
            for page in pages_of(site):
                if page.path in {"/logout", "/me/sessions/{session_id:int}/end", "/staff/sessions/{session_id:int}/end"}:
                    continue
                seen = FORMS[form] | {"csrf": browser.csrf} if method_of(page) == "POST" else None
                status, _, _ = await browser.ask(method_of(page), path_of(page), seen)
                if status >= 500:
                    broken.append((page.path, status))
        assert broken == []

    browse(go)


@pytest.mark.parametrize(
    "value",
    [
        "%00",
        "-1",
        "0001-01-01",
        "9999-12-31",
        "9999-12",
        "1969-12-31",
        "99999999999999999999999",
        "%3Cscript%3E",
        "2026-99-99",
        "nobody",
    ],
)
def test_no_question_breaks_a_page(browse, value):
    async def go(site):
        broken = []
        await _furnish(site)
        async with site.browser() as browser:
            await browser.come_in(Role.ADMIN.value)
            for page in pages_of(site):
                if "GET" in page.methods:
                    query = "&".join(f"{name}={value}" for name in FIELDS)
                    status, _, _ = await browser.get(f"{path_of(page)}?{query}")
                    if status >= 500:
                        broken.append((page.path, status))
        assert broken == []

    browse(go)
