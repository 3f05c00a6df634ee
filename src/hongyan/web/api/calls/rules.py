"""Words, black lists, signatures and templates."""

from functools import partial
from typing import Any

from hongyan.i18n import N_
from hongyan.model.black_list import ListedNumber
from hongyan.model.fields import Param, param_of
from hongyan.model.kinds import PHONE, name, number
from hongyan.model.names import REMARK
from hongyan.model.number_list import FOREVER_S
from hongyan.model.signature import SignatureChange, SignatureDecision
from hongyan.model.staff import Permission
from hongyan.model.template import TemplateChange
from hongyan.model.words import LETTERS_MOST
from hongyan.services.admin import rules, templates
from hongyan.services.queries.lists import rules as lists
from hongyan.services.queries.lists.filters import ACCOUNT, OF_ACCOUNT
from hongyan.services.queries.lists.listing import ListQuery, read_list
from hongyan.services.queries.template_test import template_test
from hongyan.web.api.call import MOST, Asked, Call
from hongyan.web.api.calls.customers import ID
from hongyan.web.api.list_call import list_call
from hongyan.web.api.params import FOR_ACCOUNT, NUMBER, PHONES, content, texts
from hongyan.web.api.shapes import COUNT, DONE, row_of, shape

TEMPLATE_NUMBER = shape("TemplateNumber", "number")
TEMPLATE_TEST = shape(
    "TemplateTest",
    "",
    matches=shape("TemplateMatch", "account number text values:map"),
    nearest=shape("NearestTemplate", "account number text share:number start:int wanted found"),
)

WORDS = Param("words", "The words.", texts(rules.SLICE, LETTERS_MOST), is_required=True)
NUMBERS = Param("phones", "The mobile numbers.", PHONES, is_required=True)
ENDS = Param("end_s", "Seconds since 1970 at which it ends; never where nothing is said.", number(0, FOREVER_S - 1))
NOTE = Param("note", "Why.", REMARK, usual="")
PHONE_ASKED = Param("phone", "The mobile number.", PHONE, is_required=True)
DECISION_NOTE = param_of(SignatureDecision, "note")
TESTED_TEXT = Param("text", "The text.", content(2_000), is_required=True)
KNOWN_NUMBER = Param("number", "What its programs call it.", name(32), is_required=True)


async def add_words(asked: Asked) -> Any:
    return {"count": await asked.admin.change(rules.add_words, asked.given["words"], asked.given["account"] or "")}


async def remove_words(asked: Asked) -> Any:
    return {"count": await asked.admin.change(rules.remove_words, asked.given["words"], asked.given["account"] or "")}


async def check_black_list(asked: Asked) -> Any:
    query = ListQuery(asked.given["most"], asked.admin.now_ms(), {"phone": asked.given["phone"]})
    return (await asked.admin.read(read_list, lists.BLACK_LIST, query)).rows


async def add_listed(asked: Asked) -> Any:
    given = asked.given
    end_s = FOREVER_S if given["end_s"] is None else given["end_s"]
    entries = [ListedNumber(phone=phone, end_s=end_s, note=given["note"]) for phone in given["phones"]]
    return {"count": await asked.admin.change(rules.add_listed, entries, given["account"] or "")}


async def remove_listed(asked: Asked) -> Any:
    return {"count": await asked.admin.change(rules.remove_listed, asked.given["phones"], asked.given["account"] or "")}


async def add_signature(asked: Asked) -> Any:
    return {"id": await asked.admin.change(rules.add_signature, asked.given["account"], asked.change)}


async def decide_signature(asked: Asked, *, is_approved: bool) -> Any:
    decision = SignatureDecision(is_approved=is_approved, note=asked.given["note"])
    await asked.admin.change(rules.decide_signature, asked.path["number"], decision)
    return {"is_done": True}


async def add_template(asked: Asked) -> Any:
    return {"number": await asked.admin.change(templates.add_template, asked.given["account"], asked.change)}


async def test_template(asked: Asked) -> Any:
    found = await asked.admin.read(template_test, asked.given["text"], asked.given["account"] or "")
    return found | {"nearest": [found["nearest"]] if found["nearest"] else []}


async def remove_template(asked: Asked) -> Any:
    await asked.admin.change(templates.remove_template, asked.path["account"], asked.path["number"])
    return {"is_done": True}


_DECIDES = tuple(
    Call(
        "POST",
        f"/signatures/{{number}}/{verb}",
        summary,
        Permission.REVIEW,
        partial(decide_signature, is_approved=is_approved),
        DONE,
        body=(DECISION_NOTE,),
        params={"number": NUMBER},
    )
    for verb, is_approved, summary in (
        ("approve", True, N_("Approve a signature.")),
        ("reject", False, N_("Reject a signature.")),
    )
)

CALLS = (
    list_call(lists.WORDS, "/words"),
    Call("POST", "/words", "Add words, for one account or for all.", Permission.REVIEW, add_words, COUNT, body=(WORDS, FOR_ACCOUNT)),
    Call("POST", "/words/remove", "Take words away.", Permission.REVIEW, remove_words, COUNT, body=(WORDS, FOR_ACCOUNT)),
    list_call(lists.BLACK_LIST, "/blacklist"),
    Call("GET", "/blacklist/check", "Say which lists a number stands on.", Permission.SEE, check_black_list, row_of(lists.BLACK_LIST), is_list=True, query=(PHONE_ASKED, MOST)),
    Call("POST", "/blacklist", "Black-list numbers, for one account or for all.", Permission.BLACK_LIST, add_listed, COUNT, body=(NUMBERS, FOR_ACCOUNT, ENDS, NOTE)),
    Call("POST", "/blacklist/remove", "Take numbers off a black list.", Permission.BLACK_LIST, remove_listed, COUNT, body=(NUMBERS, FOR_ACCOUNT)),
    list_call(lists.SIGNATURES, "/signatures"),
    Call("POST", "/signatures", "Enter a signature of an account.", Permission.REVIEW, add_signature, ID, status=201, of=SignatureChange, body=(ACCOUNT,)),
    *_DECIDES,
    list_call(lists.TEMPLATES, "/templates"),
    Call("POST", "/templates", "Add a template.", Permission.REVIEW, add_template, TEMPLATE_NUMBER, status=201, of=TemplateChange, body=(ACCOUNT,)),
    Call("GET", "/templates/test", "Say which templates a text fits, or where it differs from the nearest one.", Permission.SEE, test_template, TEMPLATE_TEST, query=(TESTED_TEXT, OF_ACCOUNT)),
    Call(
        "DELETE", "/templates/{account}/{number}", "Remove a template.", Permission.REVIEW, remove_template, DONE,
        params={"account": ACCOUNT, "number": KNOWN_NUMBER},
    ),
)  # fmt: skip
