"""`/`: says what this port is, for a person who opens it in a browser. The brand is that of the site."""

from hongyan.http.asgi import App, Receive, Scope, Send, respond_line
from hongyan.ports.customer_api import CustomerApi

_TEXT = """\
{brand}

这里是短信与彩信平台的接口端口：程序在此提交短信、彩信，取回状态报告和上行。这里没有供人浏览的网页。
程序的地址须写到具体接口，例如 /sms.aspx。接口文档、账号和接口密码请向平台索取。

This port belongs to an SMS and MMS platform: programs send messages here, and fetch status reports and replies. It has no pages
for people. A program's address goes on with the name of a door, such as /sms.aspx; the operator of the platform gives you the
description of the doors, an account and its API secret."""


def front(api: CustomerApi, elsewhere: App) -> App:
    """Returns an application that answers GET and HEAD of `/`; everything else goes to `elsewhere`."""

    async def show(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await elsewhere(scope, receive, send)
            return
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        await respond_line(send, 200, _TEXT.format(brand=api.snapshot.site(host).brand))

    return show
