"""hongyan site, and what the dialects of accounts are on the command line."""


def test_sites_are_set_listed_and_removed(hongyan):
    assert hongyan("site", "set", "SMS.example", "--dialect", "wl", "--brand", "飞鸽", "--clean-text", "illegal").code == 0
    assert hongyan("site", "set", "any", "--dialect", "wl-000", "--language", "en").code == 0

    assert hongyan("site", "list", "--json").json["sites"] == [
        {"host": "any", "dialect": "wl-000", "brand": "Hongyan", "language": "en", "clean_text": "usual"},
        {"host": "sms.example", "dialect": "wl", "brand": "飞鸽", "language": "zh", "clean_text": "illegal"},
    ]
    assert hongyan("site", "remove", "sms.example").code == 0
    assert [row["host"] for row in hongyan("site", "list", "--json").json["sites"]] == ["any"]


def test_what_is_no_host_and_no_language_is_refused(hongyan):
    assert hongyan("site", "set", "a b").code == 2
    assert hongyan("site", "set", "a.example", "--language", "fr").code == 2
    assert hongyan("site", "remove", "a.example").code == hongyan("account", "show", "nobody").code


def test_an_old_secret_may_be_taken_for_some_hours_more(hongyan):
    hongyan("account", "add", "acme", "--userid", "7", "--secret-file", "-", stdin="s3cret\n")
    assert hongyan("account", "secret", "acme", "--overlap-h", "2", "--secret-file", "-", stdin="n3w\n").code == 0
    shown = hongyan("account", "show", "acme", "--json")

    assert shown.json["old_secret_ends_ms"] > 0
    assert "s3cret" not in shown.out


def test_an_account_may_have_every_dialect(hongyan):
    hongyan("account", "add", "acme", "--userid", "7", "--dialect", "wl-000", "--secret-file", "-", stdin="s3cret\n")

    assert hongyan("account", "show", "acme", "--json").json["dialect"] == "wl-000"
