"""The pictures of docs/console.md: `make pictures` takes them of a demo, in both languages."""

import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from tests.web.chromium import ROOT, Demo, chromium, log_in, running_demo

FOLDER = ROOT / "docs" / "pictures"
LIFE_S = 30  # of the demo before, so that something has happened

PLACES = {
    "overview": "/",
    "trace": "/messages?what=13800138000",
    "routes": "/routes?account=demo&number=13800138000&product=sms",
    "settings": "/accounts/demo/settings",
}


def take(browser: Browser, demo: Demo, cookies: dict, language: str) -> None:
    context = browser.new_context(storage_state=cookies, viewport={"width": 1060, "height": 660})
    context.add_cookies([{"name": "hongyan_language", "value": language, "url": demo.url}])
    page = context.new_page()
    for name, place in PLACES.items():
        _keep(page, demo.url + place, f"{name}-{language}")
    context.add_cookies([{"name": "hongyan_theme", "value": "dark", "url": demo.url}])
    _keep(page, f"{demo.url}/statistics", f"statistics-{language}")
    context.close()


def _keep(page: Page, url: str, name: str) -> None:
    page.goto(url)
    page.wait_for_timeout(500)
    page.screenshot(path=FOLDER / f"{name}.png")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_demo(Path(folder)) as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        cookies = log_in(browser, demo)
        demo.run("send", "--account", "demo", "--to", "13800138000", "--text", "您的验证码是 482913，5 分钟内有效。【鸿雁】")
        time.sleep(LIFE_S)
        for language in ("en", "zh"):
            take(browser, demo, cookies, language)
        browser.close()


if __name__ == "__main__":
    main()
