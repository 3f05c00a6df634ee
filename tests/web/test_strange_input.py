"""The admin API and what programs of strangers bring: places of other lists, moments that cannot be, keys and tokens that are over."""

from urllib.parse import quote

import pytest
from tests.web.test_api import call, calling, path_of  # noqa: F401  fixtures

from hongyan.model.black_list import ListedNumber
from hongyan.model.channel import Channel
from hongyan.model.number_list import FOREVER_S
from hongyan.model.protocol import Protocol
from hongyan.model.staff import Role
from hongyan.model.token import TokenChange
from hongyan.services.admin import channels, rules, tokens
from hongyan.web.api.table import CALLS

LISTS = [one for one in CALLS if one.is_list and one.method == "GET"]
DAY_MS = 86_400_000


async def furnished(api):
    """Two of everything that a list may have."""
    for name in ("one", "two"):
        await api.admin.change(channels.add_channel, Channel(0, name, Protocol.LOOPBACK), api.admin.sealer)
    await api.admin.change(rules.add_words, ["one", "two"], "")
    await api.admin.change(
        rules.add_listed,
        [
            ListedNumber(phone=8613800138000, end_s=FOREVER_S, note=""),
            ListedNumber(phone=8613800138001, end_s=FOREVER_S, note=""),
        ],
        "",
    )


async def places(api):
    """A place in each list that has one."""
    found = []
    for one in LISTS:
        _, answer = await api.ask("GET", f"{path_of(one)}?most=1")
        if answer.get("next"):
            found.append(answer["next"])
    return found


def test_the_place_of_one_list_is_none_or_another_ones_and_breaks_nothing(call):  # noqa: F811
    async def go(api):
        await furnished(api)
        held = await places(api)
        assert len(held) >= 4
        broken = []
        for one in LISTS:
            for place in [*held, "AAAA", "%00", "😀", held[0][:-3]]:
                status, _ = await api.ask("GET", f"{path_of(one)}?after={quote(place, safe='%')}")
                broken += [(one.path, place)] if status >= 500 else []
        assert broken == []

    call(go)


@pytest.mark.parametrize("moment", ["-1", "-62135596800000", "253402300800000", "9" * 20, "1e9", "１", "", "0x10", "1.5"])
def test_moments_before_1970_and_after_all_time_are_refused(call, moment):  # noqa: F811
    async def go(api):
        broken = []
        for one in CALLS:
            names = [param.name for param in one.query if param.name.endswith("_ms")]
            for name in names:
                status, _ = await api.ask("GET", f"{path_of(one)}?{name}={quote(moment)}")
                broken += [(one.path, name, status)] if status not in {400, 404, 422} else []
        assert broken == []

    call(go)


def test_a_token_that_is_over_opens_nothing_from_that_moment_on(call):  # noqa: F811
    async def go(api):
        before, _ = await api.ask("GET", "/accounts")
        now_ms, api.admin.now_ms = api.admin.now_ms, lambda: now_ms() + 400 * DAY_MS
        after, problem = await api.ask("GET", "/accounts")
        return before, after, problem["status"]

    assert call(go) == (200, 401, 401)


def test_a_token_of_a_lower_role_does_not_keep_what_the_name_could_before(call):  # noqa: F811
    async def go(api):
        bearer = api.tokens[Role.ADMIN]
        await api.admin.change(tokens.revoke_token, "admin")
        revoked, _ = await api.ask("GET", "/accounts")
        await api.admin.change(tokens.add_token, TokenChange(name="admin", role=Role.READ_ONLY, days=1), bearer)
        status, _ = await api.ask("POST", "/words", {"words": ["a"]})
        return revoked, status

    assert call(go) == (401, 403)


@pytest.mark.parametrize(
    "name",
    [
        "a" * 65,
        "\u202eabc",
        "a\u200bb",
        "a\ufeff",
        "a b\u2028",
        " a",
        "",
        "a\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace") + "\0",
    ],
)
def test_names_that_deceive_the_eye_are_refused(call, name):  # noqa: F811
    async def go(api):
        return [
            (await api.ask("POST", "/accounts", {"name": name, "customer_id": 7}))[0],
            (await api.ask("POST", "/channels", {"name": name, "protocol": "loopback"}))[0],
            (await api.ask("POST", "/tokens", {"name": name, "role": "admin", "days": 1}))[0],
        ]

    statuses = call(go)
    assert all(status in {400, 404, 422} for status in statuses), statuses
