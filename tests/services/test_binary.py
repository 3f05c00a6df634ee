"""A binary message on its way, on either engine: admitted, charged by segment, claimed as it was given, traced."""

from dataclasses import replace

import pytest
from tests.scene import NOW, POINTS, UP1, UP2, UP3, mobiles

from hongyan.model.account import SignatureRule
from hongyan.model.binary import NO_BINARY, Binary
from hongyan.model.destination import Carrier
from hongyan.model.protocol import Protocol
from hongyan.model.refusal import Code, Refusal
from hongyan.services.queries.trace import TraceQuery, trace

PORTS = bytes.fromhex("0605040B8423F0")
OCTETS = bytes(range(256)) + bytes(44)  # three segments beside the ports
HOUR_MS = 3_600_000


def binary(octets=OCTETS, header=PORTS):
    return {"text": "", "binary": Binary(octets, header)}


def joined(segments):
    return b"".join(segment.binary.octets for segment in segments)


def trace_of(scene, *, full=False):
    (message,) = scene.rows("message")
    (traced,) = scene.within(lambda tx: trace(tx, TraceQuery(str(message["id"]), scene.now, full=full)))
    return traced


def test_a_claim_returns_the_octets_and_the_header_of_every_part(scene):
    scene.send(**binary())

    segments = scene.claim()

    assert [(s.part, s.parts, s.text, s.binary.header) for s in segments] == [(n, 3, "", PORTS) for n in (1, 2, 3)]
    assert joined(segments) == OCTETS


def test_it_is_charged_by_segment(scene):
    assert scene.send(**binary()).segments == 3
    assert scene.points() == POINTS - 3
    assert scene.books_balance()


def test_one_without_a_header_is_no_text_either(scene):
    scene.send(**binary(b"\0\xff", b""))

    (segment,) = scene.claim()

    assert (segment.parts, segment.binary) == (1, Binary(b"\0\xff"))


def test_a_channel_cuts_it_as_it_cuts_texts(scene):
    scene.change_channel(options={"long": "payload", "encoding": "gsm"})
    scene.send(**binary())

    (segment,) = scene.claim()

    assert segment.binary == Binary(OCTETS, PORTS)


def test_what_waits_for_its_time_keeps_its_octets(scene):
    scene.send(numbers=mobiles(3), send_at_ms=NOW + HOUR_MS, **binary())
    scene.now += HOUR_MS
    scene.ask(scene.steps.release)

    assert [joined(segments) for segments in zip(*[iter(scene.claim())] * 3, strict=True)] == [OCTETS] * 3


def test_parts_that_were_accepted_are_not_sent_again(scene):
    scene.send(**binary())
    first, *_ = scene.claim()
    scene.record([scene.accepted(first, "c1")], done=[])
    scene.own()

    assert [segment.part for segment in scene.claim()] == [2, 3]


def test_rules_about_texts_do_not_read_it(scene):
    signed = replace(scene.account("pre"), signature_rule=SignatureRule.REQUIRED)
    scene.process_state.snapshot = replace(scene.snapshot, accounts={**scene.snapshot.accounts, "pre": signed})

    assert scene.send(**binary()).count == 1


# --- a channel that carries texts only --------------------------------------------------------------------------------------


def test_it_goes_round_a_channel_of_kind_http(scene):
    scene.change_channel(UP1, protocol=Protocol.HTTP)

    assert scene.admission(**binary()).channels == [UP2]
    assert scene.admission().channels == [UP1]


def test_it_is_refused_where_only_such_channels_lead(scene):
    for channel_id in (UP1, UP2, UP3):
        scene.change_channel(channel_id, protocol=Protocol.HTTP)

    with pytest.raises(Refusal) as refusal:
        scene.admission(**binary())

    assert refusal.value.code is Code.NO_BINARY_CHANNEL


def test_a_number_that_nothing_serves_is_reported_as_ever(scene):
    routes = tuple(replace(route, carrier=Carrier.UNICOM) for route in scene.snapshot.routes)
    scene.process_state.snapshot = replace(scene.snapshot, routes=routes)

    with pytest.raises(Refusal) as refusal:
        scene.admission(**binary())

    assert refusal.value.code is Code.NUMBER_NO_CHANNEL


def test_one_that_was_led_there_later_takes_the_next_channel(scene):
    scene.send(**binary())
    scene.change_channel(UP1, protocol=Protocol.HTTP)
    segments = scene.claim()

    scene.record([scene.refused(segment, NO_BINARY) for segment in segments])

    assert joined(scene.claim(UP2)) == OCTETS
    assert scene.rows("unknown_code") == []


# --- what people see ---------------------------------------------------------------------------------------------------------


def test_a_trace_counts_octets_and_header_and_shows_them_where_asked(scene):
    scene.send(**binary())

    traced = trace_of(scene)

    accepted = traced.events[0].facts
    assert (traced.text, accepted["udh"], accepted["octets"], accepted["segments"]) == ("(300 octets)", PORTS.hex(), 300, 3)
    assert trace_of(scene, full=True).text == OCTETS.hex()


def test_the_trace_of_a_text_says_nothing_of_it(scene):
    scene.send()

    assert "udh" not in trace_of(scene).events[0].facts
