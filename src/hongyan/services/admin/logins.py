"""Logins of staff: by password, then by second factor if one is required; or by a link that sets the password.

A person who is unknown, stopped or has no password yet gets the answer of a wrong password, after the same time.
"""

import asyncio
from dataclasses import dataclass

from hongyan.model.act import Actor
from hongyan.model.errors import Forbidden
from hongyan.model.staff import Origin, Person, Stage
from hongyan.policy.second_factor import address_of
from hongyan.ports.admin import AdminStore
from hongyan.ports.tx.shared import ConfigRowsTx
from hongyan.services.admin import second_factor, sessions, staff
from hongyan.services.admin.bearer import Bearer, new_bearer
from hongyan.services.admin.login_guard import LoginGuard, owner_named
from hongyan.services.admin.passwords import hash_password, is_password
from hongyan.services.admin.sessions import FoundSession, SessionRule


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The outcome of a login: the cookie, and what is asked for next."""

    bearer: Bearer
    stage: Stage


@dataclass(frozen=True, slots=True)
class SecondFactorOffer:
    """A second factor to be confirmed: its secret in Base32, and the address for a QR code."""

    secret: str
    address: str


class Logins:
    def __init__(self, admin: AdminStore, guard: LoginGuard, rule: SessionRule) -> None:
        self._admin, self._guard, self.rule = admin, guard, rule

    def acting(self, name: str) -> AdminStore:
        """Returns the store for acts of one of the staff."""
        return self._admin.acting(Actor("staff", name))

    async def find(self, bearer: Bearer) -> FoundSession | None:
        """Returns the session of a cookie. Its use is stored once a minute."""
        found = await self._admin.read(sessions.find_session, bearer, self._admin.now_ms(), self.rule)
        if found is not None and found.is_stale:
            await self.acting(found.person.staff.name).change(sessions.touch_session, found.person.session_id)
        return found

    async def enter(self, name: str, password: str, origin: Origin) -> LoggedIn:
        """Log in by password. raises: Forbidden for a wrong name or password, Refusal LOGIN_SLOWED"""
        name = name.strip().lower()
        await self._try(name, password, origin)
        return await self._open(name, origin)

    async def show_code(self, person: Person, code: str, origin: Origin) -> LoggedIn:
        """Check a code of the second factor. raises: Forbidden, Refusal LOGIN_SLOWED"""
        whose = ("code", person.staff.id)
        async with self._guard.turn(whose, origin.address, self._admin):
            try:
                await self.acting(person.staff.name).change(second_factor.show_code, person, code, self._admin.sealer)
            except Forbidden:
                await self._guard.wrong(whose, origin.address, code, self._admin)
                raise
        return await self._prove(person)

    async def offer(self, person: Person) -> SecondFactorOffer:
        """Offer a second factor, to be confirmed."""
        name = person.staff.name
        secret = await self.acting(name).change(second_factor.offer, person.session_id, self._admin.sealer)
        return SecondFactorOffer(secret, address_of(secret, name, "Hongyan"))

    async def confirm(self, person: Person, code: str) -> tuple[LoggedIn, list[str]]:
        """Confirm the offered second factor; returns the recovery codes. raises: Forbidden, Conflict"""
        codes = await self.acting(person.staff.name).change(second_factor.confirm, person, code, self._admin.sealer)
        return await self._prove(person), codes

    async def replace_second_factor(
        self, person: Person, password: str, code: str, origin: Origin
    ) -> tuple[LoggedIn, list[str]]:
        """Replace the second factor by the offered one. The password is asked for, so an open session alone is not enough.
        raises: as `confirm` and `enter`
        """
        await self._try(person.staff.name, password, origin)
        return await self.confirm(person, code)

    async def invited(self, invitation: Bearer) -> str:
        """Returns the name of the person that a link is for. raises: NotFound"""
        return await self._admin.read(staff.invited, invitation, self._admin.now_ms())

    async def accept_invitation(self, invitation: Bearer, password: str, origin: Origin) -> LoggedIn:
        """Set the password by a link, which opens once, and log in. raises: NotFound, Invalid"""
        name = await self.invited(invitation)
        hashed = await self._hashed(name, password, origin)
        await self.acting(name).change(staff.use_invitation, invitation, hashed)
        return await self._open(name, origin)

    async def change_password(self, person: Person, old: str, new: str, origin: Origin) -> LoggedIn:
        """Change one's own password; other sessions of the person end. raises: Forbidden, Invalid, Refusal LOGIN_SLOWED"""
        name = person.staff.name
        await self._try(name, old, origin)
        hashed = await self._hashed(name, new, origin)
        await self.acting(name).change(staff.store_password, name, hashed, person.session_id)
        bearer = new_bearer()
        await self.acting(name).change(sessions.renew_session, person.session_id, bearer)
        return LoggedIn(bearer, person.stage)

    async def leave(self, person: Person) -> None:
        await self.acting(person.staff.name).change(sessions.end_session, person.session_id)

    async def _open(self, name: str, origin: Origin) -> LoggedIn:
        bearer = new_bearer()
        stage = await self.acting(name).change(sessions.open_session, name, bearer, origin, self.rule)
        return LoggedIn(bearer, stage)

    async def _try(self, name: str, password: str, origin: Origin) -> None:
        whose = owner_named(name)
        async with self._guard.turn(whose, origin.address, self._admin):
            stored = await self._admin.read(_stored_password, name)
            if not await asyncio.to_thread(is_password, stored, password):
                await self._guard.wrong(whose, origin.address, password, self._admin)
                raise Forbidden("name or password is wrong")
            self._guard.right(whose, origin.address)

    async def _hashed(self, name: str, password: str, origin: Origin) -> str:
        async with self._guard.turn(owner_named(name), origin.address, self._admin):
            return await asyncio.to_thread(hash_password, name, password)

    async def _prove(self, person: Person) -> LoggedIn:
        bearer = new_bearer()
        await self.acting(person.staff.name).change(sessions.prove_session, person.session_id, bearer, self.rule)
        return LoggedIn(bearer, Stage.IN)


def _stored_password(tx: ConfigRowsTx, name: str) -> str:
    """Returns the stored password; '' for a person who is unknown or stopped."""
    rows = tx.rows_of("staff", name=name)
    return str(rows[0]["password"]) if rows and not rows[0]["is_stopped"] else ""
