"""hongyan listener, hongyan session, and what accounts may do there on the command line."""


def test_listeners_are_added_changed_and_removed(hongyan):
    assert hongyan("listener", "add", "in", "--protocol", "smpp", "--port", "2775", "--ip", "10.0.0.0/8").code == 0
    assert hongyan("listener", "set", "in", "--connections-most", "7", "--stopped").code == 0

    (row,) = hongyan("listener", "list", "--json").json["listeners"]
    shown = {name: row[name] for name in ("name", "protocol", "port", "connections_most", "is_stopped", "tls")}
    assert shown == {"name": "in", "protocol": "smpp", "port": 2775, "connections_most": 7, "is_stopped": True, "tls": False}
    assert hongyan("listener", "add", "two", "--protocol", "cmpp", "--port", "2775").code != 0
    assert hongyan("listener", "remove", "in").code == 0
    assert hongyan("listener", "list", "--json").json["listeners"] == []


def test_an_account_is_let_in_by_a_protocol(hongyan):
    hongyan("account", "add", "acme", "--userid", "7", "--secret-file", "-", stdin="s3cret\n")
    assert hongyan("account", "set", "acme", "--protocol", "smpp", "--protocol", "cmpp", "--protocol-login", "900001").code == 0
    assert hongyan("account", "protocol-secret", "acme", "--secret-file", "-", stdin="8letters\n").code == 0
    assert hongyan("account", "protocol-secret", "acme", "--secret-file", "-", stdin="nine-long\n").code != 0

    shown = hongyan("account", "show", "acme", "--json")
    assert (shown.json["protocols"], shown.json["protocol_login"]) == ("smpp,cmpp", "900001")
    assert "8letters" not in shown.out
    assert hongyan("account", "protocol-secret", "acme", "--remove").code == 0


def test_an_account_without_a_session_has_none_to_list_or_to_end(hongyan):
    assert hongyan("session", "list", "--json").json["sessions"] == []
    assert hongyan("session", "kick", "7").code == hongyan("session", "show", "7").code == hongyan("account", "show", "no").code
