from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_settings import NoDecode

from hongyan.settings.kinds import Count, Delay, Hours, Octets, Seconds, Validity, split
from hongyan.settings.problems import Expected
from hongyan.settings.section import Section


class Limits(Section):
    """The bounds of everything that can grow."""

    body_octets: Octets = 16 * 1024 * 1024
    """The largest body of a request; a larger one is refused before it is read."""
    header_octets: Octets = 64 * 1024
    """The most octets of a request's line and headers."""
    numbers_most: Count = 100_000
    """The most numbers in one request."""
    connections: Count = 4_096
    """The most connections of customers at once; when all are taken, the slowest of addresses that nobody knows are closed."""
    address_connections: Annotated[int, Field(ge=0)] = 512
    """The most connections of one address, once half of all are taken; 0 for no limit."""
    network_connections: Annotated[int, Field(ge=0)] = 1_024
    """The most connections of one network, /24 of IPv4 or /64 of IPv6, once half of all are taken; 0 for no limit."""
    channel_connections: Count = 1_024
    """The most connections of carriers at once, to the ports of all channels."""
    session_connections: Count = 2_048
    """The most connections of customers who connect as to a carrier, to all listeners at once."""
    push_connections: Count = 1_000
    """The most connections to customers' addresses at once."""
    head_timeout_s: Seconds = 15
    """How long a request's line and headers may take, and a TLS handshake."""
    body_timeout_s: Seconds = 30
    """How long a body may take; a second more for every 8 KiB of it."""
    reading_octets: Count = 128 * 1024**2
    """The most octets of requests that are being read or answered, on each port; beyond it the slowest are closed."""
    waiting_submissions: Count = 20_000
    """The most submissions that are read and not yet committed; beyond it a request is answered at once that we are busy."""
    pulls_minute: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    """The most pulls of one account in a minute, of reports and of replies each; 0 for no limit."""
    push_batch: Count = 200
    """The most reports or replies in one push."""
    push_attempts: Count = 3
    """How often one push is tried before it is parked."""
    push_delays_s: Annotated[tuple[Delay, ...], NoDecode, BeforeValidator(split), Field(min_length=1)] = (0, 30, 90)
    """Pauses before the first attempt of a push, the second, the third."""
    push_connect_s: Seconds = 5
    """How long it may take to connect to a customer's address."""
    push_total_s: Seconds = 10
    """How long the whole of one push may take."""
    push_answer_octets: Octets = 2_048
    """The most octets that are read of a customer's answer."""
    parcel_messages: Count = 500
    """The most messages that are claimed together."""
    sms_validity_s: Validity = 86_400
    """How long a text may wait before it is not sent any more, where its account says nothing; 0 for no limit."""
    mms_validity_s: Validity = 86_400
    """How long an MMS may wait before it is not sent any more, where its account says nothing; 0 for no limit."""
    mms_octets: Octets = 300 * 1024
    """The most octets of all parts of one MMS; Chinese networks carry so much."""
    mms_frame_octets: Octets = 200 * 1024
    """The most octets that one frame of an MMS shows."""
    mms_frames: Count = 20
    """The most frames of one MMS."""
    mms_subject: Count = 40
    """The most characters of an MMS's subject."""
    waiting_media_octets: Octets = 64 * 1024**2
    """The most octets of MMS that are read and not yet committed; beyond it an MMS is answered at once that we are busy."""
    media_octets: Octets = 10 * 1024**3
    """The most octets of pictures and sounds of MMS in the store; beyond it no MMS is accepted."""
    client_ref_hours: Annotated[int, Field(ge=1, le=24 * 36_500)] = 72
    """How long a client reference is remembered."""
    v2_stamp_hours: Hours = 24
    """How far the stamp of a v2 request may be from now; 0 to ignore it: then who has seen a request can send it again."""
    secret_overlap_hours: Hours = 24
    """How long an old API secret is still accepted after the customer changed it."""
    drain_s: Seconds = 10
    """How long a stopping process waits for the answers of carriers and customers."""

    @model_validator(mode="after")
    def _each_attempt_has_a_pause(self) -> Self:
        attempts, pauses = self.push_attempts, len(self.push_delays_s)
        if attempts > pauses:
            raise Expected(
                "push_attempts is {attempts} and push_delays_s has {pauses}: each needs one", attempts=attempts, pauses=pauses
            )
        return self
