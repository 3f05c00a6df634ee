"""The description of the admin API, for reading and trying: Swagger UI over the API's own description."""

from starlette.requests import Request
from starlette.responses import Response

from hongyan.model.staff import Stage
from hongyan.web.access import Page
from hongyan.web.pages import show


class ExplorerScreen:
    def pages(self) -> list[Page]:
        return [Page("/api", self.explorer, Stage.IN)]

    async def explorer(self, request: Request) -> Response:
        return show(request, "screens/explorer.html")
