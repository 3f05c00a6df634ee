"""Signatures that accounts may send under."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import _
from hongyan.model.signature import SignatureChange, SignatureDecision
from hongyan.model.staff import Permission
from hongyan.services.admin import rules
from hongyan.services.queries.lists.rules import SIGNATURES
from hongyan.web.access import Page
from hongyan.web.forms import account_box, controls, read_form
from hongyan.web.lists import ListView
from hongyan.web.pages import done
from hongyan.web.screens.screen import Screen


class SignatureScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/signatures", self.signatures, Permission.SEE),
            Page("/signatures", self.add_signature, Permission.REVIEW, methods=["POST"]),
            Page("/signatures/{number:int}/approve", self.approve, Permission.REVIEW, methods=["POST"]),
            Page("/signatures/{number:int}/reject", self.reject, Permission.REVIEW, methods=["POST"]),
        ]

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


def _decided(account: str, name: str, *, is_approved: bool) -> str:
    facts = {"name": name, "account": account}
    if is_approved:
        return _("The signature 【{name}】 of {account} is approved.", **facts)
    return _("The signature 【{name}】 of {account} is rejected.", **facts)
