"""What all screens have: reading the store, changing it as the person who is logged in, and lists."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hongyan.model.phone import masked, national
from hongyan.model.staff import Permission
from hongyan.ports.admin import AdminStore
from hongyan.services.queries.lists.filters import channel_names
from hongyan.services.queries.lists.listing import Listing
from hongyan.web.access import actor_of, person_of
from hongyan.web.lists import ListPage, ListView, list_page, show_list


class Screen:
    def __init__(self, admin: AdminStore) -> None:
        self.admin = admin

    def acting(self, request: Request) -> AdminStore:
        """Returns the store for acts of the person who asks."""
        return self.admin.acting(actor_of(request))

    def phone_text(self, request: Request, phone: int) -> str:
        """Returns a phone as the person who asks may see it."""
        return national(phone) if person_of(request).may(Permission.PHONES) else masked(phone)

    async def show_list(
        self,
        request: Request,
        listing: Listing,
        look: ListView,
        template: str = "screens/list.html",
        facts: Mapping[str, Any] | None = None,
    ) -> Response:
        """The page of a list."""
        return await show_list(request, self.admin, listing, look, template, facts)

    async def listed(self, request: Request, listing: Listing, look: ListView) -> ListPage:
        """A list as a part of a page."""
        return await list_page(request, self.admin, listing, look)

    async def channel_names(self) -> list[str]:
        """Returns the channels that a form lets people choose from."""
        return await self.admin.read(channel_names)
