from itertools import accumulate
from pathlib import Path

import pytest

from hongyan.settings.explain import known_keys
from hongyan.settings.files import SYSTEM_FILE, find_file
from hongyan.settings.load import load
from hongyan.settings.problems import SettingsInvalid
from hongyan.settings.sections.duties import Duty
from hongyan.settings.settings import Settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("HONGYAN_CONFIG", "HONGYAN_DATA", "HONGYAN_LISTEN__PORT"):
        monkeypatch.delenv(name, raising=False)


MAIL = "an address of mail, such as ops@example.com"
URL = "postgresql://user:password@host/database; nothing, for SQLite in the data folder"
NETWORK = "an IP address or a network, as 10.0.0.0/8"
HOST = "an address of this machine or its name, without a port"


def write(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / "hongyan.toml"
    file.write_text(text, encoding="utf-8")
    return file


def problems(flags: dict | None = None) -> list[str]:
    with pytest.raises(SettingsInvalid) as caught:
        load(flags or {})
    return [str(problem) for problem in caught.value.problems]


def test_a_flag_wins_over_the_environment_that_over_the_file_that_over_the_default(tmp_path, monkeypatch):
    write(tmp_path, "[listen]\nport = 1\nops_port = 2\ntls_port = 0\nhost = 'a'\n[limits]\npush_batch = 9\n")
    monkeypatch.setenv("HONGYAN_LISTEN__PORT", "11")
    monkeypatch.setenv("HONGYAN_LISTEN__OPS_PORT", "12")

    loaded = load({"listen": {"port": 111}})

    listen = loaded.settings.listen
    assert (listen.port, listen.ops_port, listen.host, listen.ops_host) == (111, 12, "a", "127.0.0.1")
    assert str(loaded.origins["listen.port"]) == "flag --port"
    assert str(loaded.origins["listen.ops_port"]) == "HONGYAN_LISTEN__OPS_PORT"
    assert str(loaded.origins["limits.push_batch"]) == "hongyan.toml, line 7"
    assert str(loaded.origins["listen.ops_host"]) == "default"


def test_the_first_file_found_counts(tmp_path, monkeypatch):
    here = write(tmp_path, "")
    data = write(tmp_path / "data", "")
    named = write(tmp_path / "named", "")
    flagged = write(tmp_path / "flagged", "")

    assert find_file(None, None) == Path(here.name)
    assert find_file(None, tmp_path / "data") == data
    monkeypatch.setenv("HONGYAN_CONFIG", str(named))
    assert find_file(None, tmp_path / "data") == named
    assert find_file(flagged, tmp_path / "data") == flagged


def test_without_a_file_the_defaults_hold():
    loaded = load({})

    assert loaded.file in {None, SYSTEM_FILE}
    assert loaded.settings.listen.port == 8080
    assert loaded.settings.duties.run == tuple(Duty)


@pytest.mark.parametrize("text", ["[listen]\nport = 5\n", "[listen]\r\nport = 5\r\n"])
def test_a_mark_of_an_editor_stands_before_no_key(tmp_path, text):
    (tmp_path / "hongyan.toml").write_bytes(text.encode("utf-8-sig"))

    loaded = load({})
    assert loaded.settings.listen.port == 5
    assert str(loaded.origins["listen.port"]) == "hongyan.toml, line 2"


def test_what_stands_in_the_place_of_the_file_is_not_passed_over(tmp_path):
    """Else the defaults would hold, and with them another store."""
    data = tmp_path / "data"
    (data / "hongyan.toml").mkdir(parents=True)
    with pytest.raises(SettingsInvalid, match="it is a folder"):
        load({"data": data})

    (data / "hongyan.toml").rmdir()
    (data / "hongyan.toml").symlink_to(tmp_path / "gone.toml")
    with pytest.raises(SettingsInvalid, match="there is no such file"):
        load({"data": data})


def test_a_named_file_must_exist(monkeypatch):
    monkeypatch.setenv("HONGYAN_CONFIG", "nowhere.toml")

    assert problems() == ["nowhere.toml: there is no such file"]


def test_the_data_folder_is_the_folder_of_the_file_unless_it_is_said(tmp_path, monkeypatch):
    file = write(tmp_path / "d", "")

    assert load({}, file).settings.data == tmp_path / "d"
    assert load({"data": "elsewhere"}, file).settings.data == Path("elsewhere")
    monkeypatch.setenv("HONGYAN_DATA", "third")
    assert load({}, file).settings.data == Path("third")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[listen]\nprot = 1\n", "hongyan.toml, line 2: unknown key listen.prot; did you mean listen.port?"),
        ("\n\n[lisen]\nport = 1\n", "hongyan.toml, line 4: unknown key lisen; did you mean listen?"),
        ("push_batch = 1\n", "hongyan.toml, line 1: unknown key push_batch; did you mean limits.push_batch?"),
        ("[log]\nzzz = 1\n", "hongyan.toml, line 2: unknown key log.zzz"),
        ("[listen]\nport = 'abc'\n", "hongyan.toml, line 2: listen.port is 'abc'; wanted: a valid integer"),
        ("[listen]\nport = 70000\n", "hongyan.toml, line 2: listen.port is 70000; wanted: less than or equal to 65535"),
        (
            "[log]\nlevel = 'loud'\n",
            "hongyan.toml, line 2: log.level is 'loud'; wanted: one of 'debug', 'info', 'warning', 'error'",
        ),
        ("[store]\nurl = 7\n", "hongyan.toml, line 2: store.url is ***; wanted: a valid string"),
        ("[store]\nurl = 'postgresql://a'\nurl_file = 'b'\n", "hongyan.toml, line 2: store: url and url_file are both given"),
        ("[listen]\ntls_port = 1\n", "hongyan.toml, line 2: listen: tls_port needs tls_cert and tls_key"),
        ("[store]\nurl = 'postgres://x'\n", f"hongyan.toml, line 2: store.url is ***; wanted: {URL}"),
        ("[store]\nurl = 'mysql://a'\n", f"hongyan.toml, line 2: store.url is ***; wanted: {URL}"),
        ("[store]\nurl = 'sqlite:///'\n", f"hongyan.toml, line 2: store.url is ***; wanted: {URL}"),
        ("[store]\nurl = 'postgresql://h:port/d'\n", f"hongyan.toml, line 2: store.url is ***; wanted: {URL}"),
        ("[store]\nurl = 'postgresql://h/d?sslmode'\n", f"hongyan.toml, line 2: store.url is ***; wanted: {URL}"),
        ("[store]\nkey = 'abc'\n", "hongyan.toml, line 2: store.key is ***; wanted: 64 hex digits"),
        ("[alarms]\nmail_to = '鸿雁@['\n", f"hongyan.toml, line 2: alarms.mail_to is '鸿雁@['; wanted: {MAIL}"),
        ("[alarms]\nmail_from = 'ops'\n", f"hongyan.toml, line 2: alarms.mail_from is 'ops'; wanted: {MAIL}"),
        (
            "[listen]\ntrusted_proxies = ['10.0.0']\n",
            f"hongyan.toml, line 2: listen.trusted_proxies is '10.0.0'; wanted: {NETWORK}",
        ),
        ("[listen]\ntrusted_proxies = 7\n", "hongyan.toml, line 2: listen.trusted_proxies is 7; wanted: a list"),
        ("[listen]\nhost = 'http://a'\n", f"hongyan.toml, line 2: listen.host is 'http://a'; wanted: {HOST}"),
        ("[listen]\nops_host = ''\n", f"hongyan.toml, line 2: listen.ops_host is ''; wanted: {HOST}"),
        (
            "[listen]\nport = 9\nops_host = '0.0.0.0'\nops_port = 9\n",
            "hongyan.toml, line 2: listen: port, tls_port and ops_port are to differ",
        ),
        ("[duties]\nrun = []\n", "hongyan.toml, line 2: duties.run is []; wanted: at least 1"),
        (
            "[limits]\npush_attempts = 4\n",
            "hongyan.toml, line 2: limits: push_attempts is 4 and push_delays_s has 3: each needs one",
        ),
        (
            "[limits]\npush_total_s = inf\n",
            "hongyan.toml, line 2: limits.push_total_s is inf; wanted: less than or equal to 86400",
        ),
        (
            "[limits]\npush_total_s = nan\n",
            "hongyan.toml, line 2: limits.push_total_s is nan; wanted: less than or equal to 86400",
        ),
        (
            "[limits]\npush_delays_s = [-1]\n",
            "hongyan.toml, line 2: limits.push_delays_s is -1; wanted: greater than or equal to 0",
        ),
        (
            "[retention]\nmessages_days = 1000000000000\n",
            "hongyan.toml, line 2: retention.messages_days is 1000000000000; wanted: less than or equal to 36500",
        ),
        ("[listen\n", "hongyan.toml: it is not TOML: line 1, column 8: Expected ']' at the end of a table declaration"),
    ],
)
def test_what_is_wrong_in_the_file_is_said_in_one_line(tmp_path, text, said):
    write(tmp_path, text)

    assert problems() == [said]


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("HONGYAN_LISTEN__PROT", "HONGYAN_LISTEN__PROT: unknown key listen.prot; did you mean listen.port?"),
        ("HONGYAN_LISEN__PORT", "HONGYAN_LISEN__PORT: unknown key lisen.port; did you mean listen.port?"),
        ("HONGYAN_LISTEN__PORT", "HONGYAN_LISTEN__PORT: listen.port is 'x'; wanted: a valid integer"),
    ],
)
def test_what_is_wrong_in_the_environment_names_the_variable(monkeypatch, variable, said):
    monkeypatch.setenv(variable, "x")

    assert problems() == [said]


def test_a_wrong_flag_is_named():
    assert problems({"listen": {"ops_port": -1}}) == [
        "flag --ops-port: listen.ops_port is -1; wanted: greater than or equal to 0"
    ]


def test_lists_may_be_written_with_commas(monkeypatch):
    monkeypatch.setenv("HONGYAN_DUTIES__RUN", "api, link")
    monkeypatch.setenv("HONGYAN_LIMITS__PUSH_DELAYS_S", "0,1.5")
    monkeypatch.setenv("HONGYAN_LIMITS__PUSH_ATTEMPTS", "2")

    settings = load({}).settings

    assert settings.duties.run == (Duty.API, Duty.LINK)
    assert settings.limits.push_delays_s == (0, 1.5)


def test_a_push_is_tried_at_0_30_and_120_seconds():
    assert list(accumulate(load({}).settings.limits.push_delays_s)) == [0, 30, 120]


def test_a_secret_may_come_from_a_file_in_the_data_folder(tmp_path):
    write(tmp_path / "d", "[store]\nurl_file = 'secret'\n")
    (tmp_path / "d" / "secret").write_text("postgresql://u:p@h/d\n", encoding="utf-8")

    assert load({"data": tmp_path / "d"}).settings.secret("store", "url") == "postgresql://u:p@h/d"


def test_a_secret_file_that_is_missing_is_named(tmp_path):
    write(tmp_path, "[store]\nurl_file = 'secret'\n")

    with pytest.raises(SettingsInvalid, match="secret: cannot be read: there is no such file"):
        load({}).settings.secret("store", "url")


def test_a_stronger_source_may_give_a_secret_in_the_other_form(tmp_path, monkeypatch):
    write(tmp_path, "[store]\nurl_file = 'secret'\n")
    monkeypatch.setenv("HONGYAN_STORE__URL", "postgresql://u@h/d")

    assert load({}).settings.secret("store", "url") == "postgresql://u@h/d"


def test_the_store_is_a_file_in_the_data_folder_unless_it_is_said(tmp_path, monkeypatch):
    assert load({"data": tmp_path}).settings.database_url == f"sqlite:///{tmp_path}/hongyan.db"
    monkeypatch.setenv("HONGYAN_STORE__URL", "postgresql://h/d")
    assert load({"data": tmp_path}).settings.database_url == "postgresql://h/d"


def test_the_sealing_key_stands_in_the_data_folder_unless_it_is_said(tmp_path, monkeypatch):
    (tmp_path / "hongyan.key").write_text("ab" * 32 + "\n", encoding="ascii")
    assert load({"data": tmp_path}).settings.sealing_key == b"\xab" * 32
    monkeypatch.setenv("HONGYAN_STORE__KEY", "cd" * 32)
    assert load({"data": tmp_path}).settings.sealing_key == b"\xcd" * 32


@pytest.mark.parametrize("text", ["", "ab", "zz" * 32, "ab" * 33])
def test_a_key_that_is_none_is_said(tmp_path, text):
    (tmp_path / "hongyan.key").write_text(text, encoding="ascii")

    with pytest.raises(SettingsInvalid, match=r"store\.key is \*\*\*; wanted: 64 hex digits"):
        _ = load({"data": tmp_path}).settings.sealing_key


def test_secrets_are_not_shown_by_repr(tmp_path):
    write(tmp_path, "[store]\nurl = 'postgresql://u:hushhush@h/d'\n")

    assert "hushhush" not in repr(load({}))


def test_every_key_says_what_it_is():
    assert [path for path, field in known_keys().items() if not field.description] == []
    assert Settings.model_json_schema()["properties"].keys() == Settings.model_fields.keys()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://h", "postgresql:///d?host=/tmp/a&user=u", "postgresql://u:p@ss/w?rd@h:5432/d?sslmode=require",
        "postgresql://u@[::1]:5432,h2:1/d", "postgresql://%2Frun%2Fpg/d", "sqlite:////var/lib/h.db", "",
    ],
)  # fmt: skip
def test_an_address_of_a_database_is_taken(tmp_path, url):
    write(tmp_path, f"[store]\nurl = '{url}'\n")

    load({}).settings.check()


def test_a_check_reads_the_files_that_are_named(tmp_path):
    write(tmp_path, "[store]\nurl_file = 'url'\n[listen]\ntls_cert = 'c.pem'\ntls_key = 'k.pem'\n")
    for name, said in (("url", "url: cannot be read"), ("c.pem", "c.pem: cannot be read"), ("k.pem", "k.pem: cannot be read")):
        with pytest.raises(SettingsInvalid, match=said):
            load({}).settings.check()
        (tmp_path / name).write_text("postgresql://h/d", encoding="utf-8")
    with pytest.raises(SettingsInvalid, match="are no certificate with its key"):
        load({}).settings.check()
    (tmp_path / "url").write_text("mysql://u:secret@h/d", encoding="utf-8")
    with pytest.raises(SettingsInvalid, match=r"store\.url is \*\*\*; wanted: postgresql://"):
        load({}).settings.check()


def test_places_of_secrets_that_are_open_to_others_are_reported(tmp_path):
    file = write(tmp_path, "[store]\nkey_file = 'k'\n") or tmp_path / "hongyan.toml"
    key = tmp_path / "k"
    key.write_text("ab" * 32, encoding="ascii")
    for place in (tmp_path, file, key):
        place.chmod(0o750 if place is tmp_path else 0o640)
    assert load({"data": tmp_path}).open_to_others() == []

    tmp_path.chmod(0o755)
    file.chmod(0o644)
    key.chmod(0o660)
    assert load({"data": tmp_path}).open_to_others() == [tmp_path, file, key]
