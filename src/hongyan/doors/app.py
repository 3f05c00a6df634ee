"""The customers' platform as one ASGI application: the table of its doors."""

from hongyan.doors.batchsms import BatchDoor
from hongyan.doors.context import Admit, AdmitInBatches, Door, DoorContext
from hongyan.doors.direct import DirectDoor
from hongyan.doors.door_app import DoorApp, Observe
from hongyan.doors.ensms import Text64Door
from hongyan.doors.home_page import front
from hongyan.doors.i18n import read_abroad
from hongyan.doors.lushang import LushangDoor
from hongyan.doors.mms import MMS_BODY_OCTETS, read_mms
from hongyan.doors.pwd import PwdDoor
from hongyan.doors.reports import REPLIES, REPORTS, PullDoor
from hongyan.doors.request import BODY_OCTETS
from hongyan.doors.router import Router, alive, not_found
from hongyan.doors.signed import SignedLogin
from hongyan.doors.sms import JSON, XML, XML_GBK, SmsDoor
from hongyan.doors.webservice import SoapDoor
from hongyan.http.address import address_block
from hongyan.http.asgi import App
from hongyan.http.direct import Direct
from hongyan.model.account import Product
from hongyan.ports.clock import Clock
from hongyan.ports.customer_api import CustomerApi
from hongyan.ports.guard import Guard
from hongyan.services.guessing import Guesses
from hongyan.services.pace import PullPace

_BODY_OCTETS = {"mms.aspx": MMS_BODY_OCTETS}
"""Body limits of doors that have their own."""


def _ignore(door: str, code: str, seconds: float) -> None:
    """Default of `observe`."""


def customers_app(
    api: CustomerApi,
    admit: Admit,
    admit_in_batches: AdmitInBatches,
    now_ms: Clock,
    *,
    elsewhere: App = not_found,
    observe: Observe = _ignore,
    pulls_minute: int = 0,
    stamp_hours: int = 24,
    guard: Guard | None = None,
) -> Router:
    """Returns all doors, `/livez`, and `/`, which says what this is. `elsewhere` answers every other path.

    pulls_minute: pulls of each kind that an account may make in a minute; 0 for no limit
    stamp_hours:  how far the stamp of a v2 request may be from the present; 0 for any
    guard:        shared with other users of the same secrets; None: the doors have their own
    """
    table: dict[str, App] = {"/": front(api, elsewhere), "/livez": alive}
    direct: dict[bytes, Direct] = {}
    guard = guard or Guesses(now_ms, address_block)
    for door in doors_of(DoorContext(api, admit, admit_in_batches, now_ms, PullPace(pulls_minute), stamp_hours)):
        octets = _BODY_OCTETS.get(door.name, BODY_OCTETS)
        app = table["/" + door.name.lower()] = DoorApp(door, api, observe, guard, octets)
        if isinstance(door, SmsDoor):
            direct[b"/" + door.name.encode()] = DirectDoor(door, app, api)
    return Router(table, elsewhere, direct)


def doors_of(context: DoorContext) -> list[Door]:
    sms = SmsDoor("sms.aspx", XML, context)
    signed = SignedLogin(context)
    v2 = SmsDoor("v2sms.aspx", XML, context, read=signed.read, log_in=signed)
    return [
        sms,
        SmsDoor("smsGBK.aspx", XML_GBK, context),
        SmsDoor("smsJson.aspx", JSON, context),
        SmsDoor("mms.aspx", XML, context, Product.MMS, read_mms),
        SmsDoor("I18NSms.aspx", XML, context, read=read_abroad),
        Text64Door(context),
        BatchDoor(context),
        SoapDoor(context),
        PwdDoor(context),
        PullDoor("statusApi.aspx", REPORTS, context, is_json=False, overage=sms),
        PullDoor("statusJsonApi.aspx", REPORTS, context, is_json=True),
        PullDoor("callApi.aspx", REPLIES, context, is_json=False, overage=sms),
        PullDoor("callJsonApi.aspx", REPLIES, context, is_json=True),
        v2,
        SmsDoor("v2smsGBK.aspx", XML_GBK, context, read=signed.read, log_in=signed),
        PullDoor("v2statusApi.aspx", REPORTS, context, is_json=False, overage=v2, log_in=signed),
        PullDoor("v2callApi.aspx", REPLIES, context, is_json=False, overage=v2, log_in=signed),
        LushangDoor("20150822/industrySMS/sendSMS", "00000", context),
        LushangDoor("20150822/affMarkSMS/sendSMS", "00000", context),
        LushangDoor("distributor/sendSMS", "0000", context),
    ]
