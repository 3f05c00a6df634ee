"""Tasks: what was submitted, its progress, and stopping it."""

from collections.abc import Awaitable, Callable
from typing import LiteralString

from starlette.requests import Request
from starlette.responses import Response

from hongyan.i18n import N_, _
from hongyan.model.staff import Permission
from hongyan.ports.admin import AdminStore
from hongyan.services.admin import refunds, tasks
from hongyan.services.admin.tasks import Stopped
from hongyan.services.queries.lists.people import AUDIT
from hongyan.services.queries.lists.tasks import TASK_CODES, TASKS
from hongyan.services.queries.task_details import task_details, task_progress, task_text
from hongyan.web.access import Page, person_of
from hongyan.web.lists import ListPage, ListView
from hongyan.web.pages import done, show
from hongyan.web.screens.screen import Screen
from hongyan.web.words import number

_CANCELLED = N_(
    "Task {task} is cancelled: {count:message is|messages are} not sent, and {points:point|points} came back; "
    "{leaving:is|are} leaving already."
)
_PAUSED = N_("Task {task} is paused: {count:message waits|messages wait}; {leaving:is|are} leaving already.")
_RESUMED = N_("Task {task} goes on with {count:message|messages}.")
_ENDED = ("delivered", "failed", "unknown", "cancelled")


class TaskScreen(Screen):
    def pages(self) -> list[Page]:
        return [
            Page("/tasks", self.tasks, Permission.SEE),
            Page("/tasks/{number:int}", self.task, Permission.SEE),
            Page("/tasks/{number:int}/progress", self.progress, Permission.SEE),
            Page("/tasks/{number:int}/cancel", self.cancel, Permission.TRAFFIC, methods=["POST"]),
            Page("/tasks/{number:int}/pause", self.pause, Permission.TRAFFIC, methods=["POST"]),
            Page("/tasks/{number:int}/resume", self.resume, Permission.TRAFFIC, methods=["POST"]),
            Page("/tasks/{number:int}/refund", self.refund, Permission.MONEY, methods=["POST"]),
        ]

    async def tasks(self, request: Request) -> Response:
        empty = _("No task so far."), _("Each request that a customer's program sends makes one.")
        return await self.show_list(request, TASKS, ListView(empty, {"id": "/tasks/{id}"}))

    async def task(self, request: Request) -> Response:
        row = await self.admin.read(task_details, request.path_params["number"])
        ended = sum(row["messages"].get(state, 0) for state in _ENDED)
        codes = await self.listed(request, TASK_CODES, ListView((_("None of them failed."), ""), given={"task": row["id"]}))
        acts = await self._acts(request, row["id"])
        is_full = person_of(request).may(Permission.PHONES)
        text = await self.admin.read(lambda tx: task_text(tx, row["id"], is_full=is_full))
        return show(request, "screens/task.html", {"task": row, "ended": ended, "codes": codes, "acts": acts, "text": text})

    async def _acts(self, request: Request, task_id: int) -> ListPage | None:
        """Returns what people did about a task; None to those who may not see it."""
        if not person_of(request).may(Permission.AUDIT):
            return None
        return await self.listed(
            request, AUDIT, ListView((_("Nobody has done anything about it."), ""), given={"subject": str(task_id)})
        )

    async def progress(self, request: Request) -> Response:
        """The bar of one task, for a list that did not count it."""
        row = await self.admin.read(task_progress, request.path_params["number"])
        return show(request, "parts/progress.html", {"row": row})

    async def cancel(self, request: Request) -> Response:
        return await self._stop(request, tasks.cancel, _CANCELLED)

    async def pause(self, request: Request) -> Response:
        return await self._stop(request, tasks.pause, _PAUSED)

    async def resume(self, request: Request) -> Response:
        return await self._stop(request, tasks.resume, _RESUMED)

    async def _stop(
        self, request: Request, stop: Callable[[AdminStore, int], Awaitable[Stopped]], words: LiteralString
    ) -> Response:
        task_id = request.path_params["number"]
        stopped = await stop(self.acting(request), task_id)
        notice = _(
            words,
            task=task_id,
            count=number(stopped.count),
            points=number(stopped.points),
            leaving=number(stopped.leaving),
        )
        return done(f"/tasks/{task_id}", notice)

    async def refund(self, request: Request) -> Response:
        """Refund its ended messages, once. raises: NotFound, Invalid without a reason"""
        task_id, note = request.path_params["number"], str((await request.form()).get("note", "")).strip()
        refunded = await refunds.refund_task(self.acting(request), task_id, note)
        notice = _(
            "{points:point|points} of {count:message|messages} of task {task} came back.",
            task=task_id,
            points=number(refunded.points),
            count=number(refunded.messages),
        )
        return done(f"/tasks/{task_id}", notice)
