"""What all screens have: the store, read for everybody and changed in somebody's name."""

from starlette.requests import Request

from hongyan.model.account import Actor
from hongyan.ports.admin import AdminStore
from hongyan.web.access import person_of


class Screen:
    def __init__(self, admin: AdminStore) -> None:
        self.admin = admin

    def acting(self, request: Request) -> AdminStore:
        """The store, for acts of who asks."""
        return self.admin.acting(Actor("staff", person_of(request).staff.name))
