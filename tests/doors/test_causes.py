"""Every refusal names its line in the log and its cause in the answer's headers; before the proof no more than the answer
itself.
"""

import re

import pytest
from tests.doors.platform import Platform, asking, form, login, overheard
from tests.doors.requests import CONTENT, INDUSTRY, envelope, lushang_signed, text64, v2_signed
from tests.doors.requests import soap_post as post
from tests.doors.requests import text64_form as posted

from hongyan.model.refusal import Code, Refusal

SEND = login(action="send", mobile="15023239810", content="x")


def headers_of(request, platform=None):
    head, _ = asking(platform or Platform(), request)[0]
    return {name.lower(): value for name, value in re.findall(r"(?m)^([\w-]+): (.*?)\r$", head.decode())}


def cause_of(request, platform=None):
    return headers_of(request, platform).get("x-cause")


@pytest.mark.parametrize(
    ("request_", "cause"),
    [
        (form("/sms.aspx", **SEND | {"sendTime": "soon"}), "TIME_BAD; parameter=sendTime"),
        (form("/sms.aspx", **login(action="fly")), "PARAMETER_BAD; parameter=action"),
        (form("/statusApi.aspx", **login(action="query", statusNum="all")), "PARAMETER_BAD; parameter=statusNum"),
        (form("/pwd.aspx", **login(newpassword="")), "PARAMETER_BAD; parameter=newpassword"),
        (form("/BatchSms.ashx", **login(content="&&&")), "PARAMETER_BAD; parameter=content"),
        (form("/v2sms.aspx", **v2_signed(sendTime="soon")), "TIME_BAD; parameter=sendTime"),
        (post(envelope(PlanSendTime="soon")), "TIME_BAD; parameter=PlanSendTime"),
        (posted(text64(send_time="soon")), "TIME_BAD; parameter=SendTime"),
        (form(INDUSTRY, **lushang_signed(templateid="9")), "CONTENT_TWICE; parameter=templateid"),
        (form("/sms.aspx", **SEND | {"account": "stopped"}), "ACCOUNT_STOPPED"),
        (form("/sms.aspx", **SEND | {"account": "bound"}), "ADDRESS_FORBIDDEN"),
    ],
)
def test_after_the_proof_the_cause_and_the_doors_own_name_of_the_parameter_are_reported(request_, cause):
    assert cause_of(request_) == cause


@pytest.mark.parametrize(
    ("request_", "cause"),
    [
        (form("/sms.aspx", **login(account="")), "LOGIN_EMPTY"),
        (form("/sms.aspx", **login(password="")), "LOGIN_EMPTY"),
        (form("/sms.aspx", **login(account="nobody")), "LOGIN_WRONG"),
        (form("/sms.aspx", **login(password="wrong")), "LOGIN_WRONG"),
        (form("/statusJsonApi.aspx", **login(account="nobody")), "LOGIN_WRONG"),
        (form(INDUSTRY, **lushang_signed(sid="9" * 32)), "LOGIN_WRONG"),
        (posted(text64(key="another")), "TEXT64_BAD; parameter=Text64"),
        (posted(text64(), user_id="99"), "USERID_BAD; parameter=UserId"),
        (posted(text64(secret="0" * 32)), "LOGIN_WRONG"),
    ],
)
def test_before_the_proof_it_is_as_coarse_as_the_answer(request_, cause):
    assert cause_of(request_) == cause


@pytest.mark.parametrize(
    ("request_", "parameter"),
    [
        (form("/sms.aspx", **SEND), "mobile"),
        (form("/BatchSms.ashx", **login(content=CONTENT)), "content"),
        (posted(text64()), "Moblie"),
        (post(envelope()), "Msisdns"),
        (form(INDUSTRY, **lushang_signed()), "to"),
    ],
)
def test_what_later_steps_refuse_blames_the_doors_own_parameter(request_, parameter):
    platform = Platform()
    platform.refusal = Refusal(Code.NUMBER_BAD)

    assert cause_of(request_, platform) == f"NUMBER_BAD; parameter={parameter}"


@pytest.mark.parametrize("failure", [ValueError("x"), Refusal(Code.INTERNAL)])
def test_a_fault_of_our_own_is_reported_likewise(failure):
    platform = Platform()
    platform.refusal = failure
    headers = headers_of(form("/sms.aspx", **SEND), platform)

    assert headers["x-cause"] == "INTERNAL"
    assert re.fullmatch("[0-9a-f]{8}", headers["x-request-id"])


def test_an_answer_that_grants_has_neither():
    assert not {"x-cause", "x-request-id"} & set(headers_of(form("/sms.aspx", **SEND)))


def test_the_line_in_the_log_has_id_account_address_and_cause(monkeypatch):
    log = overheard(monkeypatch)
    first = headers_of(form("/sms.aspx", **SEND | {"sendTime": "soon"}))["x-request-id"]
    second = headers_of(form("/sms.aspx", **SEND | {"account": "nobody"}))["x-request-id"]
    headers_of(form("/v2sms.aspx", **v2_signed(sign="0" * 32)))

    seen = [[entry.get(key) for key in ("request_id", "account", "userid", "address", "cause", "limit_by")] for entry in log]
    assert seen[0] == [first, "demo", None, "127.0.0.1", "TIME_BAD", ("cause", "account")]
    assert seen[1] == [second, "nobody", None, "127.0.0.1", "ACCOUNT_UNKNOWN", ("cause",)]
    assert seen[2][1:] == [None, "12", "127.0.0.1", "SIGN_WRONG", ("cause",)]


def test_the_type_of_the_answer_stands_beside_them():
    headers = headers_of(form(INDUSTRY, **lushang_signed(sig="0" * 32, respDataType="xml")))

    assert headers["content-type"] == "text/xml; charset=utf-8"
    assert headers["x-cause"] == "LOGIN_WRONG"


def test_no_cause_speaks_of_success_where_old_programs_look_for_it():
    assert not [code for code in Code if "success" in code.name.lower()]
