"""What SMPP and CMPP say of every cause of a refusal."""

import pytest

from hongyan.adapters.cmpp.refusals import login_status_of, result_of
from hongyan.adapters.smpp.refusals import status_of
from hongyan.model.refusal import Code
from hongyan.wire.cmpp.pdu import FLOW_CONTROL
from hongyan.wire.smpp.pdu import Status


@pytest.mark.parametrize("code", Code)
def test_no_refusal_reads_as_success(code):
    assert status_of(code) > 0
    assert 0 < result_of(code) < 256  # the octet of CMPP 2.0
    assert 0 < login_status_of(code) < 6


def test_what_may_pass_later_asks_for_patience():
    assert (status_of(Code.BUSY), result_of(Code.BUSY)) == (Status.RMSGQFUL, FLOW_CONTROL)


@pytest.mark.parametrize("wrong", [Code.ACCOUNT_UNKNOWN, Code.SECRET_WRONG])
def test_a_login_shows_nobody_which_accounts_there_are(wrong):
    assert (status_of(wrong), login_status_of(wrong)) == (status_of(Code.SECRET_WRONG), login_status_of(Code.SECRET_WRONG))
