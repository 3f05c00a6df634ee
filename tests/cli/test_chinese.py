"""In Chinese, nothing that a command prints stays English but names, codes and what is typed."""

import re

import pytest
from tests.cli.test_help import ROOT

from hongyan import i18n
from hongyan.cli import out, steps, trace, trial
from hongyan.cli.help import help_of
from hongyan.store import schema

CJK = re.compile("[\u4e00-\u9fff]")
COLUMNS = set(i18n.COLUMNS.split())

SHOWN = ("account", "channel", "customer", "customer_session", "listener", "site", "task")
"""Tables whose columns are shown as they are."""


@pytest.mark.parametrize("table", SHOWN)
def test_every_column_has_its_chinese(table):
    hidden = {"secret", "old_secret", "protocol_secret", "old_protocol_secret", "is_kicked"}

    assert {column.name for column in schema.metadata.tables[table].columns} - hidden - COLUMNS == set()


@pytest.fixture
def chinese(stocked, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    return stocked


COMMANDS = """\
account add b --userid 8 --secret-file -
account list
account show acme
account topup acme 5
account adjust acme --take 5 --note x
customer list
customer add 9 --name b
channel add up2 --protocol loopback
channel list
channel show up1
channel unmatched
route add --channel up1
route list
route test 13800138000 --account acme
site set any --dialect wl
site list
code set ZZ:1 --class network
code list
code unknown
send --account acme --to 13800138000 --text x【t】
trace 13800138000
trace 13800138000 --full
task list
report pull --account acme
reply pull --account acme
callback waiting
callback list acme
callback replay acme --hours 1
word add 赌博
word list
word test 赌博
word import -
blacklist add 13800138001
blacklist list
blacklist check 13800138001
blacklist import -
sign add acme 鸿雁
sign list
template add acme text【t】
template list
ledger verify
db status
config show --origin
"""

ALONE = """\
text64 encode --secret-file - --name demo --to 13800138000 --text x
zipbatch pack -
"""
"""Commands without a store."""


@pytest.mark.parametrize("line", (COMMANDS + ALONE).splitlines())
def test_every_fact_that_a_command_shows_has_its_chinese(chinese, bare, monkeypatch, line):
    """Each on a store that holds something of everything."""
    asked: set[str] = set()

    def noted(name: str) -> str:
        asked.add(name)
        return i18n.column_head(name)

    for module in (out, steps, trace, trial):
        monkeypatch.setattr(module, "column_head", noted)
    for before in (
        "send --account acme --to 13800138000 --text x【t】",
        "sign add acme 甲乙",
        "template add acme y【t】",
        "word add 发票",
    ):
        chinese(*before.split())
    chinese("blacklist", "add", "13800138009")

    done = (bare if line in ALONE else chinese)(*line.split(), stdin="abc123\n" if "secret" in line else "13800138000,x\n")

    assert done.code in {0, 5, 6}
    assert asked - COLUMNS == set()
    typed = re.findall("[A-Za-z]{2,}", line)
    said = [row for row in done.err.splitlines() if not row.startswith("→ hongyan ")]
    assert [row for row in said if not CJK.search(row) and not set(re.findall("[A-Za-z]{2,}", row)) <= set(typed)] == []


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("account ad", "没有命令 ad\n→ 您是否想用 hongyan account add？\n"),
        ("account show", "缺少 NAME\n→ 用法：hongyan account show [选项] NAME\n"),
        ("trace x --most 0", "--most 应为 数字, 1 至 100000\n→ 用法：hongyan trace [选项] WHAT\n"),
        ("account list --jsonn", "没有选项 --jsonn；您是否想用 --json, --jsonl？\n→ 用法：hongyan account list [选项]\n"),
        ("account list -x", "没有选项 -x\n"),
        ("account list --json=1", "--json 不带值\n"),
        ("trace x --hours", "--hours 应为 数字, 0.01 至 744\n"),
        ("account list a b", "多余的参数：a b\n"),
        ("account show nobody", "没有账号 nobody\n"),
        ("account topup acme -100", "充值是增加点数\n→ hongyan account adjust acme --take 100 --note WHY\n"),
        ("account adjust acme --take 2000000 --note x", "不能扣减 2000000 点：可用 1000000 点（含信用额度）\n"),
        ("account add b --userid 8", "没有给出接口密码\n→ 请用 --secret-file FILE，或 - 从标准输入读取\n"),
        ("send --account acme --to 12 --text x", "手机号码不正确（1108）\n→ 大陆号码为 1 开头的 11 位数字\n"),
        ("word test 赌博 --account nobody", "没有账号 nobody\n"),
        ("channel pdus up1 --ops-port 1", "没有应答"),
        ("word import /nowhere/words.txt", "没有此文件或文件夹"),
    ],
)
def test_refusals_are_chinese(chinese, line, seen):
    done = chinese(*line.split())

    assert done.code
    assert done.err.startswith("hongyan: ")
    assert seen in done.err


def test_a_trace_is_chinese(chinese):
    chinese(*["send", "--account", "acme", "--to", "13800138000", "--text", "x【t】"])

    first, text, accepted, queued = chinese("trace", "13800138000").out.splitlines()

    assert re.fullmatch(r"短信 \d+ · 任务 \d{16} · acme · 138\*{4}8000 · 待发", first)
    assert text == "  内容: （4 个字符）"
    assert re.fullmatch(r"  [-\d]{10} [:.\d]{12}  \+ +0 ms  接受 +来源=cli  计费条数=1  点数=1", accepted)
    assert re.fullmatch(r"  [-\d]{10} [:.\d]{12}  \+ +\d+ ms  排队 +通道=up1  路由=\d+  运营商=mobile  层级=0", queued)


def test_json_is_the_same_in_every_language(stocked, monkeypatch):
    english = stocked("account", "show", "acme", "--json").json
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    assert stocked("account", "show", "acme", "--json").json == english


def test_help_is_chinese_from_head_to_foot(monkeypatch):
    """The titles, that is; the texts are worded when they are declared."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    lines = help_of(ROOT, ROOT.make_context("hongyan", [], resilient_parsing=True), 78).splitlines()

    assert lines[0] == "用法：hongyan [选项] 命令 …"
    assert [line for line in lines if line and not line.startswith(" ") and not CJK.search(line)] == []
