"""Submissions without ASGI: the connection passes the whole request, and the answer is written when the lane has committed.

Nearly all requests are handled so: they are short submissions. ASGI, a task and its coroutines would cost each of them 10 µs.
Any other request goes to the same door by ASGI (see app).
"""

import asyncio
from functools import partial
from time import perf_counter

from hongyan.doors.door_app import DoorApp, is_fault
from hongyan.doors.request import Request, whole_request
from hongyan.doors.sms import SmsDoor, is_long
from hongyan.http.direct import WholeRequest
from hongyan.model.account import Account
from hongyan.model.submission import Accepted
from hongyan.ports.customer_api import CustomerApi

SHORT_OCTETS = 16 * 1024
"""The longest body; a longer one may take more than a moment to read."""


class DirectDoor:
    """Implements http.direct.Direct for one door."""

    def __init__(self, door: SmsDoor, app: DoorApp, api: CustomerApi) -> None:
        """app: the same door, which takes the other requests"""
        self._door, self._app, self._api = door, app, api
        self._waiting: list[WholeRequest] = []

    def __call__(self, whole: WholeRequest) -> bool:
        """Take a request. The requests of one turn of the loop are judged in one go, while code and tables are in the
        processor's cache.
        """
        if len(whole.body) > SHORT_OCTETS or whole.request.method not in ("POST", "GET"):
            return False
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._judge_all)
        self._waiting.append(whole)
        return True

    def _judge_all(self) -> None:
        waiting, self._waiting = self._waiting, []
        for whole in waiting:
            if whole.is_abandoned:
                continue
            try:
                self._judge(whole, perf_counter())
            except Exception as error:  # noqa: BLE001 - the others are judged all the same
                whole.fail(error)

    def _judge(self, whole: WholeRequest, began: float) -> None:
        request = whole_request(whole.request, whole.body, self._door.charset)
        if request.action != "send" or is_long(request):
            whole.run()
            return
        request.guard = self._app.guard
        try:
            account, admission = self._door.submission(request)
            asked = asyncio.ensure_future(self._api.accept(admission))
        except Exception as error:  # noqa: BLE001 - the customer is answered in any case
            answer, code, more = self._app.refused(request, error)
            if is_fault(request, code):
                whole.note_fault()
            self._app.write(whole, answer, code, more, began)
        else:
            asked.add_done_callback(partial(self._accepted, whole, request, account, began))

    def _accepted(
        self, whole: WholeRequest, request: Request, account: Account, began: float, asked: "asyncio.Future[Accepted]"
    ) -> None:
        if asked.cancelled():  # the process ends
            whole.abandon()
            return
        refusal = asked.exception()
        if isinstance(refusal, Exception):  # raised here it would refer to this frame, which refers to it by `asked`
            self._app.write(whole, *self._app.refused(request, refusal), began)
            return
        try:
            answer = self._door.sent(request, account, asked.result())
        except Exception as error:  # noqa: BLE001 - as above
            self._app.write(whole, *self._app.refused(request, error), began)
        else:
            self._app.write(whole, answer, "OK", (), began)
