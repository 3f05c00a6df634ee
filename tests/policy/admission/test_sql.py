import pytest
from hypothesis import given
from hypothesis import strategies as st

from hongyan.model.account import Account
from hongyan.model.refusal import Code, Refusal
from hongyan.model.secret import Secret
from hongyan.model.snapshot import ConfigSnapshot
from hongyan.model.submission import Submission
from hongyan.policy.admission import sql
from hongyan.policy.admission.context import AdmissionContext

ACCOUNT = Account(1, 12, "demo", Secret("", ""))


def is_refused(text, *, refuses_sql=True):
    try:
        sql.judge(AdmissionContext(ConfigSnapshot(), Submission(ACCOUNT, [], text, refuses_sql=refuses_sql), 0, []))
    except Refusal as refusal:
        return refusal.code is Code.CONTENT_SQL
    return False


INJECTED = [
    "x' or '1'='1",
    "x' OR 1=1 --",
    "x') or ('a'='a",
    'x" or "a"="a',
    "'; drop table users; --",
    "'; --",
    "1; DROP TABLE account",
    "1;delete from message where 1=1",
    "1; insert into account values (1)",
    "1; exec xp_cmdshell('dir')",
    "1 union select name, secret from account",
    "1 UNION ALL SELECT * FROM account",
]


@pytest.mark.parametrize("text", INJECTED)
def test_whole_statements_and_quotes_that_break_out_are_named(text):
    assert is_refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "您的验证码：1439【腾飞】",
        "It's 5 o'clock; don't drop the ball or you'll be late",
        "Select your seat from the list; update it at the desk",
        "Western Union: select a branch near you",
        "Please drop by our table; the database team",
        "尊敬的客户：'双11'优惠；满100-20；--祝好",
        "He said 'yes' or 'no'",
        "a=b; c=d; delete this message; truncate; alter",
        "rock'n'roll and 1=1",
        "订单;删除from购物车;union",
        "",
    ],
)
def test_what_people_write_to_handsets_is_let_pass(text):
    assert not is_refused(text)


def test_it_is_refused_only_where_the_submission_says_so():
    assert not is_refused("'; drop table users; --", refuses_sql=False)


@given(st.text(alphabet=st.sampled_from("'\";()=-# \n orandselectunionfromdrop1x"), max_size=2_000))
def test_no_text_keeps_it_busy(text):
    is_refused(text)
