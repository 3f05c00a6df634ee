"""Customers, accounts, sites, and listeners for customers who connect as to a carrier."""

from dataclasses import replace
from typing import Any

from hongyan.model.account import AccountChange, AccountOpening
from hongyan.model.account_secrets import AccountSecrets, SecretOverlap
from hongyan.model.customer import CUSTOMER_ID, CustomerChange, CustomerOpening
from hongyan.model.errors import NotFound
from hongyan.model.fields import Param, param_of
from hongyan.model.kinds import name
from hongyan.model.listener import ListenerChange, ListenerOpening
from hongyan.model.names import NAME, TITLE
from hongyan.model.site import SiteChange
from hongyan.model.staff import Permission
from hongyan.services.admin import accounts, customer_sessions, listeners, sites
from hongyan.services.queries.account_details import account_details
from hongyan.services.queries.lists import customers as lists
from hongyan.web.api.call import Asked, Call
from hongyan.web.api.list_call import list_call
from hongyan.web.api.params import ACCOUNT_NAME, NUMBER
from hongyan.web.api.shapes import DONE, PDU, pdu_facts, row_of, shape

ONE_ACCOUNT = row_of(lists.ACCOUNTS).wider("AccountWithPrices", "mms_points:int? prices:map has_protocol_secret")
ID = shape("Id", "id:int")

CUSTOMER_NUMBER = param_of(CustomerOpening, "customer_id", "id")
CUSTOMER_NAME = Param("name", "Name of the enterprise.", TITLE, is_required=True)
CUSTOMER_OF_ACCOUNT = param_of(AccountOpening, "customer_id")
NEW_CUSTOMER_NAME = param_of(AccountOpening, "customer_name")
NEW_ACCOUNT_NAME = param_of(AccountOpening, "name")
HOST = Param("host", "Name of a host; `any` for those that have no site of their own.", name(255), is_required=True)
SECRET = replace(param_of(AccountSecrets, "secret"), is_required=True)
PROTOCOL_SECRET = replace(param_of(AccountSecrets, "protocol_secret", "secret"), usual="")
LISTENER_NAME = Param("name", "Name of the listener.", NAME, is_required=True)
NEW_LISTENER_NAME, SPOKEN = param_of(ListenerOpening, "name"), param_of(ListenerOpening, "protocol")
PARENT = Param("parent_id", "Number of the reseller it belongs to.", CUSTOMER_ID)


async def add_customer(asked: Asked) -> Any:
    customer_id, parent_id = asked.given["id"], asked.given["parent_id"]
    await asked.admin.change(accounts.add_customer, customer_id, asked.given["name"], parent_id)
    return {"id": customer_id}


async def change_customer(asked: Asked) -> Any:
    await asked.admin.change(accounts.change_customer, asked.path["id"], asked.change)
    return {"is_done": True}


async def show_account(asked: Asked) -> Any:
    return await asked.admin.read(account_details, asked.path["name"])


async def add_account(asked: Asked) -> Any:
    given = asked.given
    new = accounts.NewAccount(given["name"], given["customer_id"], given["secret"], asked.change, given["customer_name"])
    return {"id": await asked.admin.change(accounts.add_account, new, asked.admin.sealer)}


async def change_account(asked: Asked) -> Any:
    await asked.admin.change(accounts.change_account, asked.path["name"], asked.change)
    return {"is_done": True}


async def change_secret(asked: Asked) -> Any:
    secret, sealer = asked.given["secret"], asked.admin.sealer
    await asked.admin.change(accounts.change_secret, asked.path["name"], secret, sealer, asked.change.overlap_ms)
    return {"is_done": True}


async def change_protocol_secret(asked: Asked) -> Any:
    secret, sealer = asked.given["secret"], asked.admin.sealer
    await asked.admin.change(accounts.change_protocol_secret, asked.path["name"], secret, sealer)
    return {"is_done": True}


async def show_listener(asked: Asked) -> Any:
    return await asked.admin.read(listeners.listener, asked.admin.now_ms(), asked.path["name"])


async def add_listener(asked: Asked) -> Any:
    given = asked.given
    return {"id": await asked.admin.change(listeners.add_listener, given["name"], given["protocol"], asked.change)}


async def change_listener(asked: Asked) -> Any:
    await asked.admin.change(listeners.change_listener, asked.path["name"], asked.change)
    return {"is_done": True}


async def drop_listener(asked: Asked) -> Any:
    await asked.admin.change(listeners.drop_listener, asked.path["name"])
    return {"is_done": True}


async def show_session(asked: Asked) -> Any:
    return await asked.admin.read(customer_sessions.customer_session, asked.admin.now_ms(), asked.path["number"])


async def show_session_pdus(asked: Asked) -> Any:
    """raises: NotFound where it is not up in this process"""
    number = asked.path["number"]
    pdus = await asked.server.session_pdus(number)
    if pdus is None:
        raise NotFound("no process that answers has the session {number}", number=number)
    return map(pdu_facts, pdus)


async def kick_session(asked: Asked) -> Any:
    await asked.admin.change(customer_sessions.kick, asked.path["number"])
    return {"is_done": True}


async def set_site(asked: Asked) -> Any:
    await asked.admin.change(sites.set_site, asked.path["host"], asked.change)
    return {"is_done": True}


async def drop_site(asked: Asked) -> Any:
    await asked.admin.change(sites.drop_site, asked.path["host"])
    return {"is_done": True}


_ACCOUNT, _CUSTOMER, _HOST = {"name": ACCOUNT_NAME}, {"id": CUSTOMER_NUMBER}, {"host": HOST}
_LISTENER, _SESSION = {"name": LISTENER_NAME}, {"number": NUMBER}

CALLS = (
    list_call(lists.CUSTOMERS, "/customers"),
    Call("POST", "/customers", "Add a customer.", Permission.CUSTOMERS, add_customer, ID, status=201, body=(CUSTOMER_NUMBER, CUSTOMER_NAME, PARENT)),
    Call("PATCH", "/customers/{id}", "Change a customer; what is not said stays.", Permission.CUSTOMERS, change_customer, DONE, of=CustomerChange, params=_CUSTOMER),
    list_call(lists.ACCOUNTS, "/accounts"),
    Call("GET", "/accounts/{name}", "Show an account with its prices.", Permission.SEE, show_account, ONE_ACCOUNT, params=_ACCOUNT),
    Call(
        "POST", "/accounts", "Add an account, and its customer where that is new.", Permission.CUSTOMERS, add_account, ID, status=201, of=AccountChange,
        body=(NEW_ACCOUNT_NAME, CUSTOMER_OF_ACCOUNT, SECRET, NEW_CUSTOMER_NAME),
    ),
    Call("PATCH", "/accounts/{name}", "Change an account; what is not said stays.", Permission.CUSTOMERS, change_account, DONE, of=AccountChange, params=_ACCOUNT),
    Call("POST", "/accounts/{name}/secret", "Give an account another API secret.", Permission.SECRETS, change_secret, DONE, of=SecretOverlap, body=(SECRET,), params=_ACCOUNT),
    Call(
        "POST", "/accounts/{name}/protocol-secret", "Give an account a secret of its own for SMPP and CMPP.", Permission.SECRETS, change_protocol_secret, DONE,
        body=(PROTOCOL_SECRET,), params=_ACCOUNT,
    ),
    list_call(lists.LISTENERS, "/listeners"),
    Call("GET", "/listeners/{name}", "Show a listener.", Permission.SEE, show_listener, row_of(lists.LISTENERS), params=_LISTENER),
    Call("POST", "/listeners", "Add a listener.", Permission.CHANNELS, add_listener, ID, status=201, of=ListenerChange, body=(NEW_LISTENER_NAME, SPOKEN)),
    Call("PATCH", "/listeners/{name}", "Change a listener; what is not said stays.", Permission.CHANNELS, change_listener, DONE, of=ListenerChange, params=_LISTENER),
    Call("DELETE", "/listeners/{name}", "Remove a listener with its connections.", Permission.CHANNELS, drop_listener, DONE, params=_LISTENER),
    list_call(lists.SESSIONS, "/sessions"),
    Call("GET", "/sessions/{number}", "Show a session.", Permission.SEE, show_session, row_of(lists.SESSIONS), params=_SESSION),
    Call("GET", "/sessions/{number}/pdus", "Show the last PDUs of a session: phones masked, texts and secrets left out.", Permission.SEE, show_session_pdus, PDU, is_list=True, params=_SESSION),
    Call("POST", "/sessions/{number}/kick", "Have a session closed within some seconds.", Permission.CHANNELS, kick_session, DONE, params=_SESSION),
    list_call(lists.PRICES, "/prices"),
    list_call(lists.SITES, "/sites"),
    Call("PUT", "/sites/{host}", "Add a site or change one.", Permission.CUSTOMERS, set_site, DONE, of=SiteChange, params=_HOST),
    Call("DELETE", "/sites/{host}", "Remove a site.", Permission.CUSTOMERS, drop_site, DONE, params=_HOST),
)  # fmt: skip
