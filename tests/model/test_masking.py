"""No password of an address is shown, wherever in a text it stands."""

import pytest

from hongyan.model.masking import without_password


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://hongyan:pw@db:5432/hongyan", "postgresql://hongyan:***@db:5432/hongyan"),
        ("postgresql://u:p/w@x?y@db/h", "postgresql://u:***@db/h"),
        ("postgresql://db/h?user=u&password=pw&sslmode=require", "postgresql://db/h?user=u&password=***&sslmode=require"),
        ("postgresql://db/h?PassWord=pw", "postgresql://db/h?PassWord=***"),
        ("postgresql://db/h?p%61ssword=pw&sslpassword=x", "postgresql://db/h?p%61ssword=***&sslpassword=***"),
        ("https://user:p@ss@acme/cb?token=t&page=1#top", "https://user:***@acme/cb?token=***&page=1#top"),
        ("failed: https://u:pw@a/cb and http://b:c@d/", "failed: https://u:***@a/cb and http://b:***@d/"),
        ('{"url":"http://u:pw@h/","x":1}', '{"url":"http://u:***@h/","x":1}'),
        ("http://h:8080/cb/someone@example", "http://h:8080/cb/someone@example"),
        ("sqlite:////var/lib/h.db", "sqlite:////var/lib/h.db"),
        ("a:b@c, no address at all?password=x", "a:b@c, no address at all?password=x"),
    ],
)
def test_no_password_is_shown(text, shown):
    assert without_password(text) == shown
