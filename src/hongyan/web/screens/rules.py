"""What texts and numbers are judged by: signatures, templates, words, black lists, and the codes of carriers."""

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.black_list import ListedNumber
from hongyan.model.errors import Invalid, NotFound
from hongyan.model.kinds import PHONE
from hongyan.model.meaning import CodeClass, CodeRuleChange
from hongyan.model.number_list import FOREVER_S
from hongyan.model.signature import SignatureChange, SignatureDecision
from hongyan.model.staff import Permission
from hongyan.model.template import TemplateChange
from hongyan.model.words import Word, WordTable, plain
from hongyan.services.admin import codes, rules, templates
from hongyan.services.queries.lists.channels import CODES, UNKNOWN_CODES
from hongyan.services.queries.lists.rules import BLACK_LIST, SIGNATURES, TEMPLATES, WORDS
from hongyan.services.queries.template_test import template_test
from hongyan.web.access import Page
from hongyan.web.forms import account_box, choice, controls, read_form, whole, words_of
from hongyan.web.lists import ListView
from hongyan.web.pages import done, error_text
from hongyan.web.screens.screen import Screen
from hongyan.web.words import head

_DAY_S = 86_400


class RuleScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/signatures", self.signatures, Permission.SEE),
            Page("/signatures", self.add_signature, Permission.REVIEW, methods=["POST"]),
            Page("/signatures/{number:int}/approve", self.approve, Permission.REVIEW, methods=["POST"]),
            Page("/signatures/{number:int}/reject", self.reject, Permission.REVIEW, methods=["POST"]),
            Page("/templates", self.templates, Permission.SEE),
            Page("/templates", self.add_template, Permission.REVIEW, methods=["POST"]),
            Page("/templates/remove", self.remove_template, Permission.REVIEW, methods=["POST"]),
            Page("/words", self.words, Permission.SEE),
            Page("/words", self.add_words, Permission.REVIEW, methods=["POST"]),
            Page("/words/remove", self.remove_word, Permission.REVIEW, methods=["POST"]),
            Page("/blacklist", self.black_list, Permission.SEE),
            Page("/blacklist", self.add_listed, Permission.BLACK_LIST, methods=["POST"]),
            Page("/blacklist/remove", self.remove_listed, Permission.BLACK_LIST, methods=["POST"]),
            Page("/codes", self.codes, Permission.SEE),
            Page("/codes", self.set_code, Permission.CHANNELS, methods=["POST"]),
            Page("/codes/unset", self.unset_code, Permission.CHANNELS, methods=["POST"]),
        ]

    # --- signatures

    async def signatures(self, request: Request) -> Response:
        empty = (
            _("No signature here."),
            _("A signature 【…】 shows who sends. Accounts with the rule 'approved' send with those that are approved here."),
        )
        facts = {
            "controls": [account_box(), *controls(SignatureChange, {}, ("name",))],
            "decision": controls(SignatureDecision, {}, ("note",)),
        }
        return await self.show_list(request, SIGNATURES, ListView(empty), "screens/signatures.html", facts)

    async def add_signature(self, request: Request) -> Response:
        form = await request.form()
        account, signature = str(form.get("account", "")), replace(read_form(SignatureChange, form), is_approved=True)
        await self.acting(request).change(rules.add_signature, account, signature)
        return done("/signatures", _decided(account, signature.name or "", is_approved=True))

    async def approve(self, request: Request) -> Response:
        return await self._decide(request, is_approved=True)

    async def reject(self, request: Request) -> Response:
        return await self._decide(request, is_approved=False)

    async def _decide(self, request: Request, *, is_approved: bool) -> Response:
        note = str((await request.form()).get("note", "")).strip()
        decision = SignatureDecision(is_approved=is_approved, note=note)
        account, name = await self.acting(request).change(rules.decide_signature, request.path_params["number"], decision)
        return done("/signatures?state=pending", _decided(account, name, is_approved=is_approved))

    # --- templates

    async def templates(self, request: Request) -> Response:
        empty = (
            _("There is no template yet."),
            _("A template is a text with gaps; programs of manual 002's platform send its number and what fills the gaps."),
        )
        number, text = controls(TemplateChange, {}, ("number", "text"))
        asked = {name: request.query_params.get(name, "").strip() for name in ("text", "account")}
        tested = await self._tested(asked) if asked["text"] else None
        facts = {"controls": [account_box(), number, replace(text, kind="long")], "asked": asked, "tested": tested}
        return await self.show_list(request, TEMPLATES, ListView(empty), "screens/templates.html", facts)

    async def _tested(self, asked: dict[str, str]) -> dict[str, Any]:
        try:
            return await self.admin.read(template_test, asked["text"], asked["account"])
        except (NotFound, Invalid) as error:
            return {"trouble": error_text(error)}

    async def add_template(self, request: Request) -> Response:
        form = await request.form()
        account, template = str(form.get("account", "")), read_form(TemplateChange, form)
        given = await self.acting(request).change(templates.add_template, account, template)
        return done(
            "/templates", _("The template is there; the programs of {account} call it {number}.", account=account, number=given)
        )

    async def remove_template(self, request: Request) -> Response:
        form = await request.form()
        account, number = str(form.get("account", "")), str(form.get("number", ""))
        await self.acting(request).change(templates.remove_template, account, number)
        return done("/templates", _("The template {number} of {account} is gone.", number=number, account=account))

    # --- words

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
        return done("/words", _("{count:word is|words are} new, for {account}.", count=count, account=_whose(account)))

    async def remove_word(self, request: Request) -> Response:
        form = await request.form()
        word, account = (str(form.get(name, "")) for name in ("word", "account"))
        await self.acting(request).change(rules.remove_words, [word], account)
        return done("/words", _("{word} is on the list no more, for {account}.", word=word, account=_whose(account)))

    # --- black lists

    async def black_list(self, request: Request) -> Response:
        empty = _("Nothing is black-listed."), _("Numbers that are listed are refused with 1109, for all accounts or for one.")
        number = request.query_params.get("phone", "").strip()
        return await self.show_list(request, BLACK_LIST, ListView(empty), "screens/blacklist.html", {"number": number})

    async def add_listed(self, request: Request) -> Response:
        form = await request.form()
        note = str(form.get("note", "")).strip()
        days = whole(form.get("days") or 0, "days", 0, 36_500)
        end_s = self.admin.now_ms() // 1000 + days * _DAY_S if days > 0 else FOREVER_S
        phones = [PHONE.checked("phone", line) for line in str(form.get("numbers", "")).split()]
        entries = [ListedNumber(phone=phone, end_s=min(end_s, FOREVER_S), note=note) for phone in phones]
        account = str(form.get("account", ""))
        count = await self.acting(request).change(rules.add_listed, entries, account)
        notice = _("{count:number is|numbers are} black-listed, for {account}.", count=count, account=_whose(account))
        return done("/blacklist", notice)

    async def remove_listed(self, request: Request) -> Response:
        form = await request.form()
        account, phone = str(form.get("account", "")), PHONE.checked("phone", str(form.get("number", "")))
        count = await self.acting(request).change(rules.remove_listed, [phone], account)
        facts = {"phone": self.phone_text(request, phone), "account": _whose(account)}
        gone, absent = (
            _("{phone} is off the list, for {account}.", **facts),
            _("{phone} was on no list, for {account}.", **facts),
        )
        return done("/blacklist", gone if count else absent)

    # --- codes

    async def codes(self, request: Request) -> Response:
        nothing, asked = (_("No such code."), ""), request.query_params
        code, kind, *others = controls(CodeRuleChange, {"code": asked.get("explain", "")})
        kind = replace(kind, label=head("class"), options=words_of("class", CodeClass))
        facts = {
            "unknown": await self.listed(
                request, UNKNOWN_CODES, ListView(nothing, {"code": "/codes?explain={code}&of={channel}#explain"})
            ),
            "channels": (channels := await self.channel_names()),
            "controls": [code, choice("channel", channels, _("all"), asked.get("of", "")), kind, *others],
        }
        return await self.show_list(request, CODES, ListView(nothing), "screens/codes.html", facts)

    async def set_code(self, request: Request) -> Response:
        form = await request.form()
        rule = read_form(CodeRuleChange, form)
        await self.acting(request).change(codes.set_code, rule, str(form.get("channel", "")) or None)
        return done("/codes", _("{code} is explained; reports that come from now on are judged by it.", code=rule.code))

    async def unset_code(self, request: Request) -> Response:
        form = await request.form()
        code = str(form.get("code", ""))
        await self.acting(request).change(codes.unset_code, code, str(form.get("channel", "")) or None)
        return done("/codes", _("{code} means what it meant before.", code=code))


def _whose(account: str) -> str:
    """Returns for whom a list holds."""
    return account or _("all accounts")


def _decided(account: str, name: str, *, is_approved: bool) -> str:
    facts = {"name": name, "account": account}
    if is_approved:
        return _("The signature 【{name}】 of {account} is approved.", **facts)
    return _("The signature 【{name}】 of {account} is rejected.", **facts)


def _hits(tx: Any, text: str, account: str) -> list[dict[str, Any]]:
    known = [*rules.words(tx, ""), *(rules.words(tx, account) if account else ())]
    own = 1
    table = WordTable.of(1, (Word(own if row["account"] else 0, plain(row["word"]), row["word"]) for row in known))
    return [{"word": hit.word, "written": text[hit.start : hit.end], "start": hit.start} for hit in table.find(text, own)]
