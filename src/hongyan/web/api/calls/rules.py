"""Words, black lists, signatures and templates."""

from functools import partial
from typing import Any

from hongyan.i18n import N_
from hongyan.model.fields import FLAG, name, number, text
from hongyan.model.listed import FOREVER_S
from hongyan.model.phone import masked, national
from hongyan.model.staff import Permission
from hongyan.model.told import Unfit
from hongyan.services.admin import rules, templates
from hongyan.services.admin.rules import Entry
from hongyan.services.queries import pages
from hongyan.services.queries.pages import KeyPage
from hongyan.web.api.call import MOST, PAGING, Asked, Call, page_of
from hongyan.web.api.calls.customers import ID
from hongyan.web.api.params import ACCOUNT, FOR_ACCOUNT, NUMBER, OF_ACCOUNT, PHONE, PHONES, content, texts
from hongyan.web.api.shapes import COUNT, DONE, shape
from hongyan.web.api.values import Param

WORD = shape("Word", "word account")
LISTED = shape("BlackListed", "phone account end_s:int? note made_ms")
SIGNATURE = shape("Signature", "id:int account name state note made_ms decided_ms")
TEMPLATE = shape("Template", "id:int account number text made_ms")
TEMPLATE_NUMBER = shape("TemplateNumber", "number")

WORDS = Param("words", "The words.", texts(5_000, 64), is_required=True)
NUMBERS = Param("phones", "The mobile numbers.", PHONES, is_required=True)
ENDS = Param("end_s", "Seconds since 1970 at which it ends; never where nothing is said.", number(0, FOREVER_S - 1))
NOTE = Param("note", "Why.", text(200), usual="")
PHONE_ASKED = Param("phone", "The mobile number.", PHONE, is_required=True)
SIGNATURE_NAME = Param("name", "The signature, without 【】.", name(64), is_required=True)
APPROVED = Param("is_approved", "Whether it is approved at once.", FLAG, usual=False)
TEXT = Param("text", "The text, with gaps {1}, {2}, …", content(500), is_required=True)
WANTED_NUMBER = Param("number", "What its programs call it; the next number where nothing is said.", text(32), usual="")
KNOWN_NUMBER = Param("number", "What its programs call it.", name(32), is_required=True)


async def list_words(asked: Asked) -> Any:
    rows = await asked.admin.read(pages.words_after, _behind(asked, ""), asked.given["account"])
    return [row | {"place": row["key"]} for row in rows]


def _behind(asked: Asked, first: str | int) -> KeyPage:
    """raises: Unfit"""
    match asked.after:
        case None:
            return KeyPage((-1, first), asked.given["most"] + 1)
        case [int(owner), str() | int() as key] if type(key) is type(first):
            return KeyPage((owner, key), asked.given["most"] + 1)
    raise Unfit("{field} cannot be {value}", "give `next` of the page before", field="after", value=asked.given["after"][:80])


async def add_words(asked: Asked) -> Any:
    return {"count": await asked.admin.change(rules.add_words, asked.given["words"], asked.given["account"] or "")}


async def remove_words(asked: Asked) -> Any:
    return {"count": await asked.admin.change(rules.remove_words, asked.given["words"], asked.given["account"] or "")}


async def list_black_list(asked: Asked) -> Any:
    page = _behind(asked, 0)
    rows = await asked.admin.read(pages.listed_after, page, asked.admin.now_ms(), asked.given["account"])
    return [_listed(row, asked) | {"place": row["key"]} for row in rows]


async def check_black_list(asked: Asked) -> Any:
    rows = await asked.admin.read(rules.where_listed, asked.given["phone"], asked.admin.now_ms())
    return [_listed(row, asked) for row in rows][: asked.given["most"]]


def _listed(row: dict[str, Any], asked: Asked) -> dict[str, Any]:
    phone = national(row["phone"]) if asked.sees_phones else masked(row["phone"])
    return row | {"phone": phone, "end_s": None if row["end_s"] == FOREVER_S else row["end_s"]}


async def add_listed(asked: Asked) -> Any:
    told = asked.given
    end_s = FOREVER_S if told["end_s"] is None else told["end_s"]
    entries = [Entry(phone, end_s, told["note"]) for phone in told["phones"]]
    return {"count": await asked.admin.change(rules.add_listed, entries, told["account"] or "")}


async def remove_listed(asked: Asked) -> Any:
    return {"count": await asked.admin.change(rules.remove_listed, asked.given["phones"], asked.given["account"] or "")}


async def list_signatures(asked: Asked) -> Any:
    return page_of(await asked.admin.read(rules.signatures, asked.given["account"]), asked)


async def add_signature(asked: Asked) -> Any:
    told = asked.given
    added = asked.admin.change(rules.add_signature, told["account"], told["name"], told["is_approved"])
    return {"id": await added}


async def decide_signature(asked: Asked, *, is_approved: bool) -> Any:
    await asked.admin.change(rules.decide_signature, asked.path["number"], is_approved, asked.given["note"])
    return {"is_done": True}


async def list_templates(asked: Asked) -> Any:
    return page_of(await asked.admin.read(templates.templates, asked.given["account"]), asked)


async def add_template(asked: Asked) -> Any:
    told = asked.given
    return {"number": await asked.admin.change(templates.add_template, told["account"], told["text"], told["number"])}


async def remove_template(asked: Asked) -> Any:
    await asked.admin.change(templates.remove_template, asked.path["account"], asked.path["number"])
    return {"is_done": True}


_DECIDES = tuple(
    Call(
        "POST", f"/signatures/{{number}}/{verb}", told, Permission.REVIEW, partial(decide_signature, is_approved=is_approved), DONE,
        body=(NOTE,), params={"number": NUMBER},
    )
    for verb, is_approved, told in (("approve", True, N_("Approve a signature.")), ("reject", False, N_("Reject a signature.")))
)  # fmt: skip

CALLS = (
    Call("GET", "/words", "List words that texts may not hold.", Permission.SEE, list_words, WORD, is_list=True, order="place", query=(*PAGING, OF_ACCOUNT)),
    Call("POST", "/words", "Add words, for one account or for all.", Permission.REVIEW, add_words, COUNT, body=(WORDS, FOR_ACCOUNT)),
    Call("POST", "/words/remove", "Take words away.", Permission.REVIEW, remove_words, COUNT, body=(WORDS, FOR_ACCOUNT)),
    Call("GET", "/blacklist", "List what is black-listed now.", Permission.SEE, list_black_list, LISTED, is_list=True, order="place", query=(*PAGING, OF_ACCOUNT)),
    Call("GET", "/blacklist/check", "Say which lists a number stands on.", Permission.SEE, check_black_list, LISTED, is_list=True, query=(PHONE_ASKED, MOST)),
    Call("POST", "/blacklist", "Black-list numbers, for one account or for all.", Permission.BLACK_LIST, add_listed, COUNT, body=(NUMBERS, FOR_ACCOUNT, ENDS, NOTE)),
    Call("POST", "/blacklist/remove", "Take numbers off a black list.", Permission.BLACK_LIST, remove_listed, COUNT, body=(NUMBERS, FOR_ACCOUNT)),
    Call("GET", "/signatures", "List signatures.", Permission.SEE, list_signatures, SIGNATURE, is_list=True, query=(*PAGING, OF_ACCOUNT)),
    Call("POST", "/signatures", "Enter a signature of an account.", Permission.REVIEW, add_signature, ID, status=201, body=(ACCOUNT, SIGNATURE_NAME, APPROVED)),
    *_DECIDES,
    Call("GET", "/templates", "List templates.", Permission.SEE, list_templates, TEMPLATE, is_list=True, query=(*PAGING, OF_ACCOUNT)),
    Call("POST", "/templates", "Add a template.", Permission.REVIEW, add_template, TEMPLATE_NUMBER, status=201, body=(ACCOUNT, TEXT, WANTED_NUMBER)),
    Call(
        "DELETE", "/templates/{account}/{number}", "Remove a template.", Permission.REVIEW, remove_template, DONE,
        params={"account": ACCOUNT, "number": KNOWN_NUMBER},
    ),
)  # fmt: skip
