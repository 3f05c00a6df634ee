"""Parts of long texts that come again, and texts that begin alike: which text a part belongs to."""

import asyncio

import pytest
from tests.workers.session_client import FIRST, REST, Client, Events, refused

from hongyan.model.refusal import Code
from hongyan.services.steps.waiting_texts import COMPLETE_WITHIN_MS, EARLY_MS
from hongyan.services.submitted_texts import PROOF_MS


def test_a_part_that_comes_again_gets_its_first_answer(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        first = await client.part(session, FIRST, 1)
        again = await client.part(session, FIRST, 1)
        last = await client.part(session, REST, 2)
        await client.sessions.logins.log_out(session, "lost")
        late = [await client.part(await client.log_in(), text, part) for part, text in ((2, REST), (1, FIRST))]

        assert (again.message_id, again.is_repeat) == (first.message_id, True)
        assert [(one.message_id, one.task_id, one.is_repeat) for one in late] == [
            (one.message_id, last.task_id, True) for one in (last, first)
        ]
        assert len(rig.scene.rows("task")) == 1

    on_rig(go)


@pytest.mark.parametrize("why", [None, ""])
@pytest.mark.parametrize("rest", [REST, "三" * 30])
def test_a_text_like_one_that_was_accepted_is_another_where_no_session_broke(on_rig, why, rest):
    """A program may have one reference for all of its texts, and texts of one beginning, or the same text twice."""

    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        taken = [await client.part(session, text, part) for part, text in ((1, FIRST), (2, REST))]
        if why is not None:
            await client.sessions.logins.log_out(session, why)
            session = await client.log_in()
        taken += [await client.part(session, text, part) for part, text in ((1, FIRST), (2, rest))]

        assert [task["text"] for task in rig.scene.rows("task")] == [FIRST + REST, FIRST + rest]
        assert len({one.message_id for one in taken}) == 4
        assert not any(one.is_repeat for one in taken)
        assert rig.scene.points() == 10_000 - 4

    on_rig(go)


@pytest.mark.parametrize("is_at_once", [False, True])
def test_a_text_that_begins_like_one_whose_session_broke_keeps_its_beginning(on_rig, is_at_once):
    """Its first parts may be repeats, and get the answers of the old text, until another part shows what they are."""
    third, other = "三" * 67, "四" * 30

    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        old = [await client.part(session, text, part, parts=3) for part, text in ((1, FIRST), (2, third), (3, REST))]
        await client.sessions.logins.log_out(session, "lost")
        session = await client.log_in()
        asked = [client.part(session, text, part, parts=3) for part, text in ((1, FIRST), (2, third), (3, other))]
        new = await asyncio.gather(*asked) if is_at_once else [await one for one in asked]

        assert [task["text"] for task in rig.scene.rows("task")] == [FIRST + third + REST, FIRST + third + other]
        assert [one.message_id for one in new[:2]] == [one.message_id for one in old[:2]]
        assert new[2].message_id not in {one.message_id for one in old}
        client.send_all()
        items = await client.claim(session)
        assert [item.message_ids for item in items] == [tuple(one.message_id for one in text) for text in (old, new)]

    on_rig(go)


async def new_text_behind_a_broken_session(client, order, gap_ms=0):
    """Submit three parts, and over another session three whose first one is another, in some order."""
    third, other = "三" * 67, "四" * 67
    session = await client.log_in()
    for part, text in ((1, FIRST), (2, third), (3, REST)):
        await client.part(session, text, part, parts=3)
    await client.sessions.logins.log_out(session, "lost")
    session = await client.log_in()
    for part in order:
        await client.part(session, (other, third, REST)[part - 1], part, parts=3)
        client.scene.now += gap_ms
    return [FIRST + third + REST, other + third + REST]


def test_a_text_whose_later_parts_show_that_others_came_early_is_whole_at_once(on_rig):
    """The part in the middle got the answer of the old text. When the first one shows that the text is new, it is missing; when the
    last one comes, its sender is past it.
    """

    async def go(rig):
        texts = await new_text_behind_a_broken_session(Client(rig), (2, 1, 3), gap_ms=1_000)

        assert [task["text"] for task in rig.scene.rows("task")] == texts

    on_rig(go)


@pytest.mark.parametrize("order", [(3, 2, 1), (2, 3, 1), (3, 1, 2)])
def test_a_text_whose_early_parts_may_be_repeats_is_whole_when_no_others_come_soon(on_rig, order):
    """A sender who repeats parts of the old text and begins a new one submits the same as one whose parts are out of order."""

    async def go(rig):
        client = Client(rig)
        texts = await new_text_behind_a_broken_session(client, order)
        rig.scene.now += EARLY_MS - 1
        await client.sessions._texts.accept_early()
        assert len(rig.scene.rows("task")) == 1
        rig.scene.now += 1

        for _ in range(2):  # the second finds nothing
            await client.sessions._texts.accept_early()

        assert [task["text"] for task in rig.scene.rows("task")] == texts
        assert rig.scene.books_balance()

    on_rig(go)


def test_a_step_that_is_run_again_finds_the_parts_as_they_came(on_rig):
    """A lane repeats each item alone where one of a batch failed."""

    async def go(rig):
        client = Client(rig)
        await new_text_behind_a_broken_session(client, (2, 3, 1))

        asked = rig.lane.asked["take_parts"]
        assert (len({one.text_key for one in asked}), {one.task_id for one in asked}) == (1, {0})
        assert len({one.message_id for one in asked}) == 6

    on_rig(go)


def test_early_parts_that_no_process_remembers_are_found_by_the_sweep(on_rig):
    async def go(rig):
        client = Client(rig)
        texts = await new_text_behind_a_broken_session(client, (2, 3, 1))
        rig.scene.now += COMPLETE_WITHIN_MS + 1

        await client.another()._texts.sweep_parts()

        assert [task["text"] for task in rig.scene.rows("task")] == texts

    on_rig(go)


def test_early_parts_give_way_to_others_that_come_soon(on_rig):
    """Then they were repeats, and the text has its own."""

    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        for part, text in ((1, FIRST), (2, REST)):
            await client.part(session, text, part)
        await client.sessions.logins.log_out(session, "lost")
        session = await client.log_in()
        for part, text in ((2, REST), (1, "三" * 67), (2, "四" * 30)):
            await client.part(session, text, part)
        rig.scene.now += EARLY_MS
        await client.sessions._texts.accept_early()

        assert [task["text"] for task in rig.scene.rows("task")] == [FIRST + REST, "三" * 67 + "四" * 30]

    on_rig(go)


def test_parts_repeated_beside_a_session_that_is_cut_off_get_their_first_answers(on_rig):
    """Nobody has noticed yet that its network is gone; who noticed has logged in anew."""

    async def go(rig):
        client, events = Client(rig), Events()
        session = await client.log_in(events=events)
        first = [await client.part(session, text, part) for part, text in ((1, FIRST), (2, REST))]
        events.is_cut_off = True
        session = await client.log_in()

        again = [await client.part(session, text, part) for part, text in ((1, FIRST), (2, REST))]

        assert [one.message_id for one in again] == [one.message_id for one in first]
        assert [task["text"] for task in rig.scene.rows("task")] == [FIRST + REST]

    on_rig(go)


def test_a_repeat_before_a_new_text_is_no_part_of_it_though_that_has_a_gap(on_rig):
    """It came longer before than the parts of one text are apart."""

    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        for part, text in ((1, FIRST), (2, REST)):
            await client.part(session, text, part)
        await client.sessions.logins.log_out(session, "lost")
        session = await client.log_in()
        await client.part(session, REST, 2)
        rig.scene.now += PROOF_MS + 1
        await client.part(session, "三" * 67, 1)
        rig.scene.now += COMPLETE_WITHIN_MS + 1
        await client.sessions._texts.sweep_parts()

        assert [task["text"] for task in rig.scene.rows("task")] == [FIRST + REST, "三" * 67]

    on_rig(go)


def test_texts_of_one_beginning_whose_parts_mingle_are_both_accepted(on_rig):
    async def go(rig):
        client = Client(rig)
        session, other = await client.log_in(), await client.log_in()
        for one, text, part in ((session, FIRST, 1), (other, FIRST, 1), (session, REST, 2), (other, "三" * 30, 2)):
            await client.part(one, text, part)

        assert [task["text"] for task in rig.scene.rows("task")] == [FIRST + REST, FIRST + "三" * 30]

    on_rig(go)


@pytest.mark.parametrize("repeated", [[(1, FIRST), (2, REST)], [(2, REST)]], ids=["all", "the last one"])
def test_a_text_after_repeated_parts_has_none_of_them(on_rig, repeated):
    """Whether it begins or ends like the text that they repeat."""

    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        for part, text in ((1, FIRST), (2, REST)):
            await client.part(session, text, part)
        await client.sessions.logins.log_out(session, "lost")
        session = await client.log_in()
        again = [await client.part(session, text, part) for part, text in repeated]
        for part, text in ((1, "三" * 67), (2, REST), (1, FIRST), (2, "四" * 30)):
            await client.part(session, text, part)

        assert all(one.is_repeat for one in again)
        assert [task["text"] for task in rig.scene.rows("task")] == [FIRST + REST, "三" * 67 + REST, FIRST + "四" * 30]

    on_rig(go)


@pytest.mark.parametrize(("heard_s", "is_repeat"), [(-1, True), (1, False)])
def test_what_was_heard_after_an_answer_shows_that_it_arrived(on_rig, heard_s, is_repeat):
    """So the same text once more is another one, though its session broke."""

    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        for part, text in ((1, FIRST), (2, REST)):
            await client.part(session, text, part)
        session.counts.heard_ms = client.scene.process_state.clock() + PROOF_MS + heard_s * 1000
        await client.sessions.logins.log_out(session, "lost")
        session = await client.log_in()
        taken = [await client.part(session, text, part) for part, text in ((1, FIRST), (2, REST))]

        assert [one.is_repeat for one in taken] == [is_repeat] * 2
        assert len(rig.scene.rows("task")) == 2 - is_repeat

    on_rig(go)


def test_texts_of_one_beginning_that_are_submitted_at_once_are_all_accepted(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        rests = [REST, REST, "三" * 30]
        taken = await asyncio.gather(
            *(client.part(session, text, part) for rest in rests for part, text in ((1, FIRST), (2, rest)))
        )

        assert sorted(task["text"] for task in rig.scene.rows("task")) == sorted(FIRST + rest for rest in rests)
        assert len({one.message_id for one in taken}) == 6

    on_rig(go)


def test_parts_that_their_writer_names_are_repeats_by_their_names(on_rig):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()

        async def both(*names):
            texts = zip(names, (FIRST, REST), strict=True)
            return [
                await client.part(session, text, part, client_ref=name, client_hash=text.encode())
                for part, (name, text) in enumerate(texts, start=1)
            ]

        first = await both("a", "b")
        again, other = await both("a", "b"), await both("c", "d")

        assert [one.message_id for one in again] == [one.message_id for one in first]
        assert not {one.message_id for one in other} & {one.message_id for one in first}
        assert len(rig.scene.rows("task")) == 2

    on_rig(go)


def test_a_text_that_was_refused_is_judged_anew_when_it_comes_again(on_rig):
    async def go(rig):
        client = Client(rig, signature_rule="required")
        session = await client.log_in()
        await client.part(session, FIRST, 1)
        assert await refused(client.part(session, REST, 2)) is Code.SIGNATURE_MISSING
        client.set("pre", signature_rule="free")

        await client.part(session, FIRST, 1)
        last = await client.part(session, REST, 2)

        assert (last.task_id != 0, last.is_repeat) == (True, False)
        assert [one.text for one in rig.scene.claim()] == [FIRST, REST]

    on_rig(go)


@pytest.mark.parametrize("repeated", [(1, 2), (2, 1), (2,)])
def test_parts_that_were_whole_when_the_process_died_are_repeats_when_they_come_again(on_rig, away, repeated):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        first = await client.part(session, FIRST, 1)
        rig.lane.fails["accept"] = 1
        with pytest.raises(away):
            await client.part(session, REST, 2)
        client.sessions = client.another()
        session = await client.log_in()

        again = {part: await client.part(session, (FIRST, REST)[part - 1], part) for part in repeated}

        (task,) = rig.scene.rows("task")
        assert (task["text"], again.get(1, first).message_id) == (FIRST + REST, first.message_id)
        rig.scene.now += COMPLETE_WITHIN_MS + 1
        await client.sessions._texts.sweep_parts()
        assert len(rig.scene.rows("task")) == 1
        assert rig.scene.points() == 10_000 - 2

    on_rig(go)


@pytest.mark.parametrize("step", ["take_parts", "accept"])
def test_an_answer_that_was_lost_behind_its_commit_is_given_once_more(on_rig, away, step):
    async def go(rig):
        client = Client(rig)
        session = await client.log_in()
        first = await client.part(session, FIRST, 1)
        rig.lane.loses[step] = 1
        with pytest.raises(away):
            await client.part(session, REST, 2)
        client.sessions = client.another()
        session = await client.log_in()

        last = await client.part(session, REST, 2)

        (task,) = rig.scene.rows("task")
        assert last.task_id == task["id"]
        assert task["customer_message_id"] == f"{first.message_id},{last.message_id}"
        assert rig.scene.points() == 10_000 - 2
        assert rig.scene.books_balance()

    on_rig(go)
