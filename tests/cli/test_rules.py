"""word, blacklist, sign and the rules of an account: what the verbs do, print and end with."""

import csv

import pytest

from hongyan.cli import imports
from hongyan.cli.exits import Exit
from hongyan.formats.workbook import write_workbook
from hongyan.formats.workbook_reader import text_of
from hongyan.i18n import column_head, using_language
from hongyan.services.admin.import_tables.table import IMPORT_TABLES

SEND = ("send", "--account", "acme", "--to", "13800138000", "--text")


def test_words_refuse_what_is_sent_until_they_are_removed(stocked):
    assert stocked("word", "add", "赌博", "发票", "赌*博", "--json").json == {"added": 2, "known": 0}
    assert stocked("word", "add", "发票", "--json").json == {"added": 0, "known": 1}

    done = stocked(*SEND, "去 赌-博")
    assert (done.code, "(2107)" in done.err, "赌博" in done.err) == (Exit.REFUSED, True, True)

    assert stocked("word", "remove", "赌博", "--json").json == {"removed": 1}
    assert stocked(*SEND, "去 赌-博").code == Exit.DONE
    assert stocked("word", "list", "--json").json == {"words": [{"word": "发票", "account": ""}]}


def test_a_text_can_be_tried(stocked):
    stocked("word", "add", "赌博")
    stocked("word", "add", "红包", "--account", "acme")

    done = stocked("word", "test", "抢 红·包，赌 博", "--account", "acme", "--json")

    assert done.code == Exit.REFUSED
    assert done.json["found"] == [
        {"word": "红包", "written": "红·包", "start": 2, "end": 5},
        {"word": "赌博", "written": "赌 博", "start": 6, "end": 9},
    ]
    assert [row["word"] for row in stocked("word", "test", "红包赌博", "--json").json["found"]] == ["赌博"]
    assert stocked("word", "test", "您好").code == Exit.DONE


def test_words_are_imported_in_slices_and_exported(stocked, tmp_path, monkeypatch):
    monkeypatch.setattr(imports, "SLICE", 2)
    file = tmp_path / "words.csv"
    file.write_bytes("赌博,备注\n发票\n赌*博\n***\n一号\n二号\n".encode("gb18030"))

    tried = stocked("word", "import", str(file), "--dry-run", "--json")
    assert stocked("word", "list", "--json").json == {"words": []}
    done = stocked("word", "import", str(file), "--json")

    assert tried.json == done.json
    assert (done.code, {name: done.json[name] for name in ("rows", "added", "known", "repeated", "wrong")}) == (
        Exit.FOUND,
        {"rows": 6, "added": 4, "known": 0, "repeated": 1, "wrong": 1},
    )
    assert done.json["wrong_rows"][0]["line"] == 4
    assert sorted(stocked("word", "export").out.split()) == sorted(["赌博", "发票", "一号", "二号"])
    again = stocked("word", "import", "-", "--json", stdin=stocked("word", "export").out)
    assert (again.code, again.json["added"], again.json["known"]) == (Exit.DONE, 0, 4)


def test_a_black_listed_number_gets_nothing(stocked):
    assert stocked("blacklist", "add", "138-0013-8000", "+85291234567", "--note", "complaint", "--json").json == {"listed": 2}

    assert "(1109)" in stocked(*SEND, "您好").err
    found = stocked("blacklist", "check", "13800138000", "--json")
    assert found.code == Exit.REFUSED
    (row,) = found.json["listed"]
    assert (row["phone"], row["account"], row["note"], row["end_s"]) == ("13800138000", "", "complaint", None)

    assert stocked("blacklist", "remove", "13800138000", "--json").json == {"removed": 1}
    assert stocked("blacklist", "check", "13800138000", "--json").json == {"listed": []}
    assert stocked(*SEND, "您好").code == Exit.DONE


def test_a_list_masks_numbers_unless_it_is_asked(stocked):
    stocked("blacklist", "add", "13800138000", "--account", "acme", "--days", "30")

    (masked,) = stocked("blacklist", "list", "--json").json["listed"]
    (full,) = stocked("blacklist", "list", "--account", "acme", "--full", "--json").json["listed"]

    assert (masked["phone"], full["phone"], full["account"]) == ("138****8000", "13800138000", "acme")
    assert full["end_s"]
    assert stocked("blacklist", "list", "--account", "all", "--json").json == {"listed": []}


def test_numbers_are_imported_as_spreadsheets_write_them(stocked, tmp_path):
    file = tmp_path / "numbers.csv"
    file.write_text("号码,备注\n13800138000.0,投诉\n1.38E+10\n+86 138 0013 8001\n13800138000,again\n", encoding="utf-8-sig")

    assert stocked("blacklist", "import", str(file), "--dry-run", "--json").json["listed"] == 2
    assert stocked("blacklist", "list", "--json").json == {"listed": []}
    done = stocked("blacklist", "import", str(file), "--json")

    assert (done.code, done.json["rows"], done.json["listed"], done.json["repeated"]) == (Exit.FOUND, 4, 2, 1)
    assert [row["line"] for row in done.json["wrong_rows"]] == [3]
    assert stocked("blacklist", "export").out == "13800138000,again\n13800138001,\n"


def test_a_table_shows_which_lines_are_wrong(stocked, tmp_path):
    file = tmp_path / "numbers.txt"
    file.write_text("13800138000\n12345\n", encoding="utf-8")

    done = stocked("blacklist", "import", str(file))

    assert "line 2: the first column is no mobile number" in done.err
    assert "listed" in done.out


def test_signatures_bind_an_account_that_is_set_to_approved(stocked):
    stocked("account", "set", "acme", "--signature", "approved")
    number = stocked("sign", "add", "acme", "鸿雁", "--json").json["id"]
    assert "(2113)" in stocked(*SEND, "您好").err
    assert "(2114)" in stocked(*SEND, "您好【鸿雁】").err

    assert stocked("sign", "approve", str(number), "--note", "seen").code == Exit.DONE
    assert stocked(*SEND, "您好【鸿雁】").code == Exit.DONE
    (row,) = stocked("sign", "list", "--account", "acme", "--state", "approved", "--json").json["signatures"]
    assert (row["name"], row["note"]) == ("鸿雁", "seen")

    assert stocked("sign", "reject", str(number)).code == Exit.DONE
    assert "(2114)" in stocked(*SEND, "您好【鸿雁】").err
    assert stocked("sign", "add", "acme", "别名", "--approved", "--json").json["state"] == "approved"


def test_products_and_permissions_of_an_account(stocked):
    stocked("account", "set", "acme", "--product", "mms", "--extno-most", "10", "--no-reads-reports", "--word-check", "asked")
    shown = stocked("account", "show", "acme", "--json").json
    assert (shown["products"], shown["extno_most"], bool(shown["reads_reports"]), shown["word_check"]) == (
        "mms",
        10,
        False,
        "asked",
    )
    assert stocked("account", "set", "acme", "--charset", "guess").code == Exit.DONE
    assert stocked("account", "show", "acme", "--json").json["charset"] == "guess"
    assert "(1112)" in stocked(*SEND, "您好").err
    assert stocked("account", "topup", "acme", "5", "--product", "mms", "--json").json["points"] == 5

    stocked("account", "set", "acme", "--product", "sms", "--product", "mms")
    assert stocked(*SEND, "您好").code == Exit.DONE


def test_an_account_shows_its_prices_and_both_wallets(stocked):
    assert stocked("account", "show", "acme", "--json").json["prices"] == {}
    stocked("account", "topup", "acme", "90", "--product", "mms")
    stocked("account", "price", "acme", "2")
    stocked("account", "price", "acme", "30", "--product", "mms", "--carrier", "mobile")

    shown = stocked("account", "show", "acme", "--json").json
    assert (shown["prices"], shown["mms_points"]) == ({"mms mobile": 30, "sms any": 2}, 90)
    assert stocked("account", "price", "acme", "8", "--carrier", "+852").code == Exit.DONE
    assert stocked("account", "show", "acme", "--json").json["prices"]["sms +852"] == 8
    assert stocked("account", "price", "acme", "8", "--carrier", "+86").code == Exit.USAGE
    assert "sms any: 2" in stocked("account", "show", "acme").out


def test_an_account_may_begin_with_other_products(stocked):
    stocked("account", "add", "mm", "--userid", "8", "--secret-file", "-", "--product", "mms", "--points", "9", stdin="s3cret")

    assert stocked("account", "show", "mm", "--json").json["products"] == "mms"
    assert stocked("account", "topup", "mm", "1", "--product", "mms", "--json").json["points"] == 10


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("word", "add", "***"), Exit.USAGE),
        (("word", "import", "nowhere.txt"), Exit.USAGE),
        (("word", "add", "a1", "--account", "nobody"), Exit.MISSING),
        (("word", "remove", "没有"), Exit.MISSING),
        (("blacklist", "add", "12345"), Exit.USAGE),
        (("blacklist", "remove", "13800138000"), Exit.MISSING),
        (("blacklist", "check", "x"), Exit.USAGE),
        (("sign", "add", "acme", "一"), Exit.USAGE),
        (("sign", "add", "nobody", "鸿雁"), Exit.MISSING),
        (("sign", "approve", "99"), Exit.MISSING),
        (("account", "set", "acme", "--product", "fax"), Exit.USAGE),
    ],
)
def test_what_cannot_be_done_ends_with_its_code(stocked, words, code):
    done = stocked(*words)

    assert (done.code, done.out) == (code, "")
    assert done.err


def test_a_template_from_adding_to_sending(stocked):
    text = "【鸿雁】您的验证码是{1}，{2}分钟内有效。"
    assert stocked("template", "add", "acme", text, "--number", "10086", "--json").json["number"] == "10086"
    assert stocked("template", "add", "acme", "【鸿雁】欢迎", "--json").json["number"] == "10087"
    assert [row["number"] for row in stocked("template", "list", "--account", "acme", "--json").json["templates"]] == [
        "10086",
        "10087",
    ]

    assert stocked("template", "add", "acme", text, "--number", "10086").code == Exit.CONFLICT
    assert stocked("template", "remove", "acme", "10087").code == Exit.DONE
    assert stocked("template", "remove", "acme", "10087").code != Exit.DONE
    assert len(stocked("template", "list", "--json").json["templates"]) == 1


def test_what_is_no_template_is_reported_why(stocked):
    assert "none is left out" in stocked("template", "add", "acme", "{2} 分钟").err
    assert "none is left out" in stocked("template", "add", "acme", "{0}{1}").err
    assert "characters" in stocked("template", "add", "acme", " ").err
    assert "letters" in stocked("template", "add", "acme", "好", "--number", "a b").err


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_signatures_are_exported_edited_and_imported(stocked, tmp_path, form):
    stocked("sign", "add", "acme", "鸿雁", "--approved")
    stocked("sign", "add", "acme", "腾飞")
    file = tmp_path / f"signatures.{form}"
    if form == "csv":
        file.write_text(stocked("sign", "export").out.replace("腾飞,pending", "腾飞,approved"), encoding="utf-8")
    else:
        stocked("sign", "export", "--account", "acme", "--xlsx", str(file))
        edited = text_of(file.read_bytes()).replace("腾飞,pending", "腾飞,approved")
        file.write_bytes(write_workbook("s", *_table(edited)))

    tried = stocked("sign", "import", str(file), "--whole", "--dry-run", "--json").json
    assert stocked("sign", "list", "--state", "pending", "--json").json["signatures"]
    done = stocked("sign", "import", str(file), "--whole", "--json").json

    assert tried == done
    assert {name: done[name] for name in ("added", "changed", "removed", "same")} == {
        "added": 0, "changed": 1, "removed": 0, "same": 1,
    }  # fmt: skip
    assert stocked("sign", "list", "--state", "pending", "--json").json["signatures"] == []


def _table(text):
    head, *rows = csv.reader(text.splitlines())
    return head, rows


def test_an_import_shows_what_differs_and_ends_with_6_where_rows_are_wrong(stocked, tmp_path):
    file = tmp_path / "templates.csv"
    file.write_text("account,number,text\nacme,1,hello {1}\nnobody,2,x\n", encoding="utf-8")

    done = stocked("template", "import", str(file))

    assert done.code == Exit.FOUND
    assert "line 3: there is no account nobody" in done.err
    assert "1 row is wrong" in done.err
    assert "hello {1}" in done.out
    assert stocked("template", "export").out == "account,number,text\nacme,1,hello {1}\n"
    assert stocked("code", "import", "-", "--json", stdin="code,class\nMK:9999,network\n").json["added"] == 1
    assert stocked("code", "export").out.splitlines()[1] == "MK:9999,,network,,,,"


def test_a_text_is_compared_with_templates(stocked):
    stocked("template", "add", "acme", "【鸿雁】您的验证码是{1}。")

    fits = stocked("template", "test", "【鸿雁】您的验证码是8271。", "--json")
    differs = stocked("template", "test", "【鸿雁】您的校验码是8271。", "--account", "acme", "--json")

    assert (fits.code, fits.json["matches"][0]["values"]) == (Exit.DONE, {"1": "8271"})
    assert (differs.code, differs.json["nearest"]["start"], differs.json["nearest"]["wanted"]) == (Exit.FOUND, 6, "验证码是")
    assert "验证码是" in stocked("template", "test", "【鸿雁】您的校验码是8271。").out


@pytest.mark.parametrize("is_chinese", [False, True])
def test_words_and_numbers_that_pages_exported_are_imported_with_their_accounts(stocked, is_chinese):
    heads = [IMPORT_TABLES[name].columns for name in ("words", "blacklist")]
    with using_language("zh"):
        word_head, number_head = (",".join(column_head(one) if is_chinese else one for one in head) for head in heads)
    words, numbers = f"{word_head}\n赌博,\n红包,acme\n", f"{number_head}\n13800138000,asked,2036-01-01,acme\n"

    assert stocked("word", "import", "-", "--json", stdin=words).json["added"] == 2
    assert stocked("blacklist", "import", "-", "--json", stdin=numbers).json["added"] == 1

    kept = {(row["word"], row["account"]) for row in stocked("word", "list", "--json").json["words"]}
    assert kept == {("赌博", ""), ("红包", "acme")}
    (listed,) = stocked("blacklist", "list", "--full", "--json").json["listed"]
    assert (listed["phone"], listed["account"], bool(listed["end_s"])) == ("13800138000", "acme", True)
    assert stocked("word", "import", "-", "--job", stdin=words).code == 0
    assert [row["kind"] for row in stocked("job", "list", "--json").json["jobs"]] == ["file_comparison"]


@pytest.mark.parametrize("head", ["word", "敏感词"])
def test_the_head_of_a_list_of_words_is_no_word(stocked, head):
    assert stocked("word", "import", "-", "--json", stdin=f"{head}\n赌博\n").json == {
        "rows": 1,
        "added": 1,
        "known": 0,
        "repeated": 0,
        "wrong": 0,
        "wrong_rows": [],
    }
