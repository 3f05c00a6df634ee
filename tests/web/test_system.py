"""The page of the system."""

import re

from hongyan.model.translatable import Translatable
from hongyan.web.ops import Check


def test_conditions_are_named_and_explained_in_the_readers_language(browse):
    async def go(site):
        async def checks():
            return [
                Check("draining", is_good=False, detail=Translatable("the process is stopping")),
                Check("disk", is_good=True),
            ]

        site.server.checks = checks
        async with site.browser() as browser:
            await browser.come_in("admin")
            return [(await browser.get("/system", **{"Accept-Language": language}))[2] for language in ("en", "zh")]

    english, chinese = (re.sub(r"\s*<[^>]+>\s*", " ", text) for text in browse(go))

    assert "draining not met the process is stopping disk met –" in re.sub(" +", " ", english)
    assert "未在停机 异常 进程正在停止 磁盘 正常 –" in re.sub(" +", " ", chinese)
