"""Long texts that come in parts over sessions, on a real lane and store; what is repeated: test_repeated_parts.py."""

import pytest
from tests.workers.session_client import FIRST, PHONE, REST, Client, refused

from hongyan.model.binary import Binary
from hongyan.model.refusal import Code
from hongyan.model.session_submit import PartOctets, ReportsWanted
from hongyan.services.steps.waiting_texts import COMPLETE_WITHIN_MS


def test_parts_make_one_message_that_leaves_as_it_came(on_rig):
    async def go(rig):
        client = Client(rig)
        session, other = await client.log_in(), await client.log_in()
        before = rig.scene.points()

        last = await client.part(session, REST, part=2)
        assert (last.task_id, rig.scene.rows("task")) == (0, [])
        client.sessions, at_home = client.another(), client.sessions  # the other part comes to another process
        first = await client.part(other, FIRST, part=1)
        client.sessions = at_home

        (task,) = rig.scene.rows("task")
        assert (task["text"], task["cuts"], first.task_id) == (FIRST + REST, "67,30", task["id"])
        assert before - rig.scene.points() == 2
        assert first.message_id != last.message_id
        assert [one.text for one in client.send_all()] == [FIRST, REST]
        (item,) = await client.claim(session)
        assert item.message_ids == (first.message_id, last.message_id)

    on_rig(go)


def test_another_part_in_its_place_begins_a_new_text(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        await client.part(session, FIRST, 1)
        await client.part(session, "三" * 67, 1)
        await client.part(session, REST, 2)

        assert [task["text"] for task in rig.scene.rows("task")] == ["三" * 67 + REST]

    on_rig(go)


def test_a_pair_that_was_cut_between_two_parts_is_whole_again(on_sqlite_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        await client.part(session, "一" * 66 + "\ud83d", 1)
        await client.part(session, "\ude00!", 2)

        (task,) = rig.scene.rows("task")
        assert (task["text"], task["cuts"]) == ("一" * 66 + "😀!", None)

    on_sqlite_rig(go)


@pytest.mark.parametrize("codec", ["gb18030", "utf-8"])
def test_a_character_that_was_cut_between_two_parts_is_whole_again_and_the_parts_go_on(on_sqlite_rig, codec):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        octets = ("一" * 60 + "二" * 20).encode(codec)
        for number, part in enumerate((octets[:121], octets[121:]), start=1):
            await client.part(session, "", number, part_octets=PartOctets(codec, part))

        segments = rig.scene.claim()

        assert "".join(one.text for one in segments) == "一" * 60 + "二" * 20
        assert [len(one.text) for one in segments] == [
            len(octets[:121].decode(codec, "ignore")),
            80 - len(octets[:121].decode(codec, "ignore")),
        ]

    on_sqlite_rig(go)


def test_octets_that_are_no_text_are_refused_once_all_parts_are_there(on_sqlite_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        await client.part(session, "", 1, part_octets=PartOctets("utf-8", "您".encode()[:1]), wants_reports=ReportsWanted.ALL)
        last = client.part(session, "", 2, part_octets=PartOctets("utf-8", b"plain"))

        assert await refused(last) is Code.PARAMETER_BAD
        (item,) = await client.claim(session)
        assert item.report.code == "REJECTD"

    on_sqlite_rig(go)


def test_octets_in_parts_are_joined_too(on_sqlite_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        header = bytes.fromhex("0605040b8423f0")
        await client.part(session, "", 1, binary=Binary(b"\1" * 120, header))
        await client.part(session, "", 2, binary=Binary(b"\2" * 30, header))

        (task,) = rig.scene.rows("task")
        assert (task["text"], task["udh"]) == ("01" * 120 + "02" * 30, header.hex())

    on_sqlite_rig(go)


def test_a_text_that_is_refused_as_a_whole_has_reports_for_the_parts_that_were_taken(on_rig):
    async def go(rig):
        client = Client(rig, signature_rule="required")
        session = await client.log_in()
        taken = await client.part(session, FIRST, 1)

        assert await refused(client.part(session, REST, 2)) is Code.SIGNATURE_MISSING

        (item,) = await client.claim(session)
        assert (item.message_ids, item.report.code, item.report.mobile) == ((taken.message_id,), "REJECTD", PHONE)
        assert rig.scene.points() == 10_000
        assert rig.scene.books_balance()

    on_rig(go)


@pytest.mark.parametrize("number", [PHONE, "123"])
def test_every_part_of_a_text_that_fails_is_named_in_its_report(on_rig, number):
    async def go(rig):
        client = Client(rig, missing_parts="fail")
        session = await client.log_in()
        said = {"parts": 3, "numbers": [number], "wants_reports": ReportsWanted.ALL}
        parts = [await client.part(session, text, part, **said) for part, text in ((1, FIRST), (2, REST))]
        rig.scene.now += COMPLETE_WITHIN_MS + 1
        await client.sessions._texts.sweep_parts()

        (item,) = await client.claim(session)

        assert item.message_ids == tuple(one.message_id for one in parts)
        assert (item.report.mobile, item.report.code) == (number, "EXPIRED")

    on_rig(go)


def test_a_part_to_letters_is_refused_at_once(on_sqlite_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()

        assert await refused(client.part(session, FIRST, 1, numbers=["13800abc000"])) is Code.NUMBER_BAD
        assert rig.scene.rows("session_part") == []

    on_sqlite_rig(go)


@pytest.mark.parametrize(("rule", "texts", "code"), [("send", [FIRST], None), ("fail", [""], "EXPIRED")])
def test_a_text_that_misses_parts_is_sent_as_it_is_or_fails(on_rig, rule, texts, code):
    async def go(rig):
        client = Client(rig, missing_parts=rule)
        session = await client.log_in()
        submitted = await client.part(session, FIRST, 1)
        await client.sessions._texts.sweep_parts()
        assert rig.scene.rows("task") == []
        rig.scene.now += COMPLETE_WITHIN_MS + 1

        for _ in range(2):  # the second finds nothing
            await client.sessions._texts.sweep_parts()

        assert [task["text"] for task in rig.scene.rows("task")] == texts
        if code:
            (item,) = await client.claim(session)
            assert (item.message_ids, item.report.code) == ((submitted.message_id,), code)
        assert rig.scene.books_balance()

    on_rig(go)


def test_parts_that_were_whole_when_the_process_died_are_accepted_by_the_sweep(on_rig, away):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        await client.part(session, FIRST, 1)
        rig.lane.fails["accept"] = 1
        with pytest.raises(away):
            await client.part(session, REST, 2)
        rig.scene.now += COMPLETE_WITHIN_MS + 1

        await client.sessions._texts.sweep_parts()

        assert [task["text"] for task in rig.scene.rows("task")] == [FIRST + REST]

    on_rig(go)


@pytest.mark.interpreted
def test_an_account_has_so_many_parts_that_wait(on_rig, monkeypatch):
    monkeypatch.setattr("hongyan.services.steps.session_parts.take_parts.__kwdefaults__", {"most": 2})

    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        for reference in range(2):
            await client.part(session, FIRST, 1, reference=reference)

        assert await refused(client.part(session, FIRST, 1, reference=9)) is Code.PARTS_MANY
        assert await refused(client.part(session, FIRST, 1, parts=11)) is Code.CONTENT_LONG

    on_rig(go)
