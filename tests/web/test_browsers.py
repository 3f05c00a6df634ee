"""What Chromium itself makes of our cookies and headers: over TLS, and beside a page that means harm."""

from contextlib import asynccontextmanager

import pytest
from playwright.async_api import async_playwright
from tests.certificate import certificate
from tests.web.chromium import chromium
from tests.web.conftest import PASSWORD

from hongyan.http.server import Listener, TlsFiles
from hongyan.services.admin import sessions


@asynccontextmanager
async def context_of(**options):
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        context = await browser.new_context(**options)
        context.set_default_timeout(15_000)
        yield context
        await browser.close()


async def log_in(page, url, name="read-only"):
    await page.goto(f"{url}/login")
    await page.fill("[name=name]", name)
    await page.fill("[name=password]", PASSWORD)
    await page.click("form[action='/login'] button")
    await page.wait_for_url(f"{url}/")


def test_over_tls_chromium_keeps_the_strict_cookie_and_comes_in(browse, tmp_path):
    async def go(site):
        async with context_of(ignore_https_errors=True) as context:
            page = await context.new_page()
            await log_in(page, site.url)
            (cookie,) = [one for one in await context.cookies() if one["name"].startswith("__Host-")]
            assert (cookie["name"], cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (
                "__Host-hongyan",
                True,
                True,
                "Lax",
            )
            assert (await page.goto(f"{site.url}/me")).status == 200

    browse(go, tls=TlsFiles(*certificate(tmp_path, "console", host="127.0.0.1")))


HARM = """<!doctype html><title>harm</title>
<iframe name="framed" src="{url}/me"></iframe><iframe name="sink"></iframe>
<form id="one" method="post" action="{url}/logout" target="sink"><input name="csrf" value=""></form>
<form id="two" method="post" action="{url}/language/en" target="sink"></form>
<img src="{url}/logout"><script>document.getElementById("one").submit();</script>"""


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_page_of_others_neither_frames_the_console_nor_changes_anything_in_it(browse, host):
    """On another site, and on the same one at another port."""

    async def go(site):
        async def harm(scope, receive, send):
            headers = [(b"content-type", b"text/html")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": HARM.format(url=site.url).encode()})

        listener = Listener(harm, "127.0.0.1", 0)
        await listener.open()
        await listener.start()
        try:
            async with context_of() as context:
                page = await context.new_page()
                await log_in(page, site.url)
                other = await context.new_page()
                heard = []
                other.on("console", lambda message: heard.append(message.text))
                await other.goto(f"http://{host}:{listener.port}/", wait_until="networkidle")
                framed = other.frame("framed")
                assert "read-only" not in await framed.content()
                assert any("frame-ancestors" in text or "X-Frame-Options" in text for text in heard)
                assert (await page.goto(f"{site.url}/me")).url == f"{site.url}/me"
        finally:
            await listener.stop(1)
        rows = await site.admin.read(sessions.sessions, site.admin.now_ms(), site.rule, "read-only")
        assert len(rows) == 1

    browse(go)
