"""Words that texts may not have."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.staff import Permission
from hongyan.model.words import Word, WordTable, plain
from hongyan.services.admin import rules
from hongyan.services.queries.lists.rules import WORDS
from hongyan.web.access import Page
from hongyan.web.lists import ListView
from hongyan.web.pages import done
from hongyan.web.screens.screen import Screen
from hongyan.web.words import for_whom


class WordScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/words", self.words, Permission.SEE),
            Page("/words", self.add_words, Permission.REVIEW, methods=["POST"]),
            Page("/words/remove", self.remove_word, Permission.REVIEW, methods=["POST"]),
        ]

    async def words(self, request: Request) -> Response:
        asked = {name: request.query_params.get(name, "").strip() for name in ("text", "account")}
        hits = await self.admin.read(_hits, asked["text"], asked["account"]) if asked["text"] else []
        facts = {"asked": asked, "hits": hits}
        return await self.show_list(request, WORDS, ListView((_("No such word."), "")), "screens/words.html", facts)

    async def add_words(self, request: Request) -> Response:
        form = await request.form()
        given = [line.strip() for line in str(form.get("words", "")).splitlines() if line.strip()]
        account = str(form.get("account", ""))
        count = await self.acting(request).change(rules.add_words, given, account)
        return done("/words", _("{count:word is|words are} new, for {account}.", count=count, account=for_whom(account)))

    async def remove_word(self, request: Request) -> Response:
        form = await request.form()
        word, account = (str(form.get(name, "")) for name in ("word", "account"))
        await self.acting(request).change(rules.remove_words, [word], account)
        return done("/words", _("{word} is on the list no more, for {account}.", word=word, account=for_whom(account)))


def _hits(tx: Any, text: str, account: str) -> list[dict[str, Any]]:
    known = [*rules.words(tx, ""), *(rules.words(tx, account) if account else ())]
    own = 1
    table = WordTable.of(1, (Word(own if row["account"] else 0, plain(row["word"]), row["word"]) for row in known))
    return [{"word": hit.word, "written": text[hit.start : hit.end], "start": hit.start} for hit in table.find(text, own)]
