"""Imports of tables: what a file would do, that it is done and audited, and that what was exported changes nothing."""

import asyncio

import pytest
from tests.scene import HOUR_MS

from hongyan.model.black_list import ListedNumber
from hongyan.model.errors import Invalid
from hongyan.model.meaning import CodeClass, CodeRuleChange
from hongyan.model.number_list import FOREVER_S
from hongyan.model.signature import SignatureChange
from hongyan.model.template import TemplateChange
from hongyan.services.admin import codes, importing, rules, templates
from hongyan.services.admin.import_tables.table import IMPORT_TABLES
from hongyan.services.admin.importing import FileImport, FileRow


class Store:
    """The store as services ask for it, over a scene."""

    def __init__(self, scene):
        self.scene = scene

    async def change(self, service, *args):
        return self.scene.within(lambda tx: service(tx, self.scene.act(), *args))


def file_of(text, account="", is_whole=False):
    lines = [line.split(",") for line in text.splitlines()]
    return FileImport([FileRow(number, cells) for number, cells in enumerate(lines, 1)], account, is_whole)


def compare(scene, name, text, account="", is_whole=False):
    file = file_of(text, account, is_whole)
    return scene.within(lambda tx: importing.compare(tx, IMPORT_TABLES[name], file, scene.now))


def take(scene, name, text, account="", is_whole=False):
    found = compare(scene, name, text, account, is_whole)
    asyncio.run(importing.apply(Store(scene), IMPORT_TABLES[name], found))
    return found.counts


def exported(scene, name, account=""):
    rows = scene.within(lambda tx: importing.exported(tx, IMPORT_TABLES[name], account, scene.now, 1_000))
    return "\n".join(map(",".join, rows))


@pytest.fixture
def full(scene):
    """Something in each of the tables."""

    def fill(tx):
        act = scene.act()
        rules.add_signature(tx, act, "pre", SignatureChange(name="鸿雁", is_approved=True))
        rules.add_signature(tx, act, "post", SignatureChange(name="腾飞"))
        templates.add_template(tx, act, "pre", TemplateChange(text="【鸿雁】code {1}"))
        codes.set_code(tx, act, CodeRuleChange(code="MK:9999", kind=CodeClass.NETWORK, may_resend=True, chinese="网络"), None)
        codes.set_code(tx, act, CodeRuleChange(code="MK:9998", kind=CodeClass.NUMBER), "up1")
        rules.add_words(tx, act, ["赌博", "casino"], "")
        rules.add_words(tx, act, ["红包"], "pre")
        rules.add_listed(tx, act, [ListedNumber(phone=8613800138000, end_s=FOREVER_S, note="asked")], "")
        ends_s = (scene.now + HOUR_MS) // 1000
        rules.add_listed(tx, act, [ListedNumber(phone=8613800138001, end_s=ends_s, note="")], "pre")

    scene.within(fill)
    return scene


@pytest.mark.parametrize("name", IMPORT_TABLES)
@pytest.mark.parametrize("account", ["", "pre"])
def test_what_was_exported_changes_nothing(full, name, account):
    if name == "codes":
        account = ""  # they are of no account
    file = exported(full, name, account)
    found = compare(full, name, file, account, is_whole=True)

    assert found.rows >= 1
    assert found.is_empty, found
    assert (found.same, found.wrong) == (found.rows, [])


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("signatures", "approved,", "rejected,no licence"),
        ("templates", "code {1}", "your code {1}"),
        ("codes", "network,,yes", "network,keep,no"),
        ("words", "casino", "CASINO"),
        ("blacklist", "asked", "complaint"),
    ],
)
def test_an_edited_export_changes_what_was_edited(full, name, old, new):
    before = exported(full, name)
    edited = before.replace(old, new, 1)
    assert edited != before

    assert take(full, name, edited, is_whole=True)["changed"] == 1
    assert exported(full, name) == edited
    assert compare(full, name, edited, is_whole=True).is_empty


@pytest.mark.parametrize("name", IMPORT_TABLES)
def test_what_the_whole_list_does_not_have_is_removed_and_otherwise_stays(full, name):
    head, first, *others = exported(full, name).splitlines()

    assert take(full, name, f"{head}\n{first}")["removed"] == 0
    assert exported(full, name).splitlines() == [head, first, *others]
    assert take(full, name, f"{head}\n{first}", is_whole=True)["removed"] == len(others)
    assert exported(full, name).splitlines() == [head, first]


@pytest.mark.parametrize("name", IMPORT_TABLES)
def test_removed_rows_are_added_again_by_the_export(full, name):
    whole = exported(full, name)
    take(full, name, whole.splitlines()[0], is_whole=True)
    assert len(exported(full, name).splitlines()) == 1
    audited = len(full.rows("audit"))

    counts = take(full, name, whole)

    assert counts["added"] == counts["rows"] == len(whole.splitlines()) - 1
    assert sorted(exported(full, name).splitlines()) == sorted(whole.splitlines())
    assert len(full.rows("audit")) > audited


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("signatures", "account,name\nnobody,鸿雁", "there is no account {name}"),
        ("signatures", "account,name\n,鸿雁", "{field} is missing"),
        ("signatures", "account,name\npre,一", "{field} cannot be {value}"),
        ("signatures", "account,name,state\npre,三个字,fine", "{field} cannot be {value}"),
        ("signatures", "account,name,note\npre,新签名,a\npre,【新签名】,b", "an earlier row says something else of it"),
        ("templates", "account,number,text\npre,,hello", "{field} is missing"),
        ("templates", "account,number,text\npre,7,{2}", "{field} cannot be {value}"),
        ("codes", "code,class\nMK:1,nonsense", "{field} cannot be {value}"),
        ("codes", "code,class,channel\nMK:1,network,nowhere", "there is no channel {name}"),
        ("codes", "code,class,resend\nMK:1,network,perhaps", "{field} cannot be {value}"),
        ("words", "…", "{field} cannot be {value}"),
        ("blacklist", "12345", "this is no number that messages can go to"),
        ("blacklist", "number,until\n13800138000,tomorrow", "{field} cannot be {value}"),
        ("blacklist", "number,until\n13800138000,2026/13/1", "{field} cannot be {value}"),
        ("blacklist", "number,until\n13800138000,2026-11-29T18:00:00Z", "{field} cannot be {value}"),
        ("blacklist", "1.38E+10", "the spreadsheet has cut digits off: {value}"),
        ("blacklist", "number,note\n13800138000,#REF!", "a formula of the spreadsheet has failed: {value}"),
        ("words", "#N/A", "a formula of the spreadsheet has failed: {value}"),
        ("words", "1.38E+10", "the spreadsheet has cut digits off: {value}"),
    ],
)
def test_a_wrong_row_is_named_with_its_reason_and_left_out(scene, name, text, why):
    found = compare(scene, name, text)

    assert [(row.line, row.why.sentence) for row in found.wrong] == [(len(text.splitlines()), why)]
    assert found.rows == len(found.added) + 1


@pytest.mark.parametrize(
    "written", ["2027-1-2", "2027/1/2", "2027/01/02 0:00", "2027-01-02T00:00:00", "2027-01-02 00:00:00.000"]
)
def test_a_day_is_read_as_spreadsheets_write_it_back(full, written):
    take(full, "blacklist", f"number,until\n13800138009,{written}")

    assert any("13800138009" in row and "2027-01-02 00:00:00" in row for row in exported(full, "blacklist").splitlines())


def test_a_column_that_the_file_does_not_have_stays_as_it_is(full):
    take(full, "signatures", "name,note,account\n鸿雁,seen,pre")

    assert "pre,鸿雁,approved,seen" in exported(full, "signatures")


def test_rows_without_an_account_are_of_the_one_that_is_said_and_no_others(full):
    found = compare(full, "templates", "number,text,account\n7,hello,", "pre", is_whole=True)
    with_others = compare(full, "templates", "number,text,account\n7,hello,\n8,hello,post", "pre")

    assert [row["account"] for row in found.added] == ["pre"]
    assert [row["number"] for row in found.removed] == ["1"]
    assert [row.why.sentence for row in with_others.wrong] == ["the row is of another account than {account}"]


def test_codes_are_of_no_account(full):
    with pytest.raises(Invalid):
        exported(full, "codes", "pre")
    with pytest.raises(Invalid):
        compare(full, "codes", "MK:1,,network", "pre")


def test_a_head_may_be_chinese(full):
    read = take(full, "templates", "账号,编号,内容\npre,7,hello"), take(full, "blacklist", "账号,号码\npre,13800138009")

    assert [(counts["rows"], counts["added"], counts["wrong"]) for counts in read] == [(1, 1, 0)] * 2


def test_a_head_may_be_that_of_the_page(full):
    counts = take(full, "blacklist", "Account,Phone\npre,13800138009")

    assert (counts["rows"], counts["added"], counts["wrong"]) == (1, 1, 0)


def test_a_head_is_not_needed(full):
    assert take(full, "words", "博彩,a note\n发票")["added"] == 2
    assert "博彩," in exported(full, "words").splitlines()


@pytest.mark.parametrize(
    ("name", "text"),
    [("words", "词条,account\n博彩,pre"), ("words", "词条,账号\n博彩,pre"), ("blacklist", "mobile,note\n13800138000,asked")],
)
def test_a_head_without_what_the_rows_are_about_is_refused(full, name, text):
    """Its rows would be of all accounts, and the head a word."""
    with pytest.raises(Invalid) as refused:
        compare(full, name, text)

    assert refused.value.sentence == "the first row names columns, and none of them is {column}"


@pytest.mark.parametrize(
    ("name", "text"), [("words", "博彩\n博-彩\n博彩"), ("templates", "pre,7,hello\npre,7,hello\npre,7,hello")]
)
def test_a_row_that_an_earlier_one_says_is_no_fault(full, name, text):
    counts = take(full, name, text)

    assert (counts["added"], counts["repeated"], counts["wrong"]) == (1, 2, 0)


def test_nothing_is_removed_while_a_row_is_wrong(full):
    found = compare(full, "signatures", "account,name,state\npre,鸿雁,fine", is_whole=True)

    assert (len(found.wrong), found.removed) == (1, [])


@pytest.mark.parametrize("name", IMPORT_TABLES)
def test_an_empty_file_is_refused(full, name):
    with pytest.raises(Invalid):
        compare(full, name, "", is_whole=True)
