"""The table of paths, and what is observed of every answer."""

from dataclasses import replace

import pytest
from tests.doors.platform import SNAPSHOT, Platform, asking, form, login
from tests.http.wire import Client, run, serving

from hongyan.http.asgi import respond_line
from hongyan.model.refusal import Code, Refusal
from hongyan.model.site import Site


def test_livez_says_that_the_process_is_alive():
    head, body = asking(Platform(), b"GET /livez HTTP/1.1\r\n\r\n")[0]

    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body == b"ok\n"


@pytest.mark.parametrize("path", [b"/", b"/sms.asp", b"/sms.aspx/", b"/x/sms.aspx", b"/%00", b"/..%2f"])
def test_every_other_path_is_a_404_of_one_line(path):
    head, body = asking(Platform(), b"POST " + path + b" HTTP/1.1\r\nContent-Length: 1\r\n\r\nx")[0]

    assert head.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert body == b"there is nothing at this address\n"


@pytest.mark.parametrize("path", [b"/", b"//", b"/?x=1"])
def test_the_front_says_what_this_is_in_both_languages_and_under_the_sites_brand(path):
    request = b"GET " + path + b" HTTP/1.1\r\nHost: wl.example:8080\r\n\r\n"
    snapshot = replace(SNAPSHOT, sites=SNAPSHOT.sites | {"wl.example": Site("wl.example", brand="驿站")})
    head, body = asking(Platform(snapshot), request)[0]

    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-type: text/plain; charset=utf-8\r\n" in head
    text = body.decode()
    assert text.startswith("驿站\n")
    assert "短信与彩信平台" in text
    assert "an SMS and MMS platform" in text
    assert "Hongyan" not in text


def test_other_paths_may_belong_to_another_application():
    async def portal(scope, _receive, send):
        await respond_line(send, 200, f"portal {scope['path']}")

    async def main():
        app = Platform().app(elsewhere=portal)
        async with serving(app, direct=app.direct) as listener:
            client = await Client.to(listener)
            client.write(b"GET /Login HTTP/1.1\r\n\r\n")

            assert (await client.answer())[1] == b"portal /Login\n"

    run(main)


def test_every_answer_is_reported_with_its_door_and_code():
    seen = []

    async def main():
        platform = Platform()
        app = platform.app(observe=lambda door, code, seconds: seen.append((door, code, seconds >= 0)))
        async with serving(app) as listener:
            client = await Client.to(listener)
            client.write(form("/SMS.aspx", **login(action="overage")), form("/callapi.aspx", **login(action="x")))
            await client.answer()
            await client.answer()
            platform.refusal = Refusal(Code.BALANCE_SHORT)
            client.write(form("/smsjson.aspx", **login(action="send")))
            await client.answer()

    run(main)

    assert seen == [("sms.aspx", "OK", True), ("callApi.aspx", "PARAMETER_BAD", True), ("smsJson.aspx", "BALANCE_SHORT", True)]
