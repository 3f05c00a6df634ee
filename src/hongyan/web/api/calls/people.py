"""Staff, their sessions, tokens, and the audit."""

from typing import Any

from hongyan.model.fields import name, text, word
from hongyan.model.names import NAME_MOST
from hongyan.model.staff import Permission, Role, StaffChange
from hongyan.services.admin import staff, tokens
from hongyan.services.admin.bearer import new_bearer
from hongyan.services.queries import pages
from hongyan.web.api.call import PAGING, Asked, Call, page_before, page_of
from hongyan.web.api.shapes import DONE, shape
from hongyan.web.api.values import Param

STAFF = shape("Staff", "id:int name state has_password has_second_factor made_ms seen_ms", StaffChange)
INVITED = shape("Invited", "name invitation")
TOKEN = shape("Token", "id:int name role state maker made_ms ends_ms used_ms")
NEW_TOKEN = shape("NewToken", "name role token")
AUDIT = shape("AuditRow", "id:int actor action subject before:any after:any at_ms")

STAFF_NAME = Param("name", "Name that the person logs in with.", name(NAME_MOST), is_required=True)
TOKEN_NAME = Param("name", "Name of the token.", name(NAME_MOST), is_required=True)
ROLE = Param("role", "What the token may do.", word(Role), usual=Role.READ_ONLY)
DAYS = Param("days", "For how many days it holds.", tokens.DAYS, usual=90)
ACTOR = Param("actor", "Only by this one, as kind:name.", text(128))
ACTION = Param("action", "Only this action, such as account.change.", text(64))
SUBJECT = Param("subject", "Only of this one.", text(128))


async def list_staff(asked: Asked) -> Any:
    return page_of(await asked.admin.read(staff.staff), asked, "name")


async def add_staff(asked: Asked) -> Any:
    invitation = new_bearer()
    added = await asked.admin.change(staff.add_staff, asked.given["name"], asked.change, invitation)
    return {"name": added, "invitation": f"/invitation/{invitation.plain}"}


async def change_staff(asked: Asked) -> Any:
    await asked.admin.change(staff.change_staff, asked.path["name"], asked.change)
    return {"is_done": True}


async def invite(asked: Asked) -> Any:
    invitation = new_bearer()
    await asked.admin.change(staff.invite, asked.path["name"], invitation)
    return {"name": asked.path["name"], "invitation": f"/invitation/{invitation.plain}"}


async def reset_second_factor(asked: Asked) -> Any:
    await asked.admin.change(staff.reset_second_factor, asked.path["name"])
    return {"is_done": True}


async def list_tokens(asked: Asked) -> Any:
    return page_of(await asked.admin.read(tokens.tokens, asked.admin.now_ms()), asked, "name")


async def add_token(asked: Asked) -> Any:
    bearer, told = new_bearer(tokens.PREFIX), asked.given
    await asked.admin.change(tokens.add_token, told["name"], told["role"], told["days"], bearer)
    return {"name": told["name"], "role": told["role"].value, "token": bearer.plain}


async def revoke_token(asked: Asked) -> Any:
    await asked.admin.change(tokens.revoke_token, asked.path["name"])
    return {"is_done": True}


async def list_audit(asked: Asked) -> Any:
    told = asked.given
    return await asked.admin.read(
        pages.audit_page,
        page_before(asked),
        told["actor"] or "",
        told["action"] or "",
        told["subject"] or "",
        full=asked.sees_phones,
    )


_PERSON, _TOKEN = {"name": STAFF_NAME}, {"name": TOKEN_NAME}

CALLS = (
    Call("GET", "/staff", "List the staff.", Permission.STAFF, list_staff, STAFF, is_list=True, order="name", query=PAGING),
    Call("POST", "/staff", "Add one of the staff; answers a link that sets the password, once.", Permission.STAFF, add_staff, INVITED, status=201, of=StaffChange, body=(STAFF_NAME,)),
    Call("PATCH", "/staff/{name}", "Change one of the staff, whose sessions end.", Permission.STAFF, change_staff, DONE, of=StaffChange, params=_PERSON),
    Call("POST", "/staff/{name}/invitation", "Answer a link by which somebody sets the password.", Permission.STAFF, invite, INVITED, params=_PERSON),
    Call("POST", "/staff/{name}/reset-2fa", "Forget somebody's second factor and recovery codes.", Permission.STAFF, reset_second_factor, DONE, params=_PERSON),
    Call("GET", "/tokens", "List the tokens with their end and last use.", Permission.STAFF, list_tokens, TOKEN, is_list=True, order="name", query=PAGING),
    Call("POST", "/tokens", "Make a token; it is answered once.", Permission.STAFF, add_token, NEW_TOKEN, status=201, body=(TOKEN_NAME, ROLE, DAYS)),
    Call("DELETE", "/tokens/{name}", "Let a token open nothing any more.", Permission.STAFF, revoke_token, DONE, params=_TOKEN),
    Call("GET", "/audit", "List who changed what, newest first.", Permission.AUDIT, list_audit, AUDIT, is_list=True, query=(*PAGING, ACTOR, ACTION, SUBJECT)),
)  # fmt: skip
