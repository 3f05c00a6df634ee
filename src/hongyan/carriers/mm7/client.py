"""Posts MM7 requests, as many at once as there are connections, with the authentication that the relay/server asks for."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from hongyan.adapters.mm7.client import Account
from hongyan.http.client import Client, Limits
from hongyan.http.resolver import SystemResolver
from hongyan.model.channel import Channel
from hongyan.model.translatable import Translatable
from hongyan.wire.mm7.auth import basic, challenge_of, digest
from hongyan.wire.mm7.codec import FAULT, BadMm7, decode, encode
from hongyan.wire.mm7.mime import Body
from hongyan.wire.mm7.pdu import Answer, CancelReq, SubmitReq

ANSWER_OCTETS = 64 * 1024
_CONNECT_S = 10.0
_IDLE_S = 30.0
_OF_SOAP = {200, 500}
"""Statuses with which SOAP answers (SOAP 1.1, 6.2); others come from what stands before the relay/server."""

_THREADS = 2  # one name is looked up


class Failure(Enum):
    """Why a request got no MM7 answer."""

    UNREACHED = Translatable("the carrier cannot be reached")  # nothing was sent
    REFUSED = Translatable("the carrier refused user or secret")  # nothing was taken
    BUSY = Translatable("the carrier answered no MM7")  # an HTTP status that says so
    SILENT = Translatable("the connection was lost, or no answer came")  # nobody knows whether it was taken


@dataclass(frozen=True, slots=True)
class PostResult:
    """An answer, or why there is none. status: of HTTP, 0 without one"""

    answer: Answer | None
    failure: Failure | None = None
    status: int = 0


class Mm7Client:
    """One channel's session; made on the event loop."""

    def __init__(self, channel: Channel, account: Account, most: int) -> None:
        """most: connections at once"""
        self._channel, self._account = channel, account
        limits = Limits(_CONNECT_S, connections=most, connections_per_host=most, idle_s=_IDLE_S)
        self._client = Client(limits, resolver=SystemResolver(_THREADS))
        self._challenge: Mapping[str, str] | None = None
        self._uses = 0  # of the challenge's nonce

    async def close(self) -> None:
        self._client.close()

    async def ask(self, message: SubmitReq | CancelReq) -> PostResult:
        """Post a request; after 401 once more, with the authentication that was asked for. Never raises for what the other side
        does.
        """
        body = encode(message, self._account.variant)
        posted, asked = await self._post(body)
        if posted.status == 401 and self._account.auth == "digest" and (challenge := challenge_of(asked)):
            self._challenge, self._uses = challenge, 0
            posted, _ = await self._post(body)
        if posted.status in {401, 403} and posted.answer is None:
            return PostResult(None, Failure.REFUSED, posted.status)
        return posted

    async def _post(self, body: Body) -> tuple[PostResult, str]:
        """Returns the outcome, and the value of WWW-Authenticate."""
        headers = {"Content-Type": body.content_type, "SOAPAction": '""', **self._authorization()}
        reply = await self._client.post(
            self._account.url, body.octets, headers, within_s=self._channel.answer_timeout_s, answer_octets=ANSWER_OCTETS + 1
        )
        if not reply.status:
            return PostResult(None, Failure.SILENT if reply.was_sent else Failure.UNREACHED), ""
        asked = reply.headers.get("www-authenticate", "")
        return self._posted(reply.status, reply.headers.get("content-type", ""), reply.body), asked

    @staticmethod
    def _posted(status: int, content_type: str, octets: bytes) -> PostResult:
        """Returns the outcome. An MM7 answer counts with any status, and a bare SOAP fault with 200 or 500; without one, status 200 does
        not say whether the request was taken.
        """
        try:
            message, _ = decode(content_type, octets) if len(octets) <= ANSWER_OCTETS else (None, None)
        except BadMm7:
            message = None
        if isinstance(message, Answer) and (message.name != FAULT or status in _OF_SOAP):
            return PostResult(message, status=status)
        return PostResult(None, Failure.SILENT if status < 300 else Failure.BUSY, status)

    def _authorization(self) -> dict[str, str]:
        user, secret = self._channel.user, self._channel.secret
        if self._account.auth == "basic":
            return {"Authorization": basic(user, secret)}
        if self._account.auth == "digest" and self._challenge is not None:
            self._uses += 1
            return {
                "Authorization": digest(
                    self._challenge, user, secret, "POST", self._account.path, self._uses, secrets.token_hex(8)
                )
            }
        return {}
