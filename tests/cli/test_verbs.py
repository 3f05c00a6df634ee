"""What the verbs do and print: data on stdout, everything else on stderr."""

import getpass
import re
import resource
import sqlite3
import stat
from contextlib import closing

import orjson
import pytest

from hongyan.model.destination import Carrier


def test_a_new_installation_is_its_owners_alone(data):
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in data.iterdir()}

    assert modes["hongyan.key"] == modes["hongyan.toml"] == 0o600
    assert re.fullmatch("[0-9a-f]{64}\n", (data / "hongyan.key").read_text(encoding="ascii"))


def test_every_installation_has_its_own_key(bare, data, tmp_path):
    assert bare("init", "--data", str(tmp_path / "other")).code == 0

    assert (tmp_path / "other" / "hongyan.key").read_bytes() != (data / "hongyan.key").read_bytes()


def test_the_written_configuration_is_read_back(hongyan):
    done = hongyan("config", "check")

    assert (done.code, done.out) == (0, "")
    assert done.err.endswith("hongyan.toml: ok\n")


def test_uncommenting_every_default_changes_nothing(hongyan, data):
    before = hongyan("config", "show", "--json").json
    text = (data / "hongyan.toml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "_file" not in line and "tls_" not in line and "# data" not in line]
    (data / "hongyan.toml").write_text(re.sub(r"(?m)^# (\w+ = )", r"\1", "\n".join(lines)), encoding="utf-8")

    assert hongyan("config", "show", "--json").json == before


def test_config_show_prints_origins_and_hides_secrets(hongyan, monkeypatch):
    monkeypatch.setenv("HONGYAN_LISTEN__PORT", "1234")
    monkeypatch.setenv("HONGYAN_STORE__URL", "postgresql://me:hushhush@host/db")

    done = hongyan("config", "show", "--origin", "--json")

    shown = {row["key"]: row for row in done.json["settings"]}
    assert shown["listen.port"] == {"key": "listen.port", "value": 1234, "origin": "HONGYAN_LISTEN__PORT"}
    assert shown["store.url"]["value"] == "***"
    assert shown["data"]["origin"] == "flag --data"
    assert "hushhush" not in done.out + done.err


def test_config_schema_is_json_schema(bare):
    assert bare("config", "schema").json["properties"].keys() >= {"store", "listen", "limits"}


def test_an_account_shows_everything_but_its_secret(stocked):
    done = stocked("account", "show", "acme", "--json")

    shown = done.json
    assert (shown["customer_id"], shown["points"], shown["push_url"]) == (7, 1_000_000, "http://127.0.0.1:9000/cb")
    assert shown["push_format"] == "xml"
    assert shown["push_private"]
    assert "abc123" not in done.out
    assert "secret" not in shown


def test_what_is_not_named_stays_as_it_is(stocked):
    stocked("account", "set", "acme", "--ip", "10.0.0.0/8", "--ip", "192.0.2.1", "--charge", "delivered")
    stocked("account", "set", "acme", "--unknown-after-h", "5")

    shown = stocked("account", "show", "acme", "--json").json
    assert (shown["ip_list"], shown["charge_rule"]) == ("10.0.0.0/8,192.0.2.1", "delivered")
    assert (shown["unknown_after_s"], shown["push_url"]) == (18_000, "http://127.0.0.1:9000/cb")


def test_a_top_up_raises_the_balance_and_the_ledger_agrees(stocked, bare, data):
    assert stocked("account", "topup", "acme", "500", "--json").json == {"account": "acme", "points": 1_000_500}
    assert stocked("account", "adjust", "acme", "--take", "1000", "--note", "a slip", "--json").json["points"] == 999_500
    assert stocked("account", "show", "acme", "--json").json["topped_up"] == 1_000_500

    assert stocked("ledger", "verify", "--json").json == {"wallets": 1, "differences": 0, "differing": []}


def test_a_stopped_account_works_again(stocked):
    stocked("account", "disable", "acme")
    assert stocked("account", "show", "acme", "--json").json["state"] == "stopped"

    stocked("account", "enable", "acme")
    assert stocked("account", "show", "acme", "--json").json["state"] == "live"


def test_credit_makes_an_account_post_paid(hongyan):
    hongyan("account", "add", "later", "--userid", "8", "--credit", "50", "--secret-file", "-", stdin="abc123")

    shown = hongyan("account", "show", "later", "--json").json
    assert (shown["pay_mode"], shown["credit"], shown["points"]) == ("postpaid", 50, 0)


def test_an_account_gets_a_sid_that_is_reported_or_one_by_chance(stocked):
    stocked("account", "set", "acme", "--sid", "A" * 31 + "1")
    assert stocked("account", "show", "acme", "--json").json["sid"] == "a" * 31 + "1"

    stocked("account", "set", "acme", "--sid", "new")
    assert re.fullmatch("[0-9a-f]{32}", stocked("account", "show", "acme", "--json").json["sid"])

    assert stocked("account", "set", "acme", "--sid", "short").code == 2
    stocked("account", "set", "acme", "--sid", "")
    assert stocked("account", "show", "acme", "--json").json["sid"] == ""


def test_a_secret_comes_from_a_file_too(hongyan, tmp_path):
    (tmp_path / "secret").write_text("abc123\n", encoding="ascii")

    assert hongyan("account", "add", "b", "--userid", "8", "--secret-file", str(tmp_path / "secret")).code == 0


@pytest.mark.parametrize("stdin", ["", "\n", "two\nlines", "x" * 65, "tab\tinside"])
def test_what_cannot_be_a_secret_is_refused(hongyan, stdin):
    done = hongyan("account", "add", "b", "--userid", "8", "--secret-file", "-", stdin=stdin)

    assert done.code == 2
    assert "API secret must be one line" in done.err


def test_without_a_terminal_nobody_is_asked_for_a_secret(hongyan):
    done = hongyan("account", "add", "b", "--userid", "8")

    assert done.code == 2
    assert "give --secret-file" in done.err


@pytest.mark.parametrize(
    ("verb", "state"), [("start", "running"), ("stop", "stopped"), ("pause", "paused"), ("drain", "draining")]
)
def test_a_channel_changes_its_state(stocked, verb, state):
    stocked("channel", verb, "up1")

    assert stocked("channel", "show", "up1", "--json").json["state"] == state


def test_a_channel_changes_its_settings(stocked):
    stocked("channel", "set", "up1", "--window", "7", "--answer-timeout-s", "1.5", "--option", "long=udh16")

    shown = stocked("channel", "show", "up1", "--json").json
    assert (shown["window"], shown["answer_timeout_ms"], orjson.loads(shown["options"])) == (7, 1500, {"long": "udh16"})
    assert shown["connections"] == 1


def test_secrets_of_channels_and_accounts_change(stocked, tmp_path):
    assert stocked("channel", "secret", "up1", "--secret-file", "-", stdin="new").code == 0
    assert stocked("account", "secret", "acme", "--secret-file", "-", stdin="new").code == 0


@pytest.mark.parametrize("carrier", ["any", Carrier.MOBILE, Carrier.UNKNOWN])
def test_routes_lead_carriers_to_channels(stocked, carrier):
    number = stocked("route", "add", "--carrier", carrier, "--account", "acme", "--channel", "up1", "--json").json["id"]

    routes = stocked("route", "list", "--json").json["routes"]
    assert routes[0] == {
        "id": number,
        "account": "acme",
        "carrier": carrier,
        "channel": "up1",
        "product": "sms",
        "tier": 0,
        "weight": 1,
    }
    stocked("route", "remove", str(number))
    assert [route["id"] for route in stocked("route", "list", "--json").json["routes"]] == [1]


def test_a_route_is_tried_without_sending(stocked):
    tried = stocked("route", "test", "13800138000", "--account", "acme", "--text", "x" * 200, "--json").json

    assert tried == {"phone": "13800138000", "carrier": "mobile", "channel": "up1", "segments": 3, "points": 3}
    assert stocked("task", "list", "--json").json == {"tasks": []}


def test_customers_are_listed(stocked):
    stocked("customer", "add", "8", "--name", "鸿雁", "--parent", "7")

    rows = [orjson.loads(line) for line in stocked("customer", "list", "--jsonl").out.splitlines()]
    assert [(row["id"], row["name"], row["parent_id"]) for row in rows] == [(7, "acme", None), (8, "鸿雁", 7)]


def test_a_text_is_sent_and_traced_by_phone_task_and_message(stocked):
    sent = stocked("send", "--account", "acme", "--to", "13800138000", "--to", "12", "--text", "hello【t】", "--json").json

    assert (sent["count"], sent["points"], sent["balance"], sent["rejected"]) == (1, 1, 999_999, ["12 1108"])
    (found,) = stocked("trace", "13800138000", "--json").json["traces"]
    assert [step["event"] for step in found["steps"]] == ["accepted", "queued"]
    assert found["task_id"] == sent["task_id"]
    for name in (sent["task_id"], found["id"], "+86 138-0013-8000"):
        assert stocked("trace", str(name), "--json").json["traces"] == [found]


def test_a_text_is_sent_as_flash_and_octets_are_not(stocked):
    to = ("send", "--account", "acme", "--to", "13800138000", "--flash")
    assert stocked(*to, "--text", "hello【t】").code == 0
    (found,) = stocked("trace", "13800138000", "--json").json["traces"]
    assert found["steps"][0]["flash"] is True

    refused = stocked(*to, "--hex", "0106")
    assert (refused.code, "--flash goes with --text" in refused.err) == (2, True)


def test_octets_are_sent_charged_by_segment_and_traced(stocked):
    octets = "0106" * 100
    sent = stocked("send", "--account", "acme", "--to", "13800138000", "--hex", octets, "--udh", "0605040B8423F0", "--json")

    assert (sent.json["count"], sent.json["points"]) == (1, 2)
    plain, full = (stocked("trace", "13800138000", *words, "--json").json["traces"][0] for words in ((), ("--full",)))
    assert (plain["text"], full["text"]) == ("(200 octets)", octets)
    assert (plain["steps"][0]["udh"], plain["steps"][0]["octets"]) == ("0605040b8423f0", 200)


@pytest.mark.parametrize(
    ("words", "code", "seen"),
    [
        ((), 2, "give --text or --hex"),
        (("--text", "x", "--hex", "00"), 2, "give --text or --hex"),
        (("--text", "x", "--udh", "00"), 2, "--udh goes with --hex"),
        (("--hex", "0G"), 2, "hexadecimal"),
        (("--hex", "00", "--udh", "0605040B84"), 5, "udh"),
        (("--hex", "00" * 1341), 5, "11 segments"),
    ],
)
def test_octets_that_cannot_be_sent_are_refused_with_their_cause(stocked, words, code, seen):
    done = stocked("send", "--account", "acme", "--to", "13800138000", *words)

    assert (done.code, done.out) == (code, "")
    assert seen in done.err


def test_a_trace_is_masked_unless_it_is_asked_for_in_full(stocked):
    stocked("send", "--account", "acme", "--to", "13800138000", "--text", "hushhush【t】")

    plain, full = (stocked("trace", "13800138000", *words).out for words in ((), ("--full",)))
    assert "138****8000" in plain
    assert "hushhush" not in plain
    assert "13800138000" in full


def test_a_task_waits_for_its_time(stocked):
    sent = stocked("send", "--account", "acme", "--to", "13800138000", "--text", "x", "--at", "2020-01-01 00:00:00", "--json")
    assert sent.code == 0

    (task,) = stocked("task", "list", "--account", "acme", "--json").json["tasks"]
    shown = stocked("task", "show", str(task["id"]), "--json").json
    assert shown["messages"] == {"queued": 1}
    assert "text" not in shown


@pytest.mark.parametrize("noun", ["report", "reply"])
def test_nothing_is_owed_yet(stocked, noun):
    name = "reports" if noun == "report" else "replies"

    assert stocked(noun, "pull", "--account", "acme", "--json").json == {name: []}
    assert stocked("callback", "waiting", "--json").json == {"owed": []}
    assert stocked("callback", "list", "acme", "--json").json == {"pushes": []}
    assert stocked("callback", "replay", "acme", "--kind", noun, "--hours", "1", "--json").json["count"] == 0


def test_a_wait_that_is_too_short_says_so(stocked):
    done = stocked("send", "--account", "acme", "--to", "13800138000", "--text", "x", "--wait", "0.01", "--json")

    assert done.code == 1
    assert done.json["traces"][0]["state"] == "queued"
    assert "hongyan trace" in done.err


def test_lists_are_tables_for_people_and_nothing_is_said_on_stdout(stocked):
    done = stocked("account", "list")

    assert "acme" in done.out
    assert "┃" not in done.out
    assert stocked("task", "list").out == ""


def test_db_status_prints_the_schema(hongyan, data):
    status = hongyan("db", "status", "--json").json

    assert status["schema"] == status["wanted"]
    assert status["store"] == f"sqlite:///{data}/hongyan.db"


def test_db_upgrade_and_vacuum_repeat_safely(stocked):
    assert [stocked("db", verb).code for verb in ("upgrade", "upgrade", "vacuum")] == [0, 0, 0]
    assert stocked("account", "show", "acme").code == 0


def test_a_backup_is_a_store(stocked, bare, data, tmp_path):
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "hongyan.key").write_bytes((data / "hongyan.key").read_bytes())

    assert stocked("db", "backup", str(tmp_path / "copy" / "hongyan.db")).code == 0

    assert bare("account", "show", "acme", "--data", str(tmp_path / "copy"), "--json").json["points"] == 1_000_000
    assert stocked("db", "backup", str(tmp_path / "copy" / "hongyan.db")).code == 8


def test_a_backup_that_cannot_be_written_is_named_and_leaves_nothing(stocked, tmp_path):
    done = stocked("db", "backup", str(tmp_path / "none" / "copy.db"))

    assert (done.code, f"cannot copy the store to {tmp_path}/none/copy.db: unable to open" in done.err) == (7, True)
    (tmp_path / "full").mkdir()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_192, limits[1]))
    try:
        done = stocked("db", "backup", str(tmp_path / "full" / "copy.db"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (done.code, list((tmp_path / "full").iterdir())) == (7, [])


def test_routes_are_changed_and_moved(stocked):
    assert stocked("channel", "add", "up2", "--protocol", "loopback").code == 0
    number = str(stocked("route", "add", "--channel", "up2", "--carrier", "any", "--tier", "4", "--json").json["id"])

    assert stocked("route", "set", number).code == 2
    assert stocked("route", "set", number, "--weight", "3", "--carrier", "mobile").code == 0
    assert stocked("route", "move", number, "up").code == 0
    assert stocked("route", "move", number, "up").code == 8

    first, second = stocked("route", "list", "--json").json["routes"]
    assert (str(first["id"]), first["tier"], first["weight"], first["carrier"]) == (number, 0, 3, "mobile")
    assert (second["channel"], second["tier"]) == ("up1", 4)


def test_every_change_names_who_made_it(stocked, data):

    with closing(sqlite3.connect(data / "hongyan.db", isolation_level=None)) as store:
        rows = store.execute("SELECT actor, action FROM audit ORDER BY id").fetchall()
    store.close()

    assert {actor for actor, _ in rows} == {f"cli:{getpass.getuser()}"}
    assert [action for _, action in rows] == [
        "staff.add",
        "customer.add",
        "account.add",
        "wallet.topup",
        "channel.add",
        "route.add",
    ]


def test_what_is_said_of_a_code_is_listed_and_taken_back(stocked):
    assert stocked("code", "set", "ZZ:0001", "--class", "network", "--text", "switch overloaded", "--channel", "up1").code == 0

    (row,) = [row for row in stocked("code", "list", "--json").json["codes"] if row["of"] == "up1"]
    assert (row["code"], row["class"], row["fault"], row["resend"], row["english"]) == (
        "ZZ:0001",
        "network",
        "carrier",
        True,
        "switch overloaded",
    )
    assert stocked("code", "unset", "ZZ:0001", "--channel", "up1").code == 0
    assert stocked("code", "unset", "ZZ:0001", "--channel", "up1").code == 3
    assert stocked("code", "unknown", "--json").json == {"codes": []}
    assert stocked("code", "set", "Z" * 33, "--class", "network").code == 2


@pytest.mark.parametrize(
    ("protocol", "words", "is_deaf"),
    [
        ("sgip", (), True),
        ("sgip", ("--listen-port", "0"), True),
        ("sgip", ("--listen-port", "8801"), False),
        ("mm7", (), True),
        ("mm7", ("--listen-port", "9080"), False),
        ("smpp", (), False),
    ],
)
def test_a_channel_to_which_no_report_can_come_is_added_with_a_warning(stocked, protocol, words, is_deaf):
    seen = ("--protocol", protocol, "--host", "192.0.2.9", "--port", "8801", "--user", "u")
    node = ("--node", "3010012345") if protocol == "sgip" else ()
    done = stocked("channel", "add", "bj", *seen, *node, *words, "--secret-file", "-", "--json", stdin="p")

    assert (done.code, done.json["channel"]) == (0, "bj")
    assert ("hongyan channel set bj --listen-port" in done.err) is is_deaf


def test_an_option_of_another_protocol_is_refused_by_its_name(stocked):
    done = stocked("channel", "set", "up1", "--option", "poll_s=5")

    assert (done.code, done.err.splitlines()[0]) == (2, "hongyan: poll_s is an option of http, not of smpp")


def test_a_channel_of_sgip_has_a_node_and_a_port_for_its_gateway(stocked, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("unipass")
    seen = (
        "channel",
        "add",
        "bj",
        "--protocol",
        "sgip",
        "--host",
        "192.0.2.9",
        "--port",
        "8801",
        "--user",
        "unisp",
        "--secret-file",
        str(secret),
    )
    assert stocked(*seen).code == 2
    assert (
        stocked(
            *seen,
            "--node",
            "3010012345",
            "--listen-port",
            "8802",
            "--allow-ip",
            "192.0.2.9",
            "--allow-ip",
            "198.51.100.0/24",
            "--option",
            "service_type=HELP",
        ).code
        == 0
    )

    stocked("channel", "set", "bj", "--listen-port", "8803")

    shown = stocked("channel", "show", "bj", "--json").json
    assert orjson.loads(shown["options"]) == {
        "service_type": "HELP",
        "node": "3010012345",
        "listen_port": "8803",
        "allow_ip": "192.0.2.9,198.51.100.0/24",
    }
    assert shown["trouble"] == ""


def test_octets_are_decoded_with_their_protocol_named_or_found(bare):
    heartbeat = "00000010 00000015 00000000 00000007"

    seen = bare("pdu", "decode", heartbeat, "--json").json["readings"]
    assert seen["smpp"] == [{"pdu": "ENQUIRE_LINK", "seq": 7, "status": 0}]
    assert "smpp ENQUIRE_LINK" in bare("pdu", "decode", "-", "--protocol", "smpp", stdin=heartbeat).out
    assert bare("pdu", "decode", "00zz").code == 2
    assert bare("pdu", "decode", "00000001").code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--ip", "xyz"], "ip_list cannot be xyz\n→ give addresses such as 203.0.113.7, or networks such as 203.0.113.0/24\n"),
        (["--callback", "not a url"], "push_url cannot be not a url\n→ give an address of http or https"),
        (["--extno", "abc"], "extno cannot be abc\n→ give up to 20 digits, or nothing\n"),
        (["--sid", "short"], "sid cannot be short\n→ give 32 digits and letters, or new for one by chance\n"),
    ],
)
@pytest.mark.parametrize("line", [("add", "acme2", "--userid", "8", "--secret-file", "-"), ("set", "acme")])
def test_a_setting_that_cannot_be_is_refused_before_anything_is_stored(stocked, line, words, said):
    before = stocked("account", "list", "--json").json

    done = stocked("account", *line, *words, stdin="s3cret")

    assert (done.code, said in done.err) == (2, True)
    assert stocked("account", "list", "--json").json == before


def test_add_can_set_whatever_set_can(stocked):
    options = {}
    for verb in ("add", "set"):
        seen = stocked("account", verb, "--help").out
        options[verb] = set(re.findall(r"^  (--[a-z0-9-]+)", seen, re.MULTILINE))

    assert options["set"] <= options["add"]
    seen = ("--charset", "guess", "--validity-s", "60", "--word-check", "asked", "--signature", "required", "--credit", "5")
    assert stocked("account", "add", "all", "--userid", "9", "--secret-file", "-", *seen, stdin="s3cret").code == 0
    shown = stocked("account", "show", "all", "--json").json
    assert [shown[name] for name in ("charset", "validity_s", "word_check", "signature_rule", "credit", "pay_mode")] == [
        "guess",
        60,
        "asked",
        "required",
        5,
        "postpaid",
    ]


def test_an_account_gets_a_credit_later(stocked):
    assert stocked("account", "set", "acme", "--credit", "70").code == 0

    shown = stocked("account", "show", "acme", "--json").json
    assert (shown["credit"], shown["pay_mode"]) == (70, "postpaid")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("job show 99999999999999999999", "NUMBER takes"),
        ("route remove -9223372036854775809", "NUMBER takes"),
        ("task cancel --message 99999999999999999999", "--message takes"),
        ("ledger refund --task 99999999999999999999 --note x", ""),
        ("customer add 5 --name x --parent 99999999999999999999", "--parent takes"),
    ],
)
def test_a_number_that_no_column_holds_is_wrong_usage(stocked, words, said):
    done = stocked(*words.split())

    assert (done.code, said in done.err) == (2, True)
    assert "something broke" not in done.err


@pytest.mark.parametrize(
    "span", [("--from", "9999-12-31"), ("--to", "9999-12-31"), ("--from", "0001-01-01", "--to", "0001-01-02")]
)
@pytest.mark.parametrize("words", ["message list", "task list", "audit list", "stats"])
def test_a_day_on_which_no_id_is_made_has_nothing(stocked, words, span):
    done = stocked(*words.split(), *span)

    assert done.code in {0, 2}
    assert "something broke" not in done.err


@pytest.mark.parametrize(
    "option",
    ["source_ton=many", f"source_ton={'9' * 5_000}", "poll_s=inf", "poll_s=nan", "idle_s=1e3", "report_delay_s=-1",
     "listen_idle_s=nan", "carrier_signature=x", "ask_after_s=soon", "msg_level=1.5"],
)  # fmt: skip
@pytest.mark.parametrize("line", [("add", "up2", "--protocol", "loopback"), ("set", "up1")])
def test_an_option_that_is_no_number_is_refused_before_anything_is_stored(stocked, line, option):
    before = stocked("channel", "list", "--json").json
    done = stocked("channel", *line, "--option", option)

    assert (done.code, f"{option.partition('=')[0]} is a" in done.err, len(done.err) < 300) == (2, True, True)
    assert stocked("channel", "list", "--json").json == before
    assert stocked("channel", *line, "--option", "carrier_signature=5", "--option", "long=udh16").code == 0


@pytest.mark.parametrize(
    "words",
    ["account set acme", "channel set up1", "customer set 7", "listener set smpp", "staff set admin", "alarm set backlog_old"],
)
def test_what_names_no_change_changes_nothing_and_says_so(stocked, words):
    before = stocked("audit", "list", "--json").json

    done = stocked(*words.split())

    assert (done.code, done.out) == (2, "")
    assert "nothing is named that would change" in done.err
    assert stocked("audit", "list", "--json").json == before


def test_a_credit_alone_is_a_change(stocked):
    assert stocked("account", "set", "acme", "--credit", "5").code == 0


def test_a_trace_says_that_its_number_is_black_listed_now(stocked):
    stocked("send", "--account", "acme", "--to", "13800138000", "--text", "您好")
    assert stocked("trace", "13800138000", "--json").json["traces"][0]["listed"] == []
    stocked("blacklist", "add", "13800138000", "--note", "complaint")
    stocked("blacklist", "add", "13800138000", "--account", "acme")

    (found,) = stocked("trace", "13800138000", "--json").json["traces"]

    assert [(row["account"], row["note"], row["end_s"]) for row in found["listed"]] == [
        ("", "complaint", None),
        ("acme", "", None),
    ]
    shown = stocked("trace", "13800138000").out
    assert "black-listed for all since 20" in shown
    assert " · complaint" in shown


def test_a_loopback_says_why_it_has_no_pdus(stocked):
    stocked("channel", "add", "none", "--protocol", "loopback")

    done = stocked("channel", "pdus", "none")

    assert (done.code, "none is a loopback" in done.err) == (8, True)
    assert stocked("channel", "pdus", "nobody").code == 3


def test_an_answer_of_two_kilobytes_leaves_room_for_the_other_columns(stocked, data):
    stocked("send", "--account", "acme", "--to", "13800138000", "--text", "您好")
    with closing(sqlite3.connect(data / "hongyan.db", isolation_level=None)) as store:
        (message,) = store.execute("SELECT id FROM message").fetchone()
        store.execute("INSERT INTO attempt VALUES (?, 1, 1, 1, 'http://c.example/', 2, 500, ?, 5)", (message, "y" * 2_048))

    shown = stocked("callback", "list", "acme").out

    assert "yyy…" in shown
    assert len(shown) < 1_200
    assert stocked("callback", "list", "acme", "--json").json["pushes"][0]["answer"] == "y" * 2_048


def test_where_a_setting_comes_from_is_said_in_the_readers_language(hongyan, monkeypatch):
    english = hongyan("config", "show", "--origin", "--json").json
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    shown = hongyan("config", "show", "--origin").out

    assert "选项 --data" in shown
    assert "缺省" in shown
    assert "flag --data" not in shown
    assert hongyan("config", "show", "--origin", "--json").json == english
