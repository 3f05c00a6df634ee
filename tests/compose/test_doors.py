"""Doors of a whole platform, asked over HTTP, on either engine."""

from base64 import b64encode

from tests.command_store import command_store

from hongyan.compose.process_start import clock
from hongyan.formats.text64 import Contents, encrypt, key_of, proof_of, stamp_at, write_json
from hongyan.formats.zipbatch import pack, write_content
from hongyan.model.phone import national

SECRET = "abc123"


def text64(mobile, off_s=0):
    stamp = stamp_at(clock() + off_s * 1000)
    contents = Contents("demo", proof_of(SECRET, stamp), stamp, mobile, "您好【测试】")
    return b64encode(encrypt(write_json(contents), key_of(SECRET))).decode()


def test_a_repeated_text64_gets_the_first_answer_and_is_sent_once(furnished, run):
    fresh, late = text64("13800138000,12345"), text64("13800138001", off_s=-8 * 60)

    async def go(running):
        first, again = [(await running.ask("ensms.ashx", Text64=fresh))[0] for _ in range(2)]
        assert '"SuccessCounts":1,"Errors":["12345 错误的手机号码"]' in first
        assert first == again
        assert '"StatusCode":1010' in (await running.ask("ensms.ashx", Text64=late))[0]
        return await running.reports(1), await running.balance()

    assert run(furnished, go) == (["13800138000"], 100_000 - 1)


def test_the_batch_of_the_manual_is_refused_for_its_repeat_and_accepted_with_two_numbers(furnished, run):
    def content(second):
        return write_content(rf"13800138000,验证码：1234【华信】\r\n{second},验证码：4567【华信】".encode())

    async def go(running):
        _, repeated = await running.ask("BatchSms.ashx", content=content("13800138000"))
        _, accepted = await running.ask("BatchSms.ashx", content=content("13800138001"))
        assert (repeated["returnstatus"], repeated["message"]) == ("Faild", "错误的手机号码")
        assert (accepted["returnstatus"], accepted["successCounts"]) == ("Success", "2")
        return sorted(await running.reports(2))

    assert run(furnished, go) == ["13800138000", "13800138001"]


def test_a_large_batch_is_accepted_and_each_number_gets_its_own_text(furnished, run):
    pairs = [(f"138{number:08}", f"您的验证码是{number}【测试】") for number in range(100, 3_100)]

    async def go(running):
        _, answer = await running.ask("BatchSms.ashx", content=write_content(pack(pairs)))
        assert answer["successCounts"] == "3000"
        return len(set(await running.reports(3_000))), answer["taskID"]

    count, task_id = run(furnished, go)
    with command_store(furnished) as admin:
        rows = admin.read(lambda tx: tx.messages_of_task(int(task_id), 4_000))
    assert (count, {(national(row["phone"]), row["text"]) for row in rows}) == (3_000, set(pairs))


def test_a_secret_that_was_changed_holds_at_once_and_the_old_one_for_a_while(furnished, run):
    async def go(running):
        changed, _ = await running.ask("pwd.aspx", password=SECRET, newpassword="n3w-one")
        answers = [
            (await running.ask("sms.aspx", action="overage", password=password))[1]["returnstatus"]
            for password in ("n3w-one", SECRET, "other")
        ]
        assert "<returnstatus>Sucess</returnstatus>" in changed
        return answers

    assert run(furnished, go) == ["Sucess", "Sucess", "Faild"]


def test_who_pours_wrong_secrets_waits_and_is_named_where_operators_look(furnished, run, monkeypatch):
    """While a customer behind the same address is answered."""
    monkeypatch.setattr("hongyan.http.penalty.FREE_FAULTS", 20)
    monkeypatch.setattr("hongyan.http.penalty.HOLD_LEAST_S", 60)
    monkeypatch.setattr("hongyan.http.strangers.KNOWN_A_SECOND", 5)

    async def go(running):
        assert (await running.balance()) == 100_000
        answers = [await running.ask("sms.aspx", action="overage", password="wrong") for _ in range(25)]
        assert {answer["returnstatus"] for _, answer in answers} == {"Faild"}
        assert (await running.balance()) == 100_000
        return await running.ops("readyz"), await running.ops("metrics")

    (status, ready), (_, metrics) = run(furnished, go)
    assert status == 200
    assert "the doors hold back 127.0.0.1, 1 in all" in ready
    assert 'hongyan_door_faults_total{what="refused"} 25.0' in metrics
    assert "hongyan_addresses_held_back 1.0" in metrics
