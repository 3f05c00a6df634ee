"""A newcomer knows by its name what a file or a class is: what is no common word of programming or of SMS stands in the glossary."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "hongyan"

COMMON = frozenset(
    re.findall(
        r"\w+",
        """
        accept access address addresses admin admit alarm alarming alarms alone already any api app asgi ask asked asker
        aspx audit auth automaton away back backoff bad balance base base64 batchsms behaviour bench billing bind
        blacklist body broken bucket buckets budget by call callback calling calls cancel cancelled cancelling cannot
        catalog cause cells centre certificate change changed charset check checked checks checkpoint checkpointer child chunks class
        clean clock closed cmpp codec column columns command commands concat configuration conflict connect connection connections
        container comparison content contents context cookies cost count counter counters counting counts cross cursors cycle data
        database db decision decoder delayed delays deliver delivered deliveries delivery demo describe descriptors details dialer
        difference digest dispatch downloads dropped duties element encoder encoding encrypted end ending endpoint ensms entity env error
        errors event events exit exits expected explain explorer export exported exports factory facts failed failure failures field
        fields files filter filters fixed flag folding forbidden forked form format forms forward forwarded found
        frame framer frames from give given gone group gsm handset handshake head headers heads help histogram history home hourly
        http hx i18n idempotency imports inbound inbox incoming init invalid item job jobs judged kernel key keywords kind
        kinds known labels language languages large layout length level limit limits line lines listen load loaded lock
        locked log logged login logins logs long loop loopback loops lost lushang mail main maintenance masking
        matched media meter metrics middleware migrate mime minute missing mm7 mms mode money months move msg multi name names
        needs new newest not note noted notes notice notices notified notifier observation observe octets octets64
        offer on only open openapi ops option options order origin origins ours out outage outcome output owe own owner page
        pages param params partitions passwords pause paused pausing pay pdu peer people period person phone phones piece pieces
        pipe pipeline place plain platform port post poster postgres posting pricing printable priority problems
        product protocol protocols pwd queries query question questions queue queued rate read reader readers
        readings ready reason receiptjson received receiver reconcile reconciler record recorded recorder refs refund refunded
        refunds refused req request requests requeue resend resolver resp response result retained returnsms role row rows rpt
        rule rules run runner running sample sar scheduler schema scope script secret secrets section security
        sendtime sent sentence sequence serve served server service session sessions set settings sgip shape shapes
        sign signals signed silence sim single size slice slots sm smgp smil smpp soap socket sorted source sql
        sqlite statement statements statistics start stats status stderr stop stopped stopping streams sums sync syncer system tab
        table tables tabs tag take taken target template templates text text64 causes thread time times timing
        tls tlv tms too totals traffic transaction transport trees turn tx type unanswered unclaimed unreachable
        unreported uploads url use user v2 values variant verb version view vitals waiting wake wanted watch watcher
        webservice wire wl word words workbook worker writer writes wrong wsdl xml zipbatch
    """,
    )
)
"""Words that need no explanation: of programming, of HTTP, SQL and SMS, names of protocols and of documented interfaces."""

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| word |"))
]
EXPLAINED = {word for row in ROWS for word in re.findall(r"[a-z0-9]+", row[0].lower())}


def _names():
    for path in sorted(SOURCE.rglob("*.py")):
        if "versions" in path.parts:
            continue
        yield path.stem
        yield from (
            node.name for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ClassDef)
        )


def _is_explained(word):
    """As it stands, or as another form of it: claim, claims, claimed; push, pusher, pushing."""
    return any(
        word == known or re.fullmatch(rf"{known.removesuffix('e')}(e?s|e?d|e?r|ing|or|{known[-1]}(ed|er|ing))", word)
        for known in EXPLAINED
        if word.startswith(known[:3])
    )


def test_every_name_is_of_common_words_or_explained():
    unknown = {
        name: [word for word in _words(name) if word not in COMMON and not _is_explained(word)] for name in set(_names())
    }

    assert {name: words for name, words in unknown.items() if words} == {}


def _words(name):
    return [word.lower() for word in re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+", name)]


def test_every_word_has_its_chinese_and_its_meaning():
    assert [row for row in ROWS if len(row) != 3 or not all(row)] == []
    assert [row[0] for row in ROWS if not re.search(r"[\u4e00-\u9fff]", row[1])] == []


def test_words_stand_in_their_order():
    words = [row[0].strip("`").lower() for row in ROWS]

    assert words == sorted(words)


def test_no_word_is_explained_twice():
    words = [row[0] for row in ROWS]

    assert [word for word in words if words.count(word) > 1] == []


PRIVATE = frozenset(
    re.findall(
        r"\w+",
        """
        agenda beat bite book bye conduct desk dialect doings doubts entrance happening happenings hub keeper life lives miaodi nap naps
        office said shelf speech tell tells told twin valve ware wares
        """,
    )
)
"""Words that were only ours once. A term of the field stands in the place of each."""

MEANT_OTHERWISE = {"DialectName", "Dialect", "dialect", "dialects", "dialect_of"}
"""Dialects of the doors' answers."""


def test_no_name_is_a_private_word():
    functions = {
        node.name
        for folder in (SOURCE, ROOT / "tests", ROOT / "bench")
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("test_")
    }
    private = {name for name in {*_names(), *functions} if PRIVATE & set(_words(name))}

    assert private - MEANT_OTHERWISE == set()
