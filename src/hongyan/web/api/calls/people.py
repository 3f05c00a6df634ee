"""Staff, their sessions, tokens, and the audit."""

from typing import Any

from hongyan.model.fields import Param, param_of
from hongyan.model.names import NAME
from hongyan.model.staff import Permission, StaffChange
from hongyan.model.token import TokenChange
from hongyan.services.admin import staff, tokens
from hongyan.services.admin.bearer import new_bearer
from hongyan.services.queries.lists import people as lists
from hongyan.web.api.call import Asked, Call
from hongyan.web.api.list_call import list_call
from hongyan.web.api.shapes import DONE, shape

INVITED = shape("Invited", "name invitation")
NEW_TOKEN = shape("NewToken", "name role token")

STAFF_NAME = Param("name", "Name that the person logs in with.", NAME, is_required=True)
TOKEN_NAME = param_of(TokenChange, "name")


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


async def add_token(asked: Asked) -> Any:
    bearer = new_bearer(tokens.PREFIX)
    token = await asked.admin.change(tokens.add_token, asked.change, bearer)
    return {"name": token.name, "role": token.role.value, "token": bearer.plain}


async def revoke_token(asked: Asked) -> Any:
    await asked.admin.change(tokens.revoke_token, asked.path["name"])
    return {"is_done": True}


_PERSON, _TOKEN = {"name": STAFF_NAME}, {"name": TOKEN_NAME}

CALLS = (
    list_call(lists.STAFF, "/staff"),
    Call("POST", "/staff", "Add one of the staff; answers a link that sets the password, once.", Permission.STAFF, add_staff, INVITED, status=201, of=StaffChange, body=(STAFF_NAME,)),
    Call("PATCH", "/staff/{name}", "Change one of the staff, whose sessions end.", Permission.STAFF, change_staff, DONE, of=StaffChange, params=_PERSON),
    Call("POST", "/staff/{name}/invitation", "Answer a link by which somebody sets the password.", Permission.STAFF, invite, INVITED, params=_PERSON),
    Call("POST", "/staff/{name}/reset-2fa", "Forget somebody's second factor and recovery codes.", Permission.STAFF, reset_second_factor, DONE, params=_PERSON),
    list_call(lists.TOKENS, "/tokens"),
    Call("POST", "/tokens", "Make a token; it is answered once.", Permission.STAFF, add_token, NEW_TOKEN, status=201, of=TokenChange),
    Call("DELETE", "/tokens/{name}", "Let a token open nothing any more.", Permission.STAFF, revoke_token, DONE, params=_TOKEN),
    list_call(lists.AUDIT, "/audit"),
)  # fmt: skip
