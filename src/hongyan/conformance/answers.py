"""The answers of the manuals as templates: written out here, so that they depend on the contract alone."""

DECLARED = '<?xml version="1.0" encoding="utf-8" ?>\r\n'
DECLARED_GBK = '<?xml version="1.0" encoding="gb2312" ?>\r\n'


def returnsms(*elements: str, declared: str = DECLARED) -> str:
    return declared + "".join(f"{element}\r\n" for element in ("<returnsms>", *elements, "</returnsms>"))


def sent(message: str = "操作成功", count: str = "1", task: str = "@task@", declared: str = DECLARED) -> str:
    """Manual 001, 1.3"""
    return returnsms(
        "<returnstatus>Success</returnstatus>",
        f"<message>{message}</message>",
        "<remainpoint>@int@</remainpoint>",
        f"<taskID>{task}</taskID>",
        f"<successCounts>{count}</successCounts>",
        declared=declared,
    )


def refused(message: str, status: str = "Faild", task: str = "", declared: str = DECLARED) -> str:
    """All five elements stand in a failure too."""
    return returnsms(
        f"<returnstatus>{status}</returnstatus>",
        f"<message>{message}</message>",
        "<remainpoint>0</remainpoint>",
        f"<taskID>{task}</taskID>",
        "<successCounts>0</successCounts>",
        declared=declared,
    )


def overage(message: str = "操作成功", status: str = "Sucess", declared: str = DECLARED, element: str = "overage") -> str:
    """Manual 001, 3.3: Sucess is spelled so"""
    return returnsms(
        f"<returnstatus>{status}</returnstatus>",
        f"<message>{message}</message>",
        "<payinfo>预付费</payinfo>",
        f"<{element}>@int@</{element}>",
        "<sendTotal>@count@</sendTotal>",
        declared=declared,
    )


def refused_overage(message: str, status: str = "Faild", element: str = "overage") -> str:
    return returnsms(
        f"<returnstatus>{status}</returnstatus>",
        f"<message>{message}</message>",
        "<payinfo></payinfo>",
        f"<{element}>0</{element}>",
        "<sendTotal>0</sendTotal>",
    )


def checked(message: str, status: str = "Success", count: int = 1) -> str:
    """As a live server was seen to answer a keyword check (decided, 7.7)"""
    return returnsms(
        f"<returnstatus>{status}</returnstatus>", f"<message>{message}</message>", f"<checkCounts>{count}</checkCounts>"
    )


def report(mobile: str = "$mobile", task: str = "$task", status: int = 10, code: str = "DELIVRD") -> str:
    """Manual 001, 4.3: one report of a task"""
    return returnsms(
        "<statusbox>",
        f"<mobile>{mobile}</mobile>",
        f"<taskid>{task}</taskid>",
        f"<status>{status}</status>",
        "<receivetime>@time@</receivetime>",
        f"<errorcode>{code}</errorcode>",
        "<extno></extno>",
        "</statusbox>",
    )


def reply(mobile: str, task: str = "$task") -> str:
    """Manual 001, 5.3: one reply"""
    return returnsms(
        "<callbox>",
        f"<mobile>{mobile}</mobile>",
        f"<taskid>{task}</taskid>",
        "<content>@word@</content>",
        "<receivetime>@time@</receivetime>",
        "<extno>@word@</extno>",
        "</callbox>",
    )


def pull_error(number: int, remark: str) -> str:
    """Manual 001, 4.4"""
    return returnsms("<errorstatus>", f"<error>{number}</error>", f"<remark>{remark}</remark>", "</errorstatus>")


def sent_json(count: str = "1") -> str:
    """Manual 001, 1.4: all values are strings, and there is no sixth key"""
    return (
        '{"returnstatus":"Success","message":"操作成功","remainpoint":"@int@","taskID":"@task@","successCounts":"'
        + count
        + '"}'
    )


def refused_json(message: str) -> str:
    return '{"returnstatus":"Faild","message":"' + message + '","remainpoint":"0","taskID":"","successCounts":"0"}'
